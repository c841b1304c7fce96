// Real proofs about private states. One TEST-ONLY SRS and one set of keys serve every test of the small shape.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "circuits/private_chain.hpp"
#include "circuits/private_lies.hpp"
#include "halo2/keygen.hpp"
#include "halo2/prover.hpp"

namespace ll::circuits {
namespace {

using ::testing::HasSubstr;

/// Keys of the three statements for one setting.
class Ledger {
 public:
  explicit Ledger(const Setting& setting) : setting_(setting), layout_(setting.shape) {
    SeededRng rng(1);
    srs_ = halo2::unsafe_srs::generate(layout_.k, rng);
    PrivateUpdateCircuit update(setting.shape);
    update_ = halo2::keygen(srs_, update, layout_.k, false);
    StateOpeningCircuit genesis(OpeningKind::genesis, setting.shape, setting.encoder);
    genesis_ = halo2::keygen(srs_, genesis, layout_.k, false);
    StateOpeningCircuit open(OpeningKind::open, setting.shape, setting.encoder);
    open_ = halo2::keygen(srs_, open, layout_.k, false);
  }

  Bytes prove(PrivateUpdateCircuit& circuit, std::uint64_t seed = 7) const {
    return create(update_, circuit, {}, seed);
  }
  Bytes prove(OpeningKind kind, StateOpeningCircuit& circuit, const halo2::Instances& instances) const {
    return create(kind == OpeningKind::genesis ? genesis_ : open_, circuit, instances, 8);
  }
  Bytes prove(OpeningKind kind, const PrivateState& state) const {
    const OpeningTrace trace = trace_opening(setting_.shape, setting_.encoder, state);
    StateOpeningCircuit circuit(kind, setting_.shape, setting_.encoder, trace);
    return prove(kind, circuit, trace.instances());
  }
  halo2::Instances embedding(const PrivateState& state) const {
    return trace_opening(setting_.shape, setting_.encoder, state).instances();
  }
  bool accepts(ByteSpan proof) const {
    const halo2::Instances none;
    return halo2::verify_proof({srs_.s_g2}, update_.vk, {&none, 1}, proof).accepted;
  }
  bool accepts(OpeningKind kind, const halo2::Instances& instances, ByteSpan proof) const {
    const halo2::VerifyingKey& key = kind == OpeningKind::genesis ? genesis_.vk : open_.vk;
    return halo2::verify_proof({srs_.s_g2}, key, {&instances, 1}, proof).accepted;
  }
  G1Affine commitment(const PrivateState& state) const { return commit_state(srs_, layout_, state); }

  const halo2::Srs& srs() const { return srs_; }
  const PrivateLayout& layout() const { return layout_; }
  const halo2::VerifyingKey& update_key() const { return update_.vk; }
  const halo2::VerifyingKey& genesis_key() const { return genesis_.vk; }
  const halo2::VerifyingKey& open_key() const { return open_.vk; }

 private:
  Bytes create(const halo2::ProvingKey& pk, halo2::Circuit& circuit, const halo2::Instances& instances,
               std::uint64_t seed) const {
    SeededRng rng(seed);
    halo2::Circuit* const circuits[] = {&circuit};
    return halo2::create_proof(srs_, pk, circuits, {&instances, 1}, rng);
  }

