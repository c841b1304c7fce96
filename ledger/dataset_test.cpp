#include "ledger/dataset.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "base/random.hpp"
#include "ledger/generator.hpp"
#include "ledger/testing.hpp"
#include "ledger/transfers_parquet.hpp"

namespace ll::ledger {
namespace {

using ::testing::HasSubstr;

Dataset small() { return generate({.profile = Profile::ethereum, .seed = 3, .accounts = 12, .transfers = 50}); }

class DatasetFiles : public testing::FolderTest {
 protected:
  /// Saves a data set, changes one file and gives the error of loading it.
  Error after_edit(const std::string& file, const std::function<void(std::string&)>& edit) {
    small().save(folder_);
    std::string text = read_text(folder_ / file);
    edit(text);
    write(file, text);
    const auto loaded = Dataset::load(folder_);
    EXPECT_FALSE(loaded.ok()) << file;
    return loaded.ok() ? Error(ErrorCode::io, "loaded") : loaded.error();
  }
};

void replace(std::string& text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
}

TEST(Dataset, ReplaysToAnyTransfer) {
  const Dataset data = small();
  const auto transfers = data.unit_transfers();
  State state = data.state_before(0);
  for (std::size_t n = 0; n < transfers.size(); ++n) {
    ASSERT_EQ(data.state_before(n), state);
    const auto ids = data.account_ids();
    ASSERT_EQ(state.apply({ids[transfers[n].sender], ids[transfers[n].receiver], transfers[n].amount}), std::nullopt);
  }
  EXPECT_EQ(data.state_before(transfers.size()), state);
  EXPECT_THROW(data.state_before(transfers.size() + 1), Error);
  EXPECT_EQ(data.genesis_wei().supply(), kMaxUnits);  // unit 1
}

TEST(Dataset, CheckFindsEachLie) {
  ASSERT_EQ(small().check(), std::nullopt);
  const auto broken = [](const std::function<void(Dataset&)>& lie) {
    Dataset data = small();
    lie(data);
    const auto error = data.check();
    EXPECT_TRUE(error.has_value());
    return error ? error->message() : std::string();
  };
  EXPECT_THAT(broken([](Dataset& d) { d.assets.front().unit = 0; }), HasSubstr("unit is 0"));
  EXPECT_THAT(broken([](Dataset& d) { d.accounts.resize(1); }), HasSubstr("1 accounts, expected 2 to 128"));
  EXPECT_THAT(broken([](Dataset& d) { d.accounts[3].id ^= 1; }), HasSubstr("account id"));
  EXPECT_THAT(broken([](Dataset& d) { d.accounts[3].address.bytes[0] ^= 1; }), HasSubstr("account id"));
  EXPECT_THAT(broken([](Dataset& d) { d.accounts[3].address = d.accounts[4].address; }), HasSubstr("comes twice"));
  EXPECT_THAT(broken([](Dataset& d) { std::swap(d.accounts[3], d.accounts[4]); }), HasSubstr("strictly ascending"));
  EXPECT_THAT(broken([](Dataset& d) { ++d.accounts[3].genesis_wei; }), HasSubstr("2^32 - 1 units"));
  EXPECT_THAT(broken([](Dataset& d) { --d.accounts[3].genesis_wei; }), HasSubstr("slot 3: start balance"));
  EXPECT_THAT(broken([](Dataset& d) { ++d.transfers[9].amount_units; }), HasSubstr("transfer 9: "));
  EXPECT_THAT(broken([](Dataset& d) { d.transfers[9].amount_wei = kMaxUnits; }), HasSubstr("transfer 9: slot"));
  EXPECT_THAT(broken([](Dataset& d) { d.transfers[9].sender = 12; }), HasSubstr("transfer 9: slot 12"));
  EXPECT_THAT(broken([](Dataset& d) { d.transfers[9].receiver = d.transfers[9].sender; }), HasSubstr("transfer 9: "));
  EXPECT_THAT(broken([](Dataset& d) { d.transfers[9].block = 1'000'000; }), HasSubstr("expected chain order"));
  EXPECT_THAT(broken([](Dataset& d) { d.provenance.rows = 51; }), HasSubstr("51 rows"));
}

TEST_F(DatasetFiles, RoundTripsAndRepeatsItsBytes) {
  const Dataset data = small();
  data.save(folder_ / "a");
  data.save(folder_ / "b");
  for (const char* name : {"transfers.parquet", "genesis.csv", "accounts.csv", "import.json"}) {
    EXPECT_EQ(read_file(folder_ / "a" / name), read_file(folder_ / "b" / name)) << name;
  }
  const auto loaded = Dataset::load(folder_ / "a");
  ASSERT_TRUE(loaded.ok()) << loaded.error().message();
  EXPECT_EQ(loaded.value(), data);
}

TEST_F(DatasetFiles, HoldsTheLargestAmountAndNoTransferAtAll) {
  Dataset data = small();
  data.transfers.clear();
  for (DatasetAccount& account : data.accounts) account.genesis_wei = account.genesis_units = 0;
  data.save(folder_ / "empty");
  EXPECT_EQ(Dataset::load(folder_ / "empty").value(), data);
  data.assets.front().unit = kMaxWei;
  data.accounts[0].genesis_wei = kMaxWei;
  data.accounts[0].genesis_units = 1;
  data.transfers.push_back({1, 0, 0, 1, kMaxWei, 1});
  data.save(folder_ / "large");
  EXPECT_EQ(Dataset::load(folder_ / "large").value(), data);
}

TEST_F(DatasetFiles, EveryEditedFileIsNamed) {
  for (const char* name : {"transfers.parquet", "genesis.csv", "accounts.csv"}) {
    const Error error = after_edit(name, [](std::string& text) { text[text.size() / 2] ^= 1; });
    EXPECT_EQ(error.code(), ErrorCode::mismatch);
    EXPECT_THAT(error.message(), HasSubstr(name));
  }
  const Error edited =
      after_edit("import.json", [](std::string& text) { replace(text, "\"rows\": 50", "\"rows\": 51"); });
  EXPECT_EQ(edited.code(), ErrorCode::mismatch);
  EXPECT_THAT(edited.message(), HasSubstr("content_sha256"));
  const Error version =
      after_edit("import.json", [](std::string& t) { replace(t, "\"schema_version\": 1", "\"schema_version\": 3"); });
  EXPECT_THAT(version.message(), HasSubstr("schema_version is 3, this software reads 1 and 2"));
}

TEST_F(DatasetFiles, AFileOfAnotherDataSetIsNamed) {
  generate({.seed = 4, .accounts = 12, .transfers = 50}).save(folder_ / "other");
  for (const char* name : {"transfers.parquet", "genesis.csv", "accounts.csv", "import.json"}) {
    small().save(folder_ / "set");
    std::filesystem::copy_file(folder_ / "other" / name, folder_ / "set" / name,
                               std::filesystem::copy_options::overwrite_existing);
    const auto loaded = Dataset::load(folder_ / "set");
    ASSERT_FALSE(loaded.ok()) << name;
    EXPECT_EQ(loaded.error().code(), ErrorCode::mismatch);
  }
}

TEST_F(DatasetFiles, AReportForgedWithItsOwnDigestIsCheckedAgainstTheData) {
  small().save(folder_);
  const auto original = nlohmann::ordered_json::parse(read_text(folder_ / "import.json"));
  const auto forged = [&](const std::string& key, const nlohmann::ordered_json& value) {
    nlohmann::ordered_json report = original;
    report[key] = value;
    report.erase("content_sha256");
    const std::string text = report.dump();
    report["content_sha256"] =
        to_hex(sha256(ByteSpan(reinterpret_cast<const std::uint8_t*>(text.data()), text.size())));
    write("import.json", report.dump());
    const auto loaded = Dataset::load(folder_);
    return loaded.ok() ? std::string() : loaded.error().message();
  };
  EXPECT_EQ(forged("software_version", "0.0.9"), "");  // another version wrote it: fine
  EXPECT_THAT(forged("software_version", 5), HasSubstr("import.json"));
  EXPECT_THAT(forged("supply", "5"), HasSubstr("\"supply\" does not fit the other files: expected \"4294967295\""));
  EXPECT_THAT(forged("pairs", 1), HasSubstr("\"pairs\" does not fit"));
  EXPECT_THAT(forged("unit", "10"), HasSubstr("start balance"));
  EXPECT_THAT(forged("unit", "ten"), HasSubstr("not a decimal number"));
  EXPECT_THAT(forged("rows", "50"), HasSubstr("import.json"));
  EXPECT_THAT(forged("rows", 51), HasSubstr("51 rows"));
  EXPECT_THAT(forged("note", "hello"), HasSubstr("unknown keys"));
  EXPECT_THAT(forged("files", nlohmann::ordered_json::array()), HasSubstr("import.json"));
}

TEST_F(DatasetFiles, MissingFilesAreNamed) {
  EXPECT_EQ(Dataset::load(folder_ / "absent").error().code(), ErrorCode::io);
  small().save(folder_);
  std::filesystem::remove(folder_ / "genesis.csv");
  EXPECT_THAT(Dataset::load(folder_).error().message(), HasSubstr("genesis.csv"));
}

TEST_F(DatasetFiles, SaveRefusesAnInvalidDataSet) {
  Dataset data = small();
  ++data.transfers[0].amount_wei;
  EXPECT_THROW(data.save(folder_ / "x"), Error);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "x"));
}

