#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "halo2/circuit.hpp"

namespace ll::halo2 {

/// "advice 3", "fixed 0", "instance 1".
std::string column_name(const AnyColumn& column);

/// A cell as people find it again: its place in the table, and the region that assigned it.
struct CellName {
  AnyColumn column;
  std::size_t row = 0;         ///< absolute
  std::string region;          ///< empty when no region assigned it (public inputs, constants, forgotten cells)
  std::size_t region_row = 0;  ///< relative to the region, `row` outside of all
  std::string annotation;      ///< what the circuit calls it; the table's name in a lookup table

  /// "advice 0 row 12", with "("five" in "all" row 3)" behind it where a region assigned it.
  std::string to_string() const;
};

/// What one synthesis placed where: regions, the name of every assigned cell, the rows of every selector.
class CellBook {
 public:
  struct RegionRows {
    std::string name;
    std::size_t first_row = 0, last_row = 0;  ///< inclusive
    std::vector<AnyColumn> columns;           ///< in order of first use
    std::vector<Selector> selectors;
  };

  CellBook() = default;
  CellBook(const ConstraintSystem& cs, std::size_t rows);

  void enter_region(std::string_view name, std::size_t first_row);
  void exit_region() { open_ = false; }
  void name_cell(const AnyColumn& column, std::size_t row, std::string_view annotation);
  void enable_selector(Selector selector, std::size_t row);
  /// A lookup table's rows from `row` up to `end`, which repeat its first row.
  void fill_rows(FixedColumn column, std::size_t row, std::size_t end);

  const std::vector<RegionRows>& regions() const { return regions_; }
  bool assigned(const AnyColumn& column, std::size_t row) const;
  bool enabled(Selector selector, std::size_t row) const { return selectors_.at(selector.index)[row] != 0; }
  /// Number of the region that assigned the cell or enabled the selector there; nullopt for none.
  std::optional<std::size_t> region_of(const AnyColumn& column, std::size_t row) const;
  std::optional<std::size_t> region_of(Selector selector, std::size_t row) const;
  CellName name(const AnyColumn& column, std::size_t row) const;
  /// What all assigned cells of a column are called, if it is one and the same thing.
  std::optional<std::string> common_annotation(const AnyColumn& column) const;

 private:
  struct Cell {
    std::uint32_t annotation = 0;  ///< 0: not assigned; else 1 + index into annotations_
    std::uint32_t region = 0;      ///< 0: none; else 1 + index into regions_
  };
  const std::vector<Cell>* cells(const AnyColumn& column) const;
  std::uint32_t current_region() const { return open_ ? static_cast<std::uint32_t>(regions_.size()) : 0; }

  std::vector<std::vector<Cell>> advice_, fixed_;
  std::vector<std::vector<std::uint32_t>> selectors_;  ///< 0: off; 1: on outside of all regions; else 2 + region
  std::vector<RegionRows> regions_;
  std::vector<std::string> annotations_;
  std::map<std::string, std::uint32_t, std::less<>> known_annotations_;
  bool open_ = false;
};

}  // namespace ll::halo2
