#include "circuits/update.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/error.hpp"
#include "circuits/update_lies.hpp"
#include "halo2/mock_prover.hpp"
#include "model/test_encoder.hpp"

namespace ll::circuits {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> failures(UpdateCircuit& circuit, const halo2::Instances& instances) {
  std::vector<std::string> texts;
  for (const auto& failure : halo2::MockProver::run(circuit.k(), circuit, instances)) {
    texts.push_back(failure.to_string());
  }
  return texts;
}

/// The batch satisfies the circuit for the public inputs that the integer encoder computes.
void expect_accepted(const Setting& s) {
  UpdateCircuit circuit(s.shape, s.encoder, trace_update(s.shape, s.encoder, s.witness));
  const UpdateStatement statement = update_statement(s.shape, s.encoder, s.witness);
  EXPECT_EQ(first_invalid(s.shape, s.witness), std::nullopt);
  EXPECT_THAT(failures(circuit, statement.to_instances(s.shape)), IsEmpty());
}

/// `count` valid transfers between random slots, amounts up to the whole balance.
std::vector<ledger::SlotTransfer> random_batch(const Setting& s, std::size_t count, std::uint64_t seed) {
  SeededRng rng(seed);
  std::vector<u128> balances = s.witness.balances;
  std::vector<ledger::SlotTransfer> transfers;
  while (transfers.size() < count) {
    const auto from = static_cast<std::uint32_t>(rng.below(balances.size()));
    const auto to = static_cast<std::uint32_t>(rng.below(balances.size()));
    if (from == to || balances[from] == 0) continue;
    const auto has = static_cast<std::uint64_t>(std::min<u128>(balances[from], UINT64_MAX));
    const u128 amount = rng.below(8) == 0 ? balances[from] : 1 + rng.below(has);
    if (balances[to] + amount > largest_balance(s.shape)) continue;
    balances[from] -= amount;
    balances[to] += amount;
    transfers.push_back({from, to, amount});
  }
  return transfers;
}

TEST(UpdateCircuit, AcceptsBatchesOfEverySize) {
  Setting s = small_setting();
  for (std::size_t count = 1; count <= s.shape.transfers; ++count) {
    SCOPED_TRACE(count);
    s.witness.transfers = random_batch(s, count, count);
    expect_accepted(s);
  }
}

TEST(UpdateCircuit, AcceptsEveryKindOfShape) {
  for (auto [name, s] : small_settings()) {
    SCOPED_TRACE(name);
    expect_accepted(s);
    s.witness.transfers = random_batch(s, s.shape.transfers, 3);
    expect_accepted(s);
    s.witness.transfers.resize(1);
    expect_accepted(s);
    s.witness.balances = {0, 0, largest_balance(s.shape), 0};
    s.witness.balances.resize(s.shape.encoder.accounts);
    s.witness.transfers = {{2, 0, largest_balance(s.shape)}, {0, 3, largest_balance(s.shape) - 1}};
    expect_accepted(s);
  }
}

TEST(UpdateCircuit, AcceptsExactWeiAtFullSize) {
  Setting s = full_setting();
  s.shape.limbs = 4;
  for (u128& balance : s.witness.balances) balance = (balance << 64) + 12345;
  s.witness.transfers = random_batch(s, 256, 5);
  expect_accepted(s);
}

/// What limbs carry away comes back: the deltas of the limbs, weighted, are the sum of the transfers' deltas.
TEST(UpdateStatement, LimbsAddUpToTheDelta) {
  for (const auto& [name, s] : small_settings()) {
    SCOPED_TRACE(name);
    const UpdateStatement statement = update_statement(s.shape, s.encoder, s.witness);
    for (std::size_t k = 0; k < s.shape.encoder.dims; ++k) {
      Fr weighted, sum, weight = Fr::one();
      for (unsigned limb = 0; limb < s.shape.limbs; ++limb) {
        weighted += weight * Fr::from_i64(statement.delta[limb * s.shape.encoder.dims + k]);
        weight *= fr_from_u128(u128{1} << s.shape.encoder.balance_bits);
      }
      for (const ledger::SlotTransfer& t : s.witness.transfers)
        sum += fr_from_u128(t.amount) * Fr::from_i64(s.encoder.row(t.receiver)[k] - s.encoder.row(t.sender)[k]);
      EXPECT_EQ(weighted, sum);
    }
  }
}

TEST(UpdateCircuit, AcceptsFullSizeBatches) {
  Setting s = full_setting();
  for (const std::size_t count : {1u, 2u, 255u, 256u}) {
    SCOPED_TRACE(count);
    s.witness.transfers = random_batch(s, count, count);
    expect_accepted(s);
  }
}

TEST(UpdateCircuit, AcceptsTheEndsOfTheRange) {
  Setting s = small_setting();
  s.witness.balances = {0xffffffff, 0, 0xffffffff, 1};
  s.witness.transfers = {{0, 1, 0xffffffff}, {1, 0, 0xffffffff}, {2, 1, 0xffffffff}, {1, 2, 1}, {3, 2, 0 + 1}};
  s.witness.transfers.pop_back();  // 2^32 - 1 is the largest balance
  expect_accepted(s);
  s.witness.transfers = {{0, 1, 0xffffffff}, {2, 0, 0xffffffff}};
  expect_accepted(s);
}

TEST(UpdateCircuit, AcceptsOneAccountPingPong) {  // every access reads the write just before it
  Setting s = small_setting();
  s.witness.transfers = {{2, 3, 1000 + 2000}, {3, 2, 7000}, {2, 3, 7000}, {3, 2, 1}, {2, 3, 1}, {3, 2, 7000}};
  expect_accepted(s);
}

TEST(UpdateCircuit, OtherShapes) {
  for (const UpdateShape& shape :
       {UpdateShape{{2, 8, 14, 4}, 1}, UpdateShape{{4, 256, 10, 16}, 2}, UpdateShape{{8, 32, 14, 32}, 9},
        UpdateShape{{4, 16, 14, 32}, 40}, UpdateShape{{16, 64, 14, 32}, 4096}, UpdateShape{{16, 64, 14, 32}, 1}}) {
    SCOPED_TRACE(shape.transfers);
    Setting s{shape, model::random_encoder(shape.encoder, 5), {}};
    s.witness.balances.assign(shape.encoder.accounts, 2);
    s.witness.transfers = {{0, 1, 1}};
    if (shape.transfers > 1) s.witness.transfers.push_back({1, 0, 2});
    expect_accepted(s);
  }
}

/// Every transfer between two accounts with balances and amounts at the edges of a 4-bit range.
TEST(UpdateCircuit, AgreesWithTheLedgerOnEveryEdge) {
  const UpdateShape shape{{2, 8, 14, 4}, 1};
  const model::QuantizedEncoder encoder = model::random_encoder(shape.encoder, 6);
  const std::uint32_t edges[] = {0, 1, 2, 7, 14, 15};
  for (std::uint32_t code = 0; code < 6 * 6 * 6 * 4; ++code) {
    const std::uint32_t sender = code >> 1 & 1, receiver = code & 1, amount = edges[code / 4 % 6];
    const UpdateWitness witness{{edges[code / 24 % 6], edges[code / 144]}, {{sender, receiver, amount}}};
    const UpdateTrace trace = trace_update(shape, encoder, witness);
    UpdateCircuit circuit(shape, encoder, trace);
    const auto invalid = first_invalid(shape, witness);
    // Amount 0 between two accounts is how an empty slot looks: the circuit takes it, a batch may not hold it.
    const bool valid = !invalid || (invalid->reason == ledger::InvalidReason::zero_amount && sender != receiver);
    EXPECT_EQ(failures(circuit, trace.instances()).empty(), valid) << (invalid ? invalid->to_string() : "valid");
  }
}

TEST(UpdateCircuit, TraceAgreesWithTheIntegerEncoder) {
  Setting s = full_setting();
  s.witness.transfers = random_batch(s, 200, 9);
  const UpdateStatement statement = update_statement(s.shape, s.encoder, s.witness);
  const halo2::Instances instances = trace_update(s.shape, s.encoder, s.witness).instances();
  EXPECT_EQ(statement.to_instances(s.shape), instances);
  EXPECT_EQ(UpdateStatement::from_instances(s.shape, instances), statement);
  const auto after = balances_after(s.shape, s.witness);
  EXPECT_EQ(statement.next, embed(s.shape, s.encoder, after));
}

TEST(UpdateCircuit, AcceptsAReceiverAboveTheRangeInTheMiddle) {  // said in docs/statements.md: only ends are ranged
  Setting s = small_setting();
  s.witness.balances = {1, 1, 10, 0xffffffff};
  s.witness.transfers = {{2, 3, 10}, {3, 2, 10}};
  EXPECT_EQ(first_invalid(s.shape, s.witness)->reason, ledger::InvalidReason::overflow);
  const UpdateTrace trace = trace_update(s.shape, s.encoder, s.witness);
  UpdateCircuit circuit(s.shape, s.encoder, trace);
  EXPECT_THAT(failures(circuit, trace.instances()), IsEmpty());
}

TEST(UpdateCircuit, RefusesEveryPublicWordOffByOne) {
  const Setting s = small_setting();
  const UpdateTrace honest = trace_update(s.shape, s.encoder, s.witness);
  for (std::size_t entry = 0; entry < s.shape.encoder.dims; ++entry) {
    for (const std::int64_t by : {1, -1}) {
      std::vector<std::int64_t> difference(s.shape.encoder.dims, 0);
      difference[entry] = by;
      const std::vector<Fr> words = pack_words(difference);
      for (std::vector<Fr> UpdateTrace::* vector : {&UpdateTrace::prev, &UpdateTrace::delta, &UpdateTrace::next}) {
        UpdateTrace lie = honest;
        for (std::size_t q = 0; q < words.size(); ++q) (lie.*vector)[q] += words[q];
        UpdateCircuit circuit(s.shape, s.encoder, lie);
        EXPECT_FALSE(failures(circuit, lie.instances()).empty()) << entry;
      }
    }
  }
}

TEST(FirstInvalid, NamesIndexAndReason) {
  using ledger::InvalidReason;
  const Setting s = small_setting();
  const struct {
    ledger::SlotTransfer transfer;
    InvalidReason reason;
  } cases[] = {{{2, 3, 3301}, InvalidReason::overdraft},
               {{2, 2, 5}, InvalidReason::self_transfer},
               {{2, 3, 0}, InvalidReason::zero_amount},
               {{4, 3, 1}, InvalidReason::unknown_account},
               {{3, 4, 1}, InvalidReason::unknown_account}};
  for (const auto& c : cases) {
    UpdateWitness witness = s.witness;  // slot 2 holds 3000 - 500 + 200 by then
    witness.transfers.push_back(c.transfer);
    const auto invalid = first_invalid(s.shape, witness);
    ASSERT_TRUE(invalid);
    EXPECT_EQ(invalid->index, 3u);
    EXPECT_EQ(invalid->reason, c.reason);
    EXPECT_THAT(invalid->to_string(), HasSubstr("transfer 3 (slot"));
    EXPECT_THROW(update_statement(s.shape, s.encoder, witness), Error);
    EXPECT_THROW(balances_after(s.shape, witness), Error);
  }
  UpdateWitness witness = s.witness;
  witness.balances = {1, 1, 1, 0xffffffff};
  witness.transfers = {{0, 3, 1}};
  EXPECT_EQ(first_invalid(s.shape, witness)->reason, InvalidReason::overflow);
  witness.transfers = {{3, 2, 0xfffffffe}, {2, 3, 0xfffffffe}};
  EXPECT_EQ(first_invalid(s.shape, witness), std::nullopt);
}

TEST(UpdateCircuit, RefusesWitnessesOfAnotherSize) {
  const Setting s = small_setting();
  UpdateWitness witness = s.witness;
  witness.balances.pop_back();
  EXPECT_THROW(trace_update(s.shape, s.encoder, witness), Error);
  witness = s.witness;
  witness.transfers.clear();
  EXPECT_THROW(first_invalid(s.shape, witness), Error);
  witness.transfers.assign(s.shape.transfers + 1, {0, 1, 1});
  EXPECT_THROW(first_invalid(s.shape, witness), Error);
  const Setting full = full_setting();
  EXPECT_THROW(UpdateCircuit(full.shape, s.encoder), Error);
  EXPECT_THROW(UpdateCircuit(full.shape, full.encoder, trace_update(s.shape, s.encoder, s.witness)), Error);
  UpdateStatement statement = update_statement(s.shape, s.encoder, s.witness);
  statement.next.pop_back();
  EXPECT_THROW(statement.to_instances(s.shape), Error);
}

TEST(UpdateStatement, RefusesInstancesThatHoldNoVectors) {
  const Setting s = small_setting();
  const auto instances = update_statement(s.shape, s.encoder, s.witness).to_instances(s.shape);
  EXPECT_TRUE(UpdateStatement::from_instances(s.shape, instances));
  auto bad = instances;
  bad.pop_back();
  EXPECT_FALSE(UpdateStatement::from_instances(s.shape, bad));
  bad = instances;
  bad[1].push_back(Fr::zero());
  EXPECT_FALSE(UpdateStatement::from_instances(s.shape, bad));
  bad = instances;
  bad[2][3] += Fr::from_u64(2).pow_vartime(57);
  EXPECT_FALSE(UpdateStatement::from_instances(s.shape, bad));
}

TEST(UpdateCircuit, RefusesEncodersThatHideMoney) {
  const Setting s = small_setting();
  const auto with_row = [&](std::size_t slot, auto&& entry) {
    std::vector<std::int16_t> vhat(s.encoder.vhat().begin(), s.encoder.vhat().end());
    for (std::size_t k = 0; k < s.shape.encoder.dims; ++k) vhat[slot * s.shape.encoder.dims + k] = entry(k);
    const auto ids = s.encoder.account_ids();
    return model::QuantizedEncoder(s.shape.encoder, {ids.begin(), ids.end()}, std::move(vhat));
  };
  // A transfer to a slot of direction zero would burn money without a trace; between equal rows it would not be seen.
  EXPECT_THROW(UpdateCircuit(s.shape, with_row(2, [](std::size_t) { return std::int16_t{0}; })), Error);
  EXPECT_THROW(UpdateCircuit(s.shape, with_row(2, [&](std::size_t k) { return s.encoder.row(1)[k]; })), Error);
}

/// Names of the constraints that fail. With `fold`, without the column of transfers: "zero / column 2" is "zero".
std::set<std::string> broken(const Attempt& lie, bool fold = true) {
  std::set<std::string> names;
  for (const auto& failure : halo2::MockProver::run(lie.circuit->k(), *lie.circuit, lie.instances)) {
    names.insert(fold ? failure.name.substr(0, failure.name.find(" / column")) : failure.name);
  }
  return names;
}

class UpdateLies : public ::testing::TestWithParam<Lie> {};

TEST_P(UpdateLies, IsRefusedByTheRightGate) {
  const Lie& lie = GetParam();
  for (const auto& [name, setting] : small_settings()) {
    SCOPED_TRACE(name);
    const Attempt attempt = lie.tell(setting);
    EXPECT_EQ(broken(attempt), lie.breaks);
    if (lie.row.empty() || setting.shape.columns > 1) continue;
    std::set<std::string> rows;
    for (const auto& failure : halo2::MockProver::run(attempt.circuit->k(), *attempt.circuit, attempt.instances)) {
      rows.insert(attempt.circuit->describe_row(failure.row));
    }
    std::string row = lie.row;
    if (row.starts_with("transfer F")) row.replace(9, 1, std::to_string(setting.first));
    EXPECT_TRUE(rows.contains(row)) << row;
    // An amount that no balance can hold leaves both its accounts with starts out of range as well.
    if (setting.shape.start_is_ranged() && lie.name == "AmountAboveTheRange") {
      EXPECT_EQ(rows, (std::set<std::string>{row, "account 2: start balance", "account 3: start balance"}));
    } else {
      EXPECT_EQ(rows.size(), 1u);
    }
  }
}

TEST_P(UpdateLies, IsRefusedAtFullSize) {
  const Lie& lie = GetParam();
  EXPECT_EQ(broken(lie.tell(full_setting())), lie.breaks);
}

INSTANTIATE_TEST_SUITE_P(Every, UpdateLies, ::testing::ValuesIn(update_lies({})),
                         [](const auto& lie) { return lie.param.name; });

TEST(UpdateLies, AboutStartBalancesAreRefusedWhereTheyAreRanged) {
  const std::size_t others = update_lies({}).size();
  for (const auto& [name, setting] : small_settings()) {
    SCOPED_TRACE(name);
    const std::vector<Lie> lies = update_lies(setting.shape);
    EXPECT_EQ(lies.size() > others, setting.shape.start_is_ranged());
    for (std::size_t i = others; i < lies.size(); ++i) EXPECT_EQ(broken(lies[i].tell(setting)), lies[i].breaks);
  }
  // Elsewhere a start below zero is accepted, as docs/statements.md says: a history has to vouch for it.
  const std::vector<Lie> lies = update_lies({.standalone = true});
  EXPECT_EQ(broken(lies[others].tell(small_setting())), std::set<std::string>{});
}

TEST(UpdateLies, ThereIsOneForEachConstraint) {
  std::map<unsigned, std::pair<std::set<std::string>, std::set<std::string>>> by_columns;  // constraints, lied about
  for (const auto& [name, setting] : small_settings()) {
    if (setting.shape.limbs > 1) continue;  // the same constraints
    auto& [constraints, lied_about] = by_columns[setting.shape.columns];
    halo2::ConstraintSystem cs;
    UpdateCircuit(setting.shape).configure(cs);
    for (const auto& gate : cs.gates()) {
      for (const auto& constraint : gate.constraint_names)
        constraints.insert(constraint.empty() ? gate.name : gate.name + " / " + constraint);
    }
    for (const Lie& lie : update_lies(setting.shape)) {
      const auto names = broken(lie.tell(setting), /*fold=*/false);
      if (names.size() == 1) lied_about.insert(names.begin(), names.end());
    }
  }
  EXPECT_EQ(by_columns.size(), 2u);
  for (const auto& [columns, sets] : by_columns) EXPECT_EQ(sets.second, sets.first) << columns << " columns";
}

}  // namespace
}  // namespace ll::circuits
