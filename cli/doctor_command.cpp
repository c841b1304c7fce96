// Verb `doctor`: is everything there that the command needs, and does a small proof come out right?
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/ranges.h>

#include "algebra/kernels.hpp"
#include "base/files.hpp"
#include "base/parallel.hpp"
#include "circuits/update.hpp"
#include "cli/application.hpp"
#include "cli/keys_folder.hpp"
#include "cli/ledger_folder.hpp"
#include "cli/srs_file.hpp"
#include "halo2/prover.hpp"
#include "training/encoder.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;

struct Check {
  std::string name;
  bool ok = false;
  std::string detail;
};

/// Runs a body that returns a detail, or throws what is wrong.
template <class Body>
Check check(std::string name, Body&& body) {
  try {
    return {std::move(name), true, body()};
  } catch (const std::exception& error) {
    return {std::move(name), false, error.what()};
  }
}

std::string find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::string folders = path == nullptr ? "" : path;
  for (std::size_t begin = 0; begin <= folders.size();) {
    const std::size_t end = std::min(folders.find(':', begin), folders.size());
    const fs::path candidate = fs::path(folders.substr(begin, end - begin)) / name;
    std::error_code ignored;
    if (fs::is_regular_file(candidate, ignored)) return candidate.string();
    begin = end + 1;
  }
  throw std::runtime_error(name + " is not installed: plots are left out");
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

Outcome doctor(Session& session) {
  std::vector<Check> checks;
  checks.push_back(check("threads", [] { return fmt::format("{} in use", thread_count()); }));
  checks.push_back(check("kernels", [] {
    return fmt::format("{}; this processor and build can run {}", algebra::kernels_name(),
                       fmt::join(algebra::available_kernels(), ", "));
  }));
  checks.push_back(check("work folder", [&] {
    const fs::path folder = session.options().workdir;
    const fs::path probe = folder / ".doctor";
    const bool existed = fs::exists(folder);
    write_text(probe, "");
    fs::remove(probe);
    if (!existed) fs::remove(folder);
    return fs::absolute(folder).string() + " can be written";
  }));
  checks.push_back(check("bundled data", [] { return bundled_transactions().string(); }));
  checks.push_back(check("bundled SRS", [] { return bundled_srs().string(); }));
  checks.push_back(check("gnuplot", [] { return find_program("gnuplot"); }));
  checks.push_back(check("libtorch", [] {
    training::NetworkConfig config;
    config.layers = 1;
    const auto encoder = training::Encoder::untrained(config, 1);
    const std::uint32_t ids[] = {1, 2, 3};
    return fmt::format("{} numbers out of a network of {} parameters", encoder.directions(ids).size(),
                       encoder.parameter_count());
  }));
  const Stopwatch watch;
  checks.push_back(check("self test", prove_something_small));
  const double self_test_ms = watch.ms();

  Json list = Json::array();
  std::string text;
  bool all = true;
  for (const Check& item : checks) {
    list.push_back({{"name", item.name}, {"ok", item.ok}, {"detail", item.detail}});
    text += fmt::format("{:<5}{:<14}{}\n", item.ok ? "ok" : "NO", item.name, item.detail);
    all = all && (item.ok || item.name == "gnuplot");  // without it only the pictures are missing
  }
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
