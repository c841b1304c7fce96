#include "halo2/circuit_record.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace ll::halo2 {
namespace {

class RecordingAssignment final : public Assignment {
 public:
  explicit RecordingAssignment(CircuitRecord& record) : record_(record) {}

  void enter_region(std::string_view name, std::size_t first_row) override {
    record_.cells.enter_region(name, first_row);
  }
  void exit_region() override { record_.cells.exit_region(); }
  void name_cell(AnyColumn column, std::size_t row, std::string_view annotation) override {
    record_.cells.name_cell(column, checked(row), annotation);
    record_.used_rows = std::max(record_.used_rows, row + 1);
  }
  void enable_selector(Selector selector, std::size_t row) override {
    record_.cells.enable_selector(selector, checked(row));
    record_.used_rows = std::max(record_.used_rows, row + 1);
  }
  bool wants_advice(AdviceColumn) const override { return false; }
  void assign_fixed(FixedColumn column, std::size_t row, const Fr& value) override {
    record_.fixed.at(column.index)[checked(row)] = value;
  }
  void fill_from_row(FixedColumn column, std::size_t row, const Fr& value) override {
    for (std::size_t r = row; r < record_.usable_rows; ++r) record_.fixed.at(column.index)[r] = value;
    record_.cells.fill_rows(column, row, record_.usable_rows);
  }
  void copy(AnyColumn a, std::size_t a_row, AnyColumn b, std::size_t b_row) override {
    for (const auto& [column, row] : {std::pair{a, a_row}, std::pair{b, b_row}}) {
      const auto& columns = record_.cs.permutation_columns();
      LL_CHECK(std::ranges::find(columns, column) != columns.end(), "copy: {} is not enabled for equality",
               column_name(column));
      checked(row);
    }
    record_.copies.push_back({record_.cells.name(a, a_row), record_.cells.name(b, b_row)});
  }

 private:
  std::size_t checked(std::size_t row) const {
    LL_CHECK(row < record_.usable_rows, "circuit: row {} is used, 2^{} rows leave {} usable ones; take a larger k", row,
             record_.k, record_.usable_rows);
    return row;
  }
  CircuitRecord& record_;
};

}  // namespace

CircuitRecord record_circuit(Circuit& circuit, unsigned k) {
  CircuitRecord record;
  record.k = k;
  circuit.configure(record.cs);
  const std::size_t n = std::size_t{1} << k;
  record.usable_rows = record.cs.usable_rows(k);
  record.cells = CellBook(record.cs, n);
  record.fixed.assign(record.cs.fixed_columns(), std::vector<Fr>(n));
  RecordingAssignment assignment(record);
  Layouter layouter(assignment, record.cs);
  circuit.synthesize(layouter);
  return record;
}

std::vector<RecordedCopy> recorded_copies(Circuit& circuit, unsigned k) { return record_circuit(circuit, k).copies; }

}  // namespace ll::halo2
