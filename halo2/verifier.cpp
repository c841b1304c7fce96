#include "halo2/verifier.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "algebra/msm.hpp"
#include "algebra/pairing.hpp"
#include "base/parallel.hpp"
#include "halo2/numerator.hpp"
#include "halo2/opening_queries.hpp"

namespace ll::halo2 {
namespace {

/// Stops reading at the first malformed message; verify_proof turns it into a refusal.
struct Refused {
  std::string reason;
};

class Messages {
 public:
  Messages(ByteSpan proof, ProofFormat format, Profile profile)
      : transcript(proof, format.hash, point_flags(profile)) {}
  G1Affine point(std::string_view field) { return take(transcript.read_point(field)); }
  Fr scalar(std::string_view field) { return take(transcript.read_scalar(field)); }
  TranscriptReader transcript;

 private:
  template <class T>
  static T take(Result<T> result) {
    if (!result) throw Refused{result.error().message()};
    return std::move(result).value();
  }
};

/// Commitments of a proof, by slot.
using Commitments = std::vector<LinearCommitment>;

/// Arithmetic at the point x: the numerator's fold becomes the verifier's check.
struct EvaluationAtX {
  using Value = Fr;
  const ConstraintSystem& cs;
  const Evaluations& evaluations;
  const CircuitEvaluations& circuit;
  const std::vector<Fr>& instance;  ///< by instance query
  Fr first, last, active, point;

