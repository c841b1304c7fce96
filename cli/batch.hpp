#pragma once
#include <filesystem>
#include <optional>
#include <span>

#include <CLI/CLI.hpp>

#include "circuits/update.hpp"
#include "cli/session.hpp"
#include "halo2/mock_prover.hpp"
#include "ledger/dataset.hpp"

namespace ll::cli {

/// What a statement about batches is made for, beside the encoder's sizes.
struct ShapeArguments {
  std::size_t transfers = 256;  ///< largest batch
  bool exact = false;           ///< balances and amounts in wei, 128 bits, nothing rounded
  bool standalone = false;
  unsigned columns = 1;

  circuits::UpdateShape of(const model::EncoderShape& encoder) const;
};
void add_shape_options(CLI::App& verb, ShapeArguments& arguments);
/// Is this a statement about wei? (Else about units.)
inline bool is_exact(const circuits::UpdateShape& shape) { return shape.limbs > 1; }
inline const char* unit_name(const circuits::UpdateShape& shape) { return is_exact(shape) ? "wei" : "units"; }

/// Which transfers a proof is about.
struct BatchArguments {
  std::size_t from = 0, count = 256;  ///< of the ledger's transfers of units, or of all of them in exact wei
  std::filesystem::path batch;        ///< or a CSV of others, applied to the state before transfer `from`
};

/// Reads `sender,receiver,amount`: account ids of `ids` (slot -> id) and integers up to `largest`, 1 to `most` rows.
/// Amounts and accounts may break the ledger's rules (that is for the circuit to say), not the format: Error{malformed}
/// names file and line.
Result<std::vector<ledger::SlotTransfer>> read_batch(std::string_view text, const std::string& name,
                                                     std::span<const std::uint32_t> ids, std::size_t most,
                                                     u128 largest);

/// The ledger's transfers as the statement counts them: of units, or all of them in exact wei.
std::vector<ledger::SlotTransfer> slot_transfers(const ledger::Dataset& data, const circuits::UpdateShape& shape);
/// Balances by slot before transfer n of the ledger, in what the statement counts in, filled up with zeros.
std::vector<u128> slot_balances(const ledger::Dataset& data, std::size_t n, const circuits::UpdateShape& shape);

/// Balances before the batch, and its transfers. Throws Error{mismatch} when the ledger's accounts are not those of
/// the encoder, Error{invalid_argument} when the ledger holds no such transfers.
circuits::UpdateWitness make_witness(Session& session, const BatchArguments& arguments, const ledger::Dataset& data,
                                     const model::QuantizedEncoder& encoder, const circuits::UpdateShape& shape);

/// What the circuit itself says about a batch, valid or not.
struct MockReport {
  std::optional<circuits::InvalidTransfer> invalid;  ///< what the replay says
  std::vector<halo2::MockFailure> failures;          ///< gate, region, row, cells
  std::vector<halo2::MockWarning> warnings;          ///< what looks forgotten in the circuit itself
  std::vector<std::string> rows;                     ///< meaning of each failure's row, for people
  bool satisfied() const { return !invalid && failures.empty(); }
};
MockReport run_mock(const circuits::UpdateShape& shape, const model::QuantizedEncoder& encoder,
                    const circuits::UpdateWitness& witness);
/// Error{unsatisfied} that names the transfer, the reason, and the gate, region and row that it breaks.
Error unsatisfied_error(const MockReport& report);

}  // namespace ll::cli
