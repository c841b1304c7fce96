// Predicted against measured: one real proof in this process, estimated beforehand in another one.
//
//   ll_estimate_probe update            the statement with 256 transfers, k = 14
//   ll_estimate_probe synthetic:K       gates, copies and a lookup over five advice columns, 2^K rows
//
// then, if wanted, how many proofs (the fastest counts) and how many threads. Prints one JSON line.
// tools/estimate_report.py runs it, as does a test.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/parallel.hpp"
#include "base/resources.hpp"
#include "circuits/statements.hpp"
#include "halo2/estimate.hpp"
#include "halo2/prover.hpp"

namespace ll::circuits {
namespace {

using halo2::AdviceColumn;
using halo2::AssignedCell;
using halo2::Expression;
using halo2::FixedColumn;
using halo2::Fr;
using halo2::Rotation;

/// Every row: d = a b + c + f and e = e_above + d; a is a byte, c copies a, the last sum is public.
class Synthetic : public halo2::Circuit {
 public:
  explicit Synthetic(unsigned k) : rows_((std::size_t{1} << k) - 20) {}

  void configure(halo2::ConstraintSystem& cs) override {
    for (AdviceColumn* column : {&a_, &b_, &c_, &d_, &e_}) *column = cs.advice_column();
    f_ = cs.fixed_column();
    table_ = cs.lookup_table_column();
    out_ = cs.instance_column(1);
    on_ = cs.selector();
    cs.enable_equality(a_);
    cs.enable_equality(c_);
    cs.enable_equality(e_);
    cs.enable_equality(out_);
    cs.create_gate("row", [&](halo2::VirtualCells& cells) -> halo2::ConstraintSystem::NamedPolynomials {
      const Expression on = cells.query_selector(on_), a = cells.query(a_, {0}), b = cells.query(b_, {0});
      const Expression c = cells.query(c_, {0}), d = cells.query(d_, {0}), f = cells.query(f_, {0});
      const Expression e = cells.query(e_, {0}), e_next = cells.query(e_, {1});
      return {{"product", on * (a * b + c + f - d)}, {"sum", on * (e + d - e_next)}};
    });
    cs.lookup("byte", [&](halo2::VirtualCells& cells) -> std::vector<std::pair<Expression, halo2::TableColumn>> {
      return {{cells.query(a_, {0}), table_}};
    });
  }
  void synthesize(halo2::Layouter& layouter) const override {
    std::vector<Fr> bytes;
    for (std::uint64_t i = 0; i < 256; ++i) bytes.push_back(Fr::from_u64(i));
    layouter.assign_table("bytes", {{table_, bytes}});
    const AssignedCell last = layouter.assign_region("all", [&](halo2::Region& region) {
      Fr sum, b = Fr::from_u64(3);
      AssignedCell sum_cell = region.assign_advice("e", e_, 0, [&] { return sum; });
      for (std::size_t row = 0; row < rows_; ++row) {
        const Fr a = Fr::from_u64(row * row % 251), f = Fr::from_u64(row);
        b = b.square() + f;
        const AssignedCell first = region.assign_advice("a", a_, row, [&] { return a; });
        region.assign_advice("b", b_, row, [&] { return b; });
        region.copy_advice("c", first, c_, row);
        region.assign_advice("d", d_, row, [&] { return a * b + a + f; });
        region.assign_fixed("f", f_, row, f);
        region.enable_selector(on_, row);
        sum += a * b + a + f;
        sum_cell = region.assign_advice("e", e_, row + 1, [&] { return sum; });
      }
      return sum_cell;
    });
    layouter.constrain_instance(last, out_, 0);
  }
  halo2::Instances instances() const {
    Fr sum, b = Fr::from_u64(3);
    for (std::size_t row = 0; row < rows_; ++row) {
      const Fr a = Fr::from_u64(row * row % 251), f = Fr::from_u64(row);
      b = b.square() + f;
      sum += a * b + a + f;
    }
    return {{sum}};
  }

