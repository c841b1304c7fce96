#pragma once
#include <initializer_list>

#include "halo2/expression.hpp"

namespace ll::gadgets {

/// One entry of a memory at one moment; `Value` is Fr in the prover and Expression in a gate, so that both are one
/// text.
template <class Value>
struct MemoryTuple {
  Value address, value, time;
};

/// What binds tuples: two challenges squeezed after the tuples are committed, and beta^2.
template <class Value>
struct MemoryChallenges {
  Value alpha, beta, beta_squared;
};

/// fp(address, value, time) = alpha - (address + beta value + beta^2 time).
template <class Value>
Value fingerprint(const MemoryChallenges<Value>& c, const MemoryTuple<Value>& tuple) {
  return c.alpha - (tuple.address + c.beta * tuple.value + c.beta_squared * tuple.time);
}

/// Product of the fingerprints of at least one tuple.
template <class Value>
Value fingerprints(const MemoryChallenges<Value>& c, std::initializer_list<MemoryTuple<Value>> tuples) {
  Value product = fingerprint(c, *tuples.begin());
  for (auto tuple = tuples.begin() + 1; tuple != tuples.end(); ++tuple) product = product * fingerprint(c, *tuple);
  return product;
}

/// Offline memory check: one running product T says that the tuples put into a memory are those taken out of it.
///
///   | row   | T          |
///   | first | 1          |
///   | step  | T_j        |   "step"  T_{j+1} prod fp(taken) = T_j prod fp(put)    degree 1 + larger number of tuples
///   |       | T_{j+1}    |
///   | last  | 1          |
///
/// An access at a fixed time t takes the tuple (address, old value, old time) out and puts (address, new value, t) in;
/// initial tuples (time 0) are put in, final ones taken out.
///
/// Soundness: by induction T_last prod fp(all taken) = T_first prod fp(all put), whether or not a fingerprint is zero,
/// so both products are equal. As polynomials in (alpha, beta) they are products of irreducible factors, one a tuple,
/// different for different tuples: two different multisets of M tuples give different polynomials of total degree 2 M,
/// equal at a random point with probability <= 2 M / r (Schwartz-Zippel). With equal multisets, every read being
/// strictly older than its own write (a range check of the caller) and all write times different, each read takes what
/// was last written there, and an address without an initial tuple can never be read.
/// Source: Blum, Evans, Gemmell, Kannan, Naor, "Checking the correctness of memories", Algorithmica 12 (1994); the
/// fingerprints as a product: Setty, Angel, Gupta, Lee, eprint 2018/907.
template <class Value>
Value memory_step(const MemoryChallenges<Value>& c, const Value& t_cur, const Value& t_next,
                  std::initializer_list<MemoryTuple<Value>> taken, std::initializer_list<MemoryTuple<Value>> put) {
  return t_next * fingerprints(c, taken) - t_cur * fingerprints(c, put);
}

}  // namespace ll::gadgets
