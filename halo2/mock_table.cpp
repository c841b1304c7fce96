#include "halo2/mock_table.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/random.hpp"

namespace ll::halo2 {

/// One synthesis. Regions, names and copies are kept from the last one, which assigns every column.
class MockTable::Phase final : public Assignment {
 public:
  Phase(MockTable& table, unsigned phase) : table_(table), phase_(phase), last_(phase == table.cs_.max_phase()) {}

  void enter_region(std::string_view name, std::size_t first_row) override {
    if (last_) table_.book_.enter_region(name, first_row);
  }
  void exit_region() override {
    if (last_) table_.book_.exit_region();
  }
  void name_cell(AnyColumn column, std::size_t row, std::string_view annotation) override {
    if (last_) table_.book_.name_cell(column, used(row), annotation);
  }
  void enable_selector(Selector selector, std::size_t row) override {
    if (last_) table_.book_.enable_selector(selector, used(row));
  }
  bool wants_advice(AdviceColumn column) const override { return column.phase <= phase_; }
  void assign_advice(AdviceColumn column, std::size_t row, const Fr& value) override {
    table_.advice_.at(column.index)[used(row)] = value;
  }
  void assign_fixed(FixedColumn column, std::size_t row, const Fr& value) override {
    table_.fixed_.at(column.index)[used(row)] = value;
  }
  void fill_from_row(FixedColumn column, std::size_t row, const Fr& value) override {
    for (std::size_t r = row; r < table_.usable_; ++r) table_.fixed_.at(column.index)[r] = value;
    if (last_) table_.book_.fill_rows(column, row, table_.usable_);
  }
  void copy(AnyColumn a, std::size_t a_row, AnyColumn b, std::size_t b_row) override {
    const auto& columns = table_.cs_.permutation_columns();
    for (const auto& [column, row] : {std::pair{a, a_row}, std::pair{b, b_row}}) {
      LL_CHECK(std::ranges::find(columns, column) != columns.end(), "copy: column {} is not enabled for equality",
               column.index);
      LL_CHECK(row < table_.usable_, "copy: row {} is outside the {} usable rows", row, table_.usable_);
    }
    if (last_) table_.copies_.push_back({a, b, a_row, b_row});
  }
  std::optional<Fr> instance(InstanceColumn column, std::size_t row) const override {
    return table_.public_inputs_.at(column.index).at(row);
  }
  std::optional<Fr> challenge(Challenge challenge) const override {
    if (challenge.phase >= phase_) return std::nullopt;
    return table_.challenges_.at(challenge.index);
  }

 private:
  std::size_t used(std::size_t row) const {
    LL_CHECK(row < table_.usable_, "circuit: row {} is used, {} rows leave {} usable ones; take a larger k", row,
             table_.n_, table_.usable_);
    return row;
  }
  MockTable& table_;
  unsigned phase_;
  bool last_;
};

MockTable::MockTable(unsigned k, Circuit& circuit, const Instances& instances) : n_(std::size_t{1} << k) {
  circuit.configure(cs_);
  usable_ = cs_.usable_rows(k);
  SeededRng rng(0x6d6f636b);  // "mock"
  challenges_.resize(cs_.challenges());
  for (Fr& challenge : challenges_) challenge = Fr::random(rng);
  advice_.assign(cs_.advice_columns(), std::vector<Fr>(n_));
  fixed_.assign(cs_.fixed_columns(), std::vector<Fr>(n_));
  book_ = CellBook(cs_, n_);
  public_inputs_ = instances;
  LL_CHECK(instances.size() == cs_.instance_columns(), "mock: {} columns of public inputs given, the circuit has {}",
           instances.size(), cs_.instance_columns());
  for (std::size_t i = 0; i < instances.size(); ++i) {
    const auto expected = cs_.instance_rows()[i];
    LL_CHECK(!expected || instances[i].size() == *expected,
             "mock: instance column {} has {} values, the statement has {}", i, instances[i].size(), *expected);
    LL_CHECK(instances[i].size() <= usable_, "mock: instance column {} has {} values, {} rows are usable", i,
             instances[i].size(), usable_);
    public_inputs_[i].resize(n_);
    instance_lengths_.push_back(instances[i].size());
  }
  for (unsigned phase = 0; phase <= cs_.max_phase(); ++phase) {
    Phase assignment(*this, phase);
    Layouter layouter(assignment, cs_);
    circuit.synthesize(layouter);
  }
  for (std::size_t i = 0; i < advice_.size(); ++i) {
    if (cs_.unblinded_advice()[i]) continue;
    for (std::size_t row = usable_; row < n_; ++row) advice_[i][row] = Fr::random(rng);
  }
}

Fr MockTable::value(const Expression& e, std::size_t row) const {
  return e.evaluate([&](const Query& q) { return cell(q.column, rotated(row, q.rotation)); },
                    [&](Challenge c) { return challenges_[c.index]; },
                    [&](Selector s) { return book_.enabled(s, row) ? Fr::one() : Fr::zero(); });
}

}  // namespace ll::halo2
