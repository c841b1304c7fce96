#pragma once
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "circuits/delta.hpp"

// Test support: a transfer, and witnesses that lie about one thing each.
namespace ll::circuits {

struct DeltaSetting {
  model::QuantizedEncoder encoder;
  DeltaWitness witness;
};

/// 4 accounts, 160 dimensions: three blocks, k = 6.
DeltaSetting small_delta_setting();
/// 128 accounts, 512 dimensions: k = 10.
DeltaSetting full_delta_setting();

/// A circuit whose prover changes cells after the honest values are computed; R follows from the changed D.
class LyingDeltaCircuit : public DeltaCircuit {
 public:
  using DeltaCircuit::DeltaCircuit;
  using Cells = Column;
  std::function<void(Cells& d)> lie_in_d;
  std::function<void(Cells& r, const Cells& d, const Fr& gamma)> lie_in_r;

 protected:
  Column fill_d(const DeltaTrace& trace) const override;
  Column fill_r(const DeltaTrace& trace, const Column& d, const Fr& gamma) const override;
};

/// A false claim: `breaks` are exactly the constraints it breaks (MockFailure::name), `row` where, by describe_row, or
/// empty.
struct DeltaLie {
  std::string name;
  std::set<std::string> breaks;
  std::string row;
  /// The lying prover's circuit and the public inputs it claims.
  struct Attempt {
    std::unique_ptr<LyingDeltaCircuit> circuit;
    halo2::Instances instances;
  };
  std::function<Attempt(const DeltaSetting&)> tell;
};

/// At least one lie for each constraint of the circuit.
const std::vector<DeltaLie>& delta_lies();

}  // namespace ll::circuits
