#include "halo2/layout_svg.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.hpp"

namespace ll::halo2 {
namespace {

// Pixels.
constexpr double kTop = 118, kLeft = 74, kTableHeight = 900, kTallestRow = 22, kBlindingHeight = 22;
constexpr double kGutter = 300, kLegendHeight = 62, kLabelStep = 17, kBoxGap = 9;

constexpr const char* kInk = "#222222";
constexpr const char* kFaint = "#777777";
enum Group : std::size_t { kInstance, kAdvice, kFixed, kSelector };
constexpr std::array<std::string_view, 4> kGroupNames{"instance", "advice", "fixed", "selector"};
constexpr std::array<std::array<int, 3>, 4> kGroupColours{
    {{150, 98, 168}, {62, 118, 178}, {214, 133, 34}, {66, 148, 92}}};

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      out += c;
    }
  }
  return out;
}

/// 16384 as "16,384".
std::string grouped(std::size_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t i = digits.size(); i > 3;) digits.insert(i -= 3, ",");
  return digits;
}

std::string cut(const std::string& text, std::size_t most) {
  return text.size() <= most ? text : text.substr(0, most - 1) + "…";
}

/// The part of a group's colour that `share` (0 to 1) of it gives on white, in few steps so that equal rows join.
std::string shade(std::size_t group, double share) {
  const double step = std::ceil(share * 8) / 8;
  std::array<int, 3> mixed{};
  for (std::size_t i = 0; i < 3; ++i)
    mixed[i] = static_cast<int>(std::lround(255 + (kGroupColours[group][i] - 255) * step));
  return fmt::format("#{:02x}{:02x}{:02x}", mixed[0], mixed[1], mixed[2]);
}

/// A column of the drawing.
struct Drawn {
  std::size_t group;
  std::optional<AnyColumn> column;  ///< or a selector
  Selector selector;
  std::string name, annotation;
  double x = 0;
};

/// Regions one below the other that share a box in the gutter.
struct Labelled {
  std::size_t first, last;  ///< regions
  double top, bottom;
};

