// Files of public ceremonies: the real ones where they are at hand, their traps, and every way of being broken.
#include <algorithm>
#include <chrono>
#include <set>

#include <gtest/gtest.h>
#include <sodium.h>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "ceremony/ppot_files.hpp"
#include "ceremony/snarkjs_random.hpp"

namespace ll::ceremony {
namespace {

namespace fs = std::filesystem;
const fs::path kShared = fs::path(LL_SOURCE_DIR) / "../shared/vectors/srs";
const fs::path kHermez = kShared / "powersOfTau28_hez_final_08.ptau", kPpot = kShared / "pot28_0086_nopoints.ptau";

Digest64 reference_blake2b(ByteSpan bytes) {
  Digest64 out;
  crypto_generichash_blake2b(out.data(), out.size(), bytes.data(), bytes.size(), nullptr, 0);
  return out;
}

TEST(ResumableBlake2b, IsBlake2bWhereverItIsInterrupted) {
  Bytes text(400);
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<std::uint8_t>(7 * i + i / 13);
  for (std::size_t length : {0, 1, 127, 128, 129, 255, 256, 257, 400}) {
    const ByteSpan bytes = ByteSpan(text).first(length);
    EXPECT_EQ(blake2b_512(bytes), reference_blake2b(bytes)) << length;
    for (std::size_t cut = 0; cut <= length; cut += 31) {
      ResumableBlake2b first;
      first.update(bytes.first(cut));
      ResumableBlake2b second = ResumableBlake2b::from_state(first.state()).value_or_throw();
      second.update(bytes.subspan(cut));
      EXPECT_EQ(second.digest(), reference_blake2b(bytes)) << length << " cut at " << cut;
      EXPECT_EQ(second.bytes_fed(), length);
    }
  }
  ResumableBlake2b::State state = ResumableBlake2b().state();
  for (const std::size_t i : {192, 200, 208}) {
    ResumableBlake2b::State wrong = state;
    wrong[i] = 129;
    EXPECT_FALSE(ResumableBlake2b::from_state(wrong).ok()) << i;
  }
}

TEST(PointCodec, EveryFormIsStrict) {
  const G1Affine p = (G1::generator() * Fr::from_u64(7)).to_affine();
  const G2Affine q = (G2::generator() * Fr::from_u64(7)).to_affine();
  for (const PointForm form :
       {PointForm::raw, PointForm::ppot_uncompressed, PointForm::ppot_compressed, PointForm::aztec}) {
    const auto strict = [&](const auto& point) {
      using Point = std::decay_t<decltype(point)>;
      for (const Point& each : {point, -point}) {
        const Bytes bytes = encode_point(each, form);
        EXPECT_EQ(decode_point<Point>(bytes, form), each);
        for (std::size_t bit = 0; bit < 8 * bytes.size(); bit += 5) {
          Bytes changed = bytes;
          changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1u << (bit % 8)));
          const auto read = decode_point<Point>(changed, form);
          EXPECT_TRUE(!read || encode_point(*read, form) == changed);
        }
        EXPECT_FALSE(decode_point<Point>(ByteSpan(bytes).first(bytes.size() - 1), form));
      }
      EXPECT_FALSE(decode_point<Point>(Bytes(point_bytes<Point>(form), 0), form));
    };
    strict(p);
    strict(q);
  }
}

TEST(PointCodec, G2OutsideTheSubgroupIsRefused) {
  // The first curve point over F_q² found by counting x up: the cofactor is huge, so it is not in the subgroup.
  for (std::uint64_t i = 1;; ++i) {
    const algebra::Fq2 x{Fq::from_u64(i), Fq::one()};
    const auto y = (x.square() * x + algebra::G2Curve::b()).sqrt_vartime();
    if (!y) continue;
    const G2Affine point{x, *y};
    ASSERT_TRUE(point.is_on_curve());
    for (const PointForm form :
         {PointForm::raw, PointForm::ppot_uncompressed, PointForm::ppot_compressed, PointForm::aztec})
      EXPECT_FALSE(decode_point<G2Affine>(encode_point(point, form), form));
    return;
  }
}

