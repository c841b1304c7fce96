#pragma once
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "circuits/affine_circuit.hpp"

// Test support: a statement with values, and witnesses that lie about one thing each.
namespace ll::circuits {

struct AffineSetting {
  AffineStatement statement;
  std::vector<i128> values;
};

/// Values of three widths, one that nothing depends on, entries in several groups of words: every kind of row.
AffineSetting small_affine_setting();
/// Every value in every entry, at random: `inputs` values of `bits` bits, factors of 15 bits.
AffineSetting dense_affine_setting(std::size_t inputs, std::size_t entries, unsigned bits, std::uint64_t seed);

/// A circuit whose prover changes cells after the honest values are computed; S follows from the changed D and U.
class LyingAffineCircuit : public AffineCircuit {
 public:
  using AffineCircuit::AffineCircuit;
  using Cells = Column;
  std::function<void(Cells& d)> lie_in_d;
  std::function<void(Cells& u, const Fr& gamma)> lie_in_u;
  std::function<void(Cells& s, const Fr& gamma)> lie_in_s;

 protected:
  Column fill_d(const AffineTrace& trace) const override;
  Column fill_u(const Fr& gamma) const override;
  Column fill_s(const AffineTrace& trace, const Column& d, const Column& u, const Fr& gamma) const override;
};

/// A false claim: `breaks` are exactly the constraints it breaks (MockFailure::name).
struct AffineLie {
  std::string name;
  std::set<std::string> breaks;
  /// The lying prover's circuit and the public inputs it claims.
  struct Attempt {
    std::unique_ptr<LyingAffineCircuit> circuit;
    halo2::Instances instances;
  };
  std::function<Attempt(const AffineSetting&)> tell;
};

/// At least one lie for each constraint of the circuit, about small_affine_setting().
const std::vector<AffineLie>& affine_lies();

}  // namespace ll::circuits
