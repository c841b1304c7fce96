#pragma once
#include <vector>

#include "halo2/numerator.hpp"

namespace ll::halo2 {

/// One circuit's columns on the rows, as expressions read them.
struct RowColumns {
  const std::vector<std::vector<Fr>>&advice, &fixed, &instance, &sigma;
};

/// A lookup's compressed sides and their arrangement: permuted_input is a permutation of input, permuted_table of
/// table, on the usable rows, such that each permuted input equals the permuted table beside it or the input above it.
struct LookupColumns {
  std::vector<Fr> input, table, permuted_input, permuted_table;
};

/// Throws Error{unsatisfied} naming the lookup when an input stands in no table row.
/// Source: halo2_proofs v0.3.0, plonk/lookup/prover.rs; any arrangement with the property would do.
LookupColumns permute_lookup(const LookupArgument& argument, const RowColumns& columns, const Challenges& challenges,
                             std::size_t usable);

/// Running products, rows 0 .. usable filled, the rest zero (the caller blinds them). Each throws Error{unsatisfied}
/// when its product does not close at 1. Definitions: docs/halo2-wire.md, "Products".
std::vector<std::vector<Fr>> permutation_products(const ConstraintSystem& cs, const RowColumns& columns,
                                                  const Challenges& challenges, std::size_t usable, const Fr& omega);
std::vector<Fr> lookup_product(const LookupColumns& lookup, const Challenges& challenges, std::size_t usable);
std::vector<Fr> shuffle_product(const ShuffleArgument& argument, const RowColumns& columns,
                                const Challenges& challenges, std::size_t usable);

}  // namespace ll::halo2
