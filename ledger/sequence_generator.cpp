#include "ledger/sequence_generator.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "ledger/fast_sampling.hpp"
#include "ledger/sampling.hpp"

namespace ll::ledger {
namespace {

constexpr std::size_t kMostPartners = 64;
constexpr std::uint32_t kLargestUniformAmount = 1'000'000'000;
constexpr int kTries = 4;                               // as in generator.cpp
constexpr double kLnWeiPerUnit = 0x1.26bb1bbb55516p+5;  // ln 10^16

/// 1 / (rank + shift), rank from 1.
std::vector<double> zipf(std::size_t count, double shift) {
  std::vector<double> weights;
  for (std::size_t rank = 1; rank <= count; ++rank) weights.push_back(1 / (static_cast<double>(rank) + shift));
  return weights;
}

/// P(d) ~ d^-1.75, d from 1.
std::vector<double> degree_weights(std::size_t accounts) {
  std::vector<double> weights;
  for (std::size_t d = 1; d <= std::min(kMostPartners, accounts - 1); ++d) {
    const double root = std::sqrt(static_cast<double>(d));  // d^1.75 = d · d^0.5 · d^0.25
    weights.push_back(1 / (static_cast<double>(d) * root * std::sqrt(root)));
  }
  return weights;
}

/// Blocks between transfers: EthereumShape::block_gap as a table of 0..1023; what lies beyond (2e-10) is in the last.
std::vector<double> gap_weights() {
  std::vector<double> weights = {0.2126};
  double short_gap = 0.7874 * 0.85 / 8.9, long_gap = 0.7874 * 0.15 / 52;
  for (int k = 1; k < 1024; ++k) {
    weights.push_back(short_gap + long_gap);
    short_gap *= 1 - 1 / 8.9;
    long_gap *= 1 - 1 / 52.0;
  }
  weights.back() += long_gap * 52;
  return weights;
}

/// Sorts uniform words: by their first eight bits, then by insertion, as neighbours are nearly in place.
void sort_uniform(std::span<std::uint32_t> words) {
  constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101;
  std::array<std::uint32_t, kMaxAccounts> sorted;
  std::array<std::uint8_t, 256> place{};
  for (const std::uint32_t word : words) ++place[word >> 24];
  // Running sums, eight bytes at a time (none exceeds 128): byte i of x · kOnes is the sum of bytes 0 to i of x.
  std::uint64_t before = 0;
  for (std::size_t at = 0; at < place.size(); at += 8) {
    std::uint64_t counts = 0;  // little-endian; one load, and one store below
    for (std::size_t i = 0; i < 8; ++i) counts |= std::uint64_t{place[at + i]} << 8 * i;
    const std::uint64_t sums = (counts + before) * kOnes;
    for (std::size_t i = 0; i < 8; ++i) place[at + i] = static_cast<std::uint8_t>((sums - counts) >> 8 * i);
    before = sums >> 56;
  }
  for (const std::uint32_t word : words) sorted[place[word >> 24]++] = word;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::uint32_t word = sorted[i];
    std::size_t at = i;
    for (; at > 0 && words[at - 1] > word; --at) words[at] = words[at - 1];
    words[at] = word;
  }
}

/// A random permutation of 0..count-1 whose places are drawn when they are asked for.
class LazyPermutation {
 public:
  void reset(std::size_t count) {
    left_ = static_cast<std::uint32_t>(count);
    pool_ = kIdentity;
    value_.fill(kUnknown);
  }
  std::uint8_t at(std::size_t place, WordStream& words) {
    if (value_[place] == kUnknown) {
      const std::uint32_t pick = words.below(left_--);
      value_[place] = pool_[pick];
      pool_[pick] = pool_[left_];
    }
    return value_[place];
  }

 private:
  static constexpr std::uint8_t kUnknown = 255;
  static_assert(kMaxAccounts < kUnknown);
  static constexpr auto kIdentity = [] {
    std::array<std::uint8_t, kMaxAccounts> identity{};
    for (std::size_t i = 0; i < kMaxAccounts; ++i) identity[i] = static_cast<std::uint8_t>(i);
    return identity;
  }();
  std::uint32_t left_ = 0;
  std::array<std::uint8_t, kMaxAccounts> pool_, value_;
};

struct Move {
  std::uint32_t sender, receiver, amount;
};

/// Accounts that one sender pays, busiest first, as far as they are drawn.
struct Partners {
  std::array<std::uint64_t, kMaxAccounts / 64> taken;  ///< bit set: in the list, or the sender
  std::uint8_t known;
  std::array<std::uint8_t, kMostPartners> account;
};
static_assert(kMaxAccounts % 64 == 0);

}  // namespace

class SequenceGenerator::Impl {
 public:
  explicit Impl(const SequenceConfig& config)
      : config_(config),
        senders_(zipf(config.accounts, 0)),
        receivers_(zipf(config.accounts, 0.5)),
        degrees_(degree_weights(config.accounts)),
        gaps_(gap_weights()),
        parts_(std::array{0.069, 0.288, 0.536, 0.107}) {
    for (std::size_t d = 1; d <= kMostPartners; ++d) partner_places_.emplace_back(zipf(d, 0));
  }

