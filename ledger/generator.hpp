#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "ledger/dataset.hpp"

namespace ll::ledger {

/// What synthetic transfers look like.
enum class Profile {
  uniform,   ///< pairs uniform, amounts uniform in 1..min(10^9, balance of the sender)
  ethereum,  ///< few busy accounts on few pairs, log-normal mixture, bursts: figures in ledger/sampling.hpp
  /// The same with the smallest start balances that pay for every transfer, as an import has them: busy accounts of a
  /// long ledger do not run dry. For whole ledgers.
  ethereum_funded,
};

/// One unit of the ethereum profile stands for 0.01 ether, the unit of the N3 data set.
inline constexpr u128 kEthereumWeiPerUnit = 10'000'000'000'000'000;

const char* to_string(Profile profile) noexcept;
/// Error{invalid_argument} that lists the profiles for any other name.
Result<Profile> parse_profile(std::string_view name);

struct GeneratorConfig {
  Profile profile = Profile::ethereum;
  std::uint64_t seed = 0;
  std::uint64_t sequence = 0;           ///< each (seed, sequence) is a pure function: any one alone, in any order
  std::size_t accounts = kMaxAccounts;  ///< 2..128
  std::size_t transfers = 256;
};

/// A synthetic data set in units (unit = 1), supply 2^32 - 1: random addresses with their ids, start balances,
/// `transfers` transfers of amount >= 1, each valid in its turn. The same bytes on every machine.
Dataset generate(const GeneratorConfig& config);

/// `count` further valid transfers from given balances (by slot, at least two accounts, sum >= 1, no more than 2^32 -
/// 1), for instance behind the last real one. Uses the config's profile, seed and sequence.
std::vector<SlotTransfer> continue_transfers(std::vector<std::uint32_t> balances, std::size_t count,
                                             const GeneratorConfig& config);

}  // namespace ll::ledger