TEST(Chain, FirstChallengeIsTheHashOfGenerators) {
  for (const unsigned power : {1u, 4u}) {
    const PowersShape shape{PowersKind::powers_of_tau, power};
    const std::vector<G1Affine> g1(shape.tau_g1() + shape.alpha_g1() + shape.beta_g1(), G1Affine::generator());
    const std::vector<G2Affine> g2(shape.tau_g2(), G2Affine::generator());
    Bytes bytes;
    append(bytes, reference_blake2b({}));
    append(bytes, encode_points<G1Affine>(std::span(g1).first(shape.tau_g1()), PointForm::ppot_uncompressed));
    append(bytes, encode_points<G2Affine>(g2, PointForm::ppot_uncompressed));
    append(bytes, encode_points<G1Affine>(std::span(g1).subspan(shape.tau_g1()), PointForm::ppot_uncompressed));
    append(bytes, encode_point(G2Affine::generator(), PointForm::ppot_uncompressed));
    EXPECT_EQ(first_challenge(power), reference_blake2b(bytes));
  }
  EXPECT_EQ(to_hex(ByteSpan(first_challenge(28)).first(4)), "93da9192");
}

TEST(Chain, IteratedHashGoesOnFromACheckpoint) {
  const Bytes value = {1, 2, 3};
  Digest32 expected = sha256(value);
  for (int i = 1; i < 1 << 10; ++i) expected = sha256(expected);
  EXPECT_EQ(iterate_sha256(value, 10), expected);
  std::uint64_t done = 0;
  Digest32 reached{};
  const Digest32 whole = iterate_sha256(value, 19, 0, nullptr, [&](std::uint64_t count, const Digest32& hash) {
    if (done == 0) {
      done = count;
      reached = hash;
    }
  });
  ASSERT_EQ(done, std::uint64_t{1} << 18);
  EXPECT_EQ(iterate_sha256(Bytes(reached.begin(), reached.end()), 19, done), whole);
}

class RealCeremonies : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kShared)) GTEST_SKIP() << "SKIPPED, LOUDLY: no real ceremony files at " << kShared;
  }
  static double seconds_of(const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
};

TEST_F(RealCeremonies, HermezChainAndPointsHold) {
  const Bytes bytes = read_file(kHermez);
  const PtauFile file = read_ptau(bytes).value_or_throw();
  EXPECT_EQ(file.power, 8u);
  EXPECT_EQ(file.ceremony_power, 28u);
  ASSERT_EQ(file.contributions.size(), 55u);  // 54 and the beacon
  EXPECT_EQ(file.contributions.front().name, "weijie");
  EXPECT_TRUE(file.contributions.back().beacon);
  EXPECT_EQ(file.contributions.back().iterations_exp, 10u);
  OsRng rng;
  PtauReport report;
  const double seconds = seconds_of([&] { report = verify_ptau(file, rng).value_or_throw(); });
  RecordProperty("seconds", std::to_string(seconds));
  EXPECT_TRUE(report.points_checked);
  EXPECT_FALSE(report.chain.beacon_skipped);
  EXPECT_FALSE(report.next_challenge_rederived);  // power 8 of a ceremony of power 28: cannot be
  EXPECT_TRUE(verify_ptau(file, rng, {.replay_beacon = false}).value_or_throw().chain.beacon_skipped);
}

TEST_F(RealCeremonies, PpotChainHoldsWithoutPoints) {
  const Bytes bytes = read_file(kPpot);
  const PtauFile file = read_ptau(bytes).value_or_throw();
  ASSERT_EQ(file.contributions.size(), 67u);
  EXPECT_FALSE(file.powers);
  OsRng rng;
  const PtauReport report = verify_ptau(file, rng).value_or_throw();
  EXPECT_FALSE(report.points_checked);
  EXPECT_TRUE(report.chain.challenge_unknown);
}

