// Verb `doctor`: is everything there that the command needs, and does a small proof come out right?
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/ranges.h>

#include "algebra/kernels.hpp"
#include "base/files.hpp"
#include "base/parallel.hpp"
#include "base/resources.hpp"
#include "circuits/update.hpp"
#include "cli/application.hpp"
#include "cli/keys_folder.hpp"
#include "cli/ledger_folder.hpp"
#include "cli/machine.hpp"
#include "cli/srs_file.hpp"
#include "halo2/prover.hpp"
#include "training/encoder.hpp"
#include "training/engine.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;

struct Check {
  std::string name;
  bool ok = false;
  std::string detail;
  std::string advice;  ///< what to do; beside ok: what could be better
};

/// What a check finds, when it finds what it looks for.
struct Finding {
  std::string detail;
  std::string advice = {};
};

/// Runs a body that returns a finding, or throws what is wrong. `advice`: what to do then.
template <class Body>
Check check(std::string name, std::string advice, Body&& body) {
  try {
    Finding found = body();
    return {std::move(name), true, std::move(found.detail), std::move(found.advice)};
  } catch (const Error& error) {
    return {std::move(name), false, error.what(), error.hint().empty() ? std::move(advice) : error.hint()};
  } catch (const std::exception& error) {
    return {std::move(name), false, error.what(), std::move(advice)};
  }
}

/// The first of these programs on the PATH.
std::string find_program(std::initializer_list<const char*> names) {
  for (const std::string name : names) {
    const char* path = std::getenv("PATH");
    std::string folders = path == nullptr ? "" : path;
    for (std::size_t begin = 0; begin <= folders.size();) {
      const std::size_t end = std::min(folders.find(':', begin), folders.size());
      const fs::path candidate = fs::path(folders.substr(begin, end - begin)) / name;
      std::error_code ignored;
      if (fs::is_regular_file(candidate, ignored)) return candidate.string();
      begin = end + 1;
    }
  }
  throw std::runtime_error(fmt::format("{} not found", fmt::join(names, ", ")));
}

/// Keys, a proof, its verification and a lie for a statement of 2 accounts and 2 transfers.
std::string prove_something_small() {
  circuits::UpdateShape shape;
  shape.encoder = {.accounts = 2, .dims = 8, .v_frac_bits = 14, .balance_bits = 32};
  shape.transfers = 2;
  const model::QuantizedEncoder encoder = circuits::placeholder_encoder(shape.encoder);
  const circuits::UpdateWitness witness{{100, 7}, {{0, 1, 30}, {1, 0, 37}}};
  const circuits::UpdateTrace trace = circuits::trace_update(shape, encoder, witness);
  circuits::UpdateCircuit circuit(shape, encoder, trace);
  OsRng rng;
  const halo2::Srs srs = halo2::unsafe_srs::generate(circuit.k(), rng);
  const halo2::ProvingKey pk = halo2::keygen(srs, circuit, circuit.k(), kCompressSelectors);
  std::vector<halo2::Instances> instances = {trace.instances()};
  halo2::Circuit* const list[] = {&circuit};
  const Bytes proof = halo2::create_proof(srs, pk, list, instances, rng);
  const auto honest = halo2::verify_proof({srs.s_g2}, pk.vk, instances, proof);
  if (!honest.accepted) throw std::runtime_error("an honest proof is refused: " + honest.reason);
  instances[0][1][0] = instances[0][1][0] + halo2::Fr::one();
  if (halo2::verify_proof({srs.s_g2}, pk.vk, instances, proof).accepted)
    throw std::runtime_error("a proof is accepted for other public inputs");
  return fmt::format("k = {}: {} bytes proved, verified, and refused for another public input", circuit.k(),
                     proof.size());
}

Finding processor() {
  const Json machine = machine_json();
  return {fmt::format("{}, {} cores, {} in use; {}", machine["cpu"].get<std::string>(),
                      machine["cores"].get<unsigned>(), thread_count(),
                      fmt::join(machine["instructions"].get<std::vector<std::string>>(), " "))};
}

Finding kernels() {
  const auto all = algebra::available_kernels();
  std::string advice;
  if (all.front() != algebra::kernels_name())
    advice = fmt::format("LATENTLEDGER_KERNELS asks for {}; without it the faster {} would be taken",
                         algebra::kernels_name(), all.front());
  return {fmt::format("{}; this processor and build can run {}", algebra::kernels_name(), fmt::join(all, ", ")),
          advice};
}

