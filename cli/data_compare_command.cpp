// Verb `data compare`: the figures of two ledgers side by side.
#include <algorithm>
#include <cmath>
#include <memory>

#include "base/files.hpp"
#include "cli/application.hpp"
#include "cli/data_commands.hpp"
#include "cli/ledger_folder.hpp"
#include "ledger/figures.hpp"
#include "ledger/generator.hpp"
#include "training/plot.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;
using ledger::FiguresOf;

struct CompareArguments {
  fs::path data, with, output;
  std::string wei_per_unit;
};

/// A synthetic ledger of the ethereum profile counts in 0.01 ether, whatever its own unit says.
double wei_scale(const ledger::Dataset& data, const std::string& asked) {
  const std::string& source = data.provenance.source;
  if (!source.starts_with("synthetic")) return 1;
  if (!asked.empty()) {
    const auto given = parse_u128(asked);
    LL_CHECK(given && *given > 0, "--wei-per-unit {}: a decimal number from 1 is expected", asked);
    return static_cast<double>(*given);
  }
  return source.starts_with("synthetic ethereum") ? static_cast<double>(ledger::kEthereumWeiPerUnit) : 1;
}

/// One line of the table: a name and the figure of each ledger.
struct Row {
  std::string name;
  double data, with;
};

std::vector<Row> rows_of(const ledger::TransferFigures& a, const ledger::TransferFigures& b) {
  std::vector<Row> rows;
  const auto add = [&](const std::string& name, auto figure) {
    rows.push_back({name, static_cast<double>(figure(a)), static_cast<double>(figure(b))});
  };
  using F = ledger::TransferFigures;
  add("transfers", [](const F& f) { return f.transfers; });
  add("accounts", [](const F& f) { return f.accounts; });
  add("senders", [](const F& f) { return f.senders; });
  add("receivers", [](const F& f) { return f.receivers; });
  add("directed pairs", [](const F& f) { return f.pairs; });
  add("ln(wei): mu", [](const F& f) { return f.mu; });
  add("ln(wei): sigma", [](const F& f) { return f.sigma; });
  add("KS distance to that log-normal", [](const F& f) { return f.ks_log_normal; });
  for (std::size_t i = 0; i < ledger::kQuantiles.size(); ++i) {
    add(fmt::format("amount quantile {} (ether)", ledger::kQuantiles[i]),
        [i](const F& f) { return f.quantiles[i] / 1e18; });
  }
  constexpr int kTops[] = {1, 5, 10};
  for (std::size_t i = 0; i < 3; ++i) {
    add(fmt::format("top {} senders, share of transfers", kTops[i]), [i](const F& f) { return f.top_senders[i]; });
  }
  for (std::size_t i = 0; i < 3; ++i) {
    add(fmt::format("top {} receivers, share of transfers", kTops[i]), [i](const F& f) { return f.top_receivers[i]; });
  }
  add("transfers on a pair already seen", [](const F& f) { return f.repeated; });
  add("reciprocal pairs", [](const F& f) { return f.reciprocal; });
  add("same sender as the transfer before", [](const F& f) { return f.same_sender; });
  const auto law = [&](const std::string& name, auto field) {
    add("tail exponent: " + name, [field](const F& f) { return (f.*field) ? (f.*field)->alpha : std::nan(""); });
    add("  from (xmin)", [field](const F& f) { return (f.*field) ? double((f.*field)->xmin) : std::nan(""); });
    add("  KS distance", [field](const F& f) { return (f.*field) ? (f.*field)->ks : std::nan(""); });
  };
  law("distinct receivers", &F::out_degree);
  law("distinct senders", &F::in_degree);
  law("transfers sent", &F::sent);
  law("transfers received", &F::received);
  law("transfers of a pair", &F::per_pair);
  add("burstiness of the stream", [](const F& f) { return f.burstiness; });
  add("burstiness by sender, median", [](const F& f) { return f.by_sender.median; });
  add("burstiness by pair, median", [](const F& f) { return f.by_pair.median; });
  return rows;
}

Json law_json(const std::optional<ledger::PowerLaw>& law) {
  if (!law) return nullptr;
  return {{"alpha", law->alpha}, {"xmin", law->xmin}, {"tail", law->tail}, {"ks", law->ks}};
}

Json spread_json(const ledger::BurstinessSpread& spread) {
  return {{"streams", spread.streams}, {"p10", spread.p10}, {"median", spread.median}, {"p90", spread.p90}};
}

