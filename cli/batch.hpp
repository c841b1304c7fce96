#pragma once
#include <filesystem>
#include <optional>
#include <span>

#include "circuits/update.hpp"
#include "cli/session.hpp"
#include "halo2/mock_prover.hpp"
#include "ledger/dataset.hpp"

namespace ll::cli {

/// Which transfers a proof is about.
struct BatchArguments {
  std::size_t from = 0, count = 256;  ///< of the ledger's unit transfers
  std::filesystem::path batch;        ///< or a CSV of others, applied to the state before transfer `from`
};

/// Reads `sender,receiver,amount`: account ids of `ids` (slot -> id) and units, 1 to `most` rows. Amounts and accounts
/// may break the ledger's rules (that is for the circuit to say), not the format: Error{malformed} names file and line.
Result<std::vector<ledger::SlotTransfer>> read_batch(std::string_view text, const std::string& name,
                                                     std::span<const std::uint32_t> ids, std::size_t most);

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
