#include "cli/encoder_folder.hpp"

#include "training/account_sets.hpp"

namespace ll::cli {

std::vector<std::uint32_t> slot_ids(const ledger::Dataset& data, std::size_t slots) {
  return training::padded_ids(data.account_ids(), slots);
}

std::vector<std::uint32_t> start_units(const ledger::Dataset& data, std::size_t slots) {
  std::vector<std::uint32_t> balances = data.genesis_units();
  LL_CHECK(balances.size() <= slots, "{} accounts, a statement has {} slots", balances.size(), slots);
  balances.resize(slots);
  return balances;
}

std::filesystem::path encoder_file(const std::filesystem::path& folder) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(folder, ignored) ? folder : folder / "encoder.safetensors";
}

LoadedEncoder load_encoder(Session& session, const std::filesystem::path& folder) {
  const auto file = encoder_file(folder);
  session.input(file, "make it with `train`");
  return {training::Encoder::load(file), session.inputs()[file.string()].get<std::string>(), file};
}

model::QuantizedEncoder quantized_for(const LoadedEncoder& loaded, const ledger::Dataset& data) {
  return loaded.encoder.quantized(slot_ids(data), loaded.sha256);
}

}  // namespace ll::cli
