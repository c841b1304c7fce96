// Our own ceremonies: what honest people make, and every lie that must be found.
#include <functional>

#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "ceremony/ppot_files.hpp"
#include "ceremony/state.hpp"

namespace ll::ceremony {
namespace {

namespace fs = std::filesystem;
using algebra::G1;
using algebra::G2;

class OwnCeremony : public ::testing::TestWithParam<PowersKind> {
 protected:
  fs::path folder_ = fs::temp_directory_path() / fmt::format("ll_ceremony_{}", ::getpid());
  OsRng rng_;
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path path(const std::string& name) const { return folder_ / name; }
  PowersShape shape(unsigned power = 3) const { return {GetParam(), power}; }

  Record step(const std::string& from, const std::string& to, const std::string& name) {
    EntropyPool pool(EntropyPool::fresh_seed().span().first<64>());
    pool.add_text(name);
    const CeremonyFile in = CeremonyFile::open(path(from));
    return contribute(in.state, pool, SigningKey::generate(), options(name), path(to));
  }
  static StepOptions options(const std::string& name) {
    return {.name = name, .attestation = "I was here", .tool = "test", .time = "2026-01-01T00:00:00Z", .progress = {}};
  }
  void beacon(const std::string& from, const std::string& to, const BeaconSource& source = {"drand", 7, 10}) {
    const CeremonyFile in = CeremonyFile::open(path(from));
    const Bytes value = {1, 2, 3, 4};
    apply_beacon(in.state, source, value, iterate_sha256(value, source.iterations_exp), options("beacon"), path(to));
  }
  Result<VerifyReport> verify(const std::string& name, const VerifyOptions& options = {}) {
    const MappedFile mapped(path(name));
    auto state = read_state(mapped.bytes());
    if (!state) return state.error();
    return verify_ceremony(state.value(), rng_, options);
  }
  /// Three contributors and a beacon.
  void make() {
    new_ceremony({shape(), false, BeaconSource{"drand", 7, 10}}, path("0"), rng_);
    step("0", "1", "ada");
    step("1", "2", "bob");
    step("2", "3", "cyd");
    beacon("3", "4");
  }
  /// Verifies a changed copy of the finished ceremony.
  Error refusal(const std::function<void(Transcript&, Bytes&)>& change) {
    const CeremonyFile file = CeremonyFile::open(path("4"));
    StateView state = file.state;
    Bytes points(state.points.begin(), state.points.end());
    change(state.transcript, points);
    Bytes bytes = state_header(state.transcript.shape);
    append(bytes, points);
    append(bytes, state_trailer(state.transcript));
    auto read = read_state(bytes);
    if (!read) return read.error();
    auto verified = verify_ceremony(read.value(), rng_);
    EXPECT_FALSE(verified.ok());
    return verified.ok() ? Error(ErrorCode::io, "accepted") : verified.error();
  }
};

/// The record's own proof and signature again, after a change, by somebody who does not know the factor but has a key.
void sign_again(Transcript& transcript, std::size_t index, const SigningKey& key) {
  Record& record = transcript.records[index - 1];
  record.contributor = key.public_key();
  record.signature = key.sign(transcript.signed_message(record, index));
}

TEST_P(OwnCeremony, HonestStepsVerify) {
  make();
  const VerifyReport report = verify("4").value_or_throw();
  EXPECT_EQ(report.contributors, 3u);
  EXPECT_TRUE(report.beacon);
  EXPECT_TRUE(report.beacon_announced);
  EXPECT_FALSE(report.beacon_skipped);
  EXPECT_EQ(report.next_challenge_rederived, GetParam() == PowersKind::powers_of_tau);
  EXPECT_TRUE(verify("4", {.replay_beacon = false}).value_or_throw().beacon_skipped);
  for (const char* name : {"0", "1", "2", "3"}) EXPECT_TRUE(verify(name).ok()) << name;
  const CeremonyFile file = CeremonyFile::open(path("4"));
  const halo2::Srs srs = srs_of_powers(file.state.powers, std::nullopt).value_or_throw();
  EXPECT_TRUE(halo2::powers_are_consistent(srs, rng_));
  EXPECT_EQ(Transcript::parse(file.state.transcript.to_json(), "t").value_or_throw().to_json(),
            file.state.transcript.to_json());
}

TEST_P(OwnCeremony, EveryLieIsFound) {
  make();
  const auto says = [](const Error& error, const std::string& words) {
    EXPECT_NE(error.message().find(words), std::string::npos) << error.message();
  };
  const SigningKey mallory = SigningKey::generate();
  // Order, links, proofs and signatures.
  says(refusal([](Transcript& t, Bytes&) { std::swap(t.records[0], t.records[1]); }), "record 1");
  says(refusal([](Transcript& t, Bytes&) { t.records.erase(t.records.begin() + 1); }), "record 2");
  says(refusal([](Transcript& t, Bytes&) { t.records[2].previous = t.records[1].previous; }), "record 3");
  says(refusal([](Transcript& t, Bytes&) { t.records[1].proof = t.records[0].proof; }), "record 2");
  says(refusal([&](Transcript& t, Bytes&) {
         t.records[1].proof = t.records[0].proof;
         sign_again(t, 2, mallory);
       }),
       "knowledge");
  says(refusal([](Transcript& t, Bytes&) { t.records[0].name = "eve"; }), "knowledge");
  says(refusal([](Transcript& t, Bytes&) { t.records[0].attestation = "not me"; }), "knowledge");
  says(refusal([](Transcript& t, Bytes&) { t.records[0].signature[5] ^= 1; }), "signature");
  says(refusal([&](Transcript& t, Bytes&) { sign_again(t, 1, mallory); }),
       "knowledge");                                                             // another's contribution claimed
  says(refusal([](Transcript& t, Bytes&) { t.simulated = true; }), "record 1");  // another id
  // Factors of one, steps that were not taken.
  says(refusal([](Transcript& t, Bytes&) { t.records[1].tau_g1 = t.records[0].tau_g1; }), "nothing was contributed");
  says(refusal([](Transcript& t, Bytes&) { t.records[1].tau_g1 = G1Affine::generator(); }), "tau is one");
  says(refusal([](Transcript& t, Bytes&) { t.records[1].tau_g2 = t.records[0].tau_g2; }), "different tau");
  // A setup made alone, with a valid structure, in the place of the third contribution.
  says(refusal([&](Transcript& t, Bytes&) {
         const Fr own = Fr::from_u64(12345);
         t.records[2].tau_g1 = (G1::generator() * own).to_affine();
         t.records[2].tau_g2 = (G2::generator() * own).to_affine();
         sign_again(t, 3, mallory);
       }),
       "knowledge");
  // The beacon.
  says(refusal([](Transcript& t, Bytes&) { t.records[3].beacon_value[0] ^= 1; }), "record 4");
  says(refusal([](Transcript& t, Bytes&) { t.records[3].beacon->round = 8; }), "record 4");
  says(refusal([](Transcript& t, Bytes&) { t.announced.reset(); }), "record 1");
  // The points: first, middle, last.
  const std::size_t n = shape().tau_g1();
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}, n / 2, n - 1}) {
    refusal([&](Transcript&, Bytes& points) { points[64 * i] ^= 1; });  // off the curve
    refusal([&](Transcript& t, Bytes& points) {                         // a point, but a wrong power
      const Bytes wrong = encode_point((G1::generator() * Fr::from_u64(99 + i)).to_affine(), PointForm::raw);
      std::copy(wrong.begin(), wrong.end(), points.begin() + static_cast<std::ptrdiff_t>(64 * i));
      t.records[3].state = blake2b_512(points);
    });
  }
  says(refusal([&](Transcript&, Bytes& points) {
         const auto begin = points.begin() + static_cast<std::ptrdiff_t>(64 * n + 128);
         const Bytes other = encode_point((G2::generator() * Fr::from_u64(3)).to_affine(), PointForm::raw);
         std::copy(other.begin(), other.end(), begin);
       }),
       "tau");
  says(refusal([&](Transcript&, Bytes& points) {  // on the curve, not of order r
         for (std::uint64_t i = 1;; ++i) {
           const algebra::Fq2 x{algebra::Fq::from_u64(i), algebra::Fq::one()};
           const auto y = (x.square() * x + algebra::G2Curve::b()).sqrt_vartime();
           if (!y) continue;
           const Bytes raw = encode_point(G2Affine{x, *y}, PointForm::raw);
           std::copy(raw.begin(), raw.end(), points.begin() + static_cast<std::ptrdiff_t>(64 * n + 128));
           return;
         }
       }),
       "tauG2[1]");
  // The points of the contribution before, with the newest transcript.
  says(refusal([&](Transcript&, Bytes& points) {
         const CeremonyFile before = CeremonyFile::open(path("3"));
         points.assign(before.state.points.begin(), before.state.points.end());
       }),
       "last record");
}

