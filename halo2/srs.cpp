#include "halo2/srs.hpp"

#include <algorithm>
#include <array>

#include "algebra/encoding.hpp"
#include "algebra/msm.hpp"
#include "algebra/ntt.hpp"
#include "algebra/pairing.hpp"
#include "base/parallel.hpp"

namespace ll::halo2 {
namespace {

using algebra::G1;
using algebra::PointFlags;

constexpr unsigned kMaxPower = 28;

void append_g1(Bytes& out, const G1Affine& point, SerdeFormat format, PointFlags flags) {
  if (format == SerdeFormat::raw) {
    append(out, algebra::to_raw_bytes(point));
  } else {
    append(out, algebra::compress(point, flags));
  }
}

void append_g2(Bytes& out, const G2Affine& point, SerdeFormat format, PointFlags flags) {
  if (format == SerdeFormat::raw) {
    append(out, algebra::to_raw_bytes(point));
  } else {
    append(out, algebra::compress(point, flags));
  }
}

/// Decodes `count` points in parallel; the error names the first bad one.
Result<std::vector<G1Affine>> decode_g1(ByteSpan bytes, std::size_t count, SerdeFormat format, PointFlags flags,
                                        std::size_t file_offset, std::string_view field) {
  const std::size_t size = format == SerdeFormat::raw ? 64 : 32;
  std::vector<G1Affine> points(count);
  std::vector<std::uint8_t> good(count, 0);
  parallel_for(count, 256, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const ByteSpan encoded = bytes.subspan(i * size, size);
      const auto point = format == SerdeFormat::raw ? algebra::g1_from_raw_bytes(encoded.first<64>())
                                                    : algebra::decompress_g1(encoded.first<32>(), flags);
      if (!point || point->is_identity()) continue;
      points[i] = *point;
      good[i] = 1;
    }
  });
  for (std::size_t i = 0; i < count; ++i) {
    if (good[i] == 0) {
      return malformed("srs: {}[{}] at offset {} is no canonical point of G1 other than infinity", field, i,
                       file_offset + i * size);
    }
  }
  return points;
}

}  // namespace

G1Affine Srs::commit(std::span<const Fr> coefficients) const {
  LL_CHECK(coefficients.size() <= g.size(), "srs: a polynomial of {} coefficients, k = {} commits to 2^{}",
           coefficients.size(), k, k);
  return algebra::msm_vartime(std::span(g).first(coefficients.size()), coefficients).to_affine();
}

G1Affine Srs::commit_lagrange(std::span<const Fr> values) const {
  LL_CHECK(values.size() == g_lagrange.size(), "srs: {} values, k = {} commits to exactly 2^{}", values.size(), k, k);
  if (g_lagrange_suffixes.empty()) return algebra::msm_vartime(g_lagrange, values).to_affine();
  std::vector<Fr> steps(values.size());
  std::size_t zeros = 0, steps_of_zero = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    steps[i] = i == 0 ? values[0] : values[i] - values[i - 1];
    zeros += values[i].is_zero() ? 1 : 0;
    steps_of_zero += steps[i].is_zero() ? 1 : 0;
  }
  // Steps between small values are small too, but twice as large: only many more zeros pay.
  const bool in_runs = steps_of_zero > zeros && algebra::msm_cost_of(steps) < algebra::msm_cost_of(values);
  return (in_runs ? algebra::msm_vartime(g_lagrange_suffixes, steps) : algebra::msm_vartime(g_lagrange, values))
      .to_affine();
}

void Srs::sum_suffixes() {
  constexpr std::size_t kPart = 1024;
  const std::size_t n = g_lagrange.size(), parts = (n + kPart - 1) / kPart;
  std::vector<G1> above(parts + 1);  // of all behind part i
  const auto part = [&](std::size_t i) {
    return std::span(g_lagrange).subspan(i * kPart, std::min(kPart, n - i * kPart));
  };
  parallel_for(parts, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      for (const G1Affine& point : part(i)) above[i] += point;
    }
  });
  for (std::size_t i = parts; i-- > 0;) above[i] += above[i + 1];
  g_lagrange_suffixes.resize(n);
  parallel_for(parts, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      std::vector<G1> sums(part(i).size());
      G1 sum = above[i + 1];
      for (std::size_t j = sums.size(); j-- > 0;) sums[j] = sum += part(i)[j];
      std::ranges::copy(algebra::batch_to_affine(sums), g_lagrange_suffixes.begin() + static_cast<long>(i * kPart));
    }
  });
}

