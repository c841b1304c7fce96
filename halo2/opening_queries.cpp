#include "halo2/opening_queries.hpp"

namespace ll::halo2 {

PolynomialSlots::PolynomialSlots(const ConstraintSystem& cs, std::size_t circuits)
    : advice_(cs.advice_columns()),
      sets_(cs.permutation_sets()),
      lookups_(cs.lookups().size()),
      shuffles_(cs.shuffles().size()),
      fixed_(cs.fixed_columns()),
      sigma_(cs.permutation_columns().size()),
      per_circuit_(advice_ + sets_ + 3 * lookups_ + shuffles_),
      shared_(circuits * per_circuit_) {}

std::vector<OpeningQuery> opening_queries(const ConstraintSystem& cs, const EvaluationDomain& domain,
                                          const Evaluations& evaluations, const Fr& x) {
  const PolynomialSlots slots(cs, evaluations.circuits.size());
  const Fr x_next = domain.rotate(x, 1), x_prev = domain.rotate(x, -1);
  const Fr x_last = domain.rotate(x, -static_cast<int>(cs.blinding_factors() + 1));
  std::vector<OpeningQuery> queries;
  for (std::size_t c = 0; c < evaluations.circuits.size(); ++c) {
    const CircuitEvaluations& circuit = evaluations.circuits[c];
    for (std::size_t q = 0; q < cs.advice_queries().size(); ++q) {
      const ColumnQuery& query = cs.advice_queries()[q];
      queries.push_back(
          {slots.advice(c, query.column.index), domain.rotate(x, query.rotation.value), circuit.advice[q]});
    }
    for (std::size_t set = 0; set < circuit.permutation.size(); ++set) {
      queries.push_back({slots.permutation(c, set), x, circuit.permutation[set].cur});
      queries.push_back({slots.permutation(c, set), x_next, circuit.permutation[set].next});
    }
    for (std::size_t set = circuit.permutation.size(); set-- > 0;) {
      if (circuit.permutation[set].last)
        queries.push_back({slots.permutation(c, set), x_last, *circuit.permutation[set].last});
    }
    for (std::size_t i = 0; i < circuit.lookups.size(); ++i) {
      const auto& lookup = circuit.lookups[i];
      queries.push_back({slots.lookup_product(c, i), x, lookup.product});
      queries.push_back({slots.lookup_input(c, i), x, lookup.input});
      queries.push_back({slots.lookup_table(c, i), x, lookup.table});
      queries.push_back({slots.lookup_input(c, i), x_prev, lookup.input_prev});
      queries.push_back({slots.lookup_product(c, i), x_next, lookup.product_next});
    }
    for (std::size_t i = 0; i < circuit.shuffles.size(); ++i) {
      queries.push_back({slots.shuffle(c, i), x, circuit.shuffles[i].product});
      queries.push_back({slots.shuffle(c, i), x_next, circuit.shuffles[i].product_next});
    }
  }
  for (std::size_t q = 0; q < cs.fixed_queries().size(); ++q) {
    const ColumnQuery& query = cs.fixed_queries()[q];
    queries.push_back({slots.fixed(query.column.index), domain.rotate(x, query.rotation.value), evaluations.fixed[q]});
  }
  for (std::size_t i = 0; i < evaluations.sigma.size(); ++i)
    queries.push_back({slots.sigma(i), x, evaluations.sigma[i]});
  queries.push_back({slots.quotient(), x, evaluations.quotient});
  queries.push_back({slots.random(), x, evaluations.random});
  return queries;
}

}  // namespace ll::halo2
