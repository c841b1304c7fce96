#pragma once
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "circuits/private_update.hpp"
#include "circuits/state_opening.hpp"
#include "circuits/update_lies.hpp"

// Test support: witnesses of `update-private`, `open` and `genesis` that lie about one thing each.
namespace ll::circuits {

/// Circuits whose prover changes cells after the honest values are computed; later columns follow from changed ones.
class LyingPrivateUpdate : public PrivateUpdateCircuit {
 public:
  using PrivateUpdateCircuit::PrivateUpdateCircuit;
  std::function<void(Columns& cells)> lie_in_d;
  std::function<void(Column& cells)> lie_in_before, lie_in_after, lie_in_t;

 protected:
  Columns fill_d(const PrivateTrace& trace) const override;
  Column fill_before(const PrivateTrace& trace) const override;
  Column fill_after(const PrivateTrace& trace) const override;
  Column fill_t(const Columns& d, const Column& before, const gadgets::MemoryChallenges<Fr>& memory) const override;
};

class LyingOpening : public StateOpeningCircuit {
 public:
  using StateOpeningCircuit::StateOpeningCircuit;
  std::function<void(Column& cells)> lie_in_d;
  std::function<void(Column& r, const Column& state, const Fr& gamma)> lie_in_r;

 protected:
  Column fill_d(const OpeningTrace& trace) const override;
  Column fill_r(const OpeningTrace& trace, const Column& state, const Column& d, const Fr& gamma) const override;
};

/// A false claim; `breaks` are exactly the constraints it breaks (MockFailure::name).
struct PrivateLie {
  std::string name;
  std::set<std::string> breaks;
  std::function<std::unique_ptr<LyingPrivateUpdate>(const Setting&)> tell;
};

struct OpeningAttempt {
  std::unique_ptr<LyingOpening> circuit;
  halo2::Instances instances;
};
struct OpeningLie {
  std::string name;
  std::set<std::string> breaks;
  std::function<OpeningAttempt(OpeningKind, const Setting&)> tell;
};

/// The state before a setting's batch, with random values from a fixed seed.
PrivateState start_of(const Setting& setting, std::uint64_t seed = 1);
PrivateTrace honest_private(const Setting& setting);

/// At least one lie for each constraint.
const std::vector<PrivateLie>& private_update_lies();
std::vector<OpeningLie> opening_lies(OpeningKind kind, const UpdateShape& shape);

}  // namespace ll::circuits
