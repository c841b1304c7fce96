#include "ledger/address.hpp"

#include <algorithm>
#include <unordered_set>

namespace ll::ledger {
namespace {

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::uint32_t word_be(const Digest32& digest, std::size_t word) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | digest[4 * word + i];
  return value;
}

}  // namespace

std::string to_string(const Address& address) { return "0x" + to_hex(address.bytes); }

std::optional<Address> parse_address(std::string_view text) {
  if (text.size() != 42 || text[0] != '0' || text[1] != 'x') return std::nullopt;
  Address address;
  for (std::size_t i = 0; i < 20; ++i) {
    const int high = hex_digit(text[2 + 2 * i]), low = hex_digit(text[3 + 2 * i]);
    if (high < 0 || low < 0) return std::nullopt;
    address.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return address;
}

std::vector<std::uint32_t> account_ids(std::span<const Address> addresses,
                                       const std::function<Digest32(ByteSpan)>& digest) {
  std::vector<Bytes> names;
  for (const Address& address : addresses) names.emplace_back(address.bytes.begin(), address.bytes.end());
  return ids_of(names, digest);
}

std::vector<std::uint32_t> ids_of(std::span<const Bytes> names, const std::function<Digest32(ByteSpan)>& digest) {
  std::vector<std::uint32_t> ids;
  std::unordered_set<std::uint32_t> taken;
  for (std::size_t i = 0; i < names.size(); ++i) {
    LL_CHECK(i == 0 || names[i - 1] < names[i], "account ids: names are not strictly ascending at 0x{}",
             to_hex(names[i]));
    Digest32 words = digest(names[i]);
    for (std::size_t word = 0;; ++word) {
      if (word == 8) {
        words = sha256(words);
        word = 0;
      }
      const std::uint32_t id = word_be(words, word);
      if (!taken.insert(id).second) continue;
      ids.push_back(id);
      break;
    }
  }
  return ids;
}

}  // namespace ll::ledger
