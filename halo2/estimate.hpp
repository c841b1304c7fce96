#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "halo2/circuit.hpp"
#include "halo2/verifier.hpp"

namespace ll::halo2 {

/// What the prover's elementary operations cost on one machine, in nanoseconds. Those marked "threaded" are with all
/// threads at work, so twice the threads halve them.
struct UnitCosts {
  double product = 0;           ///< one step of a loop over field products in memory, one thread
  double threaded_product = 0;  ///< threaded
  double butterfly = 0;         ///< of an NTT, threaded
  double msm = 0;               ///< per unit of algebra::msm_cost, threaded
  double program_product = 0;   ///< one row of a product in a RowProgram, threaded
  double program_sum = 0;       ///< one row of a sum, threaded
  double comparison = 0;        ///< of two field elements while sorting, one thread
  double random = 0;            ///< one random field element, one thread
};

/// Costs of the machine this was written on (two virtual cores of an x86-64 server, AVX-512): for figures that do not
/// change from run to run.
UnitCosts reference_costs();
/// Measured here and now, with the threads that parallel_for uses; takes less than a second. The fastest of a few runs
/// counts, so a prediction is that of a machine with nothing else to do.
UnitCosts measure_costs();

/// How much of each operation one proof takes, a pure function of circuit and k.
struct Operations {
  double products = 0, threaded_products = 0, butterflies = 0, msm = 0, program_products = 0, program_sums = 0,
         comparisons = 0, randoms = 0;
};

/// Everything about a circuit that can be known before any key or proof is made.
struct Estimate {
  unsigned k = 0, extended_k = 0;
  std::size_t used_rows = 0, usable_rows = 0;
  std::size_t advice_columns = 0, fixed_columns = 0, instance_columns = 0;  ///< fixed: selectors' columns included
  std::size_t selectors = 0, regions = 0, copies = 0, copied_columns = 0;
  std::size_t gates = 0, constraints = 0, lookups = 0, shuffles = 0, degree = 0, blinding_factors = 0;
  std::size_t commitments = 0;  ///< points of a proof
  std::size_t proof_bytes = 0;  ///< exact
  Operations operations;
  double prove_ms = 0;  ///< predicted: create_proof alone, with its key at hand
  /// Predicted growth of the process: SRS, proving key and create_proof at its peak; without what was there before.
  std::uint64_t prove_bytes = 0;
  std::uint64_t key_bytes = 0;  ///< of it SRS and proving key: proofs made side by side share them
};

/// Configures and synthesises the circuit without a witness, counts what create_proof will do for it (halo2/prover.cpp,
/// read operation by operation) and prices it. With `instances` the circuit must hold a witness: the sizes of its
/// values decide what the commitments cost; without, every value counts as a full field element. Throws
/// Error{invalid_argument} where keygen does.
Estimate estimate(Circuit& circuit, unsigned k, bool compress_selectors, const UnitCosts& costs,
                  const Instances* instances = nullptr);

}  // namespace ll::halo2
