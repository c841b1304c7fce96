#include "algebra/polynomial.hpp"

#include <algorithm>
#include <array>

#include "algebra/kernels.hpp"
#include "base/error.hpp"
#include "base/parallel.hpp"

namespace ll::algebra {
namespace {

/// Coefficients per part of a threaded evaluation.
constexpr std::size_t kPart = 4096;
constexpr std::size_t kGrain = 1024;
/// Shorter polynomials gain nothing from lanes.
constexpr std::size_t kLeastInLanes = 64;

const std::uint64_t* words(const Fr* elements) { return reinterpret_cast<const std::uint64_t*>(elements); }
std::uint64_t* words(Fr* elements) { return reinterpret_cast<std::uint64_t*>(elements); }

Fr horner(std::span<const Fr> coefficients, const Fr& x) {
  Fr value;
  const kernels::Table* const lanes = lane_kernels();
  if (lanes != nullptr && coefficients.size() >= kLeastInLanes) {
    std::array<Fr, 8> parts;
    const std::size_t width = lanes->width, whole = coefficients.size() / width * width;
    const Fr step = x.pow_vartime(width);
    lanes->evaluate_lanes(words(parts.data()), words(coefficients.data()), whole, words(&step));
    const Fr upper = horner(coefficients.subspan(whole), x) * x.pow_vartime(whole);
    return horner(std::span<const Fr>(parts).first(width), x) + upper;
  }
  for (std::size_t i = coefficients.size(); i-- > 0;) value = value * x + coefficients[i];
  return value;
}

/// Quotient into out (one shorter than the dividend), remainder returned.
Fr synthetic_division(std::span<const Fr> coefficients, const Fr& root, std::span<Fr> out) {
  Fr carry;
  for (std::size_t i = coefficients.size(); i-- > 0;) {
    if (i < out.size()) out[i] = carry;
    carry = carry * root + coefficients[i];
  }
  return carry;
}

/// prod (X - root); {1} for no roots.
std::vector<Fr> vanishing_polynomial(std::span<const Fr> roots) {
  std::vector<Fr> out = {Fr::one()};
  for (const Fr& root : roots) {
    out.push_back(out.back());
    for (std::size_t i = out.size() - 1; i-- > 0;) out[i] = (i == 0 ? Fr() : out[i - 1]) - root * out[i];
  }
  return out;
}

}  // namespace

Fr evaluate(std::span<const Fr> coefficients, const Fr& x) {
  if (coefficients.size() <= kPart) return horner(coefficients, x);
  std::vector<Fr> parts((coefficients.size() + kPart - 1) / kPart);
  parallel_for(parts.size(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t first = i * kPart;
      parts[i] = horner(coefficients.subspan(first, std::min(kPart, coefficients.size() - first)), x);
    }
  });
  return horner(parts, x.pow_vartime(kPart));
}

LinearQuotient divide_by_linear_with_remainder(std::span<const Fr> coefficients, const Fr& root) {
  const std::size_t n = coefficients.size();
  LinearQuotient out{std::vector<Fr>(n == 0 ? 0 : n - 1), Fr()};
  if (n <= 2 * kPart) {
    out.remainder = synthetic_division(coefficients, root, out.quotient);
    return out;
  }
  // The carry that enters a part from above is the value, at the root, of all that lies above it: evaluate the parts,
  // chain the carries, then divide each part on its own.
  const std::size_t count = (n + kPart - 1) / kPart;
  const auto part = [&](std::size_t i) { return coefficients.subspan(i * kPart, std::min(kPart, n - i * kPart)); };
  std::vector<Fr> carry(count + 1);
  parallel_for(count, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) carry[i] = horner(part(i), root);
  });
  const Fr shift = root.pow_vartime(kPart);
  for (std::size_t i = count; i-- > 0;) carry[i] += shift * carry[i + 1];
  parallel_for(count, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      Fr running = carry[i + 1];
      const auto source = part(i);
      for (std::size_t j = source.size(); j-- > 0;) {
        if (i * kPart + j < n - 1) out.quotient[i * kPart + j] = running;
        running = running * root + source[j];
      }
    }
  });
  out.remainder = carry[0];
  return out;
}

std::vector<Fr> divide_by_linear(std::span<const Fr> coefficients, const Fr& root) {
  return divide_by_linear_with_remainder(coefficients, root).quotient;
}

std::vector<Fr> lagrange_interpolate(std::span<const Fr> points, std::span<const Fr> values) {
  LL_CHECK(points.size() == values.size(), "interpolate: {} points but {} values", points.size(), values.size());
  const std::size_t n = points.size();
  const std::vector<Fr> all = vanishing_polynomial(points);
  std::vector<Fr> denominators(n), bases;  // l_i = prod_{j != i} (X - x_j) / prod_{j != i} (x_i - x_j)
  bases.reserve(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    const std::vector<Fr> numerator = divide_by_linear(all, points[i]);
    denominators[i] = evaluate(numerator, points[i]);
    LL_CHECK(!denominators[i].is_zero(), "interpolate: point {} occurs twice", i);
    bases.insert(bases.end(), numerator.begin(), numerator.end());
  }
  batch_inverse_vartime(std::span<Fr>(denominators));
  std::vector<Fr> out(n);
  for (std::size_t i = 0; i < n; ++i) {
    add_scaled(out, std::span<const Fr>(bases).subspan(i * n, n), values[i] * denominators[i]);
  }
  return out;
}

void add_scaled(std::span<Fr> target, std::span<const Fr> source, const Fr& factor) {
  LL_CHECK(source.size() <= target.size(), "add_scaled: {} coefficients into {}", source.size(), target.size());
  const kernels::Table* const lanes = lane_kernels();
  parallel_for(source.size(), kGrain, [&](std::size_t begin, std::size_t end) {
    if (lanes != nullptr) {
      const std::size_t whole = (end - begin) / lanes->width * lanes->width;
      lanes->add_scaled(words(&target[begin]), words(&source[begin]), whole, words(&factor));
      begin += whole;
    }
    for (std::size_t i = begin; i < end; ++i) target[i] += source[i] * factor;
  });
}

}  // namespace ll::algebra