TEST_P(OwnCeremony, EveryCutAndEveryChangedByteIsRefused) {
  new_ceremony({shape(1), false, {}}, path("0"), rng_);
  step("0", "1", "ada");
  const Bytes bytes = read_file(path("1"));
  for (std::size_t length = 0; length < bytes.size(); length += 7)
    EXPECT_FALSE(read_state(ByteSpan(bytes).first(length)).ok()) << length;
  Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(read_state(longer).ok());
  for (std::size_t i = 0; i < bytes.size(); i += 23) {
    Bytes changed = bytes;
    changed[i] ^= 1;
    if (bytes[i] == ' ' || bytes[i] == '\n') continue;  // white space of the JSON
    const auto state = read_state(changed);
    EXPECT_FALSE(state.ok() && verify_ceremony(state.value(), rng_).ok()) << "byte " << i;
  }
}

TEST_P(OwnCeremony, SecretsOfZeroAndOneAreRefused) {
  EXPECT_THROW(SecretFactor{Fr()}, Error);
  EXPECT_THROW(SecretFactor{Fr::one()}, Error);
  EXPECT_EQ(SecretFactor(Fr::from_u64(2)).value(), Fr::from_u64(2));
  const LockedBytes seed = EntropyPool::fresh_seed();
  EntropyPool a(seed.span().first<64>()), b(seed.span().first<64>());
  EXPECT_EQ(a.factor("tau").value(), b.factor("tau").value());
  EXPECT_NE(a.factor("tau").value(), a.factor("alpha").value());
  b.add_text("dice: 4 1 6");
  EXPECT_NE(a.factor("tau").value(), b.factor("tau").value());
}

