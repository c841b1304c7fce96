#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.hpp"

namespace ll::ledger {

/// A 20-byte Ethereum address. Order is that of the bytes, which is that of the lower-case hex text.
struct Address {
  std::array<std::uint8_t, 20> bytes{};
  friend auto operator<=>(const Address&, const Address&) = default;
};

/// "0x" and 40 lower-case hex digits.
std::string to_string(const Address& address);
/// Reads "0x" and 40 hex digits of any case (an EIP-55 checksum is not checked); nullopt for anything else.
std::optional<Address> parse_address(std::string_view text);

/// Account ids of a data set's addresses: the first four bytes, big-endian, of SHA-256 over the 20 address bytes. In
/// ascending order of address; when the id is taken, the next four bytes of the digest, and after the eighth word the
/// words of SHA-256 over the digest, and so on. So ids are distinct, a function of the set alone, and (but for the rare
/// collision) of the address alone.
///
/// addresses  strictly ascending; throws Error{invalid_argument} otherwise
/// returns    ids[i] belongs to addresses[i]
/// `digest` stands in for SHA-256 in tests.
std::vector<std::uint32_t> account_ids(std::span<const Address> addresses,
                                       const std::function<Digest32(ByteSpan)>& digest = sha256);

/// The same for any names of accounts, strictly ascending byte strings.
std::vector<std::uint32_t> ids_of(std::span<const Bytes> names,
                                  const std::function<Digest32(ByteSpan)>& digest = sha256);

}  // namespace ll::ledger
