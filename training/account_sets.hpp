#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.hpp"

namespace ll::training {

/// A named list of different account ids, in slot order.
struct AccountSet {
  std::string name;
  std::vector<std::uint32_t> ids;
};

/// `ids` with the smallest ids that are not in it behind its last slot, `accounts` in all: circuits have a fixed number
/// of slots, and each needs a direction of its own. Throws Error{invalid_argument} when there are more ids than that.
std::vector<std::uint32_t> padded_ids(std::vector<std::uint32_t> ids, std::size_t accounts);

/// One training set of `accounts` ids below 2^id_bits: half of the time random ids, a quarter consecutive ones, a
/// quarter with a random stride; consecutive and strided ones start at 2^16 or above where id_bits allows.
AccountSet draw_training_set(std::size_t accounts, int id_bits, Rng& rng);

/// Sets that training does not draw: random ids of another seed, consecutive, 0..accounts-1, and strided ones from
/// below 2^16.
std::vector<AccountSet> heldout_sets(std::size_t accounts, int id_bits);

}  // namespace ll::training
