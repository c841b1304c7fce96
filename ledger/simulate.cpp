#include "ledger/simulate.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/files.hpp"

namespace ll::ledger {

Simulation simulate(const Dataset& data, std::uint64_t every, const std::filesystem::path& csv, Progress* progress) {
  LL_CHECK(every >= 1, "simulate: a snapshot every {} transfers, expected at least 1", every);
  PendingFile pending(csv);
  std::ofstream out(pending.path(), std::ios::binary);
  Simulation result;
  State state = data.state_before(0);
  const auto snapshot = [&](const std::string& block) {
    result.final_state_hash = to_hex(state.hash());
    out << result.transfers << ',' << block << ',' << result.final_state_hash;
    for (const AccountBalance& entry : state.entries()) out << ',' << ll::to_string(entry.balance);
    out << '\n';
    ++result.snapshots;
  };

  out << "index,block,state_hash";
  for (std::size_t slot = 0; slot < data.accounts.size(); ++slot) out << ",balance_" << slot;
  out << '\n';
  if (progress != nullptr) progress->begin("simulate", data.transfers.size());
  snapshot("");
  std::string last_block;
  bool written = true;
  for (std::size_t i = 0; i < data.transfers.size(); ++i) {
    const DatasetTransfer& t = data.transfers[i];
    if (t.amount_units == 0) continue;
    const Transfer transfer = {data.accounts.at(t.sender).id, data.accounts.at(t.receiver).id, t.amount_units};
    if (const auto reason = state.apply(transfer)) {
      fail(ErrorCode::unsatisfied, "simulate: transfer {}: {}: slot {} sends {} units to slot {}", i,
           to_string(*reason), t.sender, t.amount_units, t.receiver);
    }
    ++result.transfers;
    last_block = std::to_string(t.block);
    written = result.transfers % every == 0;
    if (!written) continue;
    snapshot(last_block);
    if (progress == nullptr) continue;
    progress->update(i + 1);
    if (progress->stop_requested()) fail(ErrorCode::interrupted, "simulate: stopped behind transfer {}", i);
  }
  if (!written) snapshot(last_block);
  out.close();
  if (!out) {
    throw Error(ErrorCode::io, fmt::format("{}: cannot write: {}", csv.string(), std::strerror(errno)), csv.string());
  }
  pending.commit();
  if (progress != nullptr) progress->end();
  return result;
}

}  // namespace ll::ledger
