#include "training/plot.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.hpp"

extern char** environ;  // NOLINT: POSIX

namespace ll::training {
namespace {

constexpr const char* kHead =
    "set terminal svg size 900,420 font 'Helvetica,14' background rgb 'white'\n"
    "set border 3 lc rgb '#666666'\n"
    "set tics nomirror\n"
    "set grid ytics lc rgb '#dddddd'\n";

std::string quoted(const std::filesystem::path& path) {  // gnuplot: single quotes, doubled inside
  std::string result = "'";
  for (const char c : path.string()) result += c == '\'' ? std::string("''") : std::string(1, c);
  return result + "'";
}

}  // namespace

std::string draw_svg(const std::filesystem::path& svg, const std::string& script) {
  PendingFile picture(svg);
  PendingFile commands(svg.string() + ".gnuplot");
  write_text(commands.path(), std::string(kHead) + "set output " + quoted(picture.path()) + "\n" + script);

  const std::string file = commands.path().string();
  std::string program = "gnuplot", argument = file;
  char* arguments[] = {program.data(), argument.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int spawned = posix_spawnp(&child, "gnuplot", &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  if (spawned == 0) {
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
  }
  std::filesystem::remove(commands.path());
  const std::string name = svg.filename().string();
  if (spawned != 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 127))
    return name + " not drawn: gnuplot is not installed (apt install gnuplot-nox)";
  std::error_code ignored;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || std::filesystem::file_size(picture.path(), ignored) == 0 ||
      ignored)
    return name + " not drawn: gnuplot failed";
  picture.commit();
  return {};
}

std::string draw_curve(const std::filesystem::path& svg, const TrainResult& result) {
  std::string script = "$batch << EOD\n";
  for (const TrainMetrics& row : result.metrics)
    if (std::isfinite(row.loss)) script += fmt::format("{} {:.6g}\n", row.step, row.orthogonality);
  script += "EOD\n$heldout << EOD\n";
  for (const TrainMetrics& row : result.metrics)
    if (std::isfinite(row.heldout)) script += fmt::format("{} {:.6g}\n", row.step, row.heldout);
  script += fmt::format(
      "EOD\n"
      "set title 'Training: how far the account directions are from orthonormal'\n"
      "set logscale y\nset format y '10^{{%T}}'\nset xlabel 'step'\nset ylabel '||VV^T - I||^2 / N'\n"
      "set key top right\n"
      "plot {:.6g} with lines dt 2 lw 2 lc rgb '#888888' title 'random Gaussian directions', "
      "$batch with lines lc rgb '#9ecae1' title 'account sets of the step', "
      "$heldout with linespoints pt 7 ps 0.4 lw 2 lc rgb '#08519c' title 'worst set never trained on'\n",
      result.gaussian.loss);
  return draw_svg(svg, script);
}

namespace {

constexpr const char* kColours[] = {"#d95f02", "#7570b3", "#1b9e77", "#e7298a", "#66a61e"};

/// The passes of a report in the order of their colours: the baseline is the fourth, exact wei the fifth.
std::vector<std::pair<const PassReport*, const char*>> coloured(const EvaluationReport& report) {
  std::vector<std::pair<const PassReport*, const char*>> passes;
  for (const PassReport& pass : report.passes) {
    const std::string_view names[] = {"float32", "float64", "quantised"};
    const auto at = std::ranges::find(names, pass.name) - std::begin(names);
    passes.emplace_back(&pass, kColours[at]);
  }
  if (report.exact) passes.emplace_back(&*report.exact, kColours[4]);
  return passes;
}

}  // namespace

std::string draw_errors(const std::filesystem::path& svg, const EvaluationReport& report) {
  constexpr int kFirst = PassReport::kFirstDecade;
  const auto passes = coloured(report);
  std::size_t first = PassReport::kDecades, last = 1;  // bins of errors that occur, the one for 0 aside
  for (const auto& [pass, colour] : passes) {
    for (std::size_t bin = 1; bin < pass->histogram.size(); ++bin) {
      if (pass->histogram[bin] > 0) first = std::min(first, bin), last = std::max(last, bin);
    }
  }
  std::string script = "$bins << EOD\n";
  for (std::size_t bin = 0; bin <= last; bin = bin == 0 ? std::min(first, last) : bin + 1) {
    script += bin == 0 ? "\"0\"" : fmt::format("\"10^{{{}}}\"", kFirst + int(bin) - 1);
    for (const auto& [pass, colour] : passes)
      script += fmt::format(
          " {:.6g}", 100.0 * double(pass->histogram[bin]) / double(std::max<std::size_t>(pass->by_transfer.size(), 1)));
    script += "\n";
  }
  script += fmt::format(
      "EOD\n"
      "set title 'Additive error of {} transfers'\n"
      "set style data histograms\nset style histogram clustered gap 1\nset style fill solid 0.9 noborder\n"
      "set yrange [0:105]\nset ylabel 'transfers (%)'\nset key outside top center horizontal\nset xtics rotate by -45\n"
      "set xlabel 'largest error of a component, embedding units: decade from this value up (0: exactly zero)'\nplot ",
      report.transfers);
  for (std::size_t i = 0; i < passes.size(); ++i)
    script += fmt::format("{}$bins using {}{} lc rgb '{}' title '{}'", i == 0 ? "" : ", ", i + 2,
                          i == 0 ? ":xtic(1)" : "", passes[i].second, passes[i].first->name);
  return draw_svg(svg, script + "\n");
}

std::string draw_drift(const std::filesystem::path& svg, const EvaluationReport& report) {
  std::string script, plots, zero;
  for (const auto& [pass, colour] : coloured(report)) {
    const bool drifts = std::ranges::any_of(pass->drift_curve, [](double value) { return value > 0; });
    if (!drifts) {
      zero += (zero.empty() ? "" : ", ") + pass->name;
      continue;
    }
    script += fmt::format("${} << EOD\n", pass->name);
    for (std::size_t i = 0; i < pass->drift_curve.size(); ++i) {
      if (pass->drift_curve[i] > 0 && std::isfinite(pass->drift_curve[i]))
        script += fmt::format("{} {:.6g}\n", pass->drift_at[i], pass->drift_curve[i]);
    }
    script += "EOD\n";
    plots += fmt::format("{}${} with lines lw 2 lc rgb '{}' title '{}'", plots.empty() ? "plot " : ", ", pass->name,
                         colour, pass->name);
  }
  if (plots.empty()) plots = "set yrange [1e-20:1]\nplot NaN notitle";
  script += fmt::format(
      "set title 'Drift of E(start) + all deltas{}'\n"
      "set logscale y\nset format y '10^{{%T}}'\nset xlabel 'transfers'\nset ylabel 'largest gap, embedding units'\n"
      "set xrange [0:*]\nset key outside top center horizontal\n{}\n",
      zero.empty() ? "" : fmt::format(" (exactly 0 throughout: {})", zero), plots);
  return draw_svg(svg, script);
}

}  // namespace ll::training