Json figures_json(const ledger::TransferFigures& f, const ledger::Dataset& data, double scale) {
  return {{"source", data.provenance.source},
          {"wei_per_unit_of_amounts", scale},
          {"transfers", f.transfers},
          {"accounts", f.accounts},
          {"senders", f.senders},
          {"receivers", f.receivers},
          {"pairs", f.pairs},
          {"mu", f.mu},
          {"sigma", f.sigma},
          {"ks_log_normal", f.ks_log_normal},
          {"quantiles_wei", f.quantiles},
          {"top_senders", f.top_senders},
          {"top_receivers", f.top_receivers},
          {"repeated", f.repeated},
          {"reciprocal", f.reciprocal},
          {"same_sender", f.same_sender},
          {"tail_exponent",
           {{"out_degree", law_json(f.out_degree)},
            {"in_degree", law_json(f.in_degree)},
            {"sent", law_json(f.sent)},
            {"received", law_json(f.received)},
            {"per_pair", law_json(f.per_pair)}}},
          {"burstiness", f.burstiness},
          {"burstiness_by_sender", spread_json(f.by_sender)},
          {"burstiness_by_pair", spread_json(f.by_pair)}};
}

// ---- plots: data blocks of at most a few hundred points

/// Share of values at or below each of 400 places between the quantiles 0.0005 and 0.9995.
std::string cumulative(const std::vector<double>& ascending, const char* name) {
  std::string block = fmt::format("${} << EOD\n", name);
  const auto n = static_cast<double>(ascending.size());
  const double low = ascending[static_cast<std::size_t>(0.0005 * n)],
               high = ascending[static_cast<std::size_t>(0.9995 * n)];
  for (int i = 0; i <= 400; ++i) {
    const double x = low + (high - low) * i / 400;
    const auto below = std::ranges::upper_bound(ascending, x) - ascending.begin();
    block += fmt::format("{:.6g} {:.6g}\n", x, static_cast<double>(below) / n);
  }
  return block + "EOD\n";
}

/// Share of values at or above k, for each different k (descending counts).
std::string survival(const std::vector<std::uint64_t>& descending, const std::string& name) {
  std::string block = fmt::format("${} << EOD\n", name);
  for (std::size_t i = 0; i < descending.size(); ++i) {
    if (i + 1 < descending.size() && descending[i + 1] == descending[i]) continue;
    block +=
        fmt::format("{} {:.6g}\n", descending[i], static_cast<double>(i + 1) / static_cast<double>(descending.size()));
  }
  return block + "EOD\n";
}

/// The same for gaps: one point for each different number of blocks, plus one so that a log axis shows 0.
std::string gap_survival(const std::vector<double>& ascending, const char* name) {
  std::string block = fmt::format("${} << EOD\n", name);
  const auto n = static_cast<double>(ascending.size());
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    if (i > 0 && ascending[i] == ascending[i - 1]) continue;
    block += fmt::format("{} {:.6g}\n", ascending[i] + 1, 1 - static_cast<double>(i) / n);
  }
  return block + "EOD\n";
}

constexpr const char* kStyles[] = {"lc rgb '#d95f02'", "lc rgb '#08519c'"};

std::string amounts_script(const FiguresOf& a, const FiguresOf& b, double ks) {
  return cumulative(a.samples.log_amounts, "a") + cumulative(b.samples.log_amounts, "b") +
         fmt::format(
             "set title 'Amounts: KS distance {:.3f}'\nset xlabel 'ln(wei)'\nset ylabel 'share of transfers at or "
             "below'\n"
             "set yrange [0:1]\nset key left top\n"
             "plot $a with lines lw 2 {} title 'data', $b with lines lw 2 {} title 'with'\n",
             ks, kStyles[0], kStyles[1]);
}

std::string degrees_script(const FiguresOf& a, const FiguresOf& b) {
  return survival(a.samples.sent, "as") + survival(b.samples.sent, "bs") + survival(a.samples.out_degree, "ao") +
         survival(b.samples.out_degree, "bo") + survival(a.samples.in_degree, "ai") +
         survival(b.samples.in_degree, "bi") +
         fmt::format(
             "set title 'Degrees of accounts'\nset logscale xy\nset format x '10^{{%T}}'\nset format y '10^{{%T}}'\n"
             "set xlabel 'k'\nset ylabel 'share of accounts with at least k'\nset key left bottom\n"
             "plot $as with linespoints pt 7 ps 0.4 {0} title 'data: transfers sent', "
             "$bs with linespoints pt 7 ps 0.4 {1} title 'with: transfers sent', "
             "$ao with linespoints pt 6 ps 0.5 dt 2 {0} title 'data: distinct receivers', "
             "$bo with linespoints pt 6 ps 0.5 dt 2 {1} title 'with: distinct receivers', "
             "$ai with linespoints pt 8 ps 0.5 dt 3 {0} title 'data: distinct senders', "
             "$bi with linespoints pt 8 ps 0.5 dt 3 {1} title 'with: distinct senders'\n",
             kStyles[0], kStyles[1]);
}

