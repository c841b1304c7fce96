#include "circuits/encoder_rows.hpp"

#include <algorithm>

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

/// Rank of a matrix over F_r by elimination; the matrix is public.
std::size_t rank_vartime(std::vector<std::vector<Fr>> rows) {
  std::size_t rank = 0;
  for (std::size_t column = 0; column < rows.front().size() && rank < rows.size(); ++column) {
    const auto pivot = std::find_if(rows.begin() + static_cast<std::ptrdiff_t>(rank), rows.end(),
                                    [&](const std::vector<Fr>& row) { return !row[column].is_zero(); });
    if (pivot == rows.end()) continue;
    std::iter_swap(pivot, rows.begin() + static_cast<std::ptrdiff_t>(rank));
    const Fr inverse = rows[rank][column].inverse().value();
    for (std::size_t i = rank + 1; i < rows.size(); ++i) {
      const Fr factor = rows[i][column] * inverse;
      if (factor.is_zero()) continue;
      for (std::size_t q = column; q < rows[i].size(); ++q) rows[i][q] -= factor * rows[rank][q];
    }
    ++rank;
  }
  return rank;
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

EncoderFixed encoder_fixed(const UpdateLayout& at, const std::vector<std::vector<Fr>>& constants) {
  EncoderFixed f;
  for (auto* column : {&f.f0, &f.f1, &f.q4}) column->resize(at.used_rows);
  for (std::size_t row = 0; row < at.words; ++row) mark_row(f.q4, row, kPublic);
  for (std::size_t i = 0; i < at.accounts; ++i) {
    for (std::size_t j = 0; j < at.words / 2; ++j) {
      const std::size_t row = at.horner_row(i) + j;
      f.f0[row] = constants[i][2 * j];
      f.f1[row] = constants[i][2 * j + 1];
      mark_row(f.q4, row, j == 0 ? kStart : kStep);
    }
  }
  return f;
}

Fr fill_horner(const UpdateLayout& at, const std::vector<std::vector<Fr>>& constants, std::size_t i, const Fr& gamma,
               std::vector<Fr>& r) {
  Fr u;
  for (std::size_t j = 0; j < at.words; j += 2) {
    u = horner_step(horner_step(u, gamma, constants[i][j]), gamma, constants[i][j + 1]);
    r[at.horner_row(i) + j / 2 + 1] = u;
  }
  return u;
}

std::vector<std::vector<Fr>> checked_constants(const UpdateShape& shape, const model::QuantizedEncoder& encoder) {
  LL_CHECK(encoder.shape() == shape.encoder,
           "update: the encoder has {} accounts and {} dimensions, the statement {} "
           "and {}",
           encoder.shape().accounts, encoder.shape().dims, shape.encoder.accounts, shape.encoder.dims);
  std::vector<std::vector<Fr>> constants = packed_encoder(encoder);
  const std::size_t rank = rank_vartime(constants);
  LL_CHECK(rank == constants.size(),
           "update: V^ in words has rank {}, {} accounts need full rank (an account without a direction of its own "
           "could hold money that no embedding shows)",
           rank, constants.size());
  return constants;
}

}  // namespace ll::circuits