 private:
  std::size_t rows_;
  AdviceColumn a_, b_, c_, d_, e_;
  FixedColumn f_;
  halo2::TableColumn table_;
  halo2::InstanceColumn out_;
  halo2::Selector on_;
};

SampleStatement sample(const std::string& name) {
  constexpr std::string_view kSynthetic = "synthetic:";
  if (!name.starts_with(kSynthetic)) return sample_statement(name, {});
  SampleStatement made;
  made.k = static_cast<unsigned>(std::stoul(name.substr(kSynthetic.size())));
  auto circuit = std::make_unique<Synthetic>(made.k);
  made.compress_selectors = true;
  made.instances = circuit->instances();
  made.circuit = std::move(circuit);
  return made;
}

/// In a process of its own, so that nothing of it is left in the one that proves.
nlohmann::ordered_json predict(const std::string& name, const std::filesystem::path& srs_file) {
  const SampleStatement made = sample(name);
  const std::uint64_t before = current_rss_bytes();
  const halo2::Estimate e =
      halo2::estimate(*made.circuit, made.k, made.compress_selectors, halo2::measure_costs(), &made.instances);
  SeededRng rng(1);
  write_file(srs_file, halo2::unsafe_srs::generate(made.k, rng).write(halo2::SerdeFormat::raw));
  return {{"circuit", name},
          {"k", made.k},
          {"proof_bytes", e.proof_bytes},
          {"prove_ms", e.prove_ms},
          {"peak_rss_bytes", before + e.prove_bytes}};
}

nlohmann::ordered_json measure(const std::string& name, const std::filesystem::path& srs_file, int runs) {
  const SampleStatement made = sample(name);
  halo2::Srs srs =
      halo2::Srs::read(read_file(srs_file), halo2::SerdeFormat::raw, /*check_powers=*/false).value_or_throw();
  srs.sum_suffixes();
  const halo2::ProvingKey pk = halo2::keygen(srs, *made.circuit, made.k, made.compress_selectors);
  const std::vector<halo2::Instances> instances = {made.instances};
  halo2::Circuit* const circuits[] = {made.circuit.get()};
  Bytes proof;
  double best = 0, best_cpu = 0;
  for (int i = 0; i < runs; ++i) {
    OsRng rng;
    const Stopwatch watch;
    const std::clock_t cpu = std::clock();
    proof = halo2::create_proof(srs, pk, circuits, instances, rng);
    const double ms = watch.ms(), cpu_ms = 1e3 * static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
    best = i == 0 ? ms : std::min(best, ms);
    best_cpu = i == 0 ? cpu_ms : std::min(best_cpu, cpu_ms);
  }
  const std::uint64_t peak = peak_rss_bytes();
  const auto verdict = halo2::verify_proof({srs.s_g2}, pk.vk, instances, proof);
  if (!verdict.accepted) throw Error(ErrorCode::invalid_argument, "the proof is refused: " + verdict.reason);
  return {{"proof_bytes", proof.size()}, {"prove_ms", best}, {"prove_cpu_ms", best_cpu}, {"peak_rss_bytes", peak}};
}

int run(const std::string& name, int runs, std::size_t threads) {
  std::filesystem::path folder = std::filesystem::temp_directory_path() / fmt::format("ll_estimate_{}", ::getpid());
  std::filesystem::create_directories(folder);
  const pid_t child = ::fork();
  if (child == 0) {
    int status = 1;
    try {
      set_thread_count(threads);
      write_text(folder / "predicted.json", predict(name, folder / "srs.bin").dump());
      status = 0;
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
    }
    std::_Exit(status);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return 1;
  set_thread_count(threads);
  const auto predicted = nlohmann::ordered_json::parse(read_text(folder / "predicted.json"));
  const nlohmann::ordered_json out = {{"predicted", predicted}, {"measured", measure(name, folder / "srs.bin", runs)}};
  std::filesystem::remove_all(folder);
  std::printf("%s\n", out.dump().c_str());
  return 0;
}

}  // namespace
}  // namespace ll::circuits

int main(int argc, char** argv) {
  if (argc < 2 || argc > 4) {
    std::fprintf(stderr, "usage: %s update|synthetic:K [RUNS [THREADS]]\n", argv[0]);
    return 2;
  }
  try {
    return ll::circuits::run(argv[1], argc > 2 ? std::atoi(argv[2]) : 1,
                             argc > 3 ? static_cast<std::size_t>(std::atoi(argv[3])) : 0);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