Srs Srs::truncated(unsigned smaller_k) const {
  if (smaller_k > k)
    fail(ErrorCode::srs, "srs: k = {} needs 2^{} G1 points, this one holds 2^{}", smaller_k, smaller_k, k);
  if (smaller_k == k) return *this;
  Srs out;
  out.k = smaller_k;
  out.g.assign(g.begin(), g.begin() + (std::size_t{1} << smaller_k));
  out.g_lagrange = algebra::to_lagrange_bases(out.g);
  out.g2 = g2;
  out.s_g2 = s_g2;
  return out;
}

Bytes Srs::write(SerdeFormat format, PointFlags flags) const {
  Bytes out;
  out.reserve(4 + 128 * g.size() + 256);
  append_u32_le(out, k);
  for (const auto& point : g) append_g1(out, point, format, flags);
  for (const auto& point : g_lagrange) append_g1(out, point, format, flags);
  append_g2(out, g2, format, flags);
  append_g2(out, s_g2, format, flags);
  return out;
}

PointFlags Srs::flags_of_processed(ByteSpan bytes) {
  for (std::size_t end = 4 + 32; end <= bytes.size(); end += 32) {
    if ((bytes[end - 1] & 0x80) != 0) return PointFlags::new_flags;
  }
  return PointFlags::old_flags;
}

Result<Srs> Srs::read(ByteSpan bytes, SerdeFormat format, bool check_powers) {
  ByteReader reader(bytes, "srs");
  auto k = reader.u32_le("k");
  if (!k) return k.error();
  if (k.value() < 1 || k.value() > kMaxPower)
    return malformed("srs: k = {} at offset 0, 1 to {} is expected", k.value(), kMaxPower);
  const std::size_t n = std::size_t{1} << k.value(), g1_size = format == SerdeFormat::raw ? 64 : 32;
  const std::size_t expected = 4 + 2 * n * g1_size + 4 * g1_size;
  if (bytes.size() != expected) {
    return malformed("srs: k = {} needs a file of {} bytes, it has {}", k.value(), expected, bytes.size());
  }
  const PointFlags flags = format == SerdeFormat::raw ? PointFlags::old_flags : flags_of_processed(bytes);
  Srs srs;
  srs.k = k.value();
  auto g = decode_g1(reader.take(n * g1_size, "g").value(), n, format, flags, 4, "g");
  if (!g) return g.error();
  auto lagrange =
      decode_g1(reader.take(n * g1_size, "g_lagrange").value(), n, format, flags, 4 + n * g1_size, "g_lagrange");
  if (!lagrange) return lagrange.error();
  srs.g = std::move(g).value();
  srs.g_lagrange = std::move(lagrange).value();
  for (G2Affine* target : {&srs.g2, &srs.s_g2}) {
    const std::size_t offset = reader.offset();
    const ByteSpan encoded = reader.take(2 * g1_size, "g2").value();
    const auto point = format == SerdeFormat::raw ? algebra::g2_from_raw_bytes(encoded.first<128>())
                                                  : algebra::decompress_g2(encoded.first<64>(), flags);
    if (!point || point->is_identity()) {
      return malformed("srs: {} at offset {} is no canonical point of G2's subgroup other than infinity",
                       target == &srs.g2 ? "g2" : "s_g2", offset);
    }
    *target = *point;
  }
  if (srs.g[0] != G1Affine::generator()) return malformed("srs: g[0] at offset 4 is not the generator of G1");
  if (srs.g2 != G2Affine::generator()) return malformed("srs: g2 is not the generator of G2");
  if (check_powers) {
    OsRng rng;
    if (!powers_are_consistent(srs, rng)) {
      return malformed(
          "srs: the points do not belong together (g is no progression by s_g2, or g_lagrange is not its Lagrange "
          "form)");
    }
  }
  return srs;
}

