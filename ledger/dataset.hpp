#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/u128.hpp"
#include "ledger/asset.hpp"
#include "ledger/quantise.hpp"
#include "ledger/state.hpp"

namespace ll::ledger {

/// Accounts that a data set may hold. Fewer than 128 is fine: what needs 128 slots (a circuit, a batch of the trainer)
/// pads behind the last slot itself; a data set never holds an account that is not in its source.
inline constexpr std::size_t kMinAccounts = 2, kMaxAccounts = 128;
/// Largest sum of wei that a data set may hold, 10^38 - 1: what Parquet's decimal128(38, 0) can write.
inline constexpr u128 kMaxWei = (u128{10'000'000'000'000'000'000u} * u128{10'000'000'000'000'000'000u}) - 1;
/// Largest sum of balances in units: each balance is a 32-bit word of the circuits.
inline constexpr std::uint32_t kMaxUnits = UINT32_MAX;

/// One account's holding of one asset; its position in Dataset::accounts is its slot (ascending id).
struct DatasetAccount {
  std::uint32_t id = 0;
  Address address;
  u128 genesis_wei = 0;  ///< wei, or base units of the token
  std::uint32_t genesis_units = 0;
  std::uint32_t asset = 0;  ///< position in Dataset::assets
  friend bool operator==(const DatasetAccount&, const DatasetAccount&) = default;
};

/// An asset of a data set.
struct DatasetAsset {
  Asset asset;
  u128 unit = 1;  ///< base units (wei) in one unit
  friend bool operator==(const DatasetAsset&, const DatasetAsset&) = default;
};

/// One transfer between two slots of one asset, in chain order.
struct DatasetTransfer {
  std::uint64_t block = 0;
  std::uint32_t tx_index = 0;              ///< position in the block, or among the file's rows of that block
  std::uint32_t sender = 0, receiver = 0;  ///< slots
  u128 amount_wei = 0;                     ///< >= 1
  std::uint32_t amount_units = 0;          ///< 0: absorbed by dust, no transfer of the unit ledger
  friend bool operator==(const DatasetTransfer&, const DatasetTransfer&) = default;
};

/// A transfer with accounts by slot: what encoder and circuits work on.
struct SlotTransfer {
  std::uint32_t sender = 0, receiver = 0;  ///< slots
  u128 amount = 0;                         ///< units (1 <= amount < 2^32), or wei in an exact ledger
  friend bool operator==(const SlotTransfer&, const SlotTransfer&) = default;
};

/// A file that a data set was made from.
struct InputFile {
  std::string name;    ///< file name without folder
  std::string sha256;  ///< of its bytes as they lie on disk, hex
  std::string format;  ///< layout it was recognised as
  std::uint64_t rows = 0;
  friend bool operator==(const InputFile&, const InputFile&) = default;
};

/// Where a data set comes from.
struct Provenance {
  std::string source;                            ///< "import", or "synthetic PROFILE seed S sequence N"
  std::vector<InputFile> inputs;                 ///< empty for synthetic data
  std::uint64_t rows = 0;                        ///< rows read
  std::uint64_t kept = 0;                        ///< plain transfers among them
  std::map<std::string, std::uint64_t> dropped;  ///< reason -> rows; rows = kept + sum
  friend bool operator==(const Provenance&, const Provenance&) = default;
};

/// What `data import` and `data info` report.
struct DatasetSummary {
  Provenance provenance;
  std::uint64_t accounts = 0, transfers = 0, pairs = 0;  ///< pairs: distinct (sender, receiver)
  std::uint64_t unit_transfers = 0, absorbed = 0;        ///< transfers = unit_transfers + absorbed
  u128 unit = 0, supply = 0, dust_total = 0;  ///< of the first asset; supply = unit * supply_units + dust_total
  std::uint32_t supply_units = 0;
  /// One for each asset; accounts are holdings of it.
  struct PerAsset {
    DatasetAsset asset;
    std::uint64_t accounts = 0, transfers = 0, pairs = 0;
    u128 supply = 0, dust_total = 0;
    std::uint32_t supply_units = 0;
  };
  std::vector<PerAsset> assets;
  std::uint64_t addresses = 0;                       ///< distinct ones
  std::string genesis_state_hash, final_state_hash;  ///< of the unit ledger, hex
};

/// A ledger history ready for the encoder and the circuits: accounts by slot, start balances, transfers in order, each
/// in exact wei and in 32-bit units (ledger/quantise.hpp). Files: docs/formats/ledger-files.md.
struct Dataset {
  std::vector<DatasetAccount> accounts;     ///< slot -> account, strictly ascending by id
  std::vector<DatasetTransfer> transfers;   ///< in order; the position is the transfer's index
  std::vector<DatasetAsset> assets = {{}};  ///< ether alone, or tokens by contract behind it
  Provenance provenance;

