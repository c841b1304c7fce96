// Layouts and containers beyond ethereum-etl's CSV, on small tables of invented transfers.
#include "ledger/table_file.hpp"

#include <gmock/gmock.h>
#include <zstd.h>

#include "base/files.hpp"
#include "ledger/generator.hpp"
#include "ledger/import.hpp"
#include "ledger/testing.hpp"

namespace ll::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

const std::string kA = "0x00000000000000000000000000000000000000aa", kB = "0x00000000000000000000000000000000000000bb";
const std::string kUsdt = "0xdac17f958d2ee523a2206206994597c13d831ec7",
                  kOther = "0x00000000000000000000000000000000000000cc";

std::string hash_of(int number) { return fmt::format("0x{:064x}", number); }

std::string zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 1));
  return out;
}

class TableFile : public testing::FolderTest {
 protected:
  Result<PlainTransfers> read(std::string_view text, const ReadOptions& options = {},
                              const std::string& name = "t.csv") {
    const std::filesystem::path files[] = {write(name, text)};
    return read_plain_transfers(files, options);
  }
  PlainTransfers good(std::string_view text, const ReadOptions& options = {}, const std::string& name = "t.csv") {
    return read(text, options, name).value_or_throw();
  }
  std::string message(std::string_view text, const ReadOptions& options = {}, const std::string& name = "t.csv") {
    const auto result = read(text, options, name);
    EXPECT_FALSE(result.ok());
    return result.ok() ? "" : result.error().message();
  }
};

TEST_F(TableFile, ZstandardIsToldByItsFirstBytes) {
  std::string text = "from,to,value,block_number\n";
  for (int i = 0; i < 30000; ++i) text += fmt::format("{},{},{},{}\n", kA, kB, 1 + i, i / 3);
  const std::string packed = zstd(text);
  EXPECT_EQ(good(packed, {}, "t.csv.zst").transfers.size(), 30000u);
  EXPECT_EQ(good(packed + zstd(fmt::format("{},{},7,7\n", kA, kB)), {}, "misnamed.csv").transfers.size(), 30001u);
  EXPECT_THAT(message(packed.substr(0, packed.size() - 1), {}, "t.csv.zst"), HasSubstr("Zstandard stream is broken"));
  EXPECT_THAT(message(packed + "garbage", {}, "t.csv.zst"), HasSubstr("Zstandard stream is broken"));
  EXPECT_THAT(message(text, {}, "t.csv.zst"), HasSubstr("first bytes are not those of Zstandard"));
}

TEST_F(TableFile, JsonRpcBlocksBareWrappedInAnArrayAndByLine) {
  const auto transaction = [](int hash, const std::string& to, const std::string& value, const std::string& input) {
    return fmt::format(
        R"({{"from":"{}","to":{},"value":"{}","blockNumber":"0xb443","transactionIndex":"0x{:x}","hash":"{}","input":"{}"}})",
        kA, to, value, hash, hash_of(hash), input);
  };
  const std::string to = "\"" + kB + "\"";
  const std::string block =
      fmt::format(R"({{"number":"0xb443","transactions":[{},{},{}]}})", transaction(1, to, "0x7a69", "0x"),
                  transaction(0, to, "0x5", "0x"), transaction(2, "null", "0x5", "0x6060"));
  const auto plain = good(block, {}, "b.json");
  ASSERT_EQ(plain.transfers.size(), 2u);
  EXPECT_EQ(plain.transfers[0].amount, 5u);  // index 0 first
  EXPECT_EQ(plain.transfers[1].amount, 31337u);
  EXPECT_EQ(plain.transfers[1].block, 46147u);
  EXPECT_THAT(plain.provenance.dropped, ElementsAre(Pair("has_input", 1)));
  EXPECT_EQ(good(fmt::format(R"({{"jsonrpc":"2.0","id":1,"result":{}}})", block)).transfers.size(), 2u);
  const std::string empty = R"({"number":"0xb444","transactions":[]})";
  EXPECT_EQ(good("[" + block + "," + empty + "]").transfers.size(), 2u);
  EXPECT_EQ(good(block + "\n" + empty + "\n\n").transfers.size(), 2u);
  EXPECT_EQ(good(zstd(block), {}, "b.json.zst").transfers.size(), 2u);

  EXPECT_THAT(message(block.substr(0, block.size() - 2)), HasSubstr("not valid JSON"));
  EXPECT_THAT(message(R"({"number":"0x1"})"), HasSubstr("expected a block with its \"transactions\""));
  EXPECT_THAT(message(R"({"number":"0x1","transactions":["0xab"]})"),
              HasSubstr("block 1, transaction 0: a hash alone"));
  EXPECT_THAT(message(R"({"number":"0x1","transactions":[7]})"), HasSubstr("expected a transaction object"));
  EXPECT_THAT(message(fmt::format(R"({{"number":"0x2","transactions":[{}]}})", transaction(1, to, "0xzz", "0x"))),
              HasSubstr("block 2, transaction 0, column \"value\": expected wei as a decimal integer, found \"0xzz\""));
  EXPECT_THAT(message(fmt::format(R"({{"number":"0x2","transactions":[{}]}})", transaction(1, "[]", "0x1", "0x"))),
              HasSubstr("field \"to\": expected a string"));
}