bool powers_are_consistent(const Srs& srs, Rng& rng) {
  const std::size_t n = srs.size();
  std::vector<Fr> random(n);
  for (Fr& r : random) r = Fr::random(rng);
  // Powers: e(sum r_i g[i+1], [1]_2) = e(sum r_i g[i], [tau]_2), i < n - 1.
  const std::span<const G1Affine> g(srs.g);
  const std::span<const Fr> weights = std::span<const Fr>(random).first(n - 1);
  const G1Affine higher = algebra::msm_vartime(g.subspan(1), weights).to_affine();
  const G1Affine lower = algebra::msm_vartime(g.first(n - 1), weights).to_affine();
  const std::array<std::pair<G1Affine, G2Affine>, 2> pairs = {std::pair{higher, srs.g2}, std::pair{-lower, srs.s_g2}};
  if (!algebra::pairing_product_is_one(pairs)) return false;
  // Lagrange form: a polynomial with random values commits to the same point in both bases.
  std::vector<Fr> coefficients = random;
  algebra::NttDomain(srs.k).intt(coefficients);
  return srs.commit_lagrange(random) == srs.commit(coefficients);
}

namespace unsafe_srs {

Srs from_tau(unsigned k, const Fr& tau) {
  LL_CHECK(k >= 1 && k <= kMaxPower, "srs: k = {} is outside 1 to {}", k, kMaxPower);
  const std::size_t n = std::size_t{1} << k;
  const auto vanishing = tau.pow_vartime(n) - Fr::one();
  LL_CHECK(!tau.is_zero() && !vanishing.is_zero(), "srs: tau is zero or a power of omega");
  // Scalars of both bases first, then one table of multiples of the generator serves all points.
  std::vector<Fr> scalars(2 * n);
  const Fr omega = algebra::fr_root_of_unity_of_order_log2(k);
  const Fr factor = vanishing * Fr::from_u64(n).inverse().value();
  std::vector<Fr> denominators(n), omegas(n);
  Fr power = Fr::one(), omega_i = Fr::one();
  for (std::size_t i = 0; i < n; ++i) {
    scalars[i] = power;
    omegas[i] = omega_i;
    denominators[i] = tau - omega_i;
    power *= tau;
    omega_i *= omega;
  }
  algebra::batch_inverse_vartime(std::span<Fr>(denominators));
  for (std::size_t i = 0; i < n; ++i) scalars[n + i] = omegas[i] * factor * denominators[i];

  constexpr unsigned kWindow = 8, kWindows = 32;
  std::vector<G1> table_points;
  G1 base = G1::generator();
  for (unsigned w = 0; w < kWindows; ++w) {  // table[w][d] = d 2^(8 w) G
    G1 multiple;
    for (unsigned d = 0; d < (1u << kWindow); ++d) {
      table_points.push_back(multiple);
      multiple += base;
    }
    base = multiple;
  }
  const std::vector<G1Affine> table = algebra::batch_to_affine(table_points);
  std::vector<G1> points(2 * n);
  parallel_for(points.size(), 256, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const auto digits = scalars[i].to_bytes_le();
      G1 sum;
      for (unsigned w = 0; w < kWindows; ++w) sum += table[(w << kWindow) + digits[w]];
      points[i] = sum;
    }
  });
  const std::vector<G1Affine> affine = algebra::batch_to_affine(points);
  Srs srs;
  srs.k = k;
  srs.g.assign(affine.begin(), affine.begin() + n);
  srs.g_lagrange.assign(affine.begin() + n, affine.end());
  srs.g2 = G2Affine::generator();
  srs.s_g2 = (algebra::G2::generator() * tau).to_affine();
  return srs;
}

Srs generate(unsigned k, Rng& rng) { return from_tau(k, Fr::random(rng)); }

}  // namespace unsafe_srs

}  // namespace ll::halo2
