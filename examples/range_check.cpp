// "I know eight numbers below 2^8 with this sum." Each is looked up in a table of 0 .. 255; a running sum joins them.
#include "truth_and_lie.hpp"

using namespace ll::halo2;

class RangeCheck : public Circuit {
 public:
  std::vector<Fr> numbers;  ///< eight

  void configure(ConstraintSystem& cs) override {
    number_ = cs.advice_column();
    sum_ = cs.advice_column();
    public_ = cs.instance_column(1);
    table_ = cs.lookup_table_column();
    zero_ = cs.fixed_column();
    used_ = cs.complex_selector();  // stands in a lookup, so it keeps a column of its own
    cs.enable_constant(zero_);
    cs.enable_equality(sum_);
    cs.enable_equality(public_);
    cs.create_gate("running sum", [&](VirtualCells& cells) {
      const Expression x = cells.query(number_, Rotation::cur()), s = cells.query(sum_, Rotation::cur()),
                       next = cells.query(sum_, Rotation::next());
      return ConstraintSystem::NamedPolynomials{{"s + x = s'", cells.query_selector(used_) * (s + x - next)}};
    });
    cs.lookup("below 256", [&](VirtualCells& cells) {
      const Expression x = cells.query_selector(used_) * cells.query(number_, Rotation::cur());
      return std::vector<std::pair<Expression, TableColumn>>{{x, table_}};  // 0 where the selector is off
    });
  }

  void synthesize(Layouter& layouter) const override {
    std::vector<Fr> bytes;
    for (std::uint64_t i = 0; i < 256; ++i) bytes.push_back(Fr::from_u64(i));
    layouter.assign_table("bytes", {{table_, bytes}});
    const AssignedCell total = layouter.assign_region("numbers", [&](Region& region) {
      region.assign_advice_from_constant("start", sum_, 0, Fr::zero());
      Fr sum = Fr::zero();
      AssignedCell last;
      for (std::size_t row = 0; row < 8; ++row) {
        const Fr x = numbers.empty() ? Fr::zero() : numbers[row];
        region.enable_selector(used_, row);
        region.assign_advice("number", number_, row, [&] { return x; });
        sum += x;
        last = region.assign_advice("sum", sum_, row + 1, [&] { return sum; });
      }
      return last;
    });
    layouter.constrain_instance(total, public_, 0);
  }

 private:
  AdviceColumn number_, sum_;
  InstanceColumn public_;
  TableColumn table_;
  FixedColumn zero_;
  Selector used_;
};

int main() {
  RangeCheck honest, lying;
  for (const std::uint64_t x : {255, 0, 17, 255, 3, 128, 99, 1}) honest.numbers.push_back(Fr::from_u64(x));
  lying.numbers = honest.numbers;
  lying.numbers[0] += Fr::one();  // 256: the sum still holds,
  lying.numbers[3] -= Fr::one();  // but one number is out of range
  return truth_and_lie("range check", 9, honest, lying, {{Fr::from_u64(758)}});
}
