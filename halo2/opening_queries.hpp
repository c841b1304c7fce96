#pragma once
#include <vector>

#include "halo2/constraint_system.hpp"
#include "halo2/domain.hpp"
#include "halo2/opening.hpp"

namespace ll::halo2 {

/// Number of every polynomial that a proof opens; the same for prover and verifier.
class PolynomialSlots {
 public:
  PolynomialSlots(const ConstraintSystem& cs, std::size_t circuits);
  std::size_t advice(std::size_t circuit, std::size_t column) const { return circuit * per_circuit_ + column; }
  std::size_t permutation(std::size_t circuit, std::size_t set) const { return circuit * per_circuit_ + advice_ + set; }
  std::size_t lookup_product(std::size_t circuit, std::size_t i) const { return lookup_base(circuit) + 3 * i; }
  std::size_t lookup_input(std::size_t circuit, std::size_t i) const { return lookup_base(circuit) + 3 * i + 1; }
  std::size_t lookup_table(std::size_t circuit, std::size_t i) const { return lookup_base(circuit) + 3 * i + 2; }
  std::size_t shuffle(std::size_t circuit, std::size_t i) const { return lookup_base(circuit) + 3 * lookups_ + i; }
  std::size_t fixed(std::size_t column) const { return shared_ + column; }
  std::size_t sigma(std::size_t column) const { return shared_ + fixed_ + column; }
  std::size_t quotient() const { return shared_ + fixed_ + sigma_; }
  std::size_t random() const { return quotient() + 1; }
  std::size_t count() const { return random() + 1; }

 private:
  std::size_t lookup_base(std::size_t circuit) const { return circuit * per_circuit_ + advice_ + sets_; }
  std::size_t advice_, sets_, lookups_, shuffles_, fixed_, sigma_, per_circuit_, shared_;
};

/// Evaluations of one circuit's polynomials at the points where the proof gives them.
struct CircuitEvaluations {
  struct Permutation {
    Fr cur, next;
    std::optional<Fr> last;  ///< at omega^-(b+1) x, for every set but the last
  };
  struct Lookup {
    Fr product, product_next, input, input_prev, table;
  };
  struct Shuffle {
    Fr product, product_next;
  };
  std::vector<Fr> advice;  ///< by advice query
  std::vector<Permutation> permutation;
  std::vector<Lookup> lookups;
  std::vector<Shuffle> shuffles;
};

/// All evaluations of a proof, in the protocol's order.
struct Evaluations {
  std::vector<CircuitEvaluations> circuits;
  std::vector<Fr> fixed;  ///< by fixed query
  Fr random;
  std::vector<Fr> sigma;
  Fr quotient;  ///< h(x): computed by the prover, derived by the verifier, never sent
};

/// The openings in the order that SHPLONK's grouping depends on (docs/halo2-wire.md, "Openings").
std::vector<OpeningQuery> opening_queries(const ConstraintSystem& cs, const EvaluationDomain& domain,
                                          const Evaluations& evaluations, const Fr& x);

}  // namespace ll::halo2