TEST_F(RealCeremonies, BothChainsBeginWithTheSamePeople) {
  const Bytes a = read_file(kHermez), b = read_file(kPpot);
  const auto first = read_ptau(a).value_or_throw().contributions, second = read_ptau(b).value_or_throw().contributions;
  EXPECT_EQ(first[0].key, second[0].key);
  EXPECT_EQ(first[0].response_hash(), second[0].response_hash());
}

TEST_F(RealCeremonies, EachLieInAChainIsNamed) {
  const Bytes bytes = read_file(kHermez);
  const PtauFile honest = read_ptau(bytes).value_or_throw();
  const auto refused = [&](std::size_t at, const std::function<void(std::vector<Contribution>&)>& change) {
    std::vector<Contribution> chain(honest.contributions.begin(), honest.contributions.begin() + 4);
    chain.push_back(honest.contributions.back());
    chain.erase(chain.begin() + 4);
    change(chain);
    const auto answer = verify_chain(28, chain);
    ASSERT_FALSE(answer.ok());
    EXPECT_NE(answer.error().message().find(fmt::format("contribution {}:", at)), std::string::npos)
        << answer.error().message();
  };
  refused(2, [](auto& c) { std::swap(c[1], c[2]); });                // swapped order
  refused(2, [](auto& c) { c[1].key = c[0].key; });                  // a proof used again
  refused(3, [](auto& c) { c[2].head.tau_g1 = c[1].head.tau_g1; });  // no step
  refused(3, [](auto& c) { c[2].head.beta_g2 = c[1].head.beta_g2; });
  refused(2, [](auto& c) { c[1].head.alpha_g1 = (-G1(c[1].head.alpha_g1)).to_affine(); });
  refused(3, [](auto& c) { c[1].next_challenge[0] ^= 1; });   // the next proof answers another challenge
  refused(2, [](auto& c) { c.erase(c.begin() + 1); });        // a contribution left out
  refused(1, [](auto& c) { c[0].partial_hash[192] = 128; });  // a hash over fewer bytes
  refused(4, [](auto& c) { c[3].next_challenge.fill(0xff), c.push_back(c[3]); });
  EXPECT_TRUE(verify_chain(28, std::span(honest.contributions).first(4)).ok());
  EXPECT_FALSE(verify_chain(27, std::span(honest.contributions).first(4)).ok());
  std::vector<Contribution> beacon = honest.contributions;
  beacon.back().beacon_hash[5] ^= 1;
  EXPECT_FALSE(verify_chain(28, beacon).ok());
  EXPECT_TRUE(verify_chain(28, beacon, {.replay_beacon = false}).ok());  // which is why skipping is said aloud
}

TEST_F(RealCeremonies, LagrangeSectionIsTheSameSetInAnotherOrder) {
  const Bytes bytes = read_file(kHermez);
  const PtauFile file = read_ptau(bytes).value_or_throw();
  const halo2::Srs srs = srs_of_powers(*file.powers, std::nullopt).value_or_throw();
  // All sizes follow each other: the part for 2^8 begins behind 1 + 2 + ... + 2^7 points.
  const auto theirs =
      decode_points<G1Affine>(file.lagrange_g1.subspan(64 * 255, 64 * 256), PointForm::raw, "L").value_or_throw();
  const auto set_of = [](const std::vector<G1Affine>& points) {
    std::set<Bytes> out;
    for (const G1Affine& point : points) out.insert(encode_point(point, PointForm::raw));
    return out;
  };
  EXPECT_NE(theirs, srs.g_lagrange);
  EXPECT_EQ(set_of(theirs), set_of(srs.g_lagrange));
}