  const Setting& setting_;
  PrivateLayout layout_;
  halo2::Srs srs_;
  halo2::ProvingKey update_, genesis_, open_;
};

const Setting& small() {
  static const Setting setting = small_setting();
  return setting;
}
const Ledger& ledger() {
  static const Ledger ledger(small());
  return ledger;
}

struct Step {
  PrivateState after;
  Bytes proof;
};

Step step(const Ledger& on, const Setting& s, const PrivateState& before,
          const std::vector<ledger::SlotTransfer>& transfers, std::uint64_t seed) {
  SeededRng rng(seed);
  PrivateTrace trace = trace_private_update(s.shape, before, transfers, rng);
  PrivateState after = state_after(s.shape, trace);
  PrivateUpdateCircuit circuit(s.shape, std::move(trace));
  return {std::move(after), on.prove(circuit, seed + 100)};
}

TEST(PrivateProof, ChainsFromGenesisToOpen) {
  const PrivateState start = start_of(small());
  const Step first = step(ledger(), small(), start, small().witness.transfers, 11);
  const Step second = step(ledger(), small(), first.after, {{3, 0, 4000}, {0, 1, 4500}}, 12);
  const Bytes genesis = ledger().prove(OpeningKind::genesis, start);
  const Bytes open = ledger().prove(OpeningKind::open, second.after);
  EXPECT_EQ(first.proof.size(), 864u);
  EXPECT_EQ(genesis.size(), 704u);
  EXPECT_EQ(open.size(), 576u);

  // The states of the proofs are the commitments of the secret states, in every statement.
  const StatePair one = states_of_update(first.proof).value(), two = states_of_update(second.proof).value();
  EXPECT_EQ(one.before, ledger().commitment(start));
  EXPECT_EQ(one.after, ledger().commitment(first.after));
  EXPECT_EQ(two.before, one.after);
  EXPECT_EQ(two.after, ledger().commitment(second.after));
  EXPECT_EQ(state_of_opening(genesis).value(), one.before);
  EXPECT_EQ(state_of_opening(open).value(), two.after);

  const halo2::VerifierParams params{ledger().srs().s_g2};
  const OpeningProof from{ledger().genesis_key(), ledger().embedding(start), genesis};
  const OpeningProof to{ledger().open_key(), ledger().embedding(second.after), open};
  const ByteSpan chain[] = {first.proof, second.proof};
  const auto verify = [&](const OpeningProof* genesis_proof, std::span<const ByteSpan> updates,
                          const OpeningProof* open_proof) {
    return verify_private_chain(params, genesis_proof, ledger().update_key(), updates, open_proof);
  };
  EXPECT_TRUE(verify(&from, chain, &to).accepted);
  EXPECT_TRUE(verify(&from, chain, nullptr).accepted);
  EXPECT_TRUE(verify(nullptr, chain, &to).accepted);
  EXPECT_TRUE(verify(&from, {}, nullptr).accepted);

  // Proofs that hold each, in an order or of states that do not meet.
  const ByteSpan swapped[] = {second.proof, first.proof}, late[] = {second.proof}, twice[] = {first.proof, first.proof};
  EXPECT_THAT(verify(&from, swapped, nullptr).reason, HasSubstr("update 0: starts from another state"));
  EXPECT_THAT(verify(&from, late, nullptr).reason, HasSubstr("that genesis ended in"));
  EXPECT_THAT(verify(&from, twice, nullptr).reason, HasSubstr("update 1: starts from another state"));
  EXPECT_THAT(verify(nullptr, swapped, nullptr).reason, HasSubstr("update 1"));
  EXPECT_THAT(verify(&from, std::span(chain).first(1), &to).reason, HasSubstr("open: speaks of another state"));
  // The same balances and the same batch with other random rows are another state.
  const Step again = step(ledger(), small(), start, small().witness.transfers, 13);
  EXPECT_EQ(again.after.balances, first.after.balances);
  const ByteSpan forked[] = {again.proof, second.proof};
  EXPECT_TRUE(ledger().accepts(again.proof));
  EXPECT_FALSE(verify(&from, forked, nullptr).accepted);
  // Other public words; keys taken for each other.
  OpeningProof wrong = from;
  wrong.instances[0][2] += Fr::one();
  EXPECT_THAT(verify(&wrong, chain, nullptr).reason, HasSubstr("genesis"));
  const OpeningProof other_key{ledger().open_key(), from.instances, genesis};
  EXPECT_FALSE(verify(&other_key, chain, nullptr).accepted);
  OpeningProof longer = to;  // rows beyond the words are not constrained
  longer.instances[0].push_back(Fr::zero());
  EXPECT_THAT(verify(&from, chain, &longer).reason, HasSubstr("open"));
}

TEST(PrivateProof, RefusesEveryChangedByteAndForeignEncodings) {
  const Step made = step(ledger(), small(), start_of(small()), small().witness.transfers, 21);
  ASSERT_TRUE(ledger().accepts(made.proof));
  for (std::size_t position = 0; position < made.proof.size(); position += 3) {
    Bytes altered = made.proof;
    altered[position] ^= static_cast<std::uint8_t>(1u << (position % 8));
    EXPECT_FALSE(ledger().accepts(altered)) << position;
  }
  // Another reader ignores flag bits of a point: to ours each state has one encoding.
  for (const std::size_t last : {std::size_t{63}, std::size_t{95}}) {
    const StatePair states = states_of_update(made.proof).value();
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes altered = made.proof;
      altered[last] ^= static_cast<std::uint8_t>(1u << bit);
      const auto other = states_of_update(altered);
      EXPECT_FALSE(other && other.value().before == states.before && other.value().after == states.after);
    }
  }
  for (const std::size_t length : {0u, 31u, 63u, 95u}) {
    EXPECT_FALSE(states_of_update(ByteSpan(made.proof).first(length)));
  }
  EXPECT_FALSE(state_of_opening({}));
  const halo2::Instances some = {{Fr::one()}};
  EXPECT_FALSE(halo2::verify_proof({ledger().srs().s_g2}, ledger().update_key(), {&some, 1}, made.proof).accepted);
}

TEST(PrivateProof, EveryLieIsRefusedByTheVerifier) {
  const auto refused = [](auto&& prove_and_check, const std::string& name) {
    try {
      EXPECT_FALSE(prove_and_check()) << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::unsatisfied) << error.what();
    }
  };
  for (const PrivateLie& lie : private_update_lies()) {
    const auto circuit = lie.tell(small());
    refused([&] { return ledger().accepts(ledger().prove(*circuit)); }, lie.name);
  }
  for (const OpeningKind kind : {OpeningKind::open, OpeningKind::genesis}) {
    for (const OpeningLie& lie : opening_lies(kind, small().shape)) {
      const OpeningAttempt a = lie.tell(kind, small());
      refused([&] { return ledger().accepts(kind, a.instances, ledger().prove(kind, *a.circuit, a.instances)); },
              lie.name);
    }
    const PrivateState state = start_of(small());
    EXPECT_TRUE(ledger().accepts(kind, ledger().embedding(state), ledger().prove(kind, state)));
  }
}

