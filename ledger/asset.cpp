#include "ledger/asset.hpp"

namespace ll::ledger {

std::optional<Asset> known_token(const Address& contract) {
  static const Asset tokens[] = {
      {"USDT", parse_address("0xdac17f958d2ee523a2206206994597c13d831ec7"), 6},
      {"USDC", parse_address("0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"), 6},
      {"DAI", parse_address("0x6b175474e89094c44da98b954eedeac495271d0f"), 18},
      {"WETH", parse_address("0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"), 18},
  };
  for (const Asset& token : tokens) {
    if (token.contract == contract) return token;
  }
  return std::nullopt;
}

}  // namespace ll::ledger
