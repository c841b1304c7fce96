#include "cli/batch.hpp"

#include <algorithm>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "cli/encoder_folder.hpp"

namespace ll::cli {
namespace {

/// Decimal number without sign, at most `most`.
std::optional<u128> parse_number(std::string_view text, u128 most) {
  const auto value = parse_u128(text);
  return value && *value <= most ? value : std::nullopt;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

}  // namespace

Result<std::vector<ledger::SlotTransfer>> read_batch(std::string_view text, const std::string& name,
                                                     std::span<const std::uint32_t> ids, std::size_t most,
                                                     u128 largest) {
  constexpr std::string_view kHeader = "sender,receiver,amount";
  if (text.empty() || text.back() != '\n') return malformed("{}: does not end with a line end: was it cut?", name);
  std::vector<std::string_view> lines = split(text.substr(0, text.size() - 1), '\n');
  for (std::string_view& line : lines) {
    if (line.ends_with('\r')) line.remove_suffix(1);
  }
  if (lines.front() != kHeader) return malformed("{}: line 1: the header {} is expected", name, kHeader);
  std::vector<ledger::SlotTransfer> transfers;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto cells = split(lines[i], ',');
    if (cells.size() != 3) return malformed("{}: line {}: 3 cells are expected, found {}", name, i + 1, cells.size());
    std::uint32_t slots[2];
    for (std::size_t side = 0; side < 2; ++side) {
      const auto id = parse_number(cells[side], UINT32_MAX);
      const auto found = id ? std::find(ids.begin(), ids.end(), *id) : ids.end();
      if (found == ids.end()) {
        return malformed("{}: line {}, {}: an account id of the ledger is expected, found \"{}\"", name, i + 1,
                         side == 0 ? "sender" : "receiver", cells[side].substr(0, 40));
      }
      slots[side] = static_cast<std::uint32_t>(found - ids.begin());
    }
    const auto amount = parse_number(cells[2], largest);
    if (!amount) {
      return malformed("{}: line {}, amount: an integer from 0 to {} is expected, found \"{}\"", name, i + 1,
                       ll::to_string(largest), cells[2].substr(0, 40));
    }
    transfers.push_back({slots[0], slots[1], *amount});
  }
  if (transfers.empty() || transfers.size() > most)
    return malformed("{}: {} transfers, 1 to {} are expected", name, transfers.size(), most);
  return transfers;
}

std::vector<ledger::SlotTransfer> slot_transfers(const ledger::Dataset& data, const circuits::UpdateShape& shape) {
  return is_exact(shape) ? data.wei_transfers() : data.unit_transfers();
}

std::vector<u128> slot_balances(const ledger::Dataset& data, std::size_t n, const circuits::UpdateShape& shape) {
  std::vector<u128> balances;
  if (is_exact(shape)) {
    balances = data.wei_before(n);
  } else {
    const std::vector<std::uint32_t> units = data.units_before(n);
    balances.assign(units.begin(), units.end());
  }
  LL_CHECK(balances.size() <= shape.encoder.accounts, "{} accounts, a statement has {} slots", balances.size(),
           shape.encoder.accounts);
  balances.resize(shape.encoder.accounts);
  return balances;
}

circuits::UpdateShape ShapeArguments::of(const model::EncoderShape& encoder) const {
  circuits::UpdateShape shape{.encoder = encoder, .transfers = transfers, .columns = columns, .standalone = standalone};
  if (exact) shape.limbs = 128 / encoder.balance_bits;
  return shape;
}

void add_shape_options(CLI::App& verb, ShapeArguments& arguments) {
  verb.add_option("--transfers", arguments.transfers, "Largest batch")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 20))
      ->capture_default_str();
  verb.add_flag("--exact", arguments.exact, "Balances and amounts in wei, 128 bits: nothing is rounded to units");
  verb.add_flag("--standalone", arguments.standalone,
                "Start balances are ranged too: for a batch that no accepted proof leads to");
  verb.add_option("--columns", arguments.columns, "Columns of transfers side by side: fewer rows, longer proofs")
      ->check(CLI::Range(1u, circuits::kMostColumns))
      ->capture_default_str();
}

circuits::UpdateWitness make_witness(Session& session, const BatchArguments& arguments, const ledger::Dataset& data,
                                     const model::QuantizedEncoder& encoder, const circuits::UpdateShape& shape) {
  const std::vector<std::uint32_t> ids = slot_ids(data, shape.encoder.accounts);
  if (!std::equal(ids.begin(), ids.end(), encoder.account_ids().begin(), encoder.account_ids().end())) {
    throw Error(ErrorCode::mismatch, "the key was made for the accounts of another ledger", {},
                "give the ledger that `setup` had as --data, or run `setup` for this one");
  }
  const std::vector<ledger::SlotTransfer> all = slot_transfers(data, shape);
  LL_CHECK(arguments.from <= all.size(), "--from {}: the ledger has {} transfers of {}", arguments.from, all.size(),
           unit_name(shape));
  circuits::UpdateWitness witness{slot_balances(data, arguments.from, shape), {}};
  if (!arguments.batch.empty()) {
    session.input(arguments.batch);
    witness.transfers = read_batch(read_text(arguments.batch), arguments.batch.string(), encoder.account_ids(),
                                   shape.transfers, circuits::largest_balance(shape))
                            .value_or_throw();
    return witness;
  }
  LL_CHECK(arguments.count >= 1 && arguments.count <= shape.transfers, "--count {}: 1 to {} transfers are expected",
           arguments.count, shape.transfers);
  LL_CHECK(arguments.count <= all.size() - arguments.from, "--from {} --count {}: the ledger has {} transfers of {}",
           arguments.from, arguments.count, all.size(), unit_name(shape));
  const auto first = all.begin() + static_cast<std::ptrdiff_t>(arguments.from);
  witness.transfers.assign(first, first + static_cast<std::ptrdiff_t>(arguments.count));
  return witness;
}

MockReport run_mock(const circuits::UpdateShape& shape, const model::QuantizedEncoder& encoder,
                    const circuits::UpdateWitness& witness) {
  MockReport report;
  report.invalid = circuits::first_invalid(shape, witness);
  const circuits::UpdateTrace trace = circuits::trace_update(shape, encoder, witness);
  circuits::UpdateCircuit circuit(shape, encoder, trace);
  halo2::MockReport mocked = halo2::MockProver::examine(circuit.k(), circuit, trace.instances());
  report.failures = std::move(mocked.failures);
  report.warnings = std::move(mocked.warnings);
  for (const auto& failure : report.failures) report.rows.push_back(circuit.describe_row(failure.row));
  return report;
}

Error unsatisfied_error(const MockReport& report) {
  std::string message = report.invalid ? report.invalid->to_string() : "the witness does not satisfy the circuit";
  if (!report.failures.empty()) {
    message +=
        fmt::format("; the circuit refuses it: {} ({})", report.failures.front().to_string(), report.rows.front());
    if (report.failures.size() > 1) message += fmt::format(" and {} more", report.failures.size() - 1);
  }
  return Error(ErrorCode::unsatisfied, std::move(message), {}, "`mock` lists every constraint that fails");
}

}  // namespace ll::cli
