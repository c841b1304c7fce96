#include "halo2/cell_book.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace ll::halo2 {
namespace {

template <class T>
void append_once(std::vector<T>& list, const T& item) {
  if (std::ranges::find(list, item) == list.end()) list.push_back(item);
}

}  // namespace

std::string column_name(const AnyColumn& column) {
  const char* kind = column.kind == ColumnKind::advice  ? "advice"
                     : column.kind == ColumnKind::fixed ? "fixed"
                                                        : "instance";
  return fmt::format("{} {}", kind, column.index);
}

std::string CellName::to_string() const {
  std::string text = fmt::format("{} row {}", column_name(column), row);
  if (!region.empty()) {
    text += fmt::format(" (\"{}\" in \"{}\" row {})", annotation, region, region_row);
  } else if (!annotation.empty()) {
    text += fmt::format(" (\"{}\")", annotation);
  }
  return text;
}

CellBook::CellBook(const ConstraintSystem& cs, std::size_t rows)
    : advice_(cs.advice_columns(), std::vector<Cell>(rows)),
      fixed_(cs.fixed_columns(), std::vector<Cell>(rows)),
      selectors_(cs.selectors(), std::vector<std::uint32_t>(rows)) {}

void CellBook::enter_region(std::string_view name, std::size_t first_row) {
  regions_.push_back({std::string(name), first_row, first_row, {}, {}});
  open_ = true;
}

void CellBook::name_cell(const AnyColumn& column, std::size_t row, std::string_view annotation) {
  auto found = known_annotations_.find(annotation);
  if (found == known_annotations_.end()) {
    annotations_.emplace_back(annotation);
    found = known_annotations_.emplace(annotation, static_cast<std::uint32_t>(annotations_.size())).first;
  }
  auto& list = column.kind == ColumnKind::advice ? advice_ : fixed_;
  if (row < list.at(column.index).size()) list[column.index][row] = {found->second, current_region()};
  if (!open_) return;
  RegionRows& region = regions_.back();
  region.last_row = std::max(region.last_row, row);
  append_once(region.columns, column);
}

void CellBook::enable_selector(Selector selector, std::size_t row) {
  selectors_.at(selector.index).at(row) = 1 + current_region();
  if (!open_) return;
  RegionRows& region = regions_.back();
  region.last_row = std::max(region.last_row, row);
  append_once(region.selectors, selector);
}

void CellBook::fill_rows(FixedColumn column, std::size_t row, std::size_t end) {
  auto& cells = fixed_.at(column.index);
  for (std::size_t r = row; r < end; ++r) cells[r] = cells[0];
}

const std::vector<CellBook::Cell>* CellBook::cells(const AnyColumn& column) const {
  if (column.kind == ColumnKind::instance) return nullptr;
  return &(column.kind == ColumnKind::advice ? advice_ : fixed_).at(column.index);
}

bool CellBook::assigned(const AnyColumn& column, std::size_t row) const {
  const auto* list = cells(column);
  return list != nullptr && (*list)[row].annotation != 0;
}

std::optional<std::size_t> CellBook::region_of(const AnyColumn& column, std::size_t row) const {
  const auto* list = cells(column);
  if (list == nullptr || (*list)[row].region == 0) return std::nullopt;
  return (*list)[row].region - 1;
}

std::optional<std::size_t> CellBook::region_of(Selector selector, std::size_t row) const {
  const std::uint32_t mark = selectors_.at(selector.index)[row];
  if (mark < 2) return std::nullopt;
  return mark - 2;
}

CellName CellBook::name(const AnyColumn& column, std::size_t row) const {
  CellName name{column, row, {}, row, {}};
  const auto* list = cells(column);
  if (list == nullptr || (*list)[row].annotation == 0) return name;
  name.annotation = annotations_[(*list)[row].annotation - 1];
  if (const auto region = region_of(column, row)) {
    name.region = regions_[*region].name;
    name.region_row = row - regions_[*region].first_row;
  }
  return name;
}

std::optional<std::string> CellBook::common_annotation(const AnyColumn& column) const {
  const auto* list = cells(column);
  if (list == nullptr) return std::nullopt;
  std::uint32_t common = 0;
  for (const Cell& cell : *list) {
    if (cell.annotation == 0) continue;
    if (common != 0 && cell.annotation != common) return std::nullopt;
    common = cell.annotation;
  }
  if (common == 0) return std::nullopt;
  return annotations_[common - 1];
}

}  // namespace ll::halo2