TEST_P(OwnCeremony, AnInterruptedContributionGoesOn) {
  const unsigned power = GetParam() == PowersKind::kzg ? 15 : 6;  // kzg: two chunks of points
  new_ceremony({shape(power), false, {}}, path("0"), rng_);
  const CeremonyFile in = CeremonyFile::open(path("0"));
  const LockedBytes seed = EntropyPool::fresh_seed();
  const EntropyPool pool(seed.span().first<64>());
  const SigningKey key = SigningKey::generate();
  struct StopAtOnce final : Progress {
    bool stop_requested() const override { return true; }
  } stop;
  StepOptions stopped = options("ada");
  stopped.progress = &stop;
  EXPECT_THROW(contribute(in.state, pool, key, stopped, path("1"), path("points")), Error);
  ASSERT_TRUE(fs::exists(path("points")));
  EXPECT_FALSE(fs::exists(path("1")));
  EntropyPool other(seed.span().first<64>());
  other.add_text("something else");
  EXPECT_THROW(contribute(in.state, other, key, options("ada"), path("1"), path("points")), Error);
  contribute(in.state, pool, key, options("ada"), path("1"), path("points"));
  EXPECT_FALSE(fs::exists(path("points")));
  EXPECT_TRUE(verify("1").ok());
  contribute(in.state, pool, key, options("ada"), path("whole"));
  const CeremonyFile resumed = CeremonyFile::open(path("1")), whole = CeremonyFile::open(path("whole"));
  EXPECT_TRUE(std::ranges::equal(resumed.state.points, whole.state.points));
}

