#include "cli/encoder_folder.hpp"

#include <algorithm>

namespace ll::cli {

std::vector<std::uint32_t> slot_ids(const ledger::Dataset& data, std::size_t slots) {
  std::vector<std::uint32_t> ids = data.account_ids();
  const std::size_t accounts = ids.size();
  LL_CHECK(accounts <= slots, "{} accounts, a statement has {} slots", accounts, slots);
  for (std::uint32_t id = 0; ids.size() < slots; ++id) {
    if (!std::binary_search(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(accounts), id)) ids.push_back(id);
  }
  return ids;
}

std::vector<std::uint32_t> slot_balances(const ledger::Dataset& data, std::size_t n, std::size_t slots) {
  std::vector<std::uint32_t> balances = data.units_before(n);
  LL_CHECK(balances.size() <= slots, "{} accounts, a statement has {} slots", balances.size(), slots);
  balances.resize(slots);
  return balances;
}

LoadedEncoder load_encoder(Session& session, const std::filesystem::path& folder) {
  std::error_code ignored;
  const auto file = std::filesystem::is_regular_file(folder, ignored) ? folder : folder / "encoder.safetensors";
  session.input(file, "make it with `train`");
  return {training::Encoder::load(file), session.inputs()[file.string()].get<std::string>()};
}

model::QuantizedEncoder quantized_for(const LoadedEncoder& loaded, const ledger::Dataset& data) {
  return loaded.encoder.quantized(slot_ids(data), loaded.sha256);
}

}  // namespace ll::cli
