// `update-private`, `open`, `genesis` without cryptography: shape, honest witnesses, lies, the budget.
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "circuits/private_lies.hpp"
#include "halo2/estimate.hpp"
#include "halo2/mock_prover.hpp"

namespace ll::circuits {
namespace {

std::set<std::string> broken(halo2::Circuit& circuit, unsigned k, const halo2::Instances& instances) {
  std::set<std::string> names;
  for (const auto& failure : halo2::MockProver::run(k, circuit, instances)) names.insert(failure.name);
  return names;
}

std::set<std::string> constraints_of(halo2::Circuit& circuit) {
  halo2::ConstraintSystem cs;
  circuit.configure(cs);
  std::set<std::string> constraints;
  for (const auto& gate : cs.gates()) {
    for (const auto& name : gate.constraint_names)
      constraints.insert(name.empty() ? gate.name : gate.name + " / " + name);
  }
  return constraints;
}

TEST(PrivateUpdate, HasTheSizesOfItsDocument) {
  halo2::ConstraintSystem cs;
  PrivateUpdateCircuit circuit{UpdateShape{}};
  circuit.configure(cs);
  EXPECT_EQ(circuit.k(), 14u);
  EXPECT_EQ(cs.degree(), 5u);
  EXPECT_EQ(cs.advice_columns(), 4u);
  EXPECT_EQ(cs.fixed_columns(), 4u);
  EXPECT_EQ(cs.instance_columns(), 0u);
  EXPECT_EQ(cs.proof_bytes(), 864u);
  EXPECT_EQ(cs.unblinded_advice(), (std::vector<bool>{false, true, true, false}));
  EXPECT_LE(circuit.layout().state_rows(), cs.usable_rows(circuit.k()));
  // Each state is opened at one point: this is what the budget counts.
  for (const std::uint32_t column : {1u, 2u}) {
    std::size_t queries = 0;
    for (const auto& query : cs.advice_queries()) queries += query.column.index == column ? 1 : 0;
    EXPECT_EQ(queries, 1u);
  }
}

TEST(StateOpening, HasTheSizesOfItsDocument) {
  for (const auto& [kind, bytes] : {std::pair{OpeningKind::open, 576u}, {OpeningKind::genesis, 704u}}) {
    halo2::ConstraintSystem cs;
    StateOpeningCircuit circuit(kind, UpdateShape{});
    circuit.configure(cs);
    EXPECT_EQ(circuit.k(), 14u);
    EXPECT_EQ(cs.degree(), 5u);
    EXPECT_EQ(cs.proof_bytes(), bytes);
    EXPECT_TRUE(cs.unblinded_advice()[0]);
    std::size_t queries = 0;
    for (const auto& query : cs.advice_queries()) queries += query.column.index == 0 ? 1 : 0;
    EXPECT_EQ(queries, 1u);
  }
}

std::vector<Setting> honest_settings() {
  std::vector<Setting> settings{full_setting()};
  for (auto& [name, setting] : small_settings()) settings.push_back(std::move(setting));
  return settings;
}

TEST(PrivateUpdate, AcceptsHonestBatches) {
  for (const Setting& s : honest_settings()) {
    PrivateTrace trace = honest_private(s);
    const PrivateState after = state_after(s.shape, trace);
    EXPECT_EQ(after.balances, balances_after(s.shape, s.witness));
    EXPECT_NE(after.random, start_of(s).random);
    PrivateUpdateCircuit circuit(s.shape, std::move(trace));
    const auto report = halo2::MockProver::examine(circuit.k(), circuit, {});
    EXPECT_TRUE(report.failures.empty()) << report.failures.front().to_string();
    EXPECT_TRUE(report.warnings.empty()) << report.warnings.front().to_string();
  }
}

TEST(StateOpening, AcceptsHonestStates) {
  for (const OpeningKind kind : {OpeningKind::open, OpeningKind::genesis}) {
    for (const Setting& s : honest_settings()) {
      const OpeningTrace trace = trace_opening(s.shape, s.encoder, start_of(s));
      StateOpeningCircuit circuit(kind, s.shape, s.encoder, trace);
      const auto report = halo2::MockProver::examine(circuit.k(), circuit, trace.instances());
      EXPECT_TRUE(report.failures.empty()) << report.failures.front().to_string();
      EXPECT_TRUE(report.warnings.empty()) << report.warnings.front().to_string();
    }
  }
}

// Rows of a state column that are neither an account's nor random are read by no gate: what stands there changes the
// commitment and no balance (docs/statements.md).
TEST(PrivateUpdate, OtherRowsOfAStateMeanNothing) {
  const Setting s = small_setting();
  LyingPrivateUpdate circuit(s.shape, honest_private(s));
  const PrivateLayout at = circuit.layout();
  const auto junk = [&at](Column& cells) {
    std::set<std::size_t> accounts;
    for (std::size_t i = 0; i < at.accounts; ++i) accounts.insert(at.account_row(i));
    for (std::size_t row = 0; row < cells.size(); ++row) {
      if (!accounts.contains(row)) cells[row] += Fr::from_u64(row + 7);
    }
  };
  circuit.lie_in_before = junk;
  circuit.lie_in_after = junk;
  EXPECT_TRUE(broken(circuit, circuit.k(), {}).empty());
}

TEST(PrivateUpdate, EveryLieBreaksItsConstraint) {
  for (const auto& [name, setting] : small_settings()) {
    if (setting.first != 0) continue;  // lies about the first transfers; in other columns: UpdateLies
    for (const PrivateLie& lie : private_update_lies()) {
      const auto circuit = lie.tell(setting);
      std::set<std::string> names;
      for (const auto& constraint : broken(*circuit, circuit->k(), {}))
        names.insert(constraint.substr(0, constraint.find(" / column")));
      EXPECT_EQ(names, lie.breaks) << lie.name << ", " << name;
    }
  }
}

TEST(StateOpening, EveryLieBreaksItsConstraint) {
  for (const OpeningKind kind : {OpeningKind::open, OpeningKind::genesis}) {
    for (const auto& [name, setting] : small_settings()) {
      for (const OpeningLie& lie : opening_lies(kind, setting.shape)) {
        const OpeningAttempt attempt = lie.tell(kind, setting);
        EXPECT_EQ(broken(*attempt.circuit, attempt.circuit->k(), attempt.instances), lie.breaks)
            << lie.name << ", " << name;
      }
    }
  }
}

TEST(PrivateUpdate, ThereIsALieForEachConstraint) {
  PrivateUpdateCircuit circuit(small_setting().shape);
  std::set<std::string> lied_about;
  for (const PrivateLie& lie : private_update_lies()) {
    if (lie.breaks.size() == 1) lied_about.insert(lie.breaks.begin(), lie.breaks.end());
  }
  EXPECT_EQ(lied_about, constraints_of(circuit));
}

TEST(StateOpening, ThereIsALieForEachConstraint) {
  for (const OpeningKind kind : {OpeningKind::open, OpeningKind::genesis}) {
    StateOpeningCircuit circuit(kind, small_setting().shape);
    std::set<std::string> lied_about;
    for (const OpeningLie& lie : opening_lies(kind, {})) {
      if (lie.breaks.size() == 1) lied_about.insert(lie.breaks.begin(), lie.breaks.end());
    }
    EXPECT_EQ(lied_about, constraints_of(circuit));
  }
}

TEST(PrivateState, RefusesWrongSizesAndRanges) {
  const Setting s = small_setting();
  const PrivateLayout layout(s.shape);
  PrivateState state = start_of(s);
  state.random.pop_back();
  EXPECT_THROW(state_column(layout, state), Error);
  SeededRng rng(3);
  EXPECT_THROW(trace_private_update(s.shape, state, s.witness.transfers, rng), Error);
  PrivateTrace trace = honest_private(s);
  trace.batch.final_balance[1] = -Fr::one();
  EXPECT_THROW(state_after(s.shape, trace), Error);
  trace.batch.final_balance[1] = Fr::from_u64(std::uint64_t{1} << 32);
  EXPECT_THROW(state_after(s.shape, trace), Error);
  EXPECT_THROW(PrivateUpdateCircuit(full_setting().shape, honest_private(s)), Error);
}

// What the private mode is for: in public mode whoever has V^ solves `delta` for the net flow of every account.
TEST(PublicMode, DeltaAndTheEncoderRevealEveryNetFlow) {
  for (const Setting& s : {small_setting(), full_setting()}) {
    const UpdateStatement statement = update_statement(s.shape, s.encoder, s.witness);
    constexpr std::uint64_t kShift = std::uint64_t{1} << 31;  // decode gives numbers from 0
    std::vector<std::int64_t> shifted = s.encoder.embed(std::vector<std::uint64_t>(s.shape.encoder.accounts, kShift));
    for (std::size_t k = 0; k < shifted.size(); ++k) shifted[k] += statement.delta[k];
    const auto flows = s.encoder.decode(shifted);
    ASSERT_TRUE(flows);
    const std::vector<u128> after = balances_after(s.shape, s.witness);
    for (std::size_t i = 0; i < after.size(); ++i) {
      EXPECT_EQ(u128{(*flows)[i]} + s.witness.balances[i], after[i] + kShift) << "slot " << i;
    }
  }
}

}  // namespace
}  // namespace ll::circuits