TEST_F(RealCeremonies, HermezConvertsToThePublishedBytes) {
  const std::pair<unsigned, const char*> expected[] = {
      {1, "f3922913c667488d53906a860910a83113507c0be2f6b5a2a755349b86fe9c78"},
      {2, "9933ae8b854504b6814f969f36e88a4e6a270190cfaf57ef44c8cd346215df18"},
      {3, "88a2067fa0082d2257612041c87ace8f34ddc225c21e85de12c419b5532abcc2"},
      {4, "e83a328a0bd184105906c96b57c5e93b39035f4287268d0566cdc1b99066c2e1"},
      {5, "a331a6ee83f3e71eff77b9feb9919134a5f4e06cbce6bea15b625b9ca10e9c8a"},
      {6, "7e7a713a71cde778ca4bc7d4458e4ae096176ea39fc9fe098f0f089c2853a421"},
      {7, "53edb0c44a77c5e3f869c139c9a523811b7807a8921040ed7a9b1dc3a1c59355"},
      {8, "4b67ff25b9c00ffc5557f907d0c22cbfe6f4a75a41e5a16cffe199fb50105664"}};
  const Bytes bytes = read_file(kHermez);
  const PtauFile file = read_ptau(bytes).value_or_throw();
  for (const auto& [k, hash] : expected) {
    const halo2::Srs srs = srs_of_powers(*file.powers, k).value_or_throw();
    EXPECT_EQ(to_hex(sha256(srs.write(halo2::SerdeFormat::raw))), hash) << k;
  }
  EXPECT_EQ(srs_of_powers(*file.powers, 9).error().code(), ErrorCode::srs);
}

TEST_F(RealCeremonies, PpotResponseFormIsRead) {
  const Bytes bytes = read_file(kShared / "ppot_response_form_k8.bin");
  const PpotFile file = read_ppot(bytes).value_or_throw();
  EXPECT_TRUE(file.response);
  EXPECT_EQ(file.powers.shape.power, 8u);
  OsRng rng;
  const PowersHead head = check_powers(file.powers, rng).value_or_throw();
  const auto key = decode_public_key(file.key, PointForm::ppot_uncompressed, "response", 0).value_or_throw();
  EXPECT_NE(head.tau_g1, key.tau.s);
  EXPECT_TRUE(srs_of_powers(file.powers, 8).ok());
  for (std::size_t offset = 64; offset < bytes.size(); offset += 9973) {
    Bytes changed = bytes;
    changed[offset] ^= 1;
    const PpotFile read = read_ppot(changed).value_or_throw();
    const bool fails = !check_powers(read.powers, rng).ok() ||
                       !decode_public_key(read.key, PointForm::ppot_uncompressed, "response", 0).ok();
    EXPECT_TRUE(fails) << offset;
  }
  EXPECT_FALSE(read_ppot(ByteSpan(bytes).first(bytes.size() - 1)).ok());
}

TEST_F(RealCeremonies, ChangedAndCutPtauFilesAreRefused) {
  const Bytes bytes = read_file(kHermez);
  OsRng rng;
  SeededRng chosen(11);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(read_ptau(ByteSpan(bytes).first(chosen.below(bytes.size()))).ok());
  Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(read_ptau(longer).ok());
  for (std::size_t i = 0; i < 80; ++i) {  // header and section table: every byte
    Bytes changed = bytes;
    changed[i] = static_cast<std::uint8_t>(changed[i] ^ (1u << chosen.below(8)));
    const auto read = read_ptau(changed);
    if (i >= 64 && i < 68 && read.ok()) {  // ceremony power: the hashes of the chain know it
      EXPECT_FALSE(verify_chain(read.value().ceremony_power, std::span(read.value().contributions).first(1)).ok());
      continue;
    }
    EXPECT_FALSE(read.ok()) << "byte " << i;
  }
}

TEST(Ptau, AnotherCurveIsNamed) {
  Bytes file = {'p', 't', 'a', 'u'};
  append_u32_le(file, 1);
  append_u32_le(file, 1);
  append_u32_le(file, 1);
  append_u64_le(file, 60);
  append_u32_le(file, 48);
  append(file,
         *from_hex("abaafffffffffeb9ffff53b1feffab1e24f6b0f6a0d23067bf1285f3844b7764d7ac4b43b6a71b4b9ae67f39ea11011a"));
  append_u32_le(file, 12);
  append_u32_le(file, 12);
  const auto read = read_ptau(file);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code(), ErrorCode::srs);
  EXPECT_NE(read.error().message().find("BLS12-381"), std::string::npos);
}

}  // namespace
}  // namespace ll::ceremony
