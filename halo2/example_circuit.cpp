// The example of docs/writing-circuits.md: written, checked, measured, drawn, proved. Build and run ll_example_circuit.
#include <cstdio>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/random.hpp"
#include "halo2/estimate.hpp"
#include "halo2/layout_svg.hpp"
#include "halo2/mock_prover.hpp"
#include "halo2/prover.hpp"

namespace ll::halo2 {
namespace {

/// "There are x and y, both below 16, with x y + 5 = out", for a public `out`.
///
///   | on | a | b | c |     a b + 5 = c        gate "product"
///   |  1 | x | y | c |     a and b in 0..15   lookup "small"
class ProductCircuit : public Circuit {
 public:
  std::uint64_t x = 3, y = 7;

  void configure(ConstraintSystem& cs) override {
    for (AdviceColumn* column : {&a_, &b_, &c_}) *column = cs.advice_column();
    out_ = cs.instance_column(1);
    range_ = cs.lookup_table_column();
    on_ = cs.complex_selector();
    cs.enable_equality(c_);
    cs.enable_equality(out_);
    // One declaration a query: their order is part of the key.
    cs.create_gate("product", [&](VirtualCells& cells) -> ConstraintSystem::NamedPolynomials {
      const Expression on = cells.query_selector(on_);
      const Expression a = cells.query(a_, {0}), b = cells.query(b_, {0}), c = cells.query(c_, {0});
      return {{"a b + 5 = c", on * (a * b + Expression::constant(Fr::from_u64(5)) - c)}};
    });
    for (const AdviceColumn column : {a_, b_}) {
      cs.lookup("small", [&](VirtualCells& cells) -> std::vector<std::pair<Expression, TableColumn>> {
        return {{cells.query_selector(on_) * cells.query(column, {0}), range_}};
      });
    }
  }

  void synthesize(Layouter& layouter) const override {
    std::vector<Fr> small;
    for (std::uint64_t i = 0; i < 16; ++i) small.push_back(Fr::from_u64(i));
    layouter.assign_table("0 to 15", {{range_, small}});
    const AssignedCell result = layouter.assign_region("product", [&](Region& region) {
      region.enable_selector(on_, 0);
      region.assign_advice("x", a_, 0, [&] { return Fr::from_u64(x); });
      region.assign_advice("y", b_, 0, [&] { return Fr::from_u64(y); });
      return region.assign_advice("result", c_, 0, [&] { return Fr::from_u64(x * y + 5); });
    });
    layouter.constrain_instance(result, out_, 0);
  }

 private:
  AdviceColumn a_, b_, c_;
  InstanceColumn out_;
  TableColumn range_;
  Selector on_;
};

constexpr unsigned kK = 5;

void check(const char* what, Circuit& circuit, const Instances& instances) {
  const MockReport report = MockProver::examine(kK, circuit, instances);
  std::printf("%s: %zu failures, %zu warnings\n", what, report.failures.size(), report.warnings.size());
  for (const auto& failure : report.failures) std::printf("  %s\n", failure.to_string().c_str());
  for (const auto& warning : report.warnings) std::printf("  warning: %s\n", warning.to_string().c_str());
}

int run(const char* folder) {
  ProductCircuit circuit;
  const Instances instances = {{Fr::from_u64(26)}};
  check("honest", circuit, instances);
  ProductCircuit lie;
  lie.x = 1;
  lie.y = 21;  // 1 * 21 + 5 = 26, but 21 is not small
  check("x = 1, y = 21", lie, instances);

  for (const RecordedCopy& copy : recorded_copies(circuit, kK))
    std::printf("copy: %s = %s\n", copy.a.to_string().c_str(), copy.b.to_string().c_str());
  const Estimate cost = estimate(circuit, kK, /*compress_selectors=*/true, reference_costs(), &instances);
  std::printf("estimate: %zu advice and %zu fixed columns, degree %zu, %zu bytes a proof\n", cost.advice_columns,
              cost.fixed_columns, cost.degree, cost.proof_bytes);
  const std::filesystem::path drawing = std::filesystem::path(folder) / "product.svg";
  write_text(drawing, layout_svg(record_circuit(circuit, kK), {.title = "product", .first_row = 0, .end_row = {}}));
  std::printf("drawn: %s\n", drawing.c_str());

  OsRng rng;
  const Srs srs = unsafe_srs::generate(kK, rng);  // TEST-ONLY: this process could forge proofs
  const ProvingKey pk = keygen(srs, circuit, kK);
  Circuit* const circuits[] = {&circuit};
  const Bytes proof = create_proof(srs, pk, circuits, std::span(&instances, 1), rng);
  const VerifyResult verdict = verify_proof({srs.s_g2}, pk.vk, std::span(&instances, 1), proof);
  std::printf("proof: %zu bytes, %s\n", proof.size(), verdict.accepted ? "accepted" : verdict.reason.c_str());
  return verdict.accepted && proof.size() == cost.proof_bytes ? 0 : 1;
}

}  // namespace
}  // namespace ll::halo2

int main(int argc, char** argv) {
  try {
    return ll::halo2::run(argc > 1 ? argv[1] : ".");
  } catch (const ll::Error& error) {
    std::fprintf(stderr, "%s\n", error.message().c_str());
    return 1;
  }
}
