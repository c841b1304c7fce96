#include "halo2/circuit.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace ll::halo2 {
namespace {

/// Entry of an association list, made with row 0 when it is missing (circuits have few columns).
template <class Key>
std::size_t& entry(std::vector<std::pair<Key, std::size_t>>& list, const Key& key) {
  const auto found = std::ranges::find_if(list, [&](const auto& item) { return item.first == key; });
  if (found != list.end()) return found->second;
  return list.emplace_back(key, 0).second;
}

}  // namespace

void Region::note(AnyColumn column, std::size_t offset, std::string_view annotation) {
  if (assignment_ != nullptr) assignment_->name_cell(column, first_row_ + offset, annotation);
  if (shape_ == nullptr) return;
  if (std::ranges::find(shape_->columns, column) == shape_->columns.end()) shape_->columns.push_back(column);
  shape_->rows = std::max(shape_->rows, offset + 1);
}

AssignedCell Region::copy_advice(std::string_view annotation, const AssignedCell& source, AdviceColumn column,
                                 std::size_t offset) {
  const AssignedCell cell = assign_advice(annotation, column, offset, [&] {
    LL_CHECK(source.value.has_value(), "copy_advice: the source of \"{}\" has no value yet", annotation);
    return *source.value;
  });
  constrain_equal(cell, source);
  return cell;
}

AssignedCell Region::assign_advice_from_constant(std::string_view annotation, AdviceColumn column, std::size_t offset,
                                                 const Fr& value) {
  const AssignedCell cell = assign_advice(annotation, column, offset, [&] { return value; });
  if (assignment_ != nullptr) constants_.emplace_back(value, cell);
  return cell;
}

AssignedCell Region::assign_fixed(std::string_view annotation, FixedColumn column, std::size_t offset,
                                  const Fr& value) {
  note(column, offset, annotation);
  if (assignment_ != nullptr) assignment_->assign_fixed(column, first_row_ + offset, value);
  return {column, first_row_ + offset, value};
}

void Region::enable_selector(Selector selector, std::size_t offset) {
  if (shape_ != nullptr) {
    if (std::ranges::find(shape_->selectors, selector) == shape_->selectors.end())
      shape_->selectors.push_back(selector);
    shape_->rows = std::max(shape_->rows, offset + 1);
  }
  if (assignment_ != nullptr) assignment_->enable_selector(selector, first_row_ + offset);
}

void Region::constrain_equal(const AssignedCell& a, const AssignedCell& b) {
  if (assignment_ != nullptr) assignment_->copy(a.column, a.row, b.column, b.row);
}

Layouter::Layouter(Assignment& assignment, const ConstraintSystem& cs)
    : assignment_(assignment), constants_(cs.constants()) {}

std::size_t Layouter::place(const RegionShape& shape) {
  std::size_t first_row = 0;
  for (const auto& column : shape.columns) first_row = std::max(first_row, entry(next_row_, column));
  for (const auto& selector : shape.selectors) first_row = std::max(first_row, entry(next_selector_row_, selector));
  for (const auto& column : shape.columns) entry(next_row_, column) = first_row + shape.rows;
  for (const auto& selector : shape.selectors) entry(next_selector_row_, selector) = first_row + shape.rows;
  return first_row;
}

void Layouter::finish(Region& region) {
  assignment_.exit_region();
  if (region.constants_.empty()) return;
  LL_CHECK(!constants_.empty(), "layouter: a region uses a constant, but no column is enabled for constants");
  std::size_t& used = entry(next_row_, AnyColumn(constants_.front()));
  next_constant_row_ = std::max(next_constant_row_, used);
  for (const auto& [value, cell] : region.constants_) {
    assignment_.name_cell(constants_.front(), next_constant_row_, "constant");
    assignment_.assign_fixed(constants_.front(), next_constant_row_, value);
    assignment_.copy(constants_.front(), next_constant_row_, cell.column, cell.row);
    ++next_constant_row_;
  }
  used = next_constant_row_;
}

void Layouter::assign_table(std::string_view name,
                            const std::vector<std::pair<TableColumn, std::vector<Fr>>>& columns) {
  assignment_.enter_region(name, 0);
  for (const auto& [column, values] : columns) {
    LL_CHECK(!values.empty() && values.size() == columns.front().second.size(),
             "table \"{}\": columns must have one length of at least 1, got {} and {}", name, values.size(),
             columns.front().second.size());
    for (std::size_t row = 0; row < values.size(); ++row) {
      assignment_.name_cell(column.inner, row, name);
      assignment_.assign_fixed(column.inner, row, values[row]);
    }
    assignment_.fill_from_row(column.inner, values.size(), values.front());
  }
  assignment_.exit_region();
}

void Layouter::constrain_instance(const AssignedCell& cell, InstanceColumn column, std::size_t row) {
  assignment_.copy(cell.column, cell.row, column, row);
}

}  // namespace ll::halo2
