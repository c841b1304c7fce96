// "I know the 21st number of a sequence in which each is the sum of the two before, and which starts with these two."
// The classic first circuit: one gate, copies from row to row by rotation, three public inputs.
#include "truth_and_lie.hpp"

using namespace ll::halo2;

class Fibonacci : public Circuit {
 public:
  static constexpr std::size_t kSteps = 20;
  std::uint64_t first = 1, second = 1;
  std::size_t lie_at = SIZE_MAX;  ///< the row in which one is added

  void configure(ConstraintSystem& cs) override {
    number_ = cs.advice_column();
    public_ = cs.instance_column(3);
    step_ = cs.selector();
    cs.enable_equality(number_);
    cs.enable_equality(public_);
    cs.create_gate("sum of two", [&](VirtualCells& cells) {
      const Expression a = cells.query(number_, Rotation::cur()), b = cells.query(number_, Rotation::next()),
                       c = cells.query(number_, Rotation{2});
      return ConstraintSystem::NamedPolynomials{{"a + b = c", cells.query_selector(step_) * (a + b - c)}};
    });
  }

  void synthesize(Layouter& layouter) const override {
    const auto cells = layouter.assign_region("sequence", [&](Region& region) {
      std::vector<AssignedCell> column;
      Fr a = Fr::from_u64(first), b = Fr::from_u64(second);
      for (std::size_t row = 0; row <= kSteps; ++row) {
        const Fr here = row == lie_at ? a + Fr::one() : a;
        column.push_back(region.assign_advice("number", number_, row, [&] { return here; }));
        if (row + 2 <= kSteps) region.enable_selector(step_, row);
        const Fr next = here + b;
        a = b;
        b = next;
      }
      return column;
    });
    layouter.constrain_instance(cells[0], public_, 0);
    layouter.constrain_instance(cells[1], public_, 1);
    layouter.constrain_instance(cells[kSteps], public_, 2);
  }

 private:
  AdviceColumn number_;
  InstanceColumn public_;
  Selector step_;
};

int main() {
  Fibonacci honest, lying;
  lying.lie_at = 7;
  const Instances instances = {{Fr::from_u64(1), Fr::from_u64(1), Fr::from_u64(10946)}};
  return truth_and_lie("Fibonacci", 5, honest, lying, instances);
}
