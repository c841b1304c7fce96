// One proof of 256 transfers, key to verdict, in process (k = 14; TEST-ONLY SRS).
#include <benchmark/benchmark.h>

#include "base/parallel.hpp"
#include "circuits/update.hpp"
#include "halo2/mock_prover.hpp"
#include "halo2/prover.hpp"
#include "model/test_encoder.hpp"

namespace ll::circuits {
namespace {

/// 256 transfers of one unit around all slots, and everything needed to prove them.
struct Prepared {
  UpdateShape shape;
  model::QuantizedEncoder encoder = model::random_encoder(shape.encoder, 1);
  UpdateWitness witness;
  UpdateCircuit circuit{shape, encoder};
  halo2::Srs srs;
  halo2::ProvingKey pk;
  std::vector<halo2::Instances> instances;
  Bytes proof;

  Prepared() {
    SeededRng rng(1);
    witness.balances.assign(shape.encoder.accounts, 1'000'000);
    for (std::uint32_t t = 0; t < shape.transfers; ++t) {
      const auto slots = static_cast<std::uint32_t>(shape.encoder.accounts);
      witness.transfers.push_back({t % slots, (t + 1) % slots, 1 + static_cast<std::uint32_t>(rng.below(1000))});
    }
    circuit.set_trace(trace_update(shape, encoder, witness));
    srs = halo2::unsafe_srs::generate(circuit.k(), rng);
    srs.sum_suffixes();
    pk = halo2::keygen(srs, circuit, circuit.k(), false);
    pk.keep_cosets();
    instances = {update_statement(shape, encoder, witness).to_instances(shape)};
    proof = prove();
  }
  Bytes prove() {
    SeededRng rng(2);
    halo2::Circuit* const circuits[] = {&circuit};
    return halo2::create_proof(srs, pk, circuits, instances, rng);
  }
};

Prepared& prepared() {
  static Prepared made;
  return made;
}

void BM_Keygen(benchmark::State& state) {
  Prepared& p = prepared();
  for (auto _ : state) benchmark::DoNotOptimize(halo2::keygen(p.srs, p.circuit, p.circuit.k(), false));
}
BENCHMARK(BM_Keygen)->Unit(benchmark::kMillisecond)->UseRealTime()->MeasureProcessCPUTime();

void BM_Prove256(benchmark::State& state) {
  Prepared& p = prepared();
  set_thread_count(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(p.prove());
  set_thread_count(0);
}
BENCHMARK(BM_Prove256)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime()->MeasureProcessCPUTime();

void BM_Verify(benchmark::State& state) {
  Prepared& p = prepared();
  for (auto _ : state) {
    const auto result = halo2::verify_proof({p.srs.s_g2}, p.pk.vk, p.instances, p.proof);
    if (!result.accepted) state.SkipWithError(result.reason.c_str());
  }
}
BENCHMARK(BM_Verify)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_VerifyMany(benchmark::State& state) {  // as many proofs as the argument says, one pairing check
  Prepared& p = prepared();
  const std::vector<halo2::ProofToVerify> proofs(static_cast<std::size_t>(state.range(0)),
                                                 {&p.pk.vk, p.instances, p.proof, {}});
  SeededRng rng(3);
  for (auto _ : state) {
    const auto result = halo2::verify_proofs({p.srs.s_g2}, proofs, rng);
    if (!result.accepted) state.SkipWithError(result.reason.c_str());
  }
}
BENCHMARK(BM_VerifyMany)->Arg(1)->Arg(16)->Arg(256)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_MockProver(benchmark::State& state) {
  Prepared& p = prepared();
  for (auto _ : state) benchmark::DoNotOptimize(halo2::MockProver::run(p.circuit.k(), p.circuit, p.instances[0]));
}
BENCHMARK(BM_MockProver)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace ll::circuits