TEST_P(OwnCeremony, OnlyWhatGoesOnFromTheHeadIsImported) {
  make();
  new_ceremony({shape(), false, {}}, path("other0"), rng_);
  step("other0", "other1", "eve");
  step("1", "fork2", "eve");
  const auto import = [&](const std::string& head, const std::string& response) {
    const CeremonyFile in = CeremonyFile::open(path(head));
    return import_step(in.state, MappedFile(path(response)).bytes(), options("x"), rng_, path("out"));
  };
  EXPECT_EQ(import("1", "2").value_or_throw(), 1u);
  EXPECT_EQ(read_file(path("out")), read_file(path("2")));
  EXPECT_EQ(import("0", "3").value_or_throw(), 3u);
  for (const auto& [head, response] :
       {std::pair{"2", "2"}, {"2", "1"}, {"2", "fork2"}, {"3", "fork2"}, {"1", "other1"}}) {
    const auto answer = import(head, response);
    ASSERT_FALSE(answer.ok()) << head << " " << response;
    EXPECT_EQ(answer.error().code(), ErrorCode::mismatch);
  }
}

TEST_P(OwnCeremony, AnotherSetupIsTakenOn) {
  make();
  const CeremonyFile first = CeremonyFile::open(path("4"));
  const std::vector<Contribution> chain = first.state.transcript.chain();
  const Transcript second =
      new_ceremony_from({shape(), false, {}}, first.state.powers, chain, "first.bin", "00", path("s0"), rng_)
          .value_or_throw();
  EXPECT_EQ(second.initial.tau_g1, first.state.transcript.tau_g1(4));
  step("s0", "s1", "dan");
  EXPECT_TRUE(verify("s1").ok());
  EXPECT_EQ(new_ceremony_from({shape(4), false, {}}, first.state.powers, chain, "first.bin", "00", path("s2"), rng_)
                .error()
                .code(),
            ErrorCode::srs);
}

INSTANTIATE_TEST_SUITE_P(Kinds, OwnCeremony, ::testing::Values(PowersKind::kzg, PowersKind::powers_of_tau),
                         [](const auto& kind) { return kind.param == PowersKind::kzg ? "kzg" : "powers_of_tau"; });

class PowersOfTau : public OwnCeremony {};

