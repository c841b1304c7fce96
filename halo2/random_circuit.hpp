#pragma once
#include <cstdint>
#include <vector>

#include "halo2/circuit_description.hpp"

namespace ll::halo2::testing {

/// What a random circuit may hold.
struct RandomCircuitOptions {
  bool shuffles = false;      ///< halo2-axiom has none
  std::size_t witnesses = 1;  ///< as many different ones for the same circuit
};

/// A circuit as data with witnesses that satisfy it.
struct RandomCircuit {
  CircuitDescription circuit;
  std::vector<WitnessDescription> witnesses;
};

/// A pure function of seed and options: 1 to 5 advice columns of phase 0 and up to 4 of later phases, rotations from -3
/// to 3, gates of degree up to 9 switched on by simple or complex selectors or by fixed columns, lookups of one to
/// three inputs into fixed or advice tables (some with a challenge inside), a permutation over advice, fixed and
/// instance columns, a minimum degree now and then, selectors compressed or not, unblinded columns, k from 5 to 7.
RandomCircuit make_random_circuit(std::uint64_t seed, const RandomCircuitOptions& options = {});

}  // namespace ll::halo2::testing