TEST_F(TableFile, ParquetTablesAreReadAsTheirCsvWouldBe) {
  // The only Parquet writer here is that of ledgers: mapped columns name its fields, slots are no addresses.
  generate({.seed = 4, .accounts = 12, .transfers = 50}).save(folder_ / "ledger");
  const std::filesystem::path files[] = {folder_ / "ledger" / "transfers.parquet"};
  const auto unknown = read_plain_transfers(files);
  ASSERT_FALSE(unknown.ok());
  EXPECT_THAT(unknown.error().message(),
              HasSubstr("unknown header \"index,block,tx_index,sender,receiver,amount_wei,amount_units\""));
  const auto slots = read_plain_transfers(files, {.map = {{"value", "amount_wei"}}});
  ASSERT_FALSE(slots.ok());
  EXPECT_THAT(slots.error().message(), HasSubstr("row 1, column \"sender\": expected an address"));
  const std::string bytes = read_text(files[0]);
  EXPECT_THAT(message(bytes.substr(0, bytes.size() - 9), {}, "t.parquet"), HasSubstr("not a readable Parquet file"));
  EXPECT_THAT(message("PAR1", {}, "t.parquet"), HasSubstr("not a readable Parquet file"));
}

TEST_F(TableFile, EtherscanListsWithPlaceholdersGenesisAndFailures) {
  const std::string header =
      ",blockNumber,timeStamp,hash,nonce,transactionIndex,from,to,value,isError,txreceipt_status,input\n";
  const auto row = [&](int hash, const std::string& from, const std::string& value, const std::string& error) {
    return fmt::format("0,9,1,{},0,1,{},{},{},{},,0x\n", hash_of(hash), from, kB, value, error);
  };
  const auto plain = good(header + row(1, kA, "5", "0") + ",,,,,,,,,,,\n" + row(2, kA, "5", "1") +
                          row(1, kA, "5", "0") + fmt::format("0,0,1,GENESIS_xyz,,0,GENESIS,{},9,0,,\n", kB));
  EXPECT_EQ(plain.transfers.size(), 1u);
  EXPECT_THAT(plain.provenance.dropped,
              ElementsAre(Pair("duplicate_hash", 1), Pair("empty_row", 1), Pair("failed", 1), Pair("genesis", 1)));
  EXPECT_THAT(message(header + row(1, kA, "5", "2")), HasSubstr("column \"isError\": expected a status"));
  EXPECT_THAT(message(header + row(1, "GENESIS2", "5", "0")), HasSubstr("column \"from\": expected an address"));
}

