#pragma once
#include <vector>

#include "halo2/circuit.hpp"
#include "halo2/keygen.hpp"
#include "halo2/verifier.hpp"

namespace ll::halo2 {

/// Advice values of one circuit, collected phase by phase (n entries a column, zero where nothing is assigned).
class WitnessCollector {
 public:
  /// Configures the circuit on a system of its own. Throws Error{invalid_argument} when the public inputs do not fit.
  WitnessCollector(const VerifyingKey& vk, Circuit& circuit, const Instances& instances);

  /// Runs synthesis and keeps the columns of `phase`; `challenges[i]` is nullopt while not yet squeezed.
  void run_phase(unsigned phase, const std::vector<std::optional<Fr>>& challenges);

  std::vector<std::vector<Fr>>& advice() { return advice_; }
  /// Public inputs padded with zeros to n rows.
  const std::vector<std::vector<Fr>>& instance() const { return instance_; }

 private:
  const VerifyingKey& vk_;
  Circuit& circuit_;
  ConstraintSystem cs_;  ///< with selectors, as synthesis knows them
  std::vector<std::vector<Fr>> advice_, instance_;
  std::vector<std::size_t> instance_lengths_;
};

}  // namespace ll::halo2
