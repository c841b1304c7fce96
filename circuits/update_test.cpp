#include "circuits/update.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  std::vector<std::uint64_t> balances(s.witness.balances.begin(), s.witness.balances.end());
  std::vector<ledger::SlotTransfer> transfers;
  while (transfers.size() < count) {
    const auto from = static_cast<std::uint32_t>(rng.below(balances.size()));
    const auto to = static_cast<std::uint32_t>(rng.below(balances.size()));
    if (from == to || balances[from] == 0) continue;
    const std::uint64_t amount = rng.below(8) == 0 ? balances[from] : 1 + rng.below(balances[from]);
    if (balances[to] + amount > 0xffffffff) continue;
    balances[from] -= amount;
    balances[to] += amount;
    transfers.push_back({from, to, static_cast<std::uint32_t>(amount)});
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
  for (const UpdateShape& shape : {UpdateShape{{2, 8, 14, 4}, 1}, UpdateShape{{4, 256, 10, 16}, 2},
                                   UpdateShape{{8, 32, 14, 32}, 9}, UpdateShape{{4, 16, 14, 32}, 40}}) {
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
  EXPECT_EQ(statement.next, s.encoder.embed(std::vector<std::uint64_t>(after.begin(), after.end())));
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

/// No cell of a block is free: a prover who changes it, and computes all that follows from it, is refused.
TEST(UpdateCircuit, BindsEveryCellOfABlock) {
  Setting s = small_setting();
  s.witness.transfers = random_batch(s, 6, 12);
  const UpdateTrace trace = trace_update(s.shape, s.encoder, s.witness);
  LyingUpdateCircuit circuit(s.shape, s.encoder, trace);
  const UpdateLayout& at = circuit.layout();
  for (std::size_t row = at.block_row(1); row < at.block_row(2); ++row) {
    circuit.lie_in_d = [row](auto& d) { d[row] += Fr::one(); };
    EXPECT_FALSE(failures(circuit, trace.instances()).empty()) << circuit.describe_row(row);
  }
  circuit.lie_in_d = nullptr;
  for (std::size_t row = 0; row <= at.last_row(); ++row) {
    circuit.lie_in_t = [row](auto& t) { t[row] += Fr::one(); };
    EXPECT_FALSE(failures(circuit, trace.instances()).empty()) << "T " << row;
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

class UpdateLies : public ::testing::TestWithParam<Lie> {};

std::set<std::string> broken(const Attempt& lie) {
  std::set<std::string> names;
  for (const auto& failure : halo2::MockProver::run(lie.circuit->k(), *lie.circuit, lie.instances)) {
    names.insert(failure.name);
  }
  return names;
}

TEST_P(UpdateLies, IsRefusedByTheRightGate) {
  const Lie& lie = GetParam();
  const Attempt attempt = lie.tell(small_setting());
  EXPECT_EQ(broken(attempt), lie.breaks);
  if (lie.row.empty()) return;
  std::set<std::string> rows;
  for (const auto& failure : halo2::MockProver::run(attempt.circuit->k(), *attempt.circuit, attempt.instances)) {
    rows.insert(attempt.circuit->describe_row(failure.row));
  }
  EXPECT_EQ(rows, std::set<std::string>{lie.row});
}

TEST_P(UpdateLies, IsRefusedAtFullSize) {
  const Lie& lie = GetParam();
  EXPECT_EQ(broken(lie.tell(full_setting())), lie.breaks);
}

INSTANTIATE_TEST_SUITE_P(Every, UpdateLies, ::testing::ValuesIn(update_lies()),
                         [](const auto& lie) { return lie.param.name; });

TEST(UpdateLies, ThereIsOneForEachConstraint) {
  const Setting s = small_setting();
  halo2::ConstraintSystem cs;
  UpdateCircuit(s.shape, s.encoder).configure(cs);
  std::set<std::string> constraints, lied_about;
  for (const auto& gate : cs.gates()) {
    for (const auto& name : gate.constraint_names)
      constraints.insert(name.empty() ? gate.name : gate.name + " / " + name);
  }
  for (const Lie& lie : update_lies()) {
    if (lie.breaks.size() == 1) lied_about.insert(lie.breaks.begin(), lie.breaks.end());
  }
  EXPECT_EQ(lied_about, constraints);
}

}  // namespace
}  // namespace ll::circuits