  void append(Split split, std::uint64_t n, SequenceBatch& batch) {
    const std::size_t accounts = config_.accounts;
    WordStream words(config_.seed, (std::uint64_t{split == Split::train ? 1u : 2u} << 62) + n);
    const std::size_t base = batch.account_ids.size();
    batch.account_ids.resize(base + accounts);
    batch.start_balances.resize(base + accounts);
    draw_ids(std::span(batch.account_ids).subspan(base), words);
    deal_balances(std::span(batch.start_balances).subspan(base), words);
    std::copy_n(batch.start_balances.begin() + static_cast<std::ptrdiff_t>(base), accounts, balances_.begin());

    const bool ethereum = config_.profile == Profile::ethereum;
    if (ethereum) begin_shape(words);
    const std::size_t count =
        config_.least_transfers + words.below(config_.most_transfers - config_.least_transfers + 1);
    const std::size_t begin = batch.amount.size(), end = begin + count;
    for (auto* column : {&batch.block, &batch.tx_index, &batch.amount}) column->resize(end);
    for (auto* column : {&batch.sender, &batch.receiver}) column->resize(end);
    std::uint32_t block = 0, tx_index = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const std::uint32_t gap = ethereum ? gaps_.draw(words) : 1;
      tx_index = gap == 0 ? tx_index + 1 : 0;
      block += gap;
      const Move move = ethereum ? next_ethereum(words) : next_uniform(words);
      balances_[move.sender] -= move.amount;
      balances_[move.receiver] += move.amount;
      batch.block[i] = block;
      batch.tx_index[i] = tx_index;
      batch.sender[i] = static_cast<std::uint8_t>(move.sender);
      batch.receiver[i] = static_cast<std::uint8_t>(move.receiver);
      batch.amount[i] = move.amount;
    }
    batch.offsets.push_back(static_cast<std::int32_t>(end));
  }

  std::size_t accounts() const { return config_.accounts; }
  std::size_t mean_transfers() const { return (config_.least_transfers + config_.most_transfers + 1) / 2; }

 private:
  /// Distinct uniform ids, ascending.
  static void draw_ids(std::span<std::uint32_t> ids, WordStream& words) {
    do {
      for (std::uint32_t& id : ids) id = words.next_u32();
      sort_uniform(ids);
    } while (std::ranges::adjacent_find(ids) != ids.end());  // 2 in a million
  }

  /// Cuts 2^32 - 1 units at uniform places: a uniform point of the simplex.
  static void deal_balances(std::span<std::uint32_t> balances, WordStream& words) {
    const auto cuts = balances.first(balances.size() - 1);
    for (std::uint32_t& cut : cuts) cut = words.next_u32();
    sort_uniform(cuts);
    balances.back() = kMaxUnits;
    for (std::size_t slot = balances.size() - 1; slot > 0; --slot) balances[slot] -= balances[slot - 1];
  }

  std::uint32_t draw_other(std::uint32_t sender, WordStream& words) const {
    const std::uint32_t other = words.below(static_cast<std::uint32_t>(config_.accounts) - 1);
    return other + (other >= sender ? 1 : 0);
  }
  /// Uniform over the accounts that can pay; the supply is 2^32 - 1, so there is one.
  std::uint32_t draw_payer(WordStream& words) const {
    while (true) {
      const std::uint32_t sender = words.below(static_cast<std::uint32_t>(config_.accounts));
      if (balances_[sender] > 0) return sender;
    }
  }

  Move next_uniform(WordStream& words) const {
    const std::uint32_t sender = draw_payer(words);
    const std::uint32_t receiver = draw_other(sender, words);
    return {sender, receiver, 1 + words.below(std::min(kLargestUniformAmount, balances_[sender]))};
  }

  /// Ranks without accounts, degrees in descending order (busier senders have more partners), no partners yet.
  void begin_shape(WordStream& words) {
    const std::size_t accounts = config_.accounts;
    by_activity_.reset(accounts);
    by_popularity_.reset(accounts);
    // Four counters a degree, in turn: most draws are 1, and a counter waits for its last increment.
    std::array<std::array<std::uint8_t, kMostPartners + 1>, 4> counts{};
    for (std::size_t i = 0; i < accounts; ++i) ++counts[i % 4][1 + degrees_.draw(words)];
    std::size_t rank = 0;
    for (std::size_t d = kMostPartners; d > 1; --d) {
      const int count = counts[0][d] + counts[1][d] + counts[2][d] + counts[3][d];
      for (int i = 0; i < count; ++i) degree_[rank++] = static_cast<std::uint8_t>(d);
    }
    std::fill(degree_.begin() + static_cast<std::ptrdiff_t>(rank), degree_.end(), std::uint8_t{1});
    begun_ = {};
    last_rank_ = UINT32_MAX;
  }

  /// Partner at a place of the rank's list: the list is drawn in order as far as it is asked for, popular accounts
  /// first, none twice, not the sender.
  std::uint32_t partner(std::size_t rank, std::size_t place, std::uint32_t sender, WordStream& words) {
    Partners& list = partners_[rank];
    if (const std::uint64_t bit = std::uint64_t{1} << rank % 64; (begun_[rank / 64] & bit) == 0) {
      begun_[rank / 64] |= bit;
      list.known = 0;
      list.taken = {};
      list.taken[sender / 64] |= std::uint64_t{1} << sender % 64;
    }
    while (list.known <= place) {
      const std::uint8_t receiver = by_popularity_.at(receivers_.draw(words), words);
      const std::uint64_t bit = std::uint64_t{1} << receiver % 64;
      if ((list.taken[receiver / 64] & bit) != 0) continue;
      list.taken[receiver / 64] |= bit;
      list.account[list.known++] = receiver;
    }
    return list.account[place];
  }

  Move next_pair(WordStream& words) {
    constexpr auto kAgain = static_cast<std::uint32_t>(0.126 * 0x1p32);
    const bool again = last_rank_ != UINT32_MAX && words.next_u32() < kAgain;
    if (!again) last_rank_ = senders_.draw(words);
    const std::uint32_t sender = by_activity_.at(last_rank_, words);
    const std::size_t place = partner_places_[degree_[last_rank_] - 1u].draw(words);
    return {sender, partner(last_rank_, place, sender, words), 0};
  }

  /// 0.01 ether each. The mixture of EthereumShape::amount_wei, rounded down to units; 1% are whole ether.
  std::uint32_t draw_amount(WordStream& words) const {
    static constexpr double kMean[] = {39.45, 41.48, 42.24, 48.28}, kSigma[] = {0.42, 0.03, 1.29, 0.79};
    static constexpr auto kWhole = static_cast<std::uint32_t>(0.010 * 0x1p32);
    const std::uint32_t part = parts_.draw(words);
    const double z = std::clamp(normal_.draw(words), -6.0, 6.0);
    auto units = static_cast<std::uint32_t>(exp_(kMean[part] - kLnWeiPerUnit + kSigma[part] * z));  // < 1.1e7
    if (words.next_u32() < kWhole && units >= 100) units -= units % 100;
    return std::max(units, 1u);
  }

  Move next_ethereum(WordStream& words) {
    const std::uint32_t wanted = draw_amount(words);
    Move move = next_pair(words);
    for (int i = 1; i < kTries && wanted > balances_[move.sender]; ++i) move = next_pair(words);
    if (balances_[move.sender] == 0) {
      move.sender = draw_payer(words);
      move.receiver = draw_other(move.sender, words);
    }
    move.amount = std::min(wanted, balances_[move.sender]);
    return move;
  }

  SequenceConfig config_;
  AliasTable senders_, receivers_, degrees_, gaps_, parts_;
  std::vector<AliasTable> partner_places_;  // [d - 1]: place in a list of d partners
  Ziggurat normal_;
  FastExp exp_;
  // Of the sequence that is made; ranks count from the busiest sender on.
  std::array<std::uint32_t, kMaxAccounts> balances_{};
  LazyPermutation by_activity_, by_popularity_;
  std::array<std::uint8_t, kMaxAccounts> degree_{};
  std::array<Partners, kMaxAccounts> partners_{};         // of the ranks in begun_
  std::array<std::uint64_t, kMaxAccounts / 64> begun_{};  // bit set: the rank has sent
  std::uint32_t last_rank_ = UINT32_MAX;
};

