#include "bench/compare.hpp"

#include "base/files.hpp"
#include "halo2/prover.hpp"

namespace ll::bench {
namespace {

/// Keys of up to 2^18 rows keep their polynomials on the cosets.
constexpr unsigned kKeptCosets = 18;

/// Hands the circuit over as data, and gives what the peer says of its key.
cli::Json load_peer(Context& context, const std::string& name, halo2::Circuit& circuit, unsigned k, bool compress,
                    const std::function<halo2::WitnessDescription()>& describe_witness) {
  const std::filesystem::path folder = context.folder(), srs = folder / fmt::format("srs-{}.bin", k);
  const auto circuit_file = folder / (name + ".circuit.json"), witness_file = folder / (name + ".witness.json");
  {
    const halo2::CircuitDescription description = halo2::describe(circuit, k, compress);
    write_text(circuit_file, halo2::encode_circuit(description));
    write_text(witness_file, halo2::encode_witness(description, describe_witness()));
    write_file(srs, context.srs(k).write(halo2::SerdeFormat::raw));
  }
  cli::Json answer = context.peer().ask("load " + name);
  for (const auto& file : {srs, circuit_file, witness_file}) std::filesystem::remove(file);
  return answer;
}

}  // namespace

Measurement compare_provers(Context& context, int runs, const std::string& name, halo2::Circuit& circuit, unsigned k,
                            bool compress, const halo2::Instances& instances,
                            const std::function<halo2::WitnessDescription()>& describe_witness) {
  const halo2::Srs& srs = context.srs(k);
  halo2::ProvingKey pk = halo2::keygen(srs, circuit, k, compress);
  if (k <= kKeptCosets) pk.keep_cosets();  // as the peer's keys do; the large circuits do without
  Measurement m;
  m.extra["k"] = k;
  m.extra["proof_bytes"] = pk.vk.cs.proof_bytes();
  if (context.has_peer()) {
    m.peer.emplace();
    const std::string digest =
        load_peer(context, name, circuit, k, compress, describe_witness).at("digest").get<std::string>();
    if (digest != pk.vk.digest())
      fail(ErrorCode::mismatch, "bench: {}: our key has digest {}, the peer's {}", name, pk.vk.digest(), digest);
    m.extra["vk_digest"] = digest;
  }
  give_memory_back();

  Bytes own, theirs;
  OsRng rng;
  halo2::Circuit* const circuits[] = {&circuit};
  const auto ours = [&] {
    sample(m.ours, 1e-3, [&] { own = halo2::create_proof(srs, pk, circuits, {&instances, 1}, rng); });
  };
  const auto peer = [&] {
    Peer& other = context.peer();
    other.reset_peak();
    const auto before = other.cpu_seconds();
    const cli::Json answer = other.ask("prove");
    const auto after = other.cpu_seconds();
    m.peer->value.add(answer.at("ms").get<double>() / 1e3);
    if (before && after) m.peer->cpu_seconds.add(*after - *before - answer.at("interpreted_ms").get<double>() / 1e3);
    m.peer->peak_rss_bytes = std::max(m.peer->peak_rss_bytes, other.peak_rss_bytes());
    theirs = from_hex(answer.at("proof").get<std::string>()).value();
  };
  alternate(runs, context.session(), ours, m.peer ? std::function<void()>(peer) : nullptr);

  const auto accepts = [&](const Bytes& proof) {
    return halo2::verify_proof({srs.s_g2}, pk.vk, {&instances, 1}, proof).accepted;
  };
  if (!accepts(own)) fail(ErrorCode::mismatch, "bench: {}: our verifier refuses our proof", name);
  if (m.peer) {
    if (!accepts(theirs)) fail(ErrorCode::mismatch, "bench: {}: our verifier refuses the peer's proof", name);
    if (context.peer().ask("verify " + to_hex(own)).at("accepted") != true)
      fail(ErrorCode::mismatch, "bench: {}: the peer refuses our proof", name);
    m.extra["verified_crosswise"] = true;
    context.peer().ask("unload");
  }
  return m;
}

}  // namespace ll::bench
