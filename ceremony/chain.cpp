#include "ceremony/chain.hpp"

#include <algorithm>

#include "algebra/pairing.hpp"
#include "base/hash.hpp"
#include "base/parallel.hpp"
#include "ceremony/snarkjs_random.hpp"

namespace ll::ceremony {
namespace {

using Pair = std::pair<G1Affine, G2Affine>;

/// PPoT's first challenge (power 28): README of 0001_weijie_response in perpetualpowersoftau.
constexpr const char* kFirstChallenge28 =
    "93da91920d5a54a8a0fde55cd9dc3a10c4f3eef768b62c0948741370864254b4"
    "c1920f3f29d4ebc0ef3acecf2e2db63a755713d77e1ed77347a56fbc317c7a93";

/// Bytes that a response hashes before its public key.
std::uint64_t response_bytes(unsigned power) {
  return 64 + PowersShape{PowersKind::powers_of_tau, power}.bytes(PointForm::ppot_compressed);
}

/// An equation e(a, d) = e(b, c): b is to a as d is to c.
struct Ratio {
  const char* what;
  G1Affine a, b;
  G2Affine c, d;
  bool holds() const {
    const std::array<Pair, 2> pairs = {Pair{a, d}, Pair{-b, c}};
    return algebra::pairing_product_is_one(pairs);
  }
};

/// All equations at once under random weights; on failure the first that fails by itself.
const Ratio* first_broken(std::span<const Ratio> ratios) {
  OsRng rng;
  std::vector<Pair> pairs;
  for (const Ratio& ratio : ratios) {
    const Fr weight = Fr::from_u128(static_cast<u128>(rng.next_u64()) << 64 | rng.next_u64());
    pairs.emplace_back((G1(ratio.a) * weight).to_affine(), ratio.d);
    pairs.emplace_back((-(G1(ratio.b) * weight)).to_affine(), ratio.c);
  }
  if (algebra::pairing_product_is_one(pairs)) return nullptr;
  for (const Ratio& ratio : ratios) {
    if (!ratio.holds()) return &ratio;
  }
  return &ratios.front();  // unreachable but for odds of 2^-128
}

void check_stop(Progress* progress) {
  if (progress && progress->stop_requested()) throw Error(ErrorCode::interrupted, "stopped by the user");
}

template <class Point>
void convert_list(ByteSpan list, PointForm from, PointForm to, const std::function<void(ByteSpan)>& sink,
                  std::string_view name, std::size_t offset, Progress* progress, PointCheck check) {
  const std::size_t size = point_bytes<Point>(from), count = list.size() / size;
  for (std::size_t begin = 0; begin < count; begin += kChunk) {
    const std::size_t here = std::min(kChunk, count - begin);
    const auto points =
        decode_points<Point>(list.subspan(begin * size, here * size), from, name, begin, offset + begin * size, check)
            .value_or_throw();
    sink(encode_points<Point>(points, to));
    check_stop(progress);
  }
}

std::optional<Error> check_hashed_bytes(unsigned power, const Contribution& contribution, std::size_t number) {
  const std::uint64_t fed = ResumableBlake2b::from_state(contribution.partial_hash).value_or_throw().bytes_fed();
  if (fed == response_bytes(power)) return std::nullopt;
  return malformed("contribution {}: its hash has taken {} bytes, a response of power {} has {}", number, fed, power,
                   response_bytes(power));
}

}  // namespace

void hash_generators(ResumableBlake2b& hash, const PowersShape& shape, PointForm form) {
  const auto repeat = [&](const Bytes& point, std::size_t count) {
    constexpr std::size_t kBlock = 1024;
    Bytes block;
    for (std::size_t i = 0; i < std::min(count, kBlock); ++i) append(block, point);
    for (; count >= kBlock; count -= kBlock) hash.update(block);
    hash.update(ByteSpan(block).first(count * point.size()));
  };
  const Bytes g1 = encode_point(G1Affine::generator(), form), g2 = encode_point(G2Affine::generator(), form);
  repeat(g1, shape.tau_g1());
  repeat(g2, shape.tau_g2());
  repeat(g1, shape.alpha_g1() + shape.beta_g1());
  repeat(g2, shape.beta_g2());
}

Digest64 first_challenge(unsigned power) {
  Digest64 digest;
  if (power == kMaxPower) {
    std::ranges::copy(*from_hex(kFirstChallenge28), digest.begin());
    return digest;
  }
  ResumableBlake2b hash;
  hash.update(blake2b_512({}));
  hash_generators(hash, {PowersKind::powers_of_tau, power}, PointForm::ppot_uncompressed);
  return hash.digest();
}

Digest32 iterate_sha256(Bytes value, unsigned iterations_exp, std::uint64_t done, Progress* progress,
                        const std::function<void(std::uint64_t, const Digest32&)>& checkpoint) {
  LL_CHECK(iterations_exp < 64, "beacon: 2^{} iterations, at most 2^63", iterations_exp);
  const std::uint64_t total = std::uint64_t{1} << iterations_exp;
  constexpr std::uint64_t kStep = std::uint64_t{1} << 18;
  if (progress) progress->begin("beacon", total);
  Digest32 hash{};
  for (std::uint64_t i = done; i < total; ++i) {
    hash = i == done ? sha256(value) : sha256(hash);
    if ((i + 1) % kStep != 0) continue;
    if (checkpoint) checkpoint(i + 1, hash);
    if (progress) progress->update(i + 1);
    check_stop(progress);
  }
  if (progress) progress->end();
  if (done < total) return hash;
  LL_CHECK(value.size() == hash.size(), "beacon: a finished iteration ends in 32 bytes, not {}", value.size());
  std::ranges::copy(value, hash.begin());
  return hash;
}

KeySecrets beacon_secrets(const Digest32& iterated) {
  SnarkjsRandom random(iterated);
  KeySecrets out;
  out.tau = random.fr();
  out.alpha = random.fr();
  out.beta = random.fr();
  out.tau_s = random.g1();
  out.alpha_s = random.g1();
  out.beta_s = random.g1();
  return out;
}

PublicKey make_public_key(const KeySecrets& secrets, const Digest64& challenge) {
  const auto part = [&](std::uint8_t personal, const Fr& x, const G1Affine& s) {
    KeyPart out{s, (G1(s) * x).to_affine(), {}};
    out.spx = (G2(proof_base_g2(personal, challenge, out.s, out.sx)) * x).to_affine();
    return out;
  };
  return {part(0, secrets.tau, secrets.tau_s), part(1, secrets.alpha, secrets.alpha_s),
          part(2, secrets.beta, secrets.beta_s)};
}

std::optional<Error> verify_link(unsigned ceremony_power, const PowersHead& before, const Digest64& challenge,
                                 const Contribution& contribution, std::size_t number, const ChainOptions& options) {
  const auto refuse = [&](std::string_view why) {
    return Error(ErrorCode::malformed, fmt::format("contribution {}: {}", number, why));
  };
  if (auto error = check_hashed_bytes(ceremony_power, contribution, number)) return error;
  const PublicKey& key = contribution.key;
  const PowersHead& after = contribution.head;
  if (contribution.beacon && options.replay_beacon) {
    const Digest32 iterated =
        iterate_sha256(contribution.beacon_hash, contribution.iterations_exp, 0, options.progress);
    if (make_public_key(beacon_secrets(iterated), challenge) != key)
      return refuse("its key is not what its beacon gives");
  }
  const G2Affine tau_base = proof_base_g2(0, challenge, key.tau.s, key.tau.sx),
                 alpha_base = proof_base_g2(1, challenge, key.alpha.s, key.alpha.sx),
                 beta_base = proof_base_g2(2, challenge, key.beta.s, key.beta.sx);
  const std::array<Ratio, 8> ratios = {
      Ratio{"tau: its key proves no knowledge of the factor", key.tau.s, key.tau.sx, tau_base, key.tau.spx},
      Ratio{"alpha: its key proves no knowledge of the factor", key.alpha.s, key.alpha.sx, alpha_base, key.alpha.spx},
      Ratio{"beta: its key proves no knowledge of the factor", key.beta.s, key.beta.sx, beta_base, key.beta.spx},
      Ratio{"[tau]_1 does not follow from the contribution before", before.tau_g1, after.tau_g1, tau_base, key.tau.spx},
      Ratio{"[tau]_2 does not follow from the contribution before", key.tau.s, key.tau.sx, before.tau_g2, after.tau_g2},
      Ratio{"[alpha]_1 does not follow from the contribution before", before.alpha_g1, after.alpha_g1, alpha_base,
            key.alpha.spx},
      Ratio{"[beta]_1 does not follow from the contribution before", before.beta_g1, after.beta_g1, beta_base,
            key.beta.spx},
      Ratio{"[beta]_2 does not follow from the contribution before", key.beta.s, key.beta.sx, before.beta_g2,
            after.beta_g2}};
  if (const Ratio* broken = first_broken(ratios)) return refuse(broken->what);
  if (after.tau_g1 == before.tau_g1) return refuse("it multiplies tau by one");
  return std::nullopt;
}

Result<ChainReport> verify_chain(unsigned ceremony_power, std::span<const Contribution> chain,
                                 const ChainOptions& options) {
  ChainReport report;
  for (std::size_t i = 0; i < chain.size(); ++i) {  // before the first challenge, which is long work for a large power
    if (auto error = check_hashed_bytes(ceremony_power, chain[i], i + 1)) return *error;
  }
  const Digest64 first = first_challenge(ceremony_power);
  for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
    if (chain[i].next_challenge_unknown())
      return malformed("contribution {}: it has no next challenge, but others follow", i + 1);
  }
  // Links are verified side by side: each only needs the record before it. A beacon that takes minutes runs alone.
  std::vector<std::optional<Error>> errors(chain.size());
  report.responses.resize(chain.size());
  if (options.progress) options.progress->begin("contributions", chain.size());
  ChainOptions quiet = options;
  quiet.progress = nullptr;
  const auto verify = [&](std::size_t i, const ChainOptions& with) {
    errors[i] = verify_link(ceremony_power, i == 0 ? PowersHead::generators() : chain[i - 1].head,
                            i == 0 ? first : chain[i - 1].next_challenge, chain[i], i + 1, with);
    report.responses[i] = chain[i].response_hash();
  };
  const auto slow = [&](const Contribution& c) { return c.beacon && c.iterations_exp > 20; };
  parallel_for(chain.size(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      if (!slow(chain[i])) verify(i, quiet);
    }
  });
  if (options.progress) options.progress->end();
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (slow(chain[i])) verify(i, options);
    if (errors[i]) return *errors[i];
    report.beacon_skipped |= chain[i].beacon && !options.replay_beacon;
  }
  report.head = chain.empty() ? PowersHead::generators() : chain.back().head;
  report.challenge = chain.empty() ? first : chain.back().next_challenge;
  report.challenge_unknown = !chain.empty() && chain.back().next_challenge_unknown();
  return report;
}

