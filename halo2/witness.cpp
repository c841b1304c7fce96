#include "halo2/witness.hpp"

namespace ll::halo2 {
namespace {

class PhaseAssignment final : public Assignment {
 public:
  PhaseAssignment(unsigned phase, std::size_t usable, unsigned k, std::vector<std::vector<Fr>>& advice,
                  const std::vector<std::vector<Fr>>& instance, const std::vector<std::size_t>& instance_lengths,
                  const std::vector<std::optional<Fr>>& challenges)
      : phase_(phase),
        usable_(usable),
        k_(k),
        advice_(advice),
        instance_(instance),
        instance_lengths_(instance_lengths),
        challenges_(challenges) {}

  bool wants_advice(AdviceColumn column) const override { return column.phase <= phase_; }
  void assign_advice(AdviceColumn column, std::size_t row, const Fr& value) override {
    LL_CHECK(row < usable_, "circuit: row {} is used, 2^{} rows leave {} usable ones; take a larger k", row, k_,
             usable_);
    if (column.phase == phase_) advice_.at(column.index)[row] = value;
  }
  std::optional<Fr> instance(InstanceColumn column, std::size_t row) const override {
    if (row >= instance_lengths_.at(column.index)) return Fr::zero();
    return instance_[column.index][row];
  }
  std::optional<Fr> challenge(Challenge challenge) const override { return challenges_.at(challenge.index); }

 private:
  unsigned phase_;
  std::size_t usable_;
  unsigned k_;
  std::vector<std::vector<Fr>>& advice_;
  const std::vector<std::vector<Fr>>& instance_;
  const std::vector<std::size_t>& instance_lengths_;
  const std::vector<std::optional<Fr>>& challenges_;
};

}  // namespace

WitnessCollector::WitnessCollector(const VerifyingKey& vk, Circuit& circuit, const Instances& instances)
    : vk_(vk), circuit_(circuit) {
  circuit_.configure(cs_);
  LL_CHECK(cs_.advice_columns() == vk.cs.advice_columns() && cs_.instance_columns() == vk.cs.instance_columns(),
           "prover: the circuit has {} advice and {} instance columns, the key is for {} and {}", cs_.advice_columns(),
           cs_.instance_columns(), vk.cs.advice_columns(), vk.cs.instance_columns());
  LL_CHECK(instances.size() == cs_.instance_columns(), "prover: {} columns of public inputs given, the circuit has {}",
           instances.size(), cs_.instance_columns());
  const std::size_t n = std::size_t{1} << vk.k, usable = vk.cs.usable_rows(vk.k);
  for (std::size_t i = 0; i < instances.size(); ++i) {
    const auto expected = cs_.instance_rows()[i];
    LL_CHECK(!expected || instances[i].size() == *expected,
             "prover: instance column {} has {} values, the statement has {}", i, instances[i].size(), *expected);
    LL_CHECK(instances[i].size() <= usable, "prover: instance column {} has {} values, {} rows are usable", i,
             instances[i].size(), usable);
    instance_.push_back(instances[i]);
    instance_.back().resize(n);
    instance_lengths_.push_back(instances[i].size());
  }
  advice_.assign(cs_.advice_columns(), std::vector<Fr>(n));
}

void WitnessCollector::run_phase(unsigned phase, const std::vector<std::optional<Fr>>& challenges) {
  PhaseAssignment assignment(phase, vk_.cs.usable_rows(vk_.k), vk_.k, advice_, instance_, instance_lengths_,
                             challenges);
  Layouter layouter(assignment, cs_);
  circuit_.synthesize(layouter);
}

}  // namespace ll::halo2