  Fr scalar(const Fr& value) const { return value; }
  Fr add(const Fr& a, const Fr& b) const { return a + b; }
  Fr sub(const Fr& a, const Fr& b) const { return a - b; }
  Fr mul(const Fr& a, const Fr& b) const { return a * b; }
  Fr neg(const Fr& a) const { return -a; }
  Fr column(const AnyColumn& column, Rotation rotation) const {
    const auto find = [&](const std::vector<ColumnQuery>& queries, const std::vector<Fr>& values) {
      for (std::size_t i = 0; i < queries.size(); ++i) {
        if (queries[i] == ColumnQuery{column, rotation}) return values[i];
      }
      fail(ErrorCode::invalid_argument, "verifier: a query was not registered");
    };
    switch (column.kind) {
      case ColumnKind::advice:
        return find(cs.advice_queries(), circuit.advice);
      case ColumnKind::fixed:
        return find(cs.fixed_queries(), evaluations.fixed);
      case ColumnKind::instance:
        return find(cs.instance_queries(), instance);
    }
    return Fr::zero();
  }
  Fr x() const { return point; }
  Fr l_first() const { return first; }
  Fr l_last() const { return last; }
  Fr l_active() const { return active; }
  Fr sigma(std::size_t i) const { return evaluations.sigma[i]; }
  Fr permutation_product(std::size_t set, ProductAt at) const {
    const auto& p = circuit.permutation[set];
    return at == ProductAt::cur ? p.cur : at == ProductAt::next ? p.next : p.last.value();
  }
  Fr lookup_product(std::size_t i, ProductAt at) const {
    return at == ProductAt::cur ? circuit.lookups[i].product : circuit.lookups[i].product_next;
  }
  Fr lookup_input(std::size_t i) const { return circuit.lookups[i].input; }
  Fr lookup_input_above(std::size_t i) const { return circuit.lookups[i].input_prev; }
  Fr lookup_table(std::size_t i) const { return circuit.lookups[i].table; }
  Fr shuffle_product(std::size_t i, ProductAt at) const {
    return at == ProductAt::cur ? circuit.shuffles[i].product : circuit.shuffles[i].product_next;
  }
};

void check_instances(const VerifyingKey& vk, std::span<const Instances> instances) {
  if (instances.empty()) throw Refused{"public inputs: none given"};
  if (const auto reason = circuits_unsupported(vk, instances.size())) throw Refused{*reason};
  for (const Instances& circuit : instances) {
    if (circuit.size() != vk.cs.instance_columns()) {
      throw Refused{
          fmt::format("public inputs: {} columns given, the circuit has {}", circuit.size(), vk.cs.instance_columns())};
    }
    for (std::size_t i = 0; i < circuit.size(); ++i) {
      const auto expected = vk.cs.instance_rows()[i];
      if (expected && circuit[i].size() != *expected) {
        throw Refused{fmt::format("public inputs: column {} has {} values, the statement has exactly {}", i,
                                  circuit[i].size(), *expected)};
      }
      if (circuit[i].size() > vk.cs.usable_rows(vk.k)) {
        throw Refused{fmt::format("public inputs: column {} has {} values, {} rows are usable", i, circuit[i].size(),
                                  vk.cs.usable_rows(vk.k))};
      }
    }
  }
}

/// Instance columns at x, by instance query: sum_j instance_j l_{j - rotation}(x).
std::vector<Fr> instance_evaluations(const ConstraintSystem& cs, const EvaluationDomain& domain,
                                     const Instances& instances, const Fr& x) {
  std::size_t longest = 0;
  for (const auto& column : instances) longest = std::max(longest, column.size());
  std::map<int, std::vector<Fr>> bases;  // by rotation: mostly one for all columns
  std::vector<Fr> values;
  for (const ColumnQuery& query : cs.instance_queries()) {
    const auto& column = instances[query.column.index];
    std::vector<Fr>& basis = bases[query.rotation.value];
    if (basis.empty()) basis = domain.lagrange_at(x, -query.rotation.value, longest);
    Fr sum;
    for (std::size_t j = 0; j < column.size(); ++j) sum += column[j] * basis[j];
    values.push_back(sum);
  }
  return values;
}

PairingClaim reduce(const VerifyingKey& vk, std::span<const Instances> instances, ByteSpan proof, ProofFormat format) {
  check_instances(vk, instances);
  const ConstraintSystem& cs = vk.cs;
  const EvaluationDomain domain(vk.k, cs.degree());
  const std::size_t circuits = instances.size();
  const PolynomialSlots slots(cs, circuits);
  Commitments commitments(slots.count());
  const auto keep = [&](std::size_t slot, const G1Affine& point) { commitments[slot] = {{Fr::one(), point}}; };
  for (std::size_t i = 0; i < vk.fixed_commitments.size(); ++i) keep(slots.fixed(i), vk.fixed_commitments[i]);
  for (std::size_t i = 0; i < vk.permutation_commitments.size(); ++i)
    keep(slots.sigma(i), vk.permutation_commitments[i]);

  Messages messages(proof, format, vk.profile);
  TranscriptReader& transcript = messages.transcript;
  transcript.absorb_scalar(vk.transcript_repr);
  for (const Instances& circuit : instances) {
    for (const auto& column : circuit) {
      for (const Fr& value : column) transcript.absorb_scalar(value);
    }
  }
  Challenges challenges;
  challenges.user.resize(cs.challenges());
  for (unsigned phase = 0; phase <= cs.max_phase(); ++phase) {
    for (std::size_t c = 0; c < circuits; ++c) {
      for (std::size_t i = 0; i < cs.advice_columns(); ++i) {
        if (cs.advice_phases()[i] == phase) keep(slots.advice(c, i), messages.point("advice commitment"));
      }
    }
    for (std::size_t i = 0; i < cs.challenges(); ++i) {
      if (cs.challenge_phases()[i] == phase) challenges.user[i] = transcript.squeeze_challenge();
    }
  }
  challenges.theta = transcript.squeeze_challenge();
  for (std::size_t c = 0; c < circuits; ++c) {
    for (std::size_t i = 0; i < cs.lookups().size(); ++i) {
      keep(slots.lookup_input(c, i), messages.point("lookup input commitment"));
      keep(slots.lookup_table(c, i), messages.point("lookup table commitment"));
    }
  }
  challenges.beta = transcript.squeeze_challenge();
  challenges.gamma = transcript.squeeze_challenge();
  for (std::size_t c = 0; c < circuits; ++c) {
    for (std::size_t set = 0; set < cs.permutation_sets(); ++set) {
      keep(slots.permutation(c, set), messages.point("permutation product commitment"));
    }
  }
  for (std::size_t c = 0; c < circuits; ++c) {
    for (std::size_t i = 0; i < cs.lookups().size(); ++i) {
      keep(slots.lookup_product(c, i), messages.point("lookup product commitment"));
    }
  }
  for (std::size_t c = 0; c < circuits; ++c) {
    for (std::size_t i = 0; i < cs.shuffles().size(); ++i)
      keep(slots.shuffle(c, i), messages.point("shuffle product commitment"));
  }
  keep(slots.random(), messages.point("random polynomial commitment"));
  challenges.y = transcript.squeeze_challenge();
  std::vector<G1Affine> pieces;
  for (std::size_t i = 0; i < domain.quotient_pieces(); ++i) pieces.push_back(messages.point("quotient commitment"));
  challenges.x = transcript.squeeze_challenge();
  const Fr x = challenges.x;

  Evaluations evaluations;
  evaluations.circuits.resize(circuits);
  for (auto& circuit : evaluations.circuits) {
    for (std::size_t q = 0; q < cs.advice_queries().size(); ++q)
      circuit.advice.push_back(messages.scalar("advice evaluation"));
  }
  for (std::size_t q = 0; q < cs.fixed_queries().size(); ++q)
    evaluations.fixed.push_back(messages.scalar("fixed evaluation"));
  evaluations.random = messages.scalar("random polynomial evaluation");
  for (std::size_t i = 0; i < vk.permutation_commitments.size(); ++i) {
    evaluations.sigma.push_back(messages.scalar("permutation evaluation"));
  }
  for (auto& circuit : evaluations.circuits) {
    for (std::size_t set = 0; set < cs.permutation_sets(); ++set) {
      CircuitEvaluations::Permutation p;
      p.cur = messages.scalar("permutation product evaluation");
      p.next = messages.scalar("permutation product evaluation");
      if (set + 1 < cs.permutation_sets()) p.last = messages.scalar("permutation product evaluation");
      circuit.permutation.push_back(p);
    }
  }
  for (auto& circuit : evaluations.circuits) {
    for (std::size_t i = 0; i < cs.lookups().size(); ++i) {
      CircuitEvaluations::Lookup lookup;
      for (Fr* value : {&lookup.product, &lookup.product_next, &lookup.input, &lookup.input_prev, &lookup.table}) {
        *value = messages.scalar("lookup evaluation");
      }
      circuit.lookups.push_back(lookup);
    }
  }
  for (auto& circuit : evaluations.circuits) {
    for (std::size_t i = 0; i < cs.shuffles().size(); ++i) {
      CircuitEvaluations::Shuffle shuffle;
      shuffle.product = messages.scalar("shuffle evaluation");
      shuffle.product_next = messages.scalar("shuffle evaluation");
      circuit.shuffles.push_back(shuffle);
    }
  }

  const Fr x_n = x.pow_vartime(domain.n());
  const auto vanishing_inverse = (x_n - Fr::one()).inverse();
  if (!vanishing_inverse) throw Refused{"proof: the challenge x lies in the domain"};
  const int blinding = static_cast<int>(cs.blinding_factors());
  const std::vector<Fr> basis = domain.lagrange_at(x, -(blinding + 1), static_cast<std::size_t>(blinding) + 2);
  Fr blind_rows;
  for (int i = 1; i <= blinding; ++i) blind_rows += basis[i];
  Fr numerator;
  for (std::size_t c = 0; c < circuits; ++c) {
    const std::vector<Fr> instance = instance_evaluations(cs, domain, instances[c], x);
    EvaluationAtX at{cs,
                     evaluations,
                     evaluations.circuits[c],
                     instance,
                     basis[blinding + 1],
                     basis[0],
                     Fr::one() - (basis[0] + blind_rows),
                     x};
    numerator = fold_terms(at, cs, challenges, numerator);
  }
  evaluations.quotient = numerator * *vanishing_inverse;

  LinearCommitment quotient;
  Fr power = Fr::one();
  for (const G1Affine& piece : pieces) {
    quotient.emplace_back(power, piece);
    power *= x_n;
  }
  commitments[slots.quotient()] = std::move(quotient);
  auto claim = reduce_openings(format.opening, opening_queries(cs, domain, evaluations, x), commitments, transcript);
  if (!claim) throw Refused{claim.error().message()};
  if (const auto error = transcript.expect_end()) throw Refused{error->message()};
  return claim.value();
}

G1Affine sum_of(const LinearCommitment& terms) {
  std::vector<G1Affine> points;
  std::vector<Fr> scalars;
  for (const auto& [scalar, point] : terms) {
    points.push_back(point);
    scalars.push_back(scalar);
  }
  return algebra::msm_vartime(points, scalars).to_affine();
}

/// A sum of the terms of many proofs, in which the points of their keys, and the generator, enter once.
class SharedSum {
 public:
  explicit SharedSum(std::span<const ProofToVerify> proofs) {
    share(G1Affine::generator());
    const VerifyingKey* last = nullptr;
    for (const ProofToVerify& proof : proofs) {
      if (proof.vk == last) continue;
      last = proof.vk;
      for (const auto* list : {&last->fixed_commitments, &last->permutation_commitments}) {
        for (const G1Affine& point : *list) share(point);
      }
    }
  }
  void add(const LinearCommitment& terms, const Fr& factor) {
    for (const auto& [scalar, point] : terms) {
      const auto shared = places_.find(algebra::to_raw_bytes(point));
      if (shared == places_.end()) {
        terms_.emplace_back(scalar * factor, point);
      } else {
        terms_[shared->second].first += scalar * factor;
      }
    }
  }
  const LinearCommitment& terms() const { return terms_; }

