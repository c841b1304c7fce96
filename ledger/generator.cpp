#include "ledger/generator.hpp"

#include <algorithm>
#include <memory>
#include <numeric>

#include "ledger/sampling.hpp"

namespace ll::ledger {
namespace {

constexpr std::uint64_t kLargestUniformAmount = 1'000'000'000;
/// How often another pair is drawn when the sender cannot pay, before the amount is cut to what it has.
constexpr int kTries = 4;

/// Draws transfers that are valid in their turn, and keeps the balances.
class TransferSource {
 public:
  TransferSource(Profile profile, std::vector<std::uint32_t> balances, Rng& rng)
      : balances_(std::move(balances)), rng_(rng) {
    if (profile != Profile::uniform) shape_ = std::make_unique<EthereumShape>(balances_.size(), rng_);
  }

  SlotTransfer next() {
    SlotTransfer transfer = shape_ ? next_ethereum() : next_uniform();
    const auto units = static_cast<std::uint32_t>(transfer.amount);
    balances_[transfer.sender] -= units;
    balances_[transfer.receiver] += units;
    return transfer;
  }

 private:
  std::uint32_t draw_account() { return static_cast<std::uint32_t>(rng_.below(balances_.size())); }
  /// Uniform over the accounts but `sender`.
  std::uint32_t draw_other(std::uint32_t sender) {
    const auto other = static_cast<std::uint32_t>(rng_.below(balances_.size() - 1));
    return other + (other >= sender ? 1 : 0);
  }
  /// Uniform over the accounts that can pay; the sum is at least 1, so there is one.
  std::uint32_t draw_payer() {
    while (true) {
      const std::uint32_t sender = draw_account();
      if (balances_[sender] > 0) return sender;
    }
  }

  SlotTransfer next_uniform() {
    const std::uint32_t sender = draw_payer();
    const std::uint32_t receiver = draw_other(sender);
    const std::uint64_t most = std::min<std::uint64_t>(kLargestUniformAmount, balances_[sender]);
    return {sender, receiver, static_cast<std::uint32_t>(1 + rng_.below(most))};
  }

  SlotTransfer next_ethereum() {
    const u128 wei = EthereumShape::amount_wei(rng_);
    const u128 wanted = std::clamp<u128>(wei / kEthereumWeiPerUnit, 1, UINT32_MAX);
    EthereumShape::Pair pair = shape_->next_pair(rng_);
    for (int i = 1; i < kTries && wanted > balances_[pair.sender]; ++i) pair = shape_->next_pair(rng_);
    if (balances_[pair.sender] == 0) {
      pair.sender = draw_payer();
      pair.receiver = draw_other(pair.sender);
    }
    return {pair.sender, pair.receiver, static_cast<std::uint32_t>(std::min<u128>(wanted, balances_[pair.sender]))};
  }

  std::vector<std::uint32_t> balances_;
  std::unique_ptr<EthereumShape> shape_;  // ethereum profile only
  Rng& rng_;
};

/// `accounts` random addresses with their ids, by id.
std::vector<DatasetAccount> random_accounts(std::size_t count, Rng& rng) {
  std::vector<Address> addresses(count);
  for (Address& address : addresses) rng.fill(address.bytes);  // 160 random bits: distinct
  std::ranges::sort(addresses);
  const std::vector<std::uint32_t> ids = account_ids(addresses);
  std::vector<DatasetAccount> accounts;
  for (std::size_t i = 0; i < count; ++i) accounts.push_back({ids[i], addresses[i], 0, 0});
  std::ranges::sort(accounts, {}, &DatasetAccount::id);
  return accounts;
}

/// Cuts 2^32 - 1 units at random places: balances as of a uniform point of the simplex.
void deal_balances(std::vector<DatasetAccount>& accounts, Rng& rng) {
  std::vector<std::uint32_t> cuts = {0, kMaxUnits};
  while (cuts.size() < accounts.size() + 1)
    cuts.push_back(static_cast<std::uint32_t>(rng.below(std::uint64_t{1} << 32)));
  std::ranges::sort(cuts);
  for (std::size_t slot = 0; slot < accounts.size(); ++slot) {
    accounts[slot].genesis_units = cuts[slot + 1] - cuts[slot];
    accounts[slot].genesis_wei = accounts[slot].genesis_units;
  }
}

/// The smallest balances, by slot, that keep every account at 0 or more; their sum.
std::uint64_t smallest_balances(std::span<const DatasetTransfer> transfers, std::vector<std::uint64_t>& needed) {
  std::vector<std::int64_t> balances(needed.size());
  std::ranges::fill(needed, 0);
  for (const DatasetTransfer& t : transfers) {
    balances[t.sender] -= t.amount_units;
    balances[t.receiver] += t.amount_units;
    if (balances[t.sender] < 0) {
      needed[t.sender] = std::max(needed[t.sender], static_cast<std::uint64_t>(-balances[t.sender]));
    }
  }
  return std::accumulate(needed.begin(), needed.end(), std::uint64_t{0});
}

/// Transfers of the shape alone, and the start balances that pay for them. When these would exceed 2^32 - 1 units,
/// every amount is halved (1 at least) until they do not.
void fill_funded(Dataset& data, std::size_t count, Rng& rng) {
  EthereumShape shape(data.accounts.size(), rng);
  std::uint64_t block = 0;
  std::uint32_t tx_index = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t gap = EthereumShape::block_gap(rng);
    tx_index = gap == 0 ? tx_index + 1 : 0;
    block += gap;
    const auto units = static_cast<std::uint32_t>(
        std::clamp<u128>(EthereumShape::amount_wei(rng) / kEthereumWeiPerUnit, 1, UINT32_MAX));
    const EthereumShape::Pair pair = shape.next_pair(rng);
    data.transfers.push_back({block, tx_index, pair.sender, pair.receiver, units, units});
  }
  std::vector<std::uint64_t> needed(data.accounts.size());
  while (smallest_balances(data.transfers, needed) > kMaxUnits) {
    for (DatasetTransfer& t : data.transfers) t.amount_wei = t.amount_units = std::max(t.amount_units / 2, 1u);
  }
  for (std::size_t slot = 0; slot < needed.size(); ++slot) {
    data.accounts[slot].genesis_units = static_cast<std::uint32_t>(needed[slot]);
    data.accounts[slot].genesis_wei = needed[slot];
  }
}

}  // namespace

