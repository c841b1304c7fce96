#include "circuits/affine_statement.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "model/linear_map.hpp"

namespace ll::circuits {
namespace {

constexpr unsigned kWordBits = 250;

}  // namespace

Fr fr_from(i128 value) {
  const u128 size = value < 0 ? -static_cast<u128>(value) : static_cast<u128>(value);
  return value < 0 ? -Fr::from_u128(size) : Fr::from_u128(size);
}

void check(const AffineStatement& statement) {
  LL_CHECK(!statement.constants.empty(), "affine statement: no public entry");
  LL_CHECK(!statement.values.empty(), "affine statement: no value");
  for (const auto& value : statement.values) {
    LL_CHECK(value.bits >= 2 && value.bits <= 64 && value.bits % 2 == 0,
             "affine statement: {}: {} bits, an even number from 2 to 64 expected", value.name, value.bits);
    std::uint64_t next = 0;
    for (const auto& term : value.terms) {
      LL_CHECK(term.entry >= next && term.entry < statement.constants.size(),
               "affine statement: {}: entry {} is out of order or not there", value.name, term.entry);
      next = std::uint64_t{term.entry} + 1;
    }
  }
  (void)statement.entry_bits();
}

unsigned AffineStatement::entry_bits() const {
  std::vector<model::Interval> bounds;
  for (const i128 constant : constants) bounds.push_back({model::checked_sum(constant, 0), constant});
  for (const Value& value : values) {
    const i128 largest = (i128{1} << value.bits) - 1;
    for (const Term& term : value.terms) {
      const i128 end = model::checked_product(term.factor, largest);
      model::Interval& bound = bounds[term.entry];
      bound = {model::checked_sum(bound.low, std::min(end, i128{0})),
               model::checked_sum(bound.high, std::max(end, i128{0}))};
    }
  }
  unsigned bits = 1;
  for (const model::Interval& bound : bounds)
    while (bound.magnitude() >> bits != 0) ++bits;
  return bits;
}

std::vector<i128> affine_entries(const AffineStatement& statement, std::span<const i128> values) {
  LL_CHECK(values.size() == statement.values.size(), "affine statement: {} values, {} expected", values.size(),
           statement.values.size());
  std::vector<i128> entries = statement.constants;
  for (std::size_t j = 0; j < values.size(); ++j) {
    for (const auto& term : statement.values[j].terms)
      entries[term.entry] = model::checked_sum(entries[term.entry], model::checked_product(term.factor, values[j]));
  }
  return entries;
}

std::size_t entries_per_word(unsigned entry_bits) {
  LL_CHECK(entry_bits >= 1 && entry_bits <= 120, "entries of {} bits, 1 to 120 expected", entry_bits);
  return kWordBits / (entry_bits + 2);
}

std::vector<Fr> pack_entries(std::span<const i128> entries, unsigned entry_bits) {
  const std::size_t per_word = entries_per_word(entry_bits);
  const Fr spacing = Fr::from_u64(2).pow_vartime(entry_bits + 2);
  std::vector<Fr> words((entries.size() + per_word - 1) / per_word);
  for (std::size_t e = entries.size(); e-- > 0;) {  // by Horner, from the last entry of each word
    const i128 size = entries[e] < 0 ? -entries[e] : entries[e];
    LL_CHECK(size >> entry_bits == 0, "entry {} is {}, |entry| < 2^{} expected", e, model::to_string(entries[e]),
             entry_bits);
    Fr& word = words[e / per_word];
    word = word * spacing + fr_from(entries[e]);
  }
  return words;
}

}  // namespace ll::circuits
