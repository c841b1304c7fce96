#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "ledger/address.hpp"

namespace ll::ledger {

/// What is transferred: ether, or a token of a contract (ERC-20).
struct Asset {
  std::string symbol = "ETH";            ///< for people; the contract tells tokens apart
  std::optional<Address> contract = {};  ///< none: ether
  unsigned decimals = 18;                ///< base units in one of its own: 10^decimals
  friend bool operator==(const Asset&, const Asset&) = default;
};

/// One account's holding of one asset: the node of a transfer graph, the slot of a data set.
struct Holder {
  Address address;
  std::uint32_t asset = 0;  ///< position in the list of assets
  friend auto operator<=>(const Holder&, const Holder&) = default;
};

/// Symbol and decimals of a few tokens that many tables name by contract alone (Ethereum mainnet); nullopt for others.
std::optional<Asset> known_token(const Address& contract);

}  // namespace ll::ledger
