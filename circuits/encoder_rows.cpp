#include "circuits/encoder_rows.hpp"

#include <algorithm>
#include <optional>

#include "algebra/polynomial.hpp"
#include "base/error.hpp"
#include "circuits/batch_rows.hpp"
#include "gadgets/random_combination.hpp"
#include "gadgets/row_type.hpp"

namespace ll::circuits {

using gadgets::horner_step;
using gadgets::row_is;
using halo2::Expression;
using halo2::Rotation;
using halo2::VirtualCells;
using NamedPolynomials = halo2::ConstraintSystem::NamedPolynomials;

namespace {

/// The integers modulo the prime 2^61 - 1: a matrix of integers has no larger rank over them than over the rationals.
struct Mersenne61 {
  static constexpr std::uint64_t kPrime = (std::uint64_t{1} << 61) - 1;
  std::uint64_t value = 0;

  static Mersenne61 from_i64(std::int64_t number) {
    return {number < 0 ? kPrime - static_cast<std::uint64_t>(-number) : static_cast<std::uint64_t>(number)};
  }
  bool is_zero() const { return value == 0; }
  std::optional<Mersenne61> inverse() const {
    Mersenne61 result{1}, base = *this;
    for (std::uint64_t e = kPrime - 2; e > 0; e >>= 1, base = base * base)
      if (e & 1) result = result * base;
    return result;
  }
  friend Mersenne61 operator*(Mersenne61 a, Mersenne61 b) {
    const u128 product = u128{a.value} * b.value;
    const std::uint64_t sum = static_cast<std::uint64_t>(product & kPrime) + static_cast<std::uint64_t>(product >> 61);
    return {sum >= kPrime ? sum - kPrime : sum};
  }
  Mersenne61& operator-=(Mersenne61 other) {
    value = value >= other.value ? value - other.value : value + kPrime - other.value;
    return *this;
  }
};

/// row -= factor times pivot, from `column` on.
void subtract_multiple(std::vector<Mersenne61>& row, const std::vector<Mersenne61>& pivot, Mersenne61 factor,
                       std::size_t column) {
  for (std::size_t q = column; q < row.size(); ++q) row[q] -= factor * pivot[q];
}
void subtract_multiple(std::vector<Fr>& row, const std::vector<Fr>& pivot, const Fr& factor, std::size_t column) {
  algebra::add_scaled(std::span(row).subspan(column), std::span(pivot).subspan(column), -factor);
}

/// Rank of a matrix over a field by elimination; the matrix is public.
template <class Field>
std::size_t rank_vartime(std::vector<std::vector<Field>> rows) {
  std::size_t rank = 0;
  for (std::size_t column = 0; column < rows.front().size() && rank < rows.size(); ++column) {
    const auto pivot = std::find_if(rows.begin() + static_cast<std::ptrdiff_t>(rank), rows.end(),
                                    [&](const std::vector<Field>& row) { return !row[column].is_zero(); });
    if (pivot == rows.end()) continue;
    std::iter_swap(pivot, rows.begin() + static_cast<std::ptrdiff_t>(rank));
    const Field inverse = rows[rank][column].inverse().value();
    for (std::size_t i = rank + 1; i < rows.size(); ++i) {
      const Field factor = rows[i][column] * inverse;
      if (factor.is_zero()) continue;
      subtract_multiple(rows[i], rows[rank], factor, column);
    }
    ++rank;
  }
  return rank;
}

/// Rank of V^ modulo 2^61 - 1.
std::size_t rank_of_entries(const model::QuantizedEncoder& encoder) {
  std::vector<std::vector<Mersenne61>> rows;
  for (std::size_t i = 0; i < encoder.shape().accounts; ++i) {
    auto& row = rows.emplace_back();
    for (const std::int16_t entry : encoder.row(i)) row.push_back(Mersenne61::from_i64(entry));
  }
  return rank_vartime(std::move(rows));
}

}  // namespace

void horner_gates(halo2::ConstraintSystem& cs, const EncoderColumns& c) {
  const auto cur = [](VirtualCells& cells, halo2::AnyColumn column) { return cells.query(column, Rotation::cur()); };
  cs.create_gate("horner", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cur(cells, c.q4), gamma = cells.query_challenge(c.gamma);
    const Expression r = cur(cells, c.r), f0 = cur(cells, c.f0), f1 = cur(cells, c.f1);
    const Expression r_next = cells.query(c.r, Rotation::next());
    return {{"", row_is(type, kStep, kLargestQ4) * (r_next - horner_step(horner_step(r, gamma, f0), gamma, f1))}};
  });
  cs.create_gate("horner start", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cur(cells, c.q4), gamma = cells.query_challenge(c.gamma);
    const Expression f0 = cur(cells, c.f0), f1 = cur(cells, c.f1), r_next = cells.query(c.r, Rotation::next());
    return {{"", row_is(type, kStart, kLargestQ4) * (r_next - horner_step(f0, gamma, f1))}};
  });
}

Expression gamma_to_words(const UpdateLayout& at, const Expression& gamma) {
  Expression power = gamma, square = gamma;
  std::size_t left = at.words - 1;
  for (; left > 0; left >>= 1) {
    if (left & 1) power = power * square;
    if (left > 1) square = square * square;
  }
  return power;
}

EncoderFixed encoder_fixed(const UpdateLayout& at, const std::vector<std::vector<Fr>>& constants) {
  EncoderFixed f;
  for (auto* column : {&f.f0, &f.f1, &f.q4}) column->resize(at.used_rows);
  for (std::size_t row = 0; row < at.public_rows(); ++row) mark_row(f.q4, row, kPublic);
  for (std::size_t i = 0; i < at.accounts; ++i) {
    std::size_t j = 0;
    for (const std::size_t row : at.horner_rows(i)) {
      f.f0[row] = constants[i][2 * j];
      f.f1[row] = constants[i][2 * j + 1];
      mark_row(f.q4, row, j == 0 ? kStart : kStep);
      ++j;
    }
  }
  return f;
}

Fr fill_horner(const UpdateLayout& at, const std::vector<std::vector<Fr>>& constants, std::size_t i, const Fr& gamma,
               std::vector<Fr>& r) {
  Fr u;
  std::size_t j = 0, filled = at.horner_rows(i).front() + 1;
  for (const std::size_t row : at.horner_rows(i)) {
    while (filled <= row) r[filled++] = u;  // carried over rows of transfers
    u = horner_step(horner_step(u, gamma, constants[i][j]), gamma, constants[i][j + 1]);
    j += 2;
    r[filled++] = u;
  }
  while (filled <= at.account_row(i)) r[filled++] = u;
  return u;
}

std::vector<std::vector<Fr>> checked_constants(const UpdateShape& shape, const model::QuantizedEncoder& encoder) {
  LL_CHECK(encoder.shape() == shape.encoder,
           "update: the encoder has {} accounts and {} dimensions, the statement {} "
           "and {}",
           encoder.shape().accounts, encoder.shape().dims, shape.encoder.accounts, shape.encoder.dims);
  std::vector<std::vector<Fr>> constants = packed_encoder(encoder);
  const bool by_words = constants.size() <= constants.front().size();
  const std::size_t rank = by_words ? rank_vartime(constants) : rank_of_entries(encoder);
  LL_CHECK(rank == constants.size(),
           "update: V^ has rank {}, {} accounts need full rank (an account without a direction of its own "
           "could hold money that no embedding shows)",
           rank, constants.size());
  return constants;
}

}  // namespace ll::circuits