SequenceGenerator::SequenceGenerator(const SequenceConfig& config) {
  check(config);
  impl_ = std::make_unique<Impl>(config);
}
SequenceGenerator::SequenceGenerator(SequenceGenerator&&) noexcept = default;
SequenceGenerator& SequenceGenerator::operator=(SequenceGenerator&&) noexcept = default;
SequenceGenerator::~SequenceGenerator() = default;

void SequenceGenerator::append(Split split, std::uint64_t n, SequenceBatch& batch) {
  LL_CHECK(batch.accounts == impl_->accounts() && n < std::uint64_t{1} << 62,
           "sequence {}: {} accounts, the batch has {}", n, impl_->accounts(), batch.accounts);
  impl_->append(split, n, batch);
}

void SequenceGenerator::fill(Split split, std::uint64_t first, std::size_t count, SequenceBatch& batch) {
  batch.clear();
  batch.accounts = impl_->accounts();
  batch.first = first;
  batch.reserve(count, count * impl_->mean_transfers() * 17 / 16);
  for (std::size_t i = 0; i < count; ++i) append(split, first + i, batch);
}

SequenceBatch SequenceGenerator::batch(Split split, std::uint64_t first, std::size_t count) {
  SequenceBatch result;
  fill(split, first, count, result);
  return result;
}

}  // namespace ll::ledger