TEST(PrivateProof, HoldsOnRandomBatches) {
  SeededRng rng(31);
  PrivateState state = start_of(small());
  std::vector<Bytes> proofs;
  for (std::uint64_t batch = 0; batch < 4; ++batch) {
    UpdateWitness witness{state.balances, {}};
    const std::uint64_t count = 1 + rng.below(small().shape.transfers);
    while (witness.transfers.size() < count) {
      const auto sender = static_cast<std::uint32_t>(rng.below(4)), receiver = static_cast<std::uint32_t>(rng.below(4));
      witness.transfers.push_back({sender, receiver, static_cast<std::uint32_t>(1 + rng.below(3000))});
      if (first_invalid(small().shape, witness)) witness.transfers.pop_back();
    }
    Step next = step(ledger(), small(), state, witness.transfers, 40 + batch);
    EXPECT_EQ(next.after.balances, balances_after(small().shape, witness));
    state = std::move(next.after);
    proofs.push_back(std::move(next.proof));
  }
  const std::vector<ByteSpan> chain(proofs.begin(), proofs.end());
  const Bytes genesis = ledger().prove(OpeningKind::genesis, start_of(small()));
  const OpeningProof from{ledger().genesis_key(), ledger().embedding(start_of(small())), genesis};
  EXPECT_TRUE(verify_private_chain({ledger().srs().s_g2}, &from, ledger().update_key(), chain).accepted);
}

/// Value at x of the Lagrange polynomial of each of these rows.
std::vector<Fr> basis_at(const halo2::EvaluationDomain& domain, const Fr& x, const std::vector<std::size_t>& rows) {
  const std::vector<Fr> all = domain.lagrange_at(x, 0, domain.n());
  std::vector<Fr> values;
  for (const std::size_t row : rows) values.push_back(all[row]);
  return values;
}

std::size_t rank(std::vector<std::vector<Fr>> rows) {
  std::size_t rank = 0;
  for (std::size_t column = 0; column < rows.front().size() && rank < rows.size(); ++column) {
    std::size_t pivot = rank;
    while (pivot < rows.size() && rows[pivot][column].is_zero()) ++pivot;
    if (pivot == rows.size()) continue;
    std::swap(rows[rank], rows[pivot]);
    const Fr inverse = rows[rank][column].inverse().value();
    for (std::size_t i = rank + 1; i < rows.size(); ++i) {
      const Fr factor = rows[i][column] * inverse;
      for (std::size_t j = column; j < rows[i].size(); ++j) rows[i][j] -= factor * rows[rank][j];
    }
    ++rank;
  }
  return rank;
}

