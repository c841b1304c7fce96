// Each kernel of this machine against the portable code: sums of points, transforms, passes over arrays, programs over
// rows, on elements with a bent for carries.
#include <string>

#include "algebra/affine_sums.hpp"
#include "algebra/kernels.hpp"
#include "algebra/ntt.hpp"
#include "algebra/polynomial.hpp"
#include "halo2/row_program.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace ll {
namespace {

using algebra::Fr, algebra::G1, algebra::G1Affine, algebra::PointPair;
using fuzz::Input, fuzz::require;

/// An element whose words in memory are near zero, all ones or the modulus's own, or a run of ones.
Fr element(Input& input) {
  algebra::Limbs words{};
  for (std::size_t i = 0; i < 4; ++i) {
    const std::uint8_t kind = input.byte();
    const std::uint64_t modulus = Fr::kModulus[i];
    const std::uint64_t choices[] = {0,
                                     ~std::uint64_t{0},
                                     modulus,
                                     modulus - 1,
                                     std::uint64_t{1} << (kind / 8 * 2),
                                     (std::uint64_t{1} << (kind / 8 * 2)) - 1,
                                     kind * 0x0101010101010101U,
                                     std::uint64_t{kind} << 44};
    words[i] = choices[kind % 8];
  }
  std::array<std::uint8_t, 32> bytes{};
  for (std::size_t i = 0; i < 32; ++i) bytes[i] = static_cast<std::uint8_t>(words[i / 8] >> (8 * (i % 8)));
  for (;;) {
    if (const auto value = Fr::from_montgomery_bytes(bytes)) return *value;
    bytes[31] = static_cast<std::uint8_t>(bytes[31] >> 1);
  }
}

std::vector<Fr> elements(Input& input, std::size_t count) {
  std::vector<Fr> few, out(count);
  for (int i = 0; i < 12; ++i) few.push_back(element(input));
  for (std::size_t i = 0; i < count; ++i) out[i] = few[(i * i + i / 3) % few.size()];
  return out;
}

/// Everything that is computed of one input, as field elements.
std::vector<Fr> compute(Input input) {
  std::vector<Fr> out;
  const auto keep = [&](const std::vector<Fr>& values) { out.insert(out.end(), values.begin(), values.end()); };
  const unsigned k = 8 + input.byte() % 3;
  const Fr factor = element(input), shift = element(input);
  const algebra::NttDomain domain(k);
  const std::vector<Fr> start = elements(input, domain.size());
  std::vector<Fr> values = start;
  domain.ntt(values);
  keep(values);
  domain.intt(values);
  require(values == start, "the transform and its inverse");
  if (!shift.is_zero()) domain.coset_ntt(values, shift);
  keep(values);
  const std::vector<Fr> some = elements(input, 60 + input.byte());
  values.resize(some.size());
  algebra::add_scaled(values, some, factor);
  algebra::scale_by_powers(values, shift, factor);
  keep(values);
  out.push_back(algebra::evaluate(some, factor));

  halo2::RowProgram program;
  std::vector<halo2::RowProgram::Value> made = {program.load(0, 0), program.load(1, 3), program.load(0, -2)};
  for (int i = 0; i < 40; ++i) {
    const std::uint8_t op = input.byte();
    const auto& a = made[made.size() - 1 - op / 64 % made.size()];
    const auto& b = made[op / 8 % made.size()];
    switch (op % 6) {
      case 0:
        made.push_back(program.add(a, b));
        break;
      case 1:
        made.push_back(program.sub(a, b));
        break;
      case 2:
        made.push_back(program.mul(a, b));
        break;
      case 3:
        made.push_back(program.neg(a));
        break;
      case 4:
        made.push_back(program.add(a, program.scalar(factor)));
        break;
      default:
        made.push_back(program.mul(a, program.scalar(shift)));
    }
  }
  const std::vector<Fr> left = elements(input, 64), right = elements(input, 64);
  const std::vector<std::span<const Fr>> sources = {left, right};
  std::vector<Fr> rows(64);
  program.run(sources, made.back(), rows, factor);
  keep(rows);
  return out;
}

std::vector<G1Affine> sums(Input input) {
  static const std::vector<G1Affine> points = [] {
    std::vector<G1> multiples(1);
    for (int i = 0; i < 39; ++i) multiples.push_back(multiples.back() + G1::generator());
    return algebra::batch_to_affine(multiples);
  }();
  std::vector<PointPair> pairs(32 + input.byte());
  for (std::uint32_t i = 0; i < pairs.size(); ++i) {
    const auto place = [&] {
      const std::uint8_t which = input.byte();
      return which % static_cast<std::uint32_t>(points.size()) | (which >= 128 ? PointPair::kNegated : 0);
    };
    pairs[i] = {place(), place(), i};
  }
  std::vector<G1Affine> out(pairs.size());
  algebra::affine_sums_vartime(points.data(), pairs, out.data());
  return out;
}

}  // namespace
}  // namespace ll

int LLVMFuzzerInitialize(int*, char***) { return 0; }

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ll;
  const std::string before(algebra::kernels_name());
  const Input input(data, size);
  algebra::use_kernels("portable");
  const auto expected = compute(input);
  const auto expected_sums = sums(input);
  for (const std::string& kernel : algebra::available_kernels()) {
    algebra::use_kernels(kernel);
    require(compute(input) == expected, kernel.c_str());
    require(sums(input) == expected_sums, kernel.c_str());
  }
  algebra::use_kernels(before);
  return 0;
}