TEST_F(DatasetFiles, RandomCutsAndFlipsNeverCrash) {
  small().save(folder_);
  SeededRng rng(2);
  const Bytes parquet = read_file(folder_ / "transfers.parquet");
  for (int i = 0; i < 3000; ++i) {  // past the SHA-256, straight into the decoder
    Bytes changed = parquet;
    for (std::uint64_t flips = 1 + rng.below(3); flips > 0; --flips) {
      changed[rng.below(changed.size())] = static_cast<std::uint8_t>(rng.below(256));
    }
    if (rng.below(4) == 0) changed.resize(rng.below(changed.size()));
    const auto transfers = read_transfers(changed, "transfers.parquet");
    if (!transfers.ok()) {
      EXPECT_THAT(transfers.error().message(), HasSubstr("transfers.parquet"));
    }
  }
  const std::string report = read_text(folder_ / "import.json");
  for (int i = 0; i < 200; ++i) {
    std::string changed = report;
    const std::size_t at = rng.below(changed.size());
    changed[at] = static_cast<char>(changed[at] ^ (1 << rng.below(8)));
    if (rng.below(2) == 0) changed.resize(rng.below(changed.size()));
    write("import.json", changed);
    const auto loaded = Dataset::load(folder_);
    if (loaded.ok()) {
      EXPECT_EQ(loaded.value(), small());  // a space became another space
    }
  }
}

TEST(TransfersParquet, RefusesOtherParquetFiles) {
  EXPECT_FALSE(read_transfers({}, "t").ok());
  const Bytes text = {'P', 'A', 'R', '1'};
  EXPECT_THAT(read_transfers(text, "t").error().message(), HasSubstr("t: not a readable Parquet file"));
}

}  // namespace
}  // namespace ll::ledger