  /// True when all it holds is ether: the ledgers that statements prove.
  bool is_ether_only() const { return assets.size() == 1 && !assets.front().asset.contract; }

  std::vector<std::uint32_t> account_ids() const;
  /// Start balances in units, by slot.
  std::vector<std::uint32_t> genesis_units() const;
  /// The transfers of the unit ledger: those with amount_units >= 1, in order.
  std::vector<SlotTransfer> unit_transfers() const;
  /// Balances in units, by slot, before the n-th transfer (from 0) of unit_transfers(); n = their number gives the
  /// final ones. Throws Error{invalid_argument} when there are fewer, Error{unsatisfied} when one is not valid in its
  /// turn.
  std::vector<std::uint32_t> units_before(std::size_t n) const;
  /// Every transfer in exact wei, in order: those that dust absorbs too.
  std::vector<SlotTransfer> wei_transfers() const;
  /// Balances in wei, by slot, before transfer n of wei_transfers(). Throws as units_before() does.
  std::vector<u128> wei_before(std::size_t n) const;
  /// Balances in units as a State.
  State state_before(std::size_t n) const;
  /// Start state in exact wei.
  State genesis_wei() const;
  DatasetSummary summary() const;

  /// Checks every invariant: 2..128 accounts in order, ids derived from the addresses (of tokens: from address and
  /// contract), slots in range, both ends of a transfer of one asset, every transfer valid in its turn in wei and in
  /// units, amounts in units those of the quantisation rule, sums of each asset within bounds. The
  /// first violation as Error{unsatisfied} (an invalid transfer) or Error{malformed}; nullopt when all hold.
  std::optional<Error> check() const;

  /// Writes transfers.parquet, genesis.csv, accounts.csv and, last, import.json with their SHA-256. The same data set
  /// gives the same bytes. Throws Error{io}, or Error{invalid_argument} when check() fails.
  void save(const std::filesystem::path& folder) const;
  /// Reads a folder written by save() and runs check(). Error{io}, Error{malformed} or Error{mismatch} names the file
  /// that is missing, broken, or not the one that import.json was written with.
  static Result<Dataset> load(const std::filesystem::path& folder);

  friend bool operator==(const Dataset&, const Dataset&) = default;
};

/// Ids of holdings, in the order given (any): SHA-256 of the address for ether, of address and contract for a token.
std::vector<std::uint32_t> holding_ids(std::span<const Holder> holders, std::span<const DatasetAsset> assets);

/// The part of a data set that belongs to one asset: what the quantisation rule works on.
struct AssetSlice {
  std::vector<std::size_t> slots, positions;  ///< of accounts and of transfers
  std::vector<u128> genesis_wei;
  std::vector<WeiTransfer> transfers;  ///< by positions in `slots`
};
AssetSlice slice_of(const Dataset& data, std::uint32_t asset);

/// The summary as a JSON object with the result keys of `data import` (wei as decimal strings).
std::string to_json(const DatasetSummary& summary);

}  // namespace ll::ledger
