#pragma once
#include <vector>

#include "base/error.hpp"
#include "halo2/constraint_system.hpp"

namespace ll::halo2 {

/// Challenges in the order of the protocol; `user` are those the circuit asked for.
struct Challenges {
  std::vector<Fr> user;
  Fr theta, beta, gamma, y, x;
};

/// Rows where a running product is looked at: this one, the one below, the last usable one.
enum class ProductAt { cur, next, last };

/// Value of an expression in an arithmetic `A`: the prover's compiled program and the verifier's evaluation at x read
/// one and the same definition of what is proved.
///
/// A has: Value; scalar(Fr); add, sub, mul(Value, Value); neg(Value); column(AnyColumn, Rotation) for the current
/// circuit.
template <class A>
typename A::Value evaluate(A& a, const Expression& e, const std::vector<Fr>& user_challenges) {
  switch (e.kind()) {
    case Expression::Kind::constant:
      return a.scalar(e.value());
    case Expression::Kind::selector:
      break;  // replaced at keygen
    case Expression::Kind::query:
      return a.column(e.query().column, e.query().rotation);
    case Expression::Kind::challenge:
      return a.scalar(user_challenges.at(e.challenge().index));
    case Expression::Kind::negated:
      return a.neg(evaluate(a, e.left(), user_challenges));
    case Expression::Kind::scaled:
      return a.mul(evaluate(a, e.left(), user_challenges), a.scalar(e.value()));
    case Expression::Kind::sum: {
      const auto left = evaluate(a, e.left(), user_challenges);
      return a.add(left, evaluate(a, e.right(), user_challenges));
    }
    case Expression::Kind::product: {
      const auto left = evaluate(a, e.left(), user_challenges);
      return a.mul(left, evaluate(a, e.right(), user_challenges));
    }
  }
  fail(ErrorCode::invalid_argument, "expression: a selector was not replaced");
}

/// Several expressions as one: acc = acc theta + e, the first takes the highest power.
template <class A>
typename A::Value compress(A& a, const std::vector<Expression>& expressions, const Challenges& c) {
  auto value = evaluate(a, expressions.front(), c.user);
  for (std::size_t i = 1; i < expressions.size(); ++i) {
    value = a.add(a.mul(value, a.scalar(c.theta)), evaluate(a, expressions[i], c.user));
  }
  return value;
}

/// Terms of one circuit folded into `value` (value <- value y + term), in the order of halo2_proofs v0.3.0,
/// plonk/evaluation.rs: gates, permutation, lookups, shuffles.
///
/// Beyond evaluate()'s needs A has: x(), l_first(), l_last(), l_active(), sigma(i), permutation_product(set,
/// ProductAt), lookup_product(i, ProductAt), lookup_input(i), lookup_input_above(i), lookup_table(i),
/// shuffle_product(i, ProductAt).
template <class A>
typename A::Value fold_terms(A& a, const ConstraintSystem& cs, const Challenges& c, typename A::Value value) {
  using Value = typename A::Value;
  const Value y = a.scalar(c.y), one = a.scalar(Fr::one()), beta = a.scalar(c.beta), gamma = a.scalar(c.gamma);
  const auto fold = [&](const Value& term) { value = a.add(a.mul(value, y), term); };

  for (const Gate& gate : cs.gates()) {
    for (const Expression& polynomial : gate.polynomials) fold(evaluate(a, polynomial, c.user));
  }

  const std::size_t sets = cs.permutation_sets(), chunk = cs.permutation_chunk();
  if (sets > 0) {
    const Value z_last = a.permutation_product(sets - 1, ProductAt::cur);
    fold(a.mul(a.l_first(), a.sub(one, a.permutation_product(0, ProductAt::cur))));
    fold(a.mul(a.l_last(), a.sub(a.mul(z_last, z_last), z_last)));
    for (std::size_t set = 1; set < sets; ++set) {
      fold(a.mul(a.l_first(),
                 a.sub(a.permutation_product(set, ProductAt::cur), a.permutation_product(set - 1, ProductAt::last))));
    }
    Fr delta_power = Fr::one();
    for (std::size_t set = 0; set < sets; ++set) {
      Value left = a.permutation_product(set, ProductAt::next), right = a.permutation_product(set, ProductAt::cur);
      const std::size_t end = std::min(cs.permutation_columns().size(), (set + 1) * chunk);
      for (std::size_t j = set * chunk; j < end; ++j) {
        const Value cell = a.add(a.column(cs.permutation_columns()[j], Rotation::cur()), gamma);
        left = a.mul(left, a.add(cell, a.mul(beta, a.sigma(j))));
        right = a.mul(right, a.add(cell, a.mul(a.scalar(c.beta * delta_power), a.x())));
        delta_power *= algebra::fr_delta();
      }
      fold(a.mul(a.l_active(), a.sub(left, right)));
    }
  }

  for (std::size_t i = 0; i < cs.lookups().size(); ++i) {
    const Value z = a.lookup_product(i, ProductAt::cur), z_next = a.lookup_product(i, ProductAt::next);
    const Value input = a.lookup_input(i), input_above = a.lookup_input_above(i);
    const Value table = a.lookup_table(i);
    fold(a.mul(a.l_first(), a.sub(one, z)));
    fold(a.mul(a.l_last(), a.sub(a.mul(z, z), z)));
    const Value left = a.mul(z_next, a.mul(a.add(input, beta), a.add(table, gamma)));
    const Value right = a.mul(z, a.mul(a.add(compress(a, cs.lookups()[i].inputs, c), beta),
                                       a.add(compress(a, cs.lookups()[i].tables, c), gamma)));
    fold(a.mul(a.l_active(), a.sub(left, right)));
    const Value difference = a.sub(input, table);
    fold(a.mul(a.l_first(), difference));
    fold(a.mul(a.l_active(), a.mul(difference, a.sub(input, input_above))));
  }

  for (std::size_t i = 0; i < cs.shuffles().size(); ++i) {
    const Value z = a.shuffle_product(i, ProductAt::cur), z_next = a.shuffle_product(i, ProductAt::next);
    fold(a.mul(a.l_first(), a.sub(one, z)));
    fold(a.mul(a.l_last(), a.sub(a.mul(z, z), z)));
    const Value left = a.mul(z_next, a.add(compress(a, cs.shuffles()[i].shuffles, c), gamma));
    const Value right = a.mul(z, a.add(compress(a, cs.shuffles()[i].inputs, c), gamma));
    fold(a.mul(a.l_active(), a.sub(left, right)));
  }
  return value;
}

}  // namespace ll::halo2
