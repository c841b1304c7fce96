#include "halo2/prover.hpp"

#include <algorithm>

#include "algebra/ntt.hpp"
#include "algebra/polynomial.hpp"
#include "base/parallel.hpp"
#include "halo2/numerator.hpp"
#include "halo2/opening_queries.hpp"
#include "halo2/products.hpp"
#include "halo2/quotient.hpp"
#include "halo2/witness.hpp"

namespace ll::halo2 {
namespace {

using Columns = std::vector<std::vector<Fr>>;

/// What the prover holds while it goes through the rounds.
struct Session {
  const Srs& srs;
  const ProvingKey& pk;
  const ConstraintSystem& cs;
  EvaluationDomain domain;
  algebra::NttDomain rows;
  std::size_t usable;
  Rng& rng;
  Opening opening;
  TranscriptWriter transcript;
  Challenges challenges;

  void randomise(std::vector<Fr>& column, std::size_t from) {
    for (std::size_t row = from; row < column.size(); ++row) column[row] = Fr::random(rng);
  }
  void commit(const std::vector<Fr>& values) { transcript.write_point(srs.commit_lagrange(values)); }
  std::vector<Fr> coefficients(std::vector<Fr> values) const {
    rows.intt(values);
    return values;
  }
};

/// Columns of one circuit on the rows, and the coefficients of their polynomials.
struct CircuitColumns {
  Columns advice, instance;
  std::vector<LookupColumns> lookups;
  Columns permutation_products, lookup_products, shuffle_products;
  CircuitPolynomials polynomials;
};

/// Round 1: instances absorbed, advice committed phase by phase, the circuit's challenges squeezed.
std::vector<CircuitColumns> commit_advice(Session& s, std::span<Circuit* const> circuits,
                                          std::span<const Instances> instances) {
  s.transcript.absorb_scalar(s.pk.vk.transcript_repr);
  std::vector<WitnessCollector> collectors;
  for (std::size_t c = 0; c < circuits.size(); ++c) {
    collectors.emplace_back(s.pk.vk, *circuits[c], instances[c]);
    for (const auto& column : instances[c]) {
      for (const Fr& value : column) s.transcript.absorb_scalar(value);
    }
  }
  std::vector<std::optional<Fr>> known(s.cs.challenges());
  for (unsigned phase = 0; phase <= s.cs.max_phase(); ++phase) {
    for (auto& collector : collectors) {
      collector.run_phase(phase, known);
      for (std::size_t i = 0; i < s.cs.advice_columns(); ++i) {
        if (s.cs.advice_phases()[i] != phase) continue;
        if (!s.cs.unblinded_advice()[i]) s.randomise(collector.advice()[i], s.usable);
        s.commit(collector.advice()[i]);
      }
    }
    for (std::size_t i = 0; i < s.cs.challenges(); ++i) {
      if (s.cs.challenge_phases()[i] == phase) known[i] = s.transcript.squeeze_challenge();
    }
  }
  for (const auto& challenge : known) s.challenges.user.push_back(challenge.value());
  std::vector<CircuitColumns> columns(circuits.size());
  for (std::size_t c = 0; c < circuits.size(); ++c) {
    columns[c].advice = std::move(collectors[c].advice());
    columns[c].instance = collectors[c].instance();
  }
  return columns;
}

RowColumns row_columns(const Session& s, const CircuitColumns& circuit) {
  return {circuit.advice, s.pk.fixed_values, circuit.instance, s.pk.sigma_values};
}

/// Round 2: lookups compressed with theta, permuted, committed.
void commit_lookups(Session& s, std::vector<CircuitColumns>& circuits) {
  s.challenges.theta = s.transcript.squeeze_challenge();
  for (auto& circuit : circuits) {
    for (const LookupArgument& argument : s.cs.lookups()) {
      LookupColumns lookup = permute_lookup(argument, row_columns(s, circuit), s.challenges, s.usable);
      s.randomise(lookup.permuted_input, s.usable);
      s.randomise(lookup.permuted_table, s.usable);
      s.commit(lookup.permuted_input);
      s.commit(lookup.permuted_table);
      circuit.lookups.push_back(std::move(lookup));
    }
  }
}

/// Round 3: running products of permutation, lookups and shuffles.
void commit_products(Session& s, std::vector<CircuitColumns>& circuits) {
  s.challenges.beta = s.transcript.squeeze_challenge();
  s.challenges.gamma = s.transcript.squeeze_challenge();
  const auto blind_and_commit = [&](Columns& products) {
    for (auto& product : products) {
      s.randomise(product, s.usable + 1);
      s.commit(product);
    }
  };
  for (auto& circuit : circuits) {
    circuit.permutation_products =
        permutation_products(s.cs, row_columns(s, circuit), s.challenges, s.usable, s.domain.omega());
    blind_and_commit(circuit.permutation_products);
  }
  for (auto& circuit : circuits) {
    for (const auto& lookup : circuit.lookups) {
      circuit.lookup_products.push_back(lookup_product(lookup, s.challenges, s.usable));
    }
    blind_and_commit(circuit.lookup_products);
  }
  for (auto& circuit : circuits) {
    for (const auto& shuffle : s.cs.shuffles()) {
      circuit.shuffle_products.push_back(shuffle_product(shuffle, row_columns(s, circuit), s.challenges, s.usable));
    }
    blind_and_commit(circuit.shuffle_products);
  }
}

void to_polynomials(const Session& s, CircuitColumns& circuit) {
  const auto all = [&](const Columns& columns) {
    Columns polynomials;
    for (const auto& column : columns) polynomials.push_back(s.coefficients(column));
    return polynomials;
  };
  CircuitPolynomials& p = circuit.polynomials;
  p.advice = all(circuit.advice);
  p.instance = all(circuit.instance);
  p.permutation_products = all(circuit.permutation_products);
  p.lookup_products = all(circuit.lookup_products);
  p.shuffle_products = all(circuit.shuffle_products);
  for (const auto& lookup : circuit.lookups) {
    p.lookup_inputs.push_back(s.coefficients(lookup.permuted_input));
    p.lookup_tables.push_back(s.coefficients(lookup.permuted_table));
  }
}

/// Round 4: the random polynomial, then the quotient in pieces of n coefficients.
///
/// Rust halo2 draws n coefficients. Two do the same: R is opened at x alone, and of R a proof holds [R(tau)] and R(x);
/// its part of the opening is [(R(tau) - R(x))/(tau - x)], a function of those two. For x != tau, (R(tau), R(x)) is
/// uniform over all pairs already when R has degree 1, so proofs have the same distribution.
struct Quotient {
  std::vector<Fr> random;
  Columns pieces;
};

Quotient commit_quotient(Session& s, const std::vector<CircuitColumns>& circuits) {
  Quotient quotient;
  quotient.random.resize(2);
  s.randomise(quotient.random, 0);
  s.transcript.write_point(s.srs.commit(quotient.random));
  s.challenges.y = s.transcript.squeeze_challenge();
  std::vector<const CircuitPolynomials*> polynomials;
  for (const auto& circuit : circuits) polynomials.push_back(&circuit.polynomials);
  quotient.pieces = quotient_pieces(s.pk, s.domain, polynomials, s.challenges);
  for (const auto& piece : quotient.pieces) s.transcript.write_point(s.srs.commit(piece));
  s.challenges.x = s.transcript.squeeze_challenge();
  return quotient;
}

/// Round 5: every polynomial at the points where gates look at it.
Evaluations write_evaluations(Session& s, const std::vector<CircuitColumns>& circuits, const Quotient& quotient) {
  const Fr x = s.challenges.x, x_next = s.domain.rotate(x, 1), x_prev = s.domain.rotate(x, -1);
  const Fr x_last = s.domain.rotate(x, -static_cast<int>(s.cs.blinding_factors() + 1));
  const auto write = [&](const std::vector<Fr>& polynomial, const Fr& point) {
    const Fr value = algebra::evaluate(polynomial, point);
    s.transcript.write_scalar(value);
    return value;
  };
  Evaluations evaluations;
  evaluations.circuits.resize(circuits.size());
  for (std::size_t c = 0; c < circuits.size(); ++c) {
    for (const ColumnQuery& query : s.cs.advice_queries()) {
      evaluations.circuits[c].advice.push_back(
          write(circuits[c].polynomials.advice[query.column.index], s.domain.rotate(x, query.rotation.value)));
    }
  }
  for (const ColumnQuery& query : s.cs.fixed_queries()) {
    evaluations.fixed.push_back(
        write(s.pk.fixed_polynomials[query.column.index], s.domain.rotate(x, query.rotation.value)));
  }
  evaluations.random = write(quotient.random, x);
  for (const auto& sigma : s.pk.sigma_polynomials) evaluations.sigma.push_back(write(sigma, x));
  for (std::size_t c = 0; c < circuits.size(); ++c) {
    const Columns& products = circuits[c].polynomials.permutation_products;
    for (std::size_t set = 0; set < products.size(); ++set) {
      CircuitEvaluations::Permutation p;
      p.cur = write(products[set], x);
      p.next = write(products[set], x_next);
      if (set + 1 < products.size()) p.last = write(products[set], x_last);
      evaluations.circuits[c].permutation.push_back(p);
    }
  }
  for (std::size_t c = 0; c < circuits.size(); ++c) {
    const CircuitPolynomials& p = circuits[c].polynomials;
    for (std::size_t i = 0; i < p.lookup_products.size(); ++i) {
      CircuitEvaluations::Lookup lookup;
      lookup.product = write(p.lookup_products[i], x);
      lookup.product_next = write(p.lookup_products[i], x_next);
      lookup.input = write(p.lookup_inputs[i], x);
      lookup.input_prev = write(p.lookup_inputs[i], x_prev);
      lookup.table = write(p.lookup_tables[i], x);
      evaluations.circuits[c].lookups.push_back(lookup);
    }
  }
  for (std::size_t c = 0; c < circuits.size(); ++c) {
    for (const auto& product : circuits[c].polynomials.shuffle_products) {
      CircuitEvaluations::Shuffle shuffle;
      shuffle.product = write(product, x);
      shuffle.product_next = write(product, x_next);
      evaluations.circuits[c].shuffles.push_back(shuffle);
    }
  }
  return evaluations;
}

/// Round 6: everything opened; H(X) = sum_i x^{n i} h_i(X) stands for the quotient.
void open_all(Session& s, const std::vector<CircuitColumns>& circuits, const Quotient& quotient,
              Evaluations evaluations) {
  const PolynomialSlots slots(s.cs, circuits.size());
  std::vector<std::span<const Fr>> polynomials(slots.count());
  for (std::size_t c = 0; c < circuits.size(); ++c) {
    const CircuitPolynomials& p = circuits[c].polynomials;
    for (std::size_t i = 0; i < p.advice.size(); ++i) polynomials[slots.advice(c, i)] = p.advice[i];
    for (std::size_t i = 0; i < p.permutation_products.size(); ++i) {
      polynomials[slots.permutation(c, i)] = p.permutation_products[i];
    }
    for (std::size_t i = 0; i < p.lookup_products.size(); ++i) {
      polynomials[slots.lookup_product(c, i)] = p.lookup_products[i];
      polynomials[slots.lookup_input(c, i)] = p.lookup_inputs[i];
      polynomials[slots.lookup_table(c, i)] = p.lookup_tables[i];
    }
    for (std::size_t i = 0; i < p.shuffle_products.size(); ++i)
      polynomials[slots.shuffle(c, i)] = p.shuffle_products[i];
  }
  for (std::size_t i = 0; i < s.pk.fixed_polynomials.size(); ++i)
    polynomials[slots.fixed(i)] = s.pk.fixed_polynomials[i];
  for (std::size_t i = 0; i < s.pk.sigma_polynomials.size(); ++i)
    polynomials[slots.sigma(i)] = s.pk.sigma_polynomials[i];
  std::vector<Fr> folded(s.domain.n());
  const Fr x_n = s.challenges.x.pow_vartime(s.domain.n());
  Fr power = Fr::one();
  for (const auto& piece : quotient.pieces) {
    algebra::add_scaled(folded, piece, power);
    power *= x_n;
  }
  polynomials[slots.quotient()] = folded;
  polynomials[slots.random()] = quotient.random;
  evaluations.quotient = algebra::evaluate(folded, s.challenges.x);
  write_openings(s.opening, s.srs, opening_queries(s.cs, s.domain, evaluations, s.challenges.x), polynomials,
                 s.transcript);
}

}  // namespace

Bytes create_proof(const Srs& srs, const ProvingKey& pk, std::span<Circuit* const> circuits,
                   std::span<const Instances> instances, Rng& rng, ProofFormat format) {
  LL_CHECK(!circuits.empty() && circuits.size() == instances.size(), "prover: {} circuits, {} sets of public inputs",
           circuits.size(), instances.size());
  if (const auto reason = circuits_unsupported(pk.vk, circuits.size()))
    fail(ErrorCode::invalid_argument, "prover: {}", *reason);
  const unsigned k = pk.vk.k;
  if (srs.k != k)
    fail(ErrorCode::srs, "srs: the proving key is for k = {}, this one has k = {}; truncate it", k, srs.k);
  Session s{srs,
            pk,
            pk.vk.cs,
            EvaluationDomain(k, pk.vk.cs.degree()),
            algebra::NttDomain(k),
            pk.vk.cs.usable_rows(k),
            rng,
            format.opening,
            TranscriptWriter(format.hash, point_flags(pk.vk.profile)),
            {}};
  std::vector<CircuitColumns> columns = commit_advice(s, circuits, instances);
  commit_lookups(s, columns);
  commit_products(s, columns);
  for (auto& circuit : columns) to_polynomials(s, circuit);
  const Quotient quotient = commit_quotient(s, columns);
  Evaluations evaluations = write_evaluations(s, columns, quotient);
  open_all(s, columns, quotient, std::move(evaluations));
  return s.transcript.proof();
}

}  // namespace ll::halo2
