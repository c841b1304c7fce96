// `update` at every size that its generator is held to: keys, proof, verdict, in process, with TEST-ONLY SRS.
//
//   ll_size_bench                         the sizes that take seconds
//   ll_size_bench --sizes=N1024,T65536    by name; T65536 in one column takes minutes and some GiB
//
// One size a process gives its true peak memory. docs/statements.md quotes it.
#include <fmt/format.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "base/resources.hpp"
#include "circuits/statements.hpp"
#include "halo2/prover.hpp"

namespace ll::circuits {
namespace {

struct Size {
  const char* name;
  bool quick;
  UpdateShape shape;
};

const std::vector<Size>& sizes() {
  static const std::vector<Size> all{
      {"T1", true, {.transfers = 1}},
      {"T256", true, {}},
      {"T256-standalone", true, {.standalone = true}},
      {"T256-exact", true, {.limbs = 4}},
      {"N16", true, {.encoder = {.accounts = 16}}},
      {"T4096-columns4", true, {.transfers = 4096, .columns = 4}},
      {"T4096", false, {.transfers = 4096}},
      {"N1024", false, {.encoder = {.accounts = 1024, .dims = 1024, .v_frac_bits = 11}, .standalone = true}},
      {"T65536-columns4", false, {.transfers = 65536, .columns = 4}},
      {"T65536-columns2", false, {.transfers = 65536, .columns = 2}},
      {"T65536", false, {.transfers = 65536}}};
  return all;
}

bool measure(const Size& size) {
  SampleStatement sample = sample_statement(kUpdate, size.shape);
  SeededRng rng(1);
  const Stopwatch srs_watch;
  const halo2::Srs srs = halo2::unsafe_srs::generate(sample.k, rng);
  const double srs_seconds = srs_watch.ms() / 1e3;
  const Stopwatch key_watch;
  const halo2::ProvingKey pk = halo2::keygen(srs, *sample.circuit, sample.k, false);
  const double key_seconds = key_watch.ms() / 1e3;
  halo2::Circuit* const circuits[] = {sample.circuit.get()};
  const Stopwatch prove_watch;
  const Bytes proof = halo2::create_proof(srs, pk, circuits, {&sample.instances, 1}, rng);
  const double prove_seconds = prove_watch.ms() / 1e3;
  const Stopwatch verify_watch;
  const auto answer = halo2::verify_proof({srs.s_g2}, pk.vk, {&sample.instances, 1}, proof);
  fmt::print("| {} | {} | {} of {} | {}, {} | {} | {:.1f} | {:.2f} | {:.2f} | {:.1f} | {:.2f} | {} |\n", size.name,
             sample.k, sample.rows, pk.vk.cs.usable_rows(sample.k), pk.vk.cs.advice_columns(), pk.vk.cs.fixed_columns(),
             proof.size(), srs_seconds, key_seconds, prove_seconds, verify_watch.ms(),
             static_cast<double>(peak_rss_bytes()) / (1u << 30), answer.accepted ? "accepted" : answer.reason);
  std::fflush(stdout);
  return answer.accepted;
}

int run(const std::string& names) {
  fmt::print(
      "| size | k | rows | columns | bytes | SRS, s | keys, s | proof, s | verify, ms | peak so far, GiB | |\n"
      "|---|---|---|---|---|---|---|---|---|---|---|\n");
  bool all = true;
  for (const Size& size : sizes()) {
    const bool wanted =
        names.empty() ? size.quick : ("," + names + ",").find(fmt::format(",{},", size.name)) != std::string::npos;
    if (wanted) all = measure(size) && all;
  }
  return all ? 0 : 1;
}

}  // namespace
}  // namespace ll::circuits

int main(int argc, char** argv) {
  constexpr const char* kOption = "--sizes=";
  if (argc == 1) return ll::circuits::run({});
  if (argc == 2 && std::strncmp(argv[1], kOption, std::strlen(kOption)) == 0)
    return ll::circuits::run(argv[1] + std::strlen(kOption));
  fmt::print(stderr, "usage: {} [--sizes=NAME,...]\n", argv[0]);
  return 2;
}
