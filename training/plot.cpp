#include "training/plot.hpp"

#include <cmath>
#include <cstdlib>

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

std::string draw_errors(const std::filesystem::path& svg, const EvaluationReport& report) {
  constexpr int kFirst = PassReport::kFirstDecade;
  std::string script = "$bins << EOD\n";
  for (std::size_t bin = 0; bin <= PassReport::kDecades; ++bin) {
    const std::string label = bin == 0 ? "0" : fmt::format("10^{{{}}}", kFirst + int(bin) - 1);
    script += fmt::format("\"{}\"", label);
    for (const PassReport& pass : report.passes)
      script += fmt::format(" {:.6g}",
                            100.0 * double(pass.histogram[bin]) / double(std::max<std::uint64_t>(report.transfers, 1)));
    script += "\n";
  }
  script += fmt::format(
      "EOD\n"
      "set title 'Additive error of {} transfers'\n"
      "set style fill transparent solid 0.8 noborder\nset boxwidth 0.8\nset offsets 0.5, 0.5, 0, 0\n"
      "set xtics rotate by -45\nset yrange [0:105]\nset ylabel 'transfers (%)'\n"
      "set xlabel 'largest error of a component: decade from this value up (0: exactly zero)'\n"
      "plot $bins using 0:2:xtic(1) with boxes lc rgb '#d95f02' title 'float32', "
      "$bins using 0:3 with boxes lc rgb '#7570b3' title 'float64', "
      "$bins using 0:4 with boxes lc rgb '#1b9e77' title 'quantised'\n",
      report.transfers);
  return draw_svg(svg, script);
}

}  // namespace ll::training