 private:
  void share(const G1Affine& point) {
    if (places_.try_emplace(algebra::to_raw_bytes(point), terms_.size()).second) terms_.emplace_back(Fr::zero(), point);
  }
  std::map<std::array<std::uint8_t, 64>, std::size_t> places_;
  LinearCommitment terms_;
};

bool holds(const VerifierParams& params, const PairingClaim& claim) {
  const std::array<std::pair<G1Affine, G2Affine>, 2> pairs = {std::pair{sum_of(claim.left), params.s_g2},
                                                              std::pair{-sum_of(claim.right), G2Affine::generator()}};
  return algebra::pairing_product_is_one(pairs);
}

}  // namespace

VerifyResult verify_proof(const VerifierParams& params, const VerifyingKey& vk, std::span<const Instances> instances,
                          ByteSpan proof, ProofFormat format) {
  try {
    if (!holds(params, reduce(vk, instances, proof, format)))
      return {false, "the proof does not hold for this key and these public inputs"};
    return {true, ""};
  } catch (const Refused& refused) {
    return {false, refused.reason};
  }
}

VerifyResult verify_proofs(const VerifierParams& params, std::span<const ProofToVerify> proofs, Rng& rng) {
  std::vector<PairingClaim> claims(proofs.size());
  std::vector<std::string> reasons(proofs.size());
  parallel_for(proofs.size(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      try {
        claims[i] = reduce(*proofs[i].vk, proofs[i].instances, proofs[i].proof, proofs[i].format);
      } catch (const Refused& refused) {
        reasons[i] = refused.reason;
      }
    }
  });
  for (std::size_t i = 0; i < proofs.size(); ++i) {
    if (!reasons[i].empty()) return {false, fmt::format("proof {}: {}", i, reasons[i])};
  }
  LinearCommitment left;
  SharedSum right(proofs);
  for (const auto& claim : claims) {
    std::array<std::uint8_t, 32> bytes{};
    rng.fill(std::span(bytes).first(16));
    const Fr factor = Fr::from_bytes_le(bytes).value();
    for (const auto& [scalar, point] : claim.left) left.emplace_back(scalar * factor, point);
    right.add(claim.right, factor);
  }
  const PairingClaim sum{std::move(left), right.terms()};
  if (!holds(params, sum)) return {false, fmt::format("at least one of the {} proofs does not hold", proofs.size())};
  return {true, ""};
}

std::optional<std::string> circuits_unsupported(const VerifyingKey& vk, std::size_t circuits) {
  if (vk.profile == Profile::axiom && circuits > 1) {
    return "profile halo2-axiom proves one circuit at a time: with more its prover and verifier absorb public inputs "
           "in "
           "different orders";
  }
  return std::nullopt;
}

}  // namespace ll::halo2
