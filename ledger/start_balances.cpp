#include "ledger/start_balances.hpp"

#include <nlohmann/json.hpp>

#include "ledger/byte_source.hpp"
#include "ledger/cell_value.hpp"

namespace ll::ledger {

Result<StartBalances> read_start_balances(const std::filesystem::path& path) {
  using nlohmann::json;
  auto source = ByteSource::open(path);
  if (!source) return source.error();
  const auto text = read_decompressed(source.value(), path, std::size_t{1} << 30);
  if (!text) return text.error();
  json state;
  try {
    state = json::parse(text.value());
  } catch (const json::exception& error) {
    return Error(ErrorCode::malformed, fmt::format("{}: not valid JSON: {}", path.string(), error.what()),
                 path.string());
  }
  if (!state.is_object()) return malformed("{}: expected an object of address -> state", path.string());
  StartBalances balances;
  for (const auto& [key, account] : state.items()) {
    const auto address = parse_address(key);
    if (!address) return malformed("{}: key \"{}\": expected an address (0x and 40 hex digits)", path.string(), key);
    const auto found = account.is_object() ? account.find("balance") : account.end();
    if (!account.is_object() || found == account.end() || !found->is_string()) {
      return malformed("{}: {}: expected a \"balance\" in quotes", path.string(), key);
    }
    const CellValue wei = parse_amount(found->get_ref<const std::string&>(), 0, FloatPolicy::refuse, true, false);
    if (wei.problem != CellValue::Problem::none) {
      return malformed("{}: {}, \"balance\": expected {}, found {}", path.string(), key,
                       expectation(wei, "wei, hex or decimal"), found->dump());
    }
    if (!balances.emplace(*address, wei.value).second) {
      return malformed("{}: address {} comes twice", path.string(), key);
    }
  }
  return balances;
}

}  // namespace ll::ledger