TEST_P(PowersOfTau, PtauAndPpotFilesGoOutAndComeBack) {
  new_ceremony({shape(), false, {}}, path("0"), rng_);
  step("0", "1", "ada");
  const Record second = step("1", "2", "bob");
  const CeremonyFile one = CeremonyFile::open(path("1")), two = CeremonyFile::open(path("2"));
  // A .ptau with our chain verifies as one.
  write_ptau(path("two.ptau"), two.state.powers, two.state.transcript.chain());
  const Bytes bytes = read_file(path("two.ptau"));
  const PtauFile file = read_ptau(bytes).value_or_throw();
  const PtauReport report = verify_ptau(file, rng_).value_or_throw();
  EXPECT_TRUE(report.next_challenge_rederived);
  EXPECT_EQ(file.contributions.back().name, "bob");
  // Ours as a response, imported again as somebody else's: the same step.
  const Digest64 challenge = one.state.transcript.chain().back().next_challenge;
  write_response(path("response"), challenge, two.state.powers, second.ptau->key);
  write_challenge(path("challenge"), one.state.transcript.chain().back().response_hash(), one.state.powers);
  EXPECT_EQ(blake2b_512(read_file(path("challenge"))), challenge);
  EXPECT_EQ(blake2b_512(read_file(path("response"))), second.ptau->response_hash());
  for (const char* name : {"response", "two.ptau"}) {
    EXPECT_EQ(import_step(one.state, MappedFile(path(name)).bytes(), options("bob"), rng_, path("in")).value_or_throw(),
              1u);
    EXPECT_EQ(verify("in").value_or_throw().external, 1u);
    EXPECT_FALSE(import_step(two.state, MappedFile(path(name)).bytes(), options("bob"), rng_, path("in2")).ok());
  }
  step("in", "3", "cyd");  // ours goes on from a foreign step
  EXPECT_TRUE(verify("3").ok());
  Bytes changed = read_file(path("response"));
  changed[200] ^= 1;
  EXPECT_FALSE(import_step(one.state, changed, options("bob"), rng_, path("in2")).ok());
  EXPECT_FALSE(fs::exists(path("in2")));
  // A cut, and a chain whose last record is another's.
  EXPECT_FALSE(read_ptau(ByteSpan(bytes).first(bytes.size() - 1)).ok());
  std::vector<Contribution> chain = two.state.transcript.chain();
  chain.pop_back();
  write_ptau(path("short.ptau"), two.state.powers, chain);
  const Bytes short_bytes = read_file(path("short.ptau"));
  EXPECT_FALSE(verify_ptau(read_ptau(short_bytes).value_or_throw(), rng_).ok());
}

TEST_P(PowersOfTau, AztecFlatFilesAreRead) {
  make();
  const CeremonyFile file = CeremonyFile::open(path("4"));
  const halo2::Srs srs = srs_of_powers(file.state.powers, std::nullopt).value_or_throw();
  Bytes g1 = encode_points<G1Affine>(srs.g, PointForm::aztec);
  append(g1, Bytes(64, 1));  // more points than a power of two: not read
  const Bytes g2 = encode_point(srs.s_g2, PointForm::aztec);
  EXPECT_EQ(read_aztec(g1, g2, std::nullopt).value_or_throw().write(halo2::SerdeFormat::raw),
            srs.write(halo2::SerdeFormat::raw));
  EXPECT_FALSE(read_aztec(g1, ByteSpan(g2).first(127), std::nullopt).ok());
  Bytes wrong = g1;
  std::swap_ranges(wrong.begin() + 64, wrong.begin() + 128, wrong.begin() + 192);
  EXPECT_FALSE(read_aztec(wrong, g2, std::nullopt).ok());
  EXPECT_EQ(read_aztec(g1, g2, 9).error().code(), ErrorCode::srs);
}

TEST(Aztec, IgnitionsPointIsOnTheTwist) {
  // [tau]_2 of Aztec Ignition as g2.dat has it (AztecProtocol/barretenberg, srs): x.c0, x.c1, y.c0, y.c1, big-endian.
  const Bytes g2 = *from_hex(
      "0118c4d5b837bcc2bc89b5b398b5974e9f5944073b32078b7e231fec938883b0"
      "260e01b251f6f1c7e7ff4e580791dee8ea51d87a358e038b4efe30fac09383c1"
      "22febda3c0c0632a56475b4214e5615e11e6dd3f96e6cea2854a87d4dacc5e55"
      "04fc6369f7110fe3d25156c1bb9a72859cf2a04641f99ba4ee413c80da6a5fe4");
  const auto point = decode_point<G2Affine>(g2, PointForm::aztec);
  ASSERT_TRUE(point);
  EXPECT_EQ(encode_point(*point, PointForm::aztec), g2);
}

INSTANTIATE_TEST_SUITE_P(Full, PowersOfTau, ::testing::Values(PowersKind::powers_of_tau));

}  // namespace
}  // namespace ll::ceremony
