#include "model/linear_map.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.hpp"

namespace ll::model {
namespace {

constexpr unsigned kMostShift = 512;

Error too_large() { return malformed("integers reach 2^120: fewer bits of input or of weights are needed"); }

i128 in_range(i128 value) {
  if (value >= kMostInteger || value <= -kMostInteger) throw too_large();
  return value;
}

std::uint64_t odd_product(std::uint64_t a, std::uint64_t b) {
  const u128 product = u128{a} * b;
  if (product >> 63 != 0) throw malformed("the denominator of a mean has more than 63 odd bits");
  return static_cast<std::uint64_t>(product);
}

}  // namespace

double Scale::denominator() const { return std::ldexp(static_cast<double>(odd), static_cast<int>(shift)); }

std::string Scale::to_string() const {
  if (is_one()) return "1";
  if (odd == 1) return fmt::format("2^{}", shift);
  return shift == 0 ? std::to_string(odd) : fmt::format("2^{} * {}", shift, odd);
}

Scale operator*(const Scale& a, const Scale& b) {
  if (a.shift + b.shift > kMostShift) throw malformed("a scale beyond 2^{}", kMostShift);
  return {a.shift + b.shift, odd_product(a.odd, b.odd)};
}

Scale common_scale(const Scale& a, const Scale& b) {
  return {std::max(a.shift, b.shift), odd_product(a.odd / std::gcd(a.odd, b.odd), b.odd)};
}

i128 factor_between(const Scale& from, const Scale& to) {
  LL_CHECK(from.shift <= to.shift && to.odd % from.odd == 0, "no integer factor from scale {} to {}", from.to_string(),
           to.to_string());
  const unsigned shift = to.shift - from.shift;
  if (shift >= 120) throw too_large();
  return checked_product(i128{1} << shift, static_cast<i128>(to.odd / from.odd));
}

i128 checked_product(i128 a, i128 b) {
  i128 product = 0;
  if (__builtin_mul_overflow(a, b, &product)) throw too_large();
  return in_range(product);
}

i128 checked_sum(i128 a, i128 b) {
  i128 sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) throw too_large();
  return in_range(sum);
}

std::string to_string(i128 value) {
  const u128 size = value < 0 ? -static_cast<u128>(value) : static_cast<u128>(value);
  return (value < 0 ? "-" : "") + ll::to_string(size);
}

void LinearMap::end_row() {
  if (terms.size() > kMostTerms)
    throw Error(ErrorCode::memory, fmt::format("more than {} multiply-adds in one node", kMostTerms));
  ends.push_back(terms.size());
}

std::vector<i128> LinearMap::evaluate(std::span<const i128> sources) const {
  std::vector<i128> values(outputs());
  for (std::size_t i = 0; i < values.size(); ++i) {
    i128 sum = constants.empty() ? i128{0} : constants[i];
    for (const Term& term : row(i)) sum = checked_sum(sum, checked_product(term.factor, sources[term.source]));
    values[i] = sum;
  }
  return values;
}

std::vector<double> LinearMap::evaluate_real(std::span<const double> sources) const {
  std::vector<double> values(outputs());
  for (std::size_t i = 0; i < values.size(); ++i) {
    double sum = real_constants.empty() ? 0.0 : real_constants[i];
    for (const Term& term : row(i)) sum += term.real * sources[term.source];
    values[i] = sum;
  }
  return values;
}

std::vector<Interval> LinearMap::bound(std::span<const Interval> sources) const {
  std::vector<Interval> bounds(outputs());
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    Interval sum;
    if (!constants.empty()) sum = {constants[i], constants[i]};
    for (const Term& term : row(i)) {
      const Interval& source = sources[term.source];
      const i128 a = checked_product(term.factor, source.low), b = checked_product(term.factor, source.high);
      sum = {checked_sum(sum.low, std::min(a, b)), checked_sum(sum.high, std::max(a, b))};
    }
    bounds[i] = sum;
  }
  return bounds;
}

}  // namespace ll::model