// What the budget rests on: up to m values of a state column, the commitment's at tau included, fit every other
// balances with other random rows; one more value than unknowns gives them away.
TEST(PrivateState, BudgetLeavesEveryOtherStatePossible) {
  const PrivateLayout& at = ledger().layout();
  const halo2::EvaluationDomain domain(at.k, 5);
  std::vector<std::size_t> rows;
  for (std::size_t j = 0; j < kRandomRows; ++j) rows.push_back(at.first_random_row() + j);
  SeededRng rng(51);
  std::vector<std::vector<Fr>> seen;
  while (seen.size() < 1 + kMostOpenings * kShownAnOpening) seen.push_back(basis_at(domain, Fr::random(rng), rows));
  EXPECT_EQ(rank(seen), seen.size());  // onto: any values at these points are those of some random rows
  while (seen.size() < kRandomRows) seen.push_back(basis_at(domain, Fr::random(rng), rows));
  EXPECT_EQ(rank(seen), kRandomRows);

  rows.push_back(at.account_row(2));  // a balance not known, all others known
  std::vector<std::vector<Fr>> beyond;
  while (beyond.size() < rows.size()) beyond.push_back(basis_at(domain, Fr::random(rng), rows));
  EXPECT_EQ(rank(beyond), rows.size());  // one solution: m + 1 openings give the balance away
}

/// Exact wei behind commitments: genesis, a batch, open, as one chain.
TEST(PrivateProof, LimbsAndColumns) {
  for (const auto& [name, setting] : small_settings()) {
    if (name != "exact wei" && name != "three columns of exact wei" && name != "standalone") continue;
    SCOPED_TRACE(name);
    const Ledger ledger_of(setting);
    const PrivateState before = start_of(setting);
    PrivateTrace trace = honest_private(setting);
    const PrivateState after = state_after(setting.shape, trace);
    PrivateUpdateCircuit circuit(setting.shape, std::move(trace));
    const Bytes genesis = ledger_of.prove(OpeningKind::genesis, before), update = ledger_of.prove(circuit);
    const Bytes open = ledger_of.prove(OpeningKind::open, after);
    const OpeningProof first{ledger_of.genesis_key(), ledger_of.embedding(before), genesis};
    const OpeningProof last{ledger_of.open_key(), ledger_of.embedding(after), open};
    const ByteSpan updates[] = {update};
    const halo2::VerifierParams params{ledger_of.srs().s_g2};
    const auto answer = verify_private_chain(params, &first, ledger_of.update_key(), updates, &last);
    EXPECT_TRUE(answer.accepted) << answer.reason;
    EXPECT_EQ(states_of_update(update).value().after, ledger_of.commitment(after));
    const OpeningProof wrong{ledger_of.open_key(), ledger_of.embedding(before), open};
    EXPECT_FALSE(verify_private_chain(params, &first, ledger_of.update_key(), updates, &wrong).accepted);
  }
}

TEST(PrivateProof, FullSizeTakes864Bytes) {
  const Setting full = full_setting();
  const PrivateLayout layout(full.shape);
  SeededRng rng(61);
  const halo2::Srs srs = halo2::unsafe_srs::generate(layout.k, rng);
  PrivateTrace trace = honest_private(full);
  const PrivateState after = state_after(full.shape, trace);
  PrivateUpdateCircuit circuit(full.shape, std::move(trace));
  const halo2::ProvingKey pk = halo2::keygen(srs, circuit, layout.k, false);
  halo2::Circuit* const circuits[] = {&circuit};
  const halo2::Instances none;
  const Bytes proof = halo2::create_proof(srs, pk, circuits, {&none, 1}, rng);
  EXPECT_EQ(proof.size(), 864u);
  EXPECT_TRUE(halo2::verify_proof({srs.s_g2}, pk.vk, {&none, 1}, proof).accepted);
  EXPECT_EQ(states_of_update(proof).value().after, commit_state(srs, layout, after));
}

}  // namespace
}  // namespace ll::circuits
