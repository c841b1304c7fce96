#include "halo2/products.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/parallel.hpp"
#include "halo2/row_program.hpp"

namespace ll::halo2 {
namespace {

/// Rows that one task of a product handles at least.
constexpr std::size_t kGrain = 1024;

/// Expressions over the rows of one circuit.
class RowArithmetic : public RowProgram {
 public:
  explicit RowArithmetic(const RowColumns& columns) : columns_(columns) {
    for (const auto* list : {&columns.advice, &columns.fixed, &columns.instance}) {
      for (const auto& column : *list) sources_.push_back(column);
    }
  }
  Value column(const AnyColumn& column, Rotation rotation) {
    std::size_t source = column.index;
    if (column.kind != ColumnKind::advice) source += columns_.advice.size();
    if (column.kind == ColumnKind::instance) source += columns_.fixed.size();
    return load(static_cast<std::uint32_t>(source), rotation.value);
  }
  std::vector<Fr> rows(const Value& value) const {
    std::vector<Fr> out(columns_.advice.empty() ? columns_.fixed.front().size() : columns_.advice.front().size());
    run(sources_, value, out);
    return out;
  }

 private:
  const RowColumns& columns_;
  std::vector<std::span<const Fr>> sources_;
};

std::vector<Fr> compressed_rows(const std::vector<Expression>& expressions, const RowColumns& columns,
                                const Challenges& challenges) {
  RowArithmetic arithmetic(columns);
  const auto value = compress(arithmetic, expressions, challenges);
  return arithmetic.rows(value);
}

/// out[0] = first, out[row + 1] = out[row] numerator[row] / denominator[row] for row < usable.
std::vector<Fr> running_product(const Fr& first, const std::vector<Fr>& numerator, std::vector<Fr> denominator,
                                std::size_t usable, std::size_t n) {
  algebra::batch_inverse_vartime(std::span<Fr>(denominator));
  parallel_for(usable, kGrain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) denominator[row] *= numerator[row];
  });
  std::vector<Fr> out(n);
  out[0] = first;
  for (std::size_t row = 0; row < usable; ++row) out[row + 1] = out[row] * denominator[row];
  return out;
}

}  // namespace

LookupColumns permute_lookup(const LookupArgument& argument, const RowColumns& columns, const Challenges& challenges,
                             std::size_t usable) {
  LookupColumns lookup;
  lookup.input = compressed_rows(argument.inputs, columns, challenges);
  lookup.table = compressed_rows(argument.tables, columns, challenges);
  const std::size_t n = lookup.input.size();
  const auto less = [](const Fr& a, const Fr& b) { return canonical_less(a, b); };

  std::vector<Fr> sorted(lookup.input.begin(), lookup.input.begin() + usable);
  std::ranges::sort(sorted, less);
  std::vector<Fr> left_over(lookup.table.begin(), lookup.table.begin() + usable);
  std::ranges::sort(left_over, less);
  // Each new input value takes one equal table row; table rows that no input took fill the repeats.
  std::vector<Fr> table(usable);
  std::vector<std::size_t> repeats;
  std::vector<bool> taken(usable, false);
  std::size_t next = 0;
  for (std::size_t row = 0; row < usable; ++row) {
    if (row > 0 && sorted[row] == sorted[row - 1]) {
      repeats.push_back(row);
      continue;
    }
    while (next < usable && less(left_over[next], sorted[row])) ++next;
    if (next == usable || left_over[next] != sorted[row]) {
      fail(ErrorCode::unsatisfied, "lookup \"{}\": an input stands in no row of the table", argument.name);
    }
    table[row] = left_over[next];
    taken[next++] = true;
  }
  for (std::size_t i = 0, r = 0; i < usable; ++i) {
    if (!taken[i]) table[repeats[r++]] = left_over[i];
  }
  lookup.permuted_input = std::move(sorted);
  lookup.permuted_table = std::move(table);
  lookup.permuted_input.resize(n);
  lookup.permuted_table.resize(n);
  return lookup;
}

std::vector<std::vector<Fr>> permutation_products(const ConstraintSystem& cs, const RowColumns& columns,
                                                  const Challenges& challenges, std::size_t usable, const Fr& omega) {
  std::vector<std::vector<Fr>> products;
  Fr first = Fr::one(), delta_power = Fr::one();
  for (std::size_t set = 0; set < cs.permutation_sets(); ++set) {
    const std::size_t begin = set * cs.permutation_chunk();
    const std::size_t end = std::min(cs.permutation_columns().size(), begin + cs.permutation_chunk());
    std::vector<Fr> numerator(usable, Fr::one()), denominator(usable, Fr::one());
    for (std::size_t j = begin; j < end; ++j) {
      const AnyColumn& column = cs.permutation_columns()[j];
      const auto& list = column.kind == ColumnKind::advice  ? columns.advice
                         : column.kind == ColumnKind::fixed ? columns.fixed
                                                            : columns.instance;
      const auto& values = list[column.index];
      parallel_for(usable, kGrain, [&](std::size_t from, std::size_t to) {
        Fr identity = challenges.beta * delta_power * omega.pow_vartime(from);  // beta delta^j omega^row
        for (std::size_t row = from; row < to; ++row) {
          const Fr shifted = values[row] + challenges.gamma;
          numerator[row] *= shifted + identity;
          denominator[row] *= shifted + challenges.beta * columns.sigma[j][row];
          identity *= omega;
        }
      });
      delta_power *= algebra::fr_delta();
    }
    const std::size_t n = columns.sigma[begin].size();
    products.push_back(running_product(first, numerator, std::move(denominator), usable, n));
    first = products.back()[usable];
  }
  if (!products.empty() && first != Fr::one()) {
    fail(ErrorCode::unsatisfied, "permutation: two cells that a copy makes equal differ");
  }
  return products;
}

std::vector<Fr> lookup_product(const LookupColumns& lookup, const Challenges& challenges, std::size_t usable) {
  std::vector<Fr> numerator(usable), denominator(usable);
  parallel_for(usable, kGrain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      numerator[row] = (lookup.input[row] + challenges.beta) * (lookup.table[row] + challenges.gamma);
      denominator[row] =
          (lookup.permuted_input[row] + challenges.beta) * (lookup.permuted_table[row] + challenges.gamma);
    }
  });
  return running_product(Fr::one(), numerator, std::move(denominator), usable, lookup.input.size());
}

std::vector<Fr> shuffle_product(const ShuffleArgument& argument, const RowColumns& columns,
                                const Challenges& challenges, std::size_t usable) {
  std::vector<Fr> numerator = compressed_rows(argument.inputs, columns, challenges);
  std::vector<Fr> denominator = compressed_rows(argument.shuffles, columns, challenges);
  const std::size_t n = numerator.size();
  for (Fr& value : numerator) value += challenges.gamma;
  for (Fr& value : denominator) value += challenges.gamma;
  std::vector<Fr> product = running_product(Fr::one(), numerator, std::move(denominator), usable, n);
  if (product[usable] != Fr::one()) {
    fail(ErrorCode::unsatisfied, "shuffle \"{}\": the two sides are no permutation of each other", argument.name);
  }
  return product;
}

}  // namespace ll::halo2
