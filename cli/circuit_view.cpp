// Verbs `circuit copies`, `circuit layout`: looks into a statement's circuit, with no ledger, encoder or key at hand.
#include <charconv>
#include <tuple>

#include "base/files.hpp"
#include "cli/application.hpp"
#include "cli/circuit_options.hpp"
#include "halo2/circuit_record.hpp"
#include "halo2/layout_svg.hpp"
#include "halo2/report_json.hpp"

namespace ll::cli {
namespace {

Outcome copies(const CircuitArguments& arguments) {
  const auto sample = circuits::sample_statement(arguments.statement, arguments.shape);
  const halo2::CircuitRecord record = halo2::record_circuit(*sample.circuit, sample.k);
  Json list = Json::array();
  std::string text;
  for (const halo2::RecordedCopy& copy : record.copies) {
    list.push_back(halo2::to_json(copy));
    text += fmt::format("{} = {}\n", copy.a.to_string(), copy.b.to_string());
  }
  Json columns = Json::array();
  for (const auto& column : record.cs.permutation_columns()) columns.push_back(halo2::column_name(column));
  text +=
      record.cs.permutation_columns().empty()
          ? fmt::format("{} copies nothing: no column takes part in a permutation\n", arguments.statement)
          : fmt::format("{} copies among {} columns\n", record.copies.size(), record.cs.permutation_columns().size());
  return {.result = {{"statement", arguments.statement},
                     {"k", record.k},
                     {"columns", std::move(columns)},
                     {"copies", std::move(list)}},
          .text = std::move(text)};
}

struct LayoutArguments {
  CircuitArguments circuit;
  std::string rows;  ///< "FROM:TO", both ends drawn
  std::filesystem::path output;
};

/// "145:261" as first row and one past the last.
std::pair<std::size_t, std::size_t> parse_rows(const std::string& text) {
  const std::size_t colon = text.find(':');
  std::size_t rows[2]{};
  for (int side = 0; side < 2; ++side) {
    const std::string part = side == 0 ? text.substr(0, colon) : colon == text.npos ? "" : text.substr(colon + 1);
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), rows[side]);
    LL_CHECK(error == std::errc{} && end == part.data() + part.size(),
             "--rows {}: FROM:TO is expected, two row numbers", text);
  }
  LL_CHECK(rows[0] <= rows[1], "--rows {}: the first row is behind the last", text);
  return {rows[0], rows[1] + 1};
}

Outcome layout(const LayoutArguments& arguments, Session& session) {
  const auto sample = circuits::sample_statement(arguments.circuit.statement, arguments.circuit.shape);
  const halo2::CircuitRecord record = halo2::record_circuit(*sample.circuit, sample.k);
  halo2::LayoutOptions options{.title = fmt::format("Circuit of the statement {}", arguments.circuit.statement),
                               .first_row = 0,
                               .end_row = std::nullopt};
  if (!arguments.rows.empty()) std::tie(options.first_row, options.end_row) = parse_rows(arguments.rows);
  const std::string svg = halo2::layout_svg(record, options);
  const std::filesystem::path file = session.path_or(arguments.output, "layout.svg");
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path());
  write_text(file, svg);
  session.output("layout", file);
  const std::size_t columns =
      record.cs.instance_columns() + record.cs.advice_columns() + record.cs.fixed_columns() + record.cs.selectors();
  return {
      .result = {{"statement", arguments.circuit.statement},
                 {"k", record.k},
                 {"columns", columns},
                 {"regions", record.cells.regions().size()},
                 {"used_rows", record.used_rows},
                 {"usable_rows", record.usable_rows}},
      .text = fmt::format("drawn             {} columns, {} regions, {} of {} usable rows used\nwritten to        {}\n",
                          columns, record.cells.regions().size(), record.used_rows, record.usable_rows, file.string())};
}

}  // namespace

void add_circuit_view_commands(Application& application, CLI::App& group) {
  auto copied = std::make_shared<CircuitArguments>();
  CLI::App& copies_verb = application.verb(
      group, "copies", "Every pair of cells that the circuit holds equal, with regions and annotations",
      "circuit copies --statement update", [copied](Session&) { return copies(*copied); });
  add_circuit_options(copies_verb, *copied);

  auto drawn = std::make_shared<LayoutArguments>();
  CLI::App& layout_verb = application.verb(group, "layout", "Draws which cells the circuit assigns, region by region",
                                           "circuit layout --statement update -o layout.svg",
                                           [drawn](Session& session) { return layout(*drawn, session); });
  add_circuit_options(layout_verb, drawn->circuit);
  layout_verb.add_option("--rows", drawn->rows, "FROM:TO, to look at a part closely [all]");
  layout_verb.add_option("-o,--output", drawn->output, "SVG file to write [WORKDIR/layout.svg]");
}

}  // namespace ll::cli
