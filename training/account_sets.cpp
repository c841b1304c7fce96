#include "training/account_sets.hpp"

#include <algorithm>
#include <unordered_set>

#include "base/error.hpp"

namespace ll::training {
namespace {

constexpr std::uint64_t kHeldoutSeed = 0x68656c64'6f757400;  // "heldout", no seed a user is likely to train with

std::vector<std::uint32_t> random_ids(std::size_t accounts, std::uint64_t range, Rng& rng) {
  std::vector<std::uint32_t> ids;
  std::unordered_set<std::uint32_t> seen;
  while (ids.size() < accounts) {
    const auto id = static_cast<std::uint32_t>(rng.below(range));
    if (seen.insert(id).second) ids.push_back(id);
  }
  return ids;
}

std::vector<std::uint32_t> strided_ids(std::size_t accounts, std::uint64_t start, std::uint64_t stride) {
  std::vector<std::uint32_t> ids(accounts);
  for (std::size_t i = 0; i < accounts; ++i) ids[i] = static_cast<std::uint32_t>(start + i * stride);
  return ids;
}

std::uint64_t range_of(std::size_t accounts, int id_bits) {
  const std::uint64_t range = std::uint64_t{1} << id_bits;
  LL_CHECK(accounts >= 1 && accounts * 4 <= range, "training: {} accounts need more than {} bits of id", accounts,
           id_bits);
  return range;
}

}  // namespace

std::vector<std::uint32_t> padded_ids(std::vector<std::uint32_t> ids, std::size_t accounts) {
  LL_CHECK(ids.size() <= accounts, "accounts: {} ids for {} slots", ids.size(), accounts);
  const std::unordered_set<std::uint32_t> taken(ids.begin(), ids.end());
  for (std::uint32_t id = 0; ids.size() < accounts; ++id)
    if (!taken.contains(id)) ids.push_back(id);
  return ids;
}

AccountSet draw_training_set(std::size_t accounts, int id_bits, Rng& rng) {
  const std::uint64_t range = range_of(accounts, id_bits);
  const std::uint64_t kind = rng.below(4);
  if (kind < 2) return {"random", random_ids(accounts, range, rng)};

  std::uint64_t stride = 1;
  if (kind == 3) {  // all sizes alike: a random number of bits, then a stride of that many bits
    std::uint64_t largest_bits = 0;
    while ((accounts << (largest_bits + 2)) <= range) ++largest_bits;
    const std::uint64_t top = std::uint64_t{1} << rng.below(largest_bits + 1);
    stride = top + rng.below(top);
  }
  const std::uint64_t room = range - stride * (accounts - 1);  // starts that stay inside the range
  const std::uint64_t first = room > (1U << 17) ? 1U << 16 : 0;
  return {kind == 3 ? "strided" : "consecutive", strided_ids(accounts, first + rng.below(room - first), stride)};
}

std::vector<AccountSet> heldout_sets(std::size_t accounts, int id_bits) {
  const std::uint64_t range = range_of(accounts, id_bits);
  SeededRng rng(kHeldoutSeed);
  std::vector<AccountSet> sets;
  sets.push_back({"random", random_ids(accounts, range, rng)});
  sets.push_back({"consecutive", strided_ids(accounts, std::min<std::uint64_t>(1000, range / 4), 1)});
  sets.push_back({"first", strided_ids(accounts, 0, 1)});
  sets.push_back({"strided", strided_ids(accounts, 7, std::min<std::uint64_t>(1000, range / (2 * accounts)))});
  return sets;
}

}  // namespace ll::training
