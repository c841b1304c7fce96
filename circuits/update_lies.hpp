#pragma once
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "circuits/update.hpp"

// Test support: batches that are true, and witnesses that lie about one thing each.
namespace ll::circuits {

/// A statement's size with an encoder and a batch that is valid.
struct Setting {
  UpdateShape shape;
  model::QuantizedEncoder encoder;
  UpdateWitness witness;
  std::size_t first = 0;  ///< the transfer that lies start from; those before are small and true
};

/// 4 accounts, 16 dimensions, 6 transfers: k = 9.
Setting small_setting();
/// Small settings of every kind of shape: limbs, columns of transfers, ranged start balances, long runs.
struct NamedSetting {
  std::string name;
  Setting setting;
};
std::vector<NamedSetting> small_settings();
/// The statement of the default shape: 128 accounts, 512 dimensions, 256 transfers, k = 14.
Setting full_setting();

/// 2^balance_bits(), the smallest number that is no balance.
Fr above_range(const UpdateShape& shape);

/// A circuit whose prover changes cells after the honest values are computed. Later columns are computed from the
/// changed earlier ones, as a liar would.
class LyingUpdateCircuit : public UpdateCircuit {
 public:
  using UpdateCircuit::UpdateCircuit;
  std::function<void(Columns& d)> lie_in_d;
  std::function<void(Column& r, const Columns& d, const Fr& gamma, const Fr& rho)> lie_in_r;
  std::function<void(Column& t)> lie_in_t;

 protected:
  Columns fill_d(const UpdateTrace& trace) const override;
  Column fill_r(const UpdateTrace& trace, const Columns& d, const Challenges& challenges) const override;
  Column fill_t(const Columns& d, const Challenges& challenges) const override;
};

/// A lying prover's circuit and the public inputs it claims.
struct Attempt {
  std::unique_ptr<LyingUpdateCircuit> circuit;
  halo2::Instances instances;
};

/// A false claim: `breaks` are exactly the constraints it breaks (MockFailure::name, without the column of transfers),
/// `row` that of the failure by describe_row ("transfer F": the setting's first), or empty.
struct Lie {
  std::string name;
  std::set<std::string> breaks;
  std::string row;
  std::function<Attempt(const Setting&)> tell;
};

/// At least one lie for each constraint of the circuit.
std::vector<Lie> update_lies(const UpdateShape& shape);

}  // namespace ll::circuits
