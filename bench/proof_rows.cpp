// `update` in process, with the keys of `setup` loaded: one proof, its verification, many at once.
#include "base/parallel.hpp"
#include "bench/rows.hpp"
#include "circuits/statements.hpp"
#include "cli/batch.hpp"
#include "cli/ledger_folder.hpp"
#include "halo2/prover.hpp"

namespace ll::bench {
namespace {

constexpr std::size_t kTransfers = 256, kProofs = 256, kLargeBatch = 65'536;

/// Keys from their files, and a ledger to take batches from.
struct Loaded {
  cli::KeyFolder keys;
  ledger::Dataset data;
  halo2::ProvingKey pk;

  explicit Loaded(Context& context)
      : keys(cli::load_key_folder(context.session(), context.keys())),
        data(cli::load_ether_ledger(context.session(), context.ledger())) {
    context.release_srs();
    circuits::UpdateCircuit circuit(keys.vk.shape, keys.encoder);
    pk = halo2::proving_key(keys.vk.key, circuit);
    pk.keep_cosets();  // as the peer's keys have them, and as `prove-batch` proves
  }
  circuits::UpdateWitness witness(Context& context, std::size_t from) const {
    const cli::BatchArguments batch{.from = from, .count = kTransfers, .batch = {}};
    return cli::make_witness(context.session(), batch, data, keys.encoder, keys.vk.shape);
  }
};

struct Proof {
  halo2::Instances instances;
  Bytes bytes;
};

/// From the balances and transfers to the proof: replay, trace, statement, circuit, proof.
Proof prove(const Loaded& loaded, const circuits::UpdateWitness& witness) {
  const circuits::UpdateShape& shape = loaded.keys.vk.shape;
  LL_CHECK(!circuits::first_invalid(shape, witness), "bench: a transfer of the ledger is not valid");
  circuits::UpdateCircuit circuit(shape, loaded.keys.encoder,
                                  circuits::trace_update(shape, loaded.keys.encoder, witness));
  Proof proof{circuits::update_statement(shape, loaded.keys.encoder, witness).to_instances(shape), {}};
  OsRng rng;
  halo2::Circuit* const circuits[] = {&circuit};
  proof.bytes = halo2::create_proof(loaded.keys.srs, loaded.pk, circuits, {&proof.instances, 1}, rng);
  return proof;
}

/// `threads` 0: as the command line says.
Measurement prove_256(Context& context, int runs, std::size_t threads) {
  const Loaded loaded(context);
  const circuits::UpdateWitness witness = loaded.witness(context, 0);
  const std::size_t before = thread_count();
  if (threads > 0) set_thread_count(threads);
  Measurement m{.threads = threads};
  m.extra["data"] = context.data_source();
  prove(loaded, witness);
  alternate(context.runs(runs), context.session(), [&] { sample(m.ours, 1e-3, [&] { prove(loaded, witness); }); }, {});
  set_thread_count(before);
  return m;
}

Measurement verify(Context& context) {
  const Loaded loaded(context);
  const Proof proof = prove(loaded, loaded.witness(context, 0));
  const halo2::VerifierParams params = loaded.keys.vk.params();
  const auto once = [&] {
    const auto answer = halo2::verify_proof(params, loaded.keys.vk.key, {&proof.instances, 1}, proof.bytes);
    if (!answer.accepted) fail(ErrorCode::mismatch, "bench: our verifier refuses our proof: {}", answer.reason);
  };
  Measurement m;
  once();
  alternate(context.runs(51), context.session(), [&] { sample(m.ours, 1, once); }, {});
  return m;
}

Measurement verify_many(Context& context) {
  const Loaded loaded(context);
  // A few different proofs in turn: the verifier looks for no repeats.
  const std::size_t different = context.options().quick ? 1 : 4;
  std::vector<Proof> proofs;
  for (std::size_t i = 0; i < different; ++i) proofs.push_back(prove(loaded, loaded.witness(context, i * kTransfers)));
  std::vector<halo2::ProofToVerify> list;
  for (std::size_t i = 0; i < kProofs; ++i) {
    const Proof& proof = proofs[i % different];
    list.push_back({&loaded.keys.vk.key, {proof.instances}, proof.bytes, {}});
  }
  const halo2::VerifierParams params = loaded.keys.vk.params();
  OsRng rng;
  Measurement m;
  alternate(context.runs(5), context.session(),
            [&] {
              sample(m.ours, 1, [&] {
                const auto answer = halo2::verify_proofs(params, list, rng);
                if (!answer.accepted)
                  fail(ErrorCode::mismatch, "bench: our verifier refuses our proofs: {}", answer.reason);
              });
            },
            {});
  m.extra["different_proofs"] = different;
  return m;
}

/// Eight columns of transfers: 2^19 rows where one column takes 2^22, and digits are cheap to commit to.
circuits::UpdateShape large_shape() {
  circuits::UpdateShape shape;
  shape.transfers = kLargeBatch;
  shape.columns = 8;
  return shape;
}

/// A batch of the sample statement's own transfers, since no bundled ledger has as many.
Measurement prove_65536(Context& context) {
  circuits::SampleStatement made = circuits::sample_statement(circuits::kUpdate, large_shape());
  const halo2::Srs& srs = context.srs(made.k);
  const halo2::ProvingKey pk = halo2::keygen(srs, *made.circuit, made.k, made.compress_selectors);
  halo2::Circuit* const circuits[] = {made.circuit.get()};
  OsRng rng;
  Bytes proof;
  Measurement m;
  m.extra["k"] = made.k;
  alternate(
      context.runs(1), context.session(),
      [&] { sample(m.ours, 1e-3, [&] { proof = halo2::create_proof(srs, pk, circuits, {&made.instances, 1}, rng); }); },
      {});
  const auto answer = halo2::verify_proof({srs.s_g2}, pk.vk, {&made.instances, 1}, proof);
  if (!answer.accepted) fail(ErrorCode::mismatch, "bench: our verifier refuses our proof: {}", answer.reason);
  context.release_srs();
  return m;
}

}  // namespace

std::vector<Row> proof_rows() {
  return {{.name = "prove_256",
           .what = "`prove` of 256 transfers, in process, keys loaded with their polynomials on the cosets",
           .unit = "s",
           .kind = Kind::quick,
           .goal = 0.15,
           .wish = 0.08,
           .limit = 0.06,
           .goal_bytes = 128ull << 20,
           .measure = [](Context& context) { return prove_256(context, 11, 0); }},
          {.name = "prove_256_one_thread",
           .what = "the same on one thread",
           .unit = "s",
           .limit = 0.12,
           .measure = [](Context& context) { return prove_256(context, 5, 1); }},
          {.name = "verify",
           .what = "`verify`, in process",
           .unit = "ms",
           .kind = Kind::quick,
           .goal = 1.5,
           .wish = 0.9,
           .limit = 0.55,
           .measure = verify},
          {.name = "verify_256",
           .what = "256 proofs verified in one go",
           .unit = "ms",
           .kind = Kind::quick,
           .goal = 120,
           .wish = 50,
           .measure = verify_many},
          {.name = "prove_65536",
           .what = "65,536 transfers, one proof, in process (eight columns of transfers)",
           .unit = "s",
           .kind = Kind::full,
           .goal = 10,
           .wish = 6.5,
           .limit = 5.5,
           .goal_bytes = 12ull << 30,
           .measure = prove_65536}};
}

}  // namespace ll::bench