Finding memory() {
  constexpr std::uint64_t kProve = std::uint64_t{128} << 20, kTrain = std::uint64_t{512} << 20;
  const std::uint64_t available = available_memory_bytes();
  if (available < kProve)
    throw std::runtime_error(
        fmt::format("{} available; a proof of 256 transfers needs {}", bytes_text(available), bytes_text(kProve)));
  return {fmt::format("{} available", bytes_text(available)),
          available < kTrain ? fmt::format("training needs {}", bytes_text(kTrain)) : ""};
}

Finding work_folder(const fs::path& folder) {
  const fs::path probe = folder / ".doctor";
  const bool existed = fs::exists(folder);
  write_text(probe, "");
  fs::remove(probe);
  if (!existed) fs::remove(folder);
  return {fs::absolute(folder).string() + " can be written"};
}

Finding srs(Session& session) {
  const SrsFileInfo info = inspect_srs(session, bundled_srs());
  return {fmt::format("{}, up to 2^{} rows, standing: {}", bundled_srs().string(), kBundledSrsPower,
                      to_string(info.origin.standing)),
          info.origin.standing == Standing::ceremony
              ? ""
              : "for anything real give `setup` a ceremony's file: --srs FILE.ptau (docs/formats/ceremony.md)"};
}

Finding libtorch() {
  training::NetworkConfig config;
  config.layers = 1;
  const auto encoder = training::Encoder::untrained(config, 1);
  const std::uint32_t ids[] = {1, 2, 3};
  const std::string about = training::engine().describe();
  const bool reference = !about.ends_with("mkl") && !about.ends_with("open") && !about.ends_with("accelerate");
  return {
      fmt::format("{}; {} numbers out of a network of {} parameters", about, encoder.directions(ids).size(),
                  encoder.parameter_count()),
      reference
          ? "training is slow with this BLAS: take a libtorch with MKL or OpenBLAS (./setup.sh --with-torch-from DIR)"
          : ""};
}

Outcome doctor(Session& session) {
  std::vector<Check> checks;
  checks.push_back(check("processor", "", processor));
  checks.push_back(check("kernels", "unset LATENTLEDGER_KERNELS", kernels));
  checks.push_back(check("memory", "free some, or give `prove --max-memory` to be refused early", memory));
  checks.push_back(
      check("work folder", "give another one with --workdir", [&] { return work_folder(session.options().workdir); }));
  checks.push_back(
      check("bundled data", "run from a whole checkout", [] { return Finding{bundled_transactions().string()}; }));
  checks.push_back(check("SRS", "give `setup` a ceremony's file: --srs FILE.ptau", [&] { return srs(session); }));
  checks.push_back(check("libtorch", "./setup.sh", libtorch));
  checks.push_back(check("toolchain", "only to build: ./setup.sh", [] {
    return Finding{fmt::format("built by {}; {}", compiler_name(), find_program({"cmake"}))};
  }));
  checks.push_back(
      check("gnuplot", "plots are left out without it: ./setup.sh", [] { return Finding{find_program({"gnuplot"})}; }));
  checks.push_back(check("browser", "reports are HTML: any browser shows them", [] {
    return Finding{find_program({"xdg-open", "open", "firefox", "chromium", "google-chrome"})};
  }));
  const Stopwatch watch;
  checks.push_back(check("self test", "this is a fault of ours: please report it with `doctor --json`",
                         [] { return Finding{prove_something_small()}; }));
  const double self_test_ms = watch.ms();

  Json list = Json::array();
  std::string text, to_do;
  bool all = true;
  for (const Check& item : checks) {
    const bool needed = item.name != "gnuplot" && item.name != "toolchain" && item.name != "browser";
    list.push_back(
        {{"name", item.name}, {"ok", item.ok}, {"needed", needed}, {"detail", item.detail}, {"advice", item.advice}});
    text += fmt::format("{:<5}{:<14}{}\n", item.ok ? "ok" : needed ? "NO" : "--", item.name, item.detail);
    if (!item.advice.empty()) to_do += fmt::format("     {:<14}{}\n", item.name, item.advice);
    all = all && (item.ok || !needed);
  }
  if (!to_do.empty()) text += "\nwhat to do:\n" + to_do;
  return {.result = {{"checks", std::move(list)}, {"self_test_ms", self_test_ms}},
          .text = std::move(text),
          .exit = all ? ExitCode::done : ExitCode::our_fault};
}

}  // namespace

void add_doctor_command(Application& application) {
  application.verb(application.root(), "doctor", "Checks what the command needs, and proves something small", "doctor",
                   doctor);
}

}  // namespace ll::cli