TEST_F(TableFile, WalletExportsHaveAColumnForEachDirection) {
  const std::string header =
      "\"Txhash\",\"Blockno\",\"From\",\"To\",\"Value_IN(ETH)\",\"Value_OUT(ETH)\",\"Status\",\"Method\"\r\n";
  const auto row = [&](int hash, const std::string& in, const std::string& out, const std::string& status,
                       const std::string& method) {
    return fmt::format("\"{}\",\"5\",\"{}\",\"{}\",\"{}\",\"{}\",\"{}\",\"{}\",\"\"\r\n", hash_of(hash), kA, kB, in,
                       out, status, method);
  };
  const auto plain =
      good(header + row(1, "0", "0.4", "", "Transfer") + row(2, "1,000.5", "0", "", "Transfer") +
           row(3, "1", "0", "Error(1)", "Transfer") + row(4, "1", "0", "", "Claim") + row(5, "0", "0", "", "Transfer"));
  ASSERT_EQ(plain.transfers.size(), 2u);
  EXPECT_EQ(plain.transfers[0].amount, 400'000'000'000'000'000u);
  EXPECT_EQ(plain.transfers[1].amount, parse_u128("1000500000000000000000"));
  EXPECT_THAT(plain.provenance.dropped, ElementsAre(Pair("failed", 1), Pair("has_input", 1), Pair("zero_value", 1)));
  EXPECT_THAT(
      message(header + row(1, "0", "0.0000000000000000001", "", "Transfer")),
      HasSubstr("column \"Value_OUT(ETH)\": expected an amount with at most 18 decimals, a whole number of the"));
}

TEST_F(TableFile, TokensHaveTheirOwnDecimalsAndSums) {
  const std::string header =
      "chain_id,from_address,to_address,contract_address,token_type,amount,transaction_hash,log_index,block_number\n";
  const auto row = [&](int log, const std::string& contract, const std::string& type, const std::string& amount) {
    return fmt::format("1,{},{},{},{},{},{},{},5\n", kA, kB, contract, type, amount, hash_of(1), log);
  };
  const std::string table = header + row(2, kUsdt, "ERC20", "0x0f4240") + row(1, kOther, "ERC20", "0x10") +
                            row(1, kOther, "ERC20", "0x10") + row(4, kOther, "ERC721", "null") +
                            row(5, kOther, "ERC20", "0x" + std::string(64, 'f'));
  const auto plain = good(table);
  ASSERT_EQ(plain.transfers.size(), 2u);
  ASSERT_EQ(plain.assets.size(), 2u);
  EXPECT_EQ(plain.assets[1].symbol, "USDT");  // by contract, ascending
  EXPECT_EQ(plain.assets[1].decimals, 6u);
  EXPECT_EQ(plain.assets[0].symbol, kOther);
  EXPECT_EQ(plain.holders.size(), 4u);  // two accounts hold two tokens each
  EXPECT_EQ(plain.transfers[0].amount, 16u);
  EXPECT_THAT(plain.provenance.dropped,
              ElementsAre(Pair("duplicate_transfer", 1), Pair("not_erc20", 1), Pair("too_large", 1)));
  EXPECT_EQ(good(table, {.assets = {"USDT"}}).transfers.size(), 1u);
  EXPECT_EQ(good(table, {.assets = {kOther}}).provenance.dropped.at("other_asset"), 1u);

  const Dataset data = build_dataset(plain).value_or_throw();
  EXPECT_EQ(data.accounts.size(), 4u);
  EXPECT_EQ(data.check(), std::nullopt);
  data.save(folder_ / "ledger");
  EXPECT_EQ(Dataset::load(folder_ / "ledger").value_or_throw(), data);
  Dataset crossed = data;  // one token becomes another
  const DatasetTransfer& t = crossed.transfers[0];
  for (std::uint32_t slot = 0; slot < 4; ++slot) {
    if (data.accounts[slot].asset != data.accounts[t.sender].asset) crossed.transfers[0].receiver = slot;
  }
  ASSERT_TRUE(crossed.check());
  EXPECT_EQ(crossed.check()->code(), ErrorCode::unsatisfied);
  EXPECT_THAT(crossed.check()->message(), HasSubstr("one asset does not become another"));
  Dataset renamed = data;
  renamed.accounts[0].asset ^= 1;
  EXPECT_TRUE(renamed.check());
}

TEST_F(TableFile, DecimalsOfOneTokenMustAgree) {
  const std::string header =
      "blockNumber,hash,from,contractAddress,to,value,tokenSymbol,tokenDecimal,transactionIndex\n";
  const auto row = [&](int hash, int decimals) {
    return fmt::format("5,{},{},{},{},70,\"U,SD\",{},1\n", hash_of(hash), kA, kOther, kB, decimals);
  };
  const auto plain = good(header + row(1, 6) + row(2, 6) + row(1, 6));
  EXPECT_EQ(plain.transfers.size(), 2u);
  EXPECT_EQ(plain.assets.front().symbol, "U?SD");
  EXPECT_EQ(plain.assets.front().decimals, 6u);
  EXPECT_THAT(message(header + row(1, 6) + row(2, 18)),
              HasSubstr("line 3, column \"tokenDecimal\": expected 6 decimals"));
}

TEST_F(TableFile, MapNamesColumnsInEitherOrder) {
  const std::string table = fmt::format("who,sender,whom,wei,when\nx,{},{},5,3\ny,{},{},6,2\n", kA, kB, kB, kA);
  for (const char* map : {"from=sender,to=whom,value=wei,block=when", "sender=from,whom=to,wei=value,when=block",
                          "to=whom,value=wei,block=when"}) {
    const auto plain = good(table, {.map = parse_column_map(map).value_or_throw()});
    EXPECT_EQ(plain.transfers.size(), 2u) << map;
    EXPECT_EQ(plain.transfers[0].amount, 6u) << map;
    EXPECT_EQ(plain.provenance.inputs.front().format, "mapped columns");
  }
  const auto in_order = good(table, {.map = parse_column_map("to=whom,value=wei").value_or_throw()});
  EXPECT_EQ(in_order.transfers[0].amount, 5u);  // without a block: as the rows come
  const auto ether =
      good(table, {.map = parse_column_map("to=whom,value=wei").value_or_throw(), .map_unit = ValueUnit::ether});
  EXPECT_EQ(ether.transfers[0].amount, u128{5} * 1'000'000'000'000'000'000u);
  EXPECT_THAT(message(table, {.map = {{"from", "nobody"}}}), HasSubstr("\"from=nobody\" names no role and column"));
  EXPECT_THAT(message(table, {.map = {{"value", "wei"}}}), HasSubstr("no column for \"to\""));
  EXPECT_THAT(message(table, {.map = {{"value", "wei"}, {"amount", "when"}}}), HasSubstr("given twice"));
  EXPECT_FALSE(parse_column_map("from").ok());
  EXPECT_FALSE(parse_column_map("from=").ok());
  EXPECT_TRUE(parse_column_map("").value_or_throw().empty());
}

TEST_F(TableFile, AForcedFormatMustFit) {
  const auto format = find_layout("etherscan-txlist");
  ASSERT_TRUE(format.ok());
  EXPECT_THAT(
      message("from,to,value,block_number\n", {.format = format.value()}),
      HasSubstr("is not that of Etherscan API txlist: it needs at least the columns from,to,value,blockNumber"));
  EXPECT_THAT(find_layout("kaggle").error().message(), HasSubstr("expected one of: bigquery-token-transfers, "));
}

TEST_F(TableFile, AddressListsAreRead) {
  EXPECT_EQ(read_address_list(write("l", "# two\n" + kB + "\n\n" + kA + "\n")).value_or_throw().size(), 2u);
  EXPECT_EQ(read_address_list(write("l", "slot,address\n0," + kB + "\n")).value_or_throw().front(), *parse_address(kB));
  EXPECT_THAT(read_address_list(write("l", kA + "\n0x12\n")).error().message(),
              HasSubstr("line 2: expected an address"));
  EXPECT_THAT(read_address_list(write("l", "\n")).error().message(), HasSubstr("no address in it"));
}

}  // namespace
}  // namespace ll::ledger