std::string gaps_script(const FiguresOf& a, const FiguresOf& b, double ks) {
  return gap_survival(a.samples.gaps, "a") + gap_survival(b.samples.gaps, "b") +
         fmt::format(
             "set title 'Blocks between transfers: KS distance {:.3f}; burstiness {:.3f} and {:.3f}'\nset logscale xy\n"
             "set format y '10^{{%T}}'\nset xlabel 'blocks + 1'\nset ylabel 'share of gaps at least as long'\n"
             "set key right top\n"
             "plot $a with lines lw 2 {} title 'data', $b with lines lw 2 {} title 'with'\n",
             ks, a.figures.burstiness, b.figures.burstiness, kStyles[0], kStyles[1]);
}

std::string number(double value) { return std::isnan(value) ? std::string("-") : fmt::format("{:.4g}", value); }

Outcome compare_data(const CompareArguments& arguments, Session& session) {
  const ledger::Dataset data = load_ledger(session, session.path_or(arguments.data, "ledger"));
  const ledger::Dataset with = load_ledger(session, arguments.with);
  const double scale = wei_scale(data, arguments.wei_per_unit), with_scale = wei_scale(with, arguments.wei_per_unit);
  const fs::path folder = session.path_or(arguments.output, "comparison");
  const FolderLock lock(folder);
  const FiguresOf a = ledger::figures_of(data, scale);
  session.check_stop();
  const FiguresOf b = ledger::figures_of(with, with_scale);
  session.check_stop();
  const double ks_amounts = ledger::ks_distance(a.samples.log_amounts, b.samples.log_amounts);
  const double ks_gaps = ledger::ks_distance(a.samples.gaps, b.samples.gaps);

  std::string csv = "quantity,data,with\n";
  std::string text = fmt::format("{:<40}{:>14}{:>14}\n", "", "data", "with");
  for (const Row& row : rows_of(a.figures, b.figures)) {
    csv += fmt::format("\"{}\",{},{}\n", row.name, std::isnan(row.data) ? "" : fmt::format("{:.10g}", row.data),
                       std::isnan(row.with) ? "" : fmt::format("{:.10g}", row.with));
    text += fmt::format("{:<40}{:>14}{:>14}\n", row.name, number(row.data), number(row.with));
  }
  text += fmt::format("{:<40}{:>14}\n{:<40}{:>14}\n", "KS distance between the amounts", number(ks_amounts),
                      "KS distance between the gaps", number(ks_gaps));
  csv += fmt::format("\"KS distance between the amounts\",{0:.10g},{0:.10g}\n", ks_amounts);
  csv += fmt::format("\"KS distance between the gaps\",{0:.10g},{0:.10g}\n", ks_gaps);
  Json result = {{"ks_amounts", ks_amounts},
                 {"ks_gaps", ks_gaps},
                 {"data", figures_json(a.figures, data, scale)},
                 {"with", figures_json(b.figures, with, with_scale)}};
  write_text(folder / "comparison.csv", csv);
  write_text(folder / "comparison.txt", text);
  write_text(folder / "comparison.json", result.dump(2) + "\n");
  const std::pair<const char*, std::string> plots[] = {{"amounts.svg", amounts_script(a, b, ks_amounts)},
                                                       {"degrees.svg", degrees_script(a, b)},
                                                       {"gaps.svg", gaps_script(a, b, ks_gaps)}};
  for (const auto& [name, script] : plots) {
    if (const std::string told = training::draw_svg(folder / name, script); !told.empty()) session.note(told);
  }
  for (const char* name :
       {"comparison.csv", "comparison.txt", "comparison.json", "amounts.svg", "degrees.svg", "gaps.svg"}) {
    if (fs::exists(folder / name)) session.output(name, folder / name);
  }
  text += fmt::format("written to {}\n", folder.string());
  return {.result = std::move(result), .text = std::move(text)};
}

}  // namespace

void add_data_compare(Application& application, CLI::App& data) {
  auto compare = std::make_shared<CompareArguments>();
  CLI::App& verb = application.verb(data, "compare",
                                    "Figures of two ledgers side by side: amounts, degrees, repetition, bursts; plots",
                                    "data compare --data synthetic --with real -o comparison",
                                    [compare](Session& session) { return compare_data(*compare, session); });
  verb.add_option("--data", compare->data, "Ledger folder [WORKDIR/ledger]");
  verb.add_option("--with", compare->with, "Ledger folder that it is compared with")->required();
  verb.add_option("--wei-per-unit", compare->wei_per_unit,
                  "Wei in one unit of a synthetic ledger [10^16 for the ethereum profile, else 1]");
  verb.add_option("-o,--output", compare->output, "Folder to write [WORKDIR/comparison]");
}

}  // namespace ll::cli