void convert_points(const PowersView& view, PointForm to, const std::function<void(ByteSpan)>& sink, Progress* progress,
                    PointCheck check) {
  convert_list<G1Affine>(view.tau_g1, view.form, to, sink, "tauG1", view.offsets[0], progress, check);
  convert_list<G2Affine>(view.tau_g2, view.form, to, sink, "tauG2", view.offsets[1], progress, check);
  convert_list<G1Affine>(view.alpha_g1, view.form, to, sink, "alphaTauG1", view.offsets[2], progress, check);
  convert_list<G1Affine>(view.beta_g1, view.form, to, sink, "betaTauG1", view.offsets[3], progress, check);
  convert_list<G2Affine>(view.beta_g2, view.form, to, sink, "betaG2", view.offsets[4], progress, check);
}

Digest64 challenge_of(const Digest64& response, const PowersView& powers, Progress* progress, PointCheck check) {
  ResumableBlake2b hash;
  hash.update(response);
  convert_points(powers, PointForm::ppot_uncompressed, [&](ByteSpan bytes) { hash.update(bytes); }, progress, check);
  return hash.digest();
}

ResumableBlake2b response_state(const Digest64& challenge, const PowersView& powers, Progress* progress,
                                PointCheck check) {
  ResumableBlake2b hash;
  hash.update(challenge);
  convert_points(powers, PointForm::ppot_compressed, [&](ByteSpan bytes) { hash.update(bytes); }, progress, check);
  return hash;
}

Result<PtauReport> verify_ptau(const PtauFile& file, Rng& rng, const ChainOptions& options) {
  auto chain = verify_chain(file.ceremony_power, file.contributions, options);
  if (!chain) return chain.error();
  PtauReport report;
  report.chain = std::move(chain).value();
  if (!file.powers) return report;
  const auto head = check_powers(*file.powers, rng, options.progress);
  if (!head) return head.error();
  report.points_checked = true;
  if (head.value() != report.chain.head)
    return malformed("the points are not those of the last contribution (contribution {})", file.contributions.size());
  if (file.truncated() || report.chain.challenge_unknown) return report;
  const Digest64 response = file.contributions.empty() ? blake2b_512({}) : report.chain.responses.back();
  if (challenge_of(response, *file.powers, options.progress, PointCheck::coordinates) != report.chain.challenge)
    return malformed("contribution {}: its next challenge is not the hash of the points", file.contributions.size());
  report.next_challenge_rederived = true;
  return report;
}

}  // namespace ll::ceremony