const char* to_string(Profile profile) noexcept {
  return profile == Profile::uniform ? "uniform" : profile == Profile::ethereum ? "ethereum" : "ethereum-funded";
}

Result<Profile> parse_profile(std::string_view name) {
  if (name == "uniform") return Profile::uniform;
  if (name == "ethereum") return Profile::ethereum;
  if (name == "ethereum-funded") return Profile::ethereum_funded;
  return Error(ErrorCode::invalid_argument,
               fmt::format("unknown profile \"{}\", expected \"uniform\", \"ethereum\" or \"ethereum-funded\"", name));
}

Dataset generate(const GeneratorConfig& config) {
  LL_CHECK(config.accounts >= kMinAccounts && config.accounts <= kMaxAccounts,
           "generate: {} accounts wanted, expected {} to {}", config.accounts, kMinAccounts, kMaxAccounts);
  SeededRng rng(config.seed, config.sequence);
  Dataset data;
  data.accounts = random_accounts(config.accounts, rng);
  data.transfers.reserve(config.transfers);
  if (config.profile == Profile::ethereum_funded) {
    fill_funded(data, config.transfers, rng);
  } else {
    deal_balances(data.accounts, rng);
    TransferSource source(config.profile, data.genesis_units(), rng);
    std::uint64_t block = 0;
    std::uint32_t tx_index = 0;
    for (std::size_t i = 0; i < config.transfers; ++i) {
      const std::uint64_t gap = config.profile == Profile::ethereum ? EthereumShape::block_gap(rng) : 1;
      tx_index = gap == 0 ? tx_index + 1 : 0;
      block += gap;
      const SlotTransfer t = source.next();
      data.transfers.push_back({block, tx_index, t.sender, t.receiver, t.amount, static_cast<std::uint32_t>(t.amount)});
    }
  }
  data.provenance.source =
      fmt::format("synthetic {} seed {} sequence {}", to_string(config.profile), config.seed, config.sequence);
  data.provenance.rows = data.provenance.kept = config.transfers;
  return data;
}

std::vector<SlotTransfer> continue_transfers(std::vector<std::uint32_t> balances, std::size_t count,
                                             const GeneratorConfig& config) {
  const std::uint64_t supply = std::accumulate(balances.begin(), balances.end(), std::uint64_t{0});
  LL_CHECK(balances.size() >= kMinAccounts, "generate: {} accounts, at least {} are needed", balances.size(),
           kMinAccounts);
  LL_CHECK(supply >= 1 && supply <= kMaxUnits, "generate: a supply of {} units, expected 1 to 2^32 - 1", supply);
  SeededRng rng(config.seed, config.sequence);
  TransferSource source(config.profile, std::move(balances), rng);
  std::vector<SlotTransfer> transfers;
  transfers.reserve(count);
  for (std::size_t i = 0; i < count; ++i) transfers.push_back(source.next());
  return transfers;
}

}  // namespace ll::ledger