class Drawing {
 public:
  Drawing(const CircuitRecord& record, const LayoutOptions& options)
      : record_(record), title_(options.title), first_(options.first_row) {
    const std::size_t n = std::size_t{1} << record.k;
    const std::size_t end = std::min(options.end_row.value_or(n), n);
    end_ = std::min(end, record.usable_rows);
    LL_CHECK(first_ < end_, "layout: rows {} to {} are asked for, rows 0 to {} can be drawn", first_, end,
             record.usable_rows - 1);
    shows_blinding_ = end > record.usable_rows || end == n;
    row_height_ = std::min(kTallestRow, kTableHeight / static_cast<double>(end_ - first_));
    list_columns();
    width_ = std::clamp(760.0 / static_cast<double>(columns_.size()), 18.0, 74.0);
    double x = kLeft;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0 && columns_[i].group != columns_[i - 1].group) x += kBoxGap;
      columns_[i].x = x;
      x += width_;
    }
    right_ = x;
    bottom_ = y(end_);
  }

  std::string draw() {
    const double table_end = bottom_ + (shows_blinding_ ? kBlindingHeight : 0);
    const double height = table_end + kLegendHeight + 24, width = right_ + kGutter;
    header();
    cells();
    boxes();
    axis();
    blinding();
    gutter();
    legend(table_end + 30);
    return fmt::format(
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} "
               "{1:.0f}\" font-family=\"Helvetica, Arial, sans-serif\">\n"
               "<defs><pattern id=\"unset\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\">"
               "<rect width=\"5\" height=\"5\" fill=\"#ffffff\"/><path d=\"M0 5L5 0\" stroke=\"#bbbbbb\"/></pattern>"
               "<pattern id=\"blind\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">"
               "<rect width=\"6\" height=\"6\" fill=\"#f3e3e3\"/><path d=\"M0 0L6 6M0 6L6 0\" stroke=\"#c98f8f\" "
               "stroke-width=\".7\"/></pattern></defs>\n"
               "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
               width, height) +
           out_ + "</svg>\n";
  }

 private:
  double y(std::size_t row) const { return kTop + static_cast<double>(row - first_) * row_height_; }

  void text(double x, double y, double size, std::string_view anchor, std::string_view colour, std::string_view content,
            std::string_view more = {}) {
    out_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" font-size=\"{}\" text-anchor=\"{}\" fill=\"{}\"{}>{}</text>\n",
                        x, y, size, anchor, colour, more, escaped(content));
  }
  void rect(double x, double y, double width, double height, std::string_view style) {
    out_ += fmt::format("<rect x=\"{:.1f}\" y=\"{:.2f}\" width=\"{:.1f}\" height=\"{:.2f}\" {}/>\n", x, y, width,
                        height, style);
  }
  void line(double x1, double y1, double x2, double y2, std::string_view style) {
    out_ += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x1, y1, x2, y2, style);
  }

  void list_columns() {
    const ConstraintSystem& cs = record_.cs;
    const auto add = [&](std::size_t group, const AnyColumn& column) {
      columns_.push_back(
          {group, column, {}, column_name(column), record_.cells.common_annotation(column).value_or("")});
    };
    for (std::uint32_t i = 0; i < cs.instance_columns(); ++i) add(kInstance, {ColumnKind::instance, i, 0});
    for (std::uint32_t i = 0; i < cs.advice_columns(); ++i)
      add(kAdvice, {ColumnKind::advice, i, cs.advice_phases()[i]});
    for (std::uint32_t i = 0; i < cs.fixed_columns(); ++i) add(kFixed, {ColumnKind::fixed, i, 0});
    for (std::uint32_t i = 0; i < cs.selectors(); ++i) {
      columns_.push_back({kSelector, std::nullopt, {i, cs.selector_is_simple()[i]}, fmt::format("selector {}", i), ""});
    }
    LL_CHECK(!columns_.empty(), "layout: the circuit has no columns");
  }

  /// How much of a cell is painted: 0 nothing, 1 assigned (or on); a fixed cell that holds 0 counts little.
  double weight(const Drawn& drawn, std::size_t row) const {
    if (!drawn.column) return record_.cells.enabled(drawn.selector, row) ? 1 : 0;
    if (drawn.column->kind == ColumnKind::instance) {
      const auto rows = record_.cs.instance_rows()[drawn.column->index];
      return rows && row < *rows ? 1 : 0;
    }
    if (!record_.cells.assigned(*drawn.column, row)) return 0;
    return drawn.column->kind == ColumnKind::fixed && record_.fixed[drawn.column->index][row].is_zero() ? 0.25 : 1;
  }

  void cells() {
    // One band a row, or as many rows as make a pixel.
    const std::size_t band = std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(1 / row_height_)));
    for (const Drawn& drawn : columns_) {
      std::string open;
      std::size_t start = first_;
      const auto close = [&](std::size_t end) {
        if (!open.empty()) rect(drawn.x, y(start), width_, y(end) - y(start), fmt::format("fill=\"{}\"", open));
      };
      for (std::size_t row = first_; row < end_; row += band) {
        const std::size_t stop = std::min(end_, row + band);
        double sum = 0;
        for (std::size_t r = row; r < stop; ++r) sum += weight(drawn, r);
        const std::string colour = sum == 0 ? std::string() : shade(drawn.group, sum / static_cast<double>(stop - row));
        if (colour != open) {
          close(row);
          open = colour;
          start = row;
        }
      }
      close(end_);
    }
  }

  void header() {
    text(kLeft, 30, 18, "start", kInk, title_, " font-weight=\"bold\"");
    const std::size_t n = std::size_t{1} << record_.k;
    text(kLeft, 50, 12, "start", kFaint,
         fmt::format("k = {}: {} rows, {} usable, {} used · {} regions, {} copies · degree {}{}", record_.k, grouped(n),
                     grouped(record_.usable_rows), grouped(record_.used_rows), grouped(record_.cells.regions().size()),
                     grouped(record_.copies.size()), record_.cs.degree(),
                     end_ - first_ < record_.usable_rows
                         ? fmt::format(" · rows {} to {} drawn", grouped(first_), grouped(end_ - 1))
                         : ""));
    const bool wide = width_ >= 52;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const Drawn& drawn = columns_[i];
      const double middle = drawn.x + width_ / 2;
      if (i == 0 || columns_[i - 1].group != drawn.group) {
        std::size_t last = i;
        while (last + 1 < columns_.size() && columns_[last + 1].group == drawn.group) ++last;
        line(drawn.x, 84, columns_[last].x + width_, 84,
             fmt::format("stroke=\"{}\" stroke-width=\"2\"", shade(drawn.group, 1)));
        text(drawn.x, 78, 12, "start", shade(drawn.group, 1), kGroupNames[drawn.group], " font-weight=\"bold\"");
      }
      const std::string number = drawn.name.substr(drawn.name.rfind(' ') + 1);
      text(middle, 98, 11, "middle", kInk, number);
      if (wide) text(middle, 111, 10, "middle", kFaint, cut(drawn.annotation, 12));
    }
  }

  /// Outlines of regions, over the columns they use.
  void boxes() {
    for (const auto& region : record_.cells.regions()) {
      if (region.first_row >= end_ || region.last_row < first_) continue;
      const double top = y(std::max(first_, region.first_row)), bottom = y(std::min(end_, region.last_row + 1));
      if (bottom - top < 3) continue;
      for (std::size_t i = 0; i < columns_.size();) {
        std::size_t end = i;
        while (end < columns_.size() && columns_[end].group == columns_[i].group && uses(region, columns_[end])) ++end;
        if (end > i) {
          const double right = columns_[end - 1].x + width_;
          unassigned(region, i, end);
          rect(columns_[i].x, top, right - columns_[i].x, bottom - top,
               fmt::format("fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"", kInk, bottom - top < 12 ? 0.5 : 1.2));
        }
        i = std::max(end, i + 1);
      }
    }
  }

  /// Cells that a region leaves open in columns it uses.
  void unassigned(const CellBook::RegionRows& region, std::size_t begin, std::size_t end) {
    if (row_height_ < 2) return;
    for (std::size_t i = begin; i < end; ++i) {
      if (!columns_[i].column) continue;
      for (std::size_t row = std::max(first_, region.first_row); row < std::min(end_, region.last_row + 1); ++row) {
        if (!record_.cells.assigned(*columns_[i].column, row))
          rect(columns_[i].x, y(row), width_, row_height_, "fill=\"url(#unset)\"");
      }
    }
  }

  static bool uses(const CellBook::RegionRows& region, const Drawn& drawn) {
    if (!drawn.column) return std::ranges::find(region.selectors, drawn.selector) != region.selectors.end();
    return std::ranges::find(region.columns, *drawn.column) != region.columns.end();
  }

  void axis() {
    for (const Drawn& drawn : columns_)
      rect(drawn.x, kTop, width_, bottom_ - kTop, "fill=\"none\" stroke=\"#cccccc\" stroke-width=\"0.6\"");
    double step = 1;
    const double wanted = 34 / row_height_;  // rows in 34 pixels
    while (step < wanted) {
      if (step * 2 >= wanted) {
        step *= 2;
      } else if (step * 5 >= wanted) {
        step *= 5;
      } else {
        step *= 10;
      }
    }
    const auto stride = static_cast<std::size_t>(step);
    for (std::size_t row = (first_ + stride - 1) / stride * stride; row < end_; row += stride) {
      line(kLeft - 5, y(row), kLeft, y(row), fmt::format("stroke=\"{}\"", kFaint));
      text(kLeft - 8, y(row) + (row_height_ > 10 ? row_height_ / 2 + 4 : 4), 11, "end", kFaint, grouped(row));
    }
    out_ += fmt::format(
        "<text x=\"16\" y=\"{0:.1f}\" font-size=\"12\" fill=\"{1}\" text-anchor=\"middle\" transform=\"rotate(-90 16 "
        "{0:.1f})\">row</text>\n",
        (kTop + bottom_) / 2, kFaint);
  }

  void blinding() {
    if (!shows_blinding_) return;
    for (const Drawn& drawn : columns_) {
      if (drawn.column && drawn.column->kind == ColumnKind::advice &&
          !record_.cs.unblinded_advice()[drawn.column->index])
        rect(drawn.x, bottom_, width_, kBlindingHeight, "fill=\"url(#blind)\"");
    }
    line(kLeft - 5, bottom_, right_ + 6, bottom_, "stroke=\"#b03030\" stroke-width=\"1.6\" stroke-dasharray=\"7 4\"");
    const std::size_t n = std::size_t{1} << record_.k;
    text(right_ + 12, bottom_ + 14, 11, "start", "#b03030",
         fmt::format("rows {} to {}: blinding, not to scale", grouped(record_.usable_rows), grouped(n - 1)));
  }

  /// "block 17" without its number.
  static std::string stem(const std::string& name) {
    std::size_t end = name.size();
    while (end > 0 && name[end - 1] >= '0' && name[end - 1] <= '9') --end;
    return name.substr(0, end);
  }

  std::vector<Labelled> labels() const {
    std::vector<Labelled> list;
    const auto& regions = record_.cells.regions();
    for (std::size_t i = 0; i < regions.size(); ++i) {
      if (regions[i].first_row >= end_ || regions[i].last_row < first_) continue;
      const double top = y(std::max(first_, regions[i].first_row));
      const double bottom = y(std::min(end_, regions[i].last_row + 1));
      if (!list.empty() && list.back().last + 1 == i && stem(regions[i].name) == stem(regions[list.back().last].name) &&
          bottom - top < kLabelStep && regions[i].columns == regions[list.back().first].columns &&
          regions[list.back().last].last_row < regions[i].first_row) {
        list.back().last = i;
        list.back().bottom = bottom;
      } else {
        list.push_back({i, i, top, bottom});
      }
    }
    return list;
  }

  void gutter() {
    const auto& regions = record_.cells.regions();
    std::vector<Labelled> list = labels();
    std::ranges::stable_sort(list, {}, [](const Labelled& l) { return l.top + l.bottom; });
    const std::size_t room = static_cast<std::size_t>((bottom_ - kTop) / kLabelStep) + 1;
    std::size_t hidden = 0;
    if (list.size() > room) {  // the highest boxes keep their labels
      std::vector<double> heights;
      for (const Labelled& l : list) heights.push_back(l.bottom - l.top);
      std::ranges::sort(heights, std::greater{});
      const double least = heights[room - 1];
      hidden = list.size();
      std::erase_if(list, [&](const Labelled& l) { return l.bottom - l.top < least; });
      if (list.size() > room) list.resize(room);
      hidden -= list.size();
    }
    // Labels stand beside their boxes, pushed apart downwards, then back up from the end of the table.
    std::vector<double> at;
    for (const Labelled& l : list) {
      const double wanted = (l.top + l.bottom) / 2;
      at.push_back(at.empty() ? wanted : std::max(wanted, at.back() + kLabelStep));
    }
    double limit = bottom_ - 4;
    for (std::size_t i = at.size(); i-- > 0; limit -= kLabelStep) at[i] = std::min(at[i], limit);
    for (std::size_t i = 0; i < list.size(); ++i) {
      const Labelled& l = list[i];
      const auto &first = regions[l.first], &last = regions[l.last];
      const std::size_t rows = first.last_row - first.first_row + 1;
      const double middle = (l.top + l.bottom) / 2, x = right_ + 6;
      line(x, l.top + 1, x, l.bottom - 1, fmt::format("stroke=\"{}\" stroke-width=\"1.4\"", kInk));
      out_ +=
          fmt::format("<polyline points=\"{:.1f},{:.1f} {:.1f},{:.1f} {:.1f},{:.1f}\" fill=\"none\" stroke=\"{}\"/>\n",
                      x, middle, x + 10, middle, x + 22, at[i], kFaint);
      const std::string name = l.first == l.last
                                   ? cut(first.name, 34)
                                   : cut(first.name, 18) + " to " + last.name.substr(stem(last.name).size());
      const std::string size =
          l.first == l.last
              ? (rows == 1 ? fmt::format("row {}", grouped(first.first_row))
                           : fmt::format("rows {} to {}", grouped(first.first_row), grouped(first.last_row)))
              : fmt::format("{} regions, {} rows each", l.last - l.first + 1, grouped(rows));
      out_ += fmt::format(
          "<text x=\"{:.1f}\" y=\"{:.1f}\" font-size=\"12\" fill=\"{}\">{} <tspan fill=\"{}\" font-size=\"11\">{}"
          "</tspan></text>\n",
          x + 26, at[i] + 4, kInk, escaped(name), kFaint, escaped(size));
    }
    if (hidden > 0) {
      text(right_ + 32, kTop - 8, 11, "start", kFaint,
           fmt::format("{} small regions without a label: draw fewer rows", hidden));
    }
    if (record_.used_rows >= first_ && end_ > record_.used_rows && bottom_ - y(record_.used_rows) > 30) {
      text((kLeft + right_) / 2, (y(record_.used_rows) + bottom_) / 2 + 4, 12, "middle", kFaint,
           fmt::format("{} rows unused", grouped(record_.usable_rows - record_.used_rows)));
    }
  }

  void legend(double top) {
    double x = kLeft;
    const auto entry = [&](std::string_view style, std::string_view what, double width) {
      rect(x, top, 16, 12, style);
      text(x + 22, top + 10, 12, "start", kInk, what);
      x += width;
    };
    const auto has = [&](std::size_t group) {
      return std::ranges::any_of(columns_, [&](const Drawn& d) { return d.group == group; });
    };
    const auto solid = [&](std::size_t group, double share) {
      return fmt::format("fill=\"{}\" stroke=\"#cccccc\"", shade(group, share));
    };
    if (has(kInstance)) entry(solid(kInstance, 1), "public input", 118);
    if (has(kAdvice)) entry(solid(kAdvice, 1), "advice, assigned", 136);
    if (has(kFixed)) {
      entry(solid(kFixed, 1), "fixed", 76);
      entry(solid(kFixed, 0.25), "fixed, 0", 92);
    }
    if (has(kSelector)) entry(solid(kSelector, 1), "selector on", 108);
    entry("fill=\"#ffffff\" stroke=\"#cccccc\"", "not assigned", 120);
    x = kLeft;
    top += 24;
    if (row_height_ >= 2) entry("fill=\"url(#unset)\" stroke=\"#cccccc\"", "not assigned, inside a region", 212);
    entry(fmt::format("fill=\"none\" stroke=\"{}\" stroke-width=\"1.2\"", kInk), "region", 84);
    if (shows_blinding_) entry("fill=\"url(#blind)\" stroke=\"#cccccc\"", "random rows of the prover", 190);
    if (row_height_ < 1) text(x, top + 10, 12, "start", kFaint, "paler: few cells of these rows are assigned");
  }

  const CircuitRecord& record_;
  std::string title_;
  std::size_t first_, end_ = 0;
  bool shows_blinding_ = false;
  double row_height_ = 1, width_ = 1, right_ = 0, bottom_ = 0;
  std::vector<Drawn> columns_;
  std::string out_;
};

}  // namespace

std::string layout_svg(const CircuitRecord& record, const LayoutOptions& options) {
  return Drawing(record, options).draw();
}

}  // namespace ll::halo2
