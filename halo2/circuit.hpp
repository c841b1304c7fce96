#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "halo2/constraint_system.hpp"

namespace ll::halo2 {

/// Where synthesis writes: keygen, the prover's witness pass and MockProver each implement it. Rows are absolute.
class Assignment {
 public:
  virtual ~Assignment() = default;
  virtual void enter_region(std::string_view /*name*/, std::size_t /*first_row*/) {}
  virtual void exit_region() {}
  /// A region names the cell that it assigns next, in every pass, whether its value is wanted or not.
  virtual void name_cell(AnyColumn, std::size_t /*row*/, std::string_view /*annotation*/) {}
  virtual void enable_selector(Selector, std::size_t /*row*/) {}
  /// True when values of this column are wanted in this pass; keygen wants none.
  virtual bool wants_advice(AdviceColumn column) const = 0;
  virtual void assign_advice(AdviceColumn, std::size_t /*row*/, const Fr&) {}
  virtual void assign_fixed(FixedColumn, std::size_t /*row*/, const Fr&) {}
  virtual void copy(AnyColumn, std::size_t /*row*/, AnyColumn, std::size_t /*row*/) {}
  /// Fills a table column from `row` to the last usable row.
  virtual void fill_from_row(FixedColumn, std::size_t /*row*/, const Fr&) {}
  virtual std::optional<Fr> instance(InstanceColumn, std::size_t /*row*/) const { return std::nullopt; }
  /// nullopt before the challenge is squeezed.
  virtual std::optional<Fr> challenge(Challenge) const { return std::nullopt; }
};

/// A cell that a region has assigned; its value is known only in passes that fill the witness.
struct AssignedCell {
  AnyColumn column;
  std::size_t row = 0;  ///< absolute
  std::optional<Fr> value;
};

/// Rows and columns that a region uses, found by running it once without writing.
struct RegionShape {
  std::vector<AnyColumn> columns;
  std::vector<Selector> selectors;
  std::size_t rows = 0;
};

/// A block of cells with relative rows. Assigning a cell proves nothing: gates and copies do.
class Region {
 public:
  /// `value` is called only when the pass wants it: `region.assign_advice("a", col, 0, [&] { return x; })`.
  template <class Value>
    requires std::is_invocable_r_v<Fr, Value>
  AssignedCell assign_advice(std::string_view annotation, AdviceColumn column, std::size_t offset, Value&& value) {
    note(column, offset, annotation);
    std::optional<Fr> assigned;
    if (assignment_ != nullptr && assignment_->wants_advice(column)) {
      assigned = value();
      assignment_->assign_advice(column, first_row_ + offset, *assigned);
    }
    return {column, first_row_ + offset, assigned};
  }
  /// Copies a value from elsewhere into this region, and constrains the copy.
  AssignedCell copy_advice(std::string_view annotation, const AssignedCell& source, AdviceColumn column,
                           std::size_t offset);
  /// A cell that is constrained to a constant (which lands in the first constants column).
  AssignedCell assign_advice_from_constant(std::string_view annotation, AdviceColumn column, std::size_t offset,
                                           const Fr& value);
  AssignedCell assign_fixed(std::string_view annotation, FixedColumn column, std::size_t offset, const Fr& value);
  void enable_selector(Selector selector, std::size_t offset);
  void constrain_equal(const AssignedCell& a, const AssignedCell& b);

 private:
  friend class Layouter;
  Region(Assignment* assignment, RegionShape* shape, std::size_t first_row) noexcept
      : assignment_(assignment), shape_(shape), first_row_(first_row) {}
  void note(AnyColumn column, std::size_t offset, std::string_view annotation);

  Assignment* assignment_;  ///< nullptr while the shape is measured
  RegionShape* shape_;
  std::size_t first_row_;
  std::vector<std::pair<Fr, AssignedCell>> constants_;
};

/// Places regions one below the other where they share columns, in the order of the calls (halo2's SimpleFloorPlanner:
/// the first region starts at row 0, so one region with absolute offsets can fix a whole layout).
class Layouter {
 public:
  Layouter(Assignment& assignment, const ConstraintSystem& cs);

  /// Runs `fill` twice: once to measure, once to write. It must do the same both times.
  template <class Fill>
  auto assign_region(std::string_view name, Fill&& fill) {
    RegionShape shape;
    Region measured(nullptr, &shape, 0);
    fill(measured);
    const std::size_t first_row = place(shape);
    assignment_.enter_region(name, first_row);
    Region region(&assignment_, nullptr, first_row);
    if constexpr (std::is_void_v<std::invoke_result_t<Fill, Region&>>) {
      fill(region);
      finish(region);
    } else {
      auto result = fill(region);
      finish(region);
      return result;
    }
  }
  /// Fills lookup columns from row 0, all of one length; rows behind take the first row's value.
  void assign_table(std::string_view name, const std::vector<std::pair<TableColumn, std::vector<Fr>>>& columns);
  void constrain_instance(const AssignedCell& cell, InstanceColumn column, std::size_t row);
  std::optional<Fr> challenge(Challenge challenge) const { return assignment_.challenge(challenge); }
  std::optional<Fr> instance(InstanceColumn column, std::size_t row) const { return assignment_.instance(column, row); }

 private:
  std::size_t place(const RegionShape& shape);
  void finish(Region& region);

  Assignment& assignment_;
  std::vector<FixedColumn> constants_;
  std::size_t next_constant_row_ = 0;
  std::vector<std::pair<AnyColumn, std::size_t>> next_row_;
  std::vector<std::pair<Selector, std::size_t>> next_selector_row_;
};

/// A statement: its shape, and how a witness fills it. The object holds the witness; configure() keeps the columns it
/// made.
class Circuit {
 public:
  virtual ~Circuit() = default;
  /// Must not depend on the witness. Called before synthesize(), each time on a fresh ConstraintSystem.
  virtual void configure(ConstraintSystem& cs) = 0;
  /// Called once by keygen and once for each phase by the prover.
  virtual void synthesize(Layouter& layouter) const = 0;
};

}  // namespace ll::halo2
