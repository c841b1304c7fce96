#include "ledger/plain_transfers.hpp"

#include <fstream>

#include <gmock/gmock.h>

#include "base/random.hpp"
#include "ledger/import.hpp"
#include "ledger/testing.hpp"

namespace ll::ledger {
namespace {

using ::testing::HasSubstr;

const std::string kA = "0x00000000000000000000000000000000000000aa", kB = "0x00000000000000000000000000000000000000bb";
const std::string kEtlHeader =
    "hash,nonce,block_hash,block_number,transaction_index,from_address,to_address,value,gas,gas_price,input,"
    "block_timestamp,max_fee_per_gas,max_priority_fee_per_gas,transaction_type\n";
const std::string kPairHeader = "from,to,value,block_number\n";

std::string hash_of(int number) { return fmt::format("0x{:064x}", number); }

std::string etl_row(int hash, int block, int index, const std::string& from, const std::string& to,
                    const std::string& value, const std::string& input = "0x") {
  return fmt::format("{},0,{},{},{},{},{},{},21000,1,{},1488775107,,,0\n", hash_of(hash), hash_of(block), block, index,
                     from, to, value, input);
}

class PlainTransfersTest : public testing::FolderTest {
 protected:
  Result<PlainTransfers> read(std::string_view text) {
    const std::filesystem::path files[] = {write("t.csv", text)};
    return read_plain_transfers(files);
  }
  std::string message(std::string_view text) {
    const auto result = read(text);
    EXPECT_FALSE(result.ok());
    if (result.ok()) return "";
    EXPECT_EQ(result.error().code(), ErrorCode::malformed);
    EXPECT_THAT(result.error().message(), HasSubstr((folder_ / "t.csv").string()));
    return result.error().message();
  }
};

TEST_F(PlainTransfersTest, KeepsPlainTransfersInChainOrder) {
  const auto plain = read(kEtlHeader + etl_row(1, 9, 0, kA, kB, "5") + etl_row(2, 8, 1, kB, kA, "6") +
                          etl_row(3, 8, 0, kA, kB, "340282366920938463463"));
  ASSERT_TRUE(plain.ok()) << plain.error().message();
  ASSERT_EQ(plain.value().transfers.size(), 3u);
  const auto& t = plain.value().transfers;
  EXPECT_EQ(t[0].amount, parse_u128("340282366920938463463"));  // > 2^64
  EXPECT_EQ(t[1].amount, 6u);
  EXPECT_EQ(t[2].block, 9u);
  EXPECT_EQ(plain.value().holders.size(), 2u);
  EXPECT_EQ(to_string(plain.value().holders[t[0].sender].address), kA);
}

TEST_F(PlainTransfersTest, CountsWhatIsDroppedByReason) {
  const auto plain =
      read(kEtlHeader + etl_row(1, 1, 0, kA, kB, "5") + etl_row(1, 1, 0, kA, kB, "5") +
           etl_row(2, 1, 1, kA, kB, "5", "0xa9059cbb") + etl_row(3, 1, 2, kA, "", "5", "0x60") +
           etl_row(4, 1, 3, kA, "", "5") + etl_row(5, 1, 4, kA, kA, "0") + etl_row(6, 1, 5, kA, kB, "0"));
  ASSERT_TRUE(plain.ok()) << plain.error().message();
  const Provenance& p = plain.value().provenance;
  EXPECT_EQ(p.rows, 7u);
  EXPECT_EQ(p.kept, 1u);
  const std::map<std::string, std::uint64_t> expected = {
      {"duplicate_hash", 1}, {"has_input", 2}, {"contract_creation", 1}, {"to_self", 1}, {"zero_value", 1}};
  EXPECT_EQ(p.dropped, expected);
}

TEST_F(PlainTransfersTest, FailedTransactionsWhereThereIsAStatus) {
  const std::string header = "receipt_status,hash,block_number,transaction_index,from_address,to_address,value,input\n";
  const auto row = [&](const std::string& status, int hash) {
    return fmt::format("{},{},1,0,{},{},1,0x\n", status, hash_of(hash), kA, kB);
  };
  const auto plain = read(header + row("1", 1) + row("0", 2) + row("", 3));
  ASSERT_TRUE(plain.ok()) << plain.error().message();
  EXPECT_EQ(plain.value().provenance.dropped.at("failed"), 1u);
  EXPECT_EQ(plain.value().provenance.kept, 2u);
  EXPECT_THAT(message(header + row("yes", 1)), HasSubstr("column \"receipt_status\": expected a status"));
}

TEST_F(PlainTransfersTest, PairTableKeepsTheOrderOfItsRows) {
  const auto plain = read(kPairHeader + fmt::format("{0},{1},1,7\n{0},{1},2,7\n{0},{1},3,6\n{0},{1},4,7\n", kA, kB));
  ASSERT_TRUE(plain.ok()) << plain.error().message();
  std::vector<std::uint64_t> amounts;
  std::vector<std::uint32_t> indexes;
  for (const PlainTransfer& t : plain.value().transfers) {
    amounts.push_back(static_cast<std::uint64_t>(t.amount));
    indexes.push_back(t.tx_index);
  }
  EXPECT_EQ(amounts, (std::vector<std::uint64_t>{3, 1, 2, 4}));
  EXPECT_EQ(indexes, (std::vector<std::uint32_t>{0, 0, 1, 2}));
}

TEST_F(PlainTransfersTest, BadInputIsNamedByLineAndColumn) {
  const std::string good = fmt::format("{},{},5,7\n", kA, kB);
  const auto pair = [&](const std::string& row) { return message(kPairHeader + good + row); };
  EXPECT_THAT(pair(kA + "," + kB + ",5"),
              HasSubstr("line 3: cut line: 3 cells, the header has 4; column \"block_number\""));
  EXPECT_THAT(pair(kA), HasSubstr("column \"to\" is missing"));
  EXPECT_THAT(pair(kA + "," + kB + ",5,7,8"), HasSubstr("line 3: 5 cells, the header has 4"));
  EXPECT_THAT(pair(fmt::format("{},{},1.5,7\n", kA, kB)),
              HasSubstr("line 3, column \"value\": expected wei as a decimal integer, not a floating-point number, "
                        "found \"1.5\""));
  EXPECT_THAT(pair(fmt::format("{},{},8.1e+16,7\n", kA, kB)), HasSubstr("found \"8.1e+16\""));
  EXPECT_THAT(pair(fmt::format("{},{},-5,7\n", kA, kB)), HasSubstr("not negative, found \"-5\""));
  EXPECT_THAT(pair(fmt::format("{},{},,7\n", kA, kB)), HasSubstr("expected wei as a decimal integer, found \"\""));
  EXPECT_THAT(pair(fmt::format("{},{},0x10,7\n", kA, kB)), HasSubstr("found \"0x10\""));
  EXPECT_THAT(pair(fmt::format("{},{},1{},7\n", kA, kB, std::string(38, '0'))), HasSubstr("of at most 9999"));
  EXPECT_THAT(pair(fmt::format("{},{},1{},7\n", kA, kB, std::string(50, '0'))), HasSubstr("of at most 9999"));
  EXPECT_THAT(pair(fmt::format("GENESIS,{},5,7\n", kB)), HasSubstr("column \"from\": expected an address"));
  EXPECT_THAT(pair(fmt::format("{},,5,7\n", kA)), HasSubstr("column \"to\": expected an address"));
  EXPECT_THAT(pair(fmt::format("{},{},5,18446744073709551616\n", kA, kB)), HasSubstr("column \"block_number\""));
  EXPECT_THAT(pair(fmt::format("{},{},5,2016-01-01\n", kA, kB)), HasSubstr("found \"2016-01-01\""));
  EXPECT_THAT(message(kEtlHeader + "0x12,0" + etl_row(1, 1, 0, kA, kB, "5").substr(68)), HasSubstr("column \"hash\""));
  EXPECT_THAT(message(kEtlHeader + etl_row(1, 1, 0, kA, kB, "5", "deadbeef")), HasSubstr("column \"input\""));
}

TEST_F(PlainTransfersTest, AmountsThatAddUpTooHighAreRefused) {
  const std::string most(38, '9');
  EXPECT_TRUE(read(kPairHeader + fmt::format("{},{},{},1\n", kA, kB, most)).ok());
  EXPECT_THAT(message(kPairHeader + fmt::format("{0},{1},{2},1\n{0},{1},1,1\n", kA, kB, most)),
              HasSubstr("line 3, column \"value\": expected values that add up to less than 10^38 wei"));
}

TEST_F(PlainTransfersTest, HeadersAreRecognisedOrListed) {
  EXPECT_THAT(message(""), HasSubstr("the file is empty, expected a header line"));
  const std::string unknown = message("sender,receiver,amount\n");
  EXPECT_THAT(unknown, HasSubstr("line 1: unknown header \"sender,receiver,amount\"; known layouts: "));
  EXPECT_THAT(unknown, HasSubstr("ethereum-etl transactions (at least the columns "));
  EXPECT_THAT(unknown, HasSubstr("from,to,value,block_number (exactly the columns "));
  // from, to and value in another table may be ether: only the exact four columns mean wei
  EXPECT_THAT(message("block_number,from,to,value,gas,hash\n"), HasSubstr("unknown header"));
  EXPECT_THAT(message("value,from,to,value,block_number,hash\n"), HasSubstr("unknown header"));
  EXPECT_THAT(message(kEtlHeader.substr(0, kEtlHeader.size() - 1) + ",value\n"),
              HasSubstr("column \"value\" comes twice"));
  EXPECT_TRUE(read("block_number,value,to,from\n1,5," + kA + "," + kB + "\n").ok());
}

TEST_F(PlainTransfersTest, TheSameFileTwiceIsRefused) {
  const std::filesystem::path first = write("a.csv", kPairHeader + fmt::format("{},{},5,7\n", kA, kB));
  const std::filesystem::path files[] = {first, first};
  const auto result = read_plain_transfers(files);
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error().message(), HasSubstr("has the same bytes as a.csv"));
}

TEST_F(PlainTransfersTest, RandomCutsAndFlipsNeverCrash) {
  std::string text = kEtlHeader;
  for (int i = 0; i < 20; ++i) text += etl_row(i, i / 3, i % 3, i % 2 ? kA : kB, i % 2 ? kB : kA, "100000000000000007");
  SeededRng rng(1);
  int refused = 0;
  for (int i = 0; i < 500; ++i) {
    std::string changed = text;
    for (std::uint64_t flips = rng.below(3); flips > 0; --flips) {
      changed[rng.below(changed.size())] = static_cast<char>(rng.below(256));
    }
    if (rng.below(2) == 0) changed.resize(rng.below(changed.size()));
    const std::filesystem::path files[] = {write("t.csv", changed)};
    const auto data = import_files(files);
    if (data.ok()) {
      EXPECT_EQ(data.value().check(), std::nullopt);
      continue;
    }
    ++refused;
    EXPECT_EQ(data.error().code(), ErrorCode::malformed);
    EXPECT_FALSE(data.error().message().empty());
  }
  EXPECT_GT(refused, 200);
}

}  // namespace
}  // namespace ll::ledger
