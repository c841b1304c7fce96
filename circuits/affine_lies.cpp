#include "circuits/affine_lies.hpp"

#include <algorithm>

#include "base/random.hpp"

namespace ll::circuits {
namespace {

using Attempt = AffineLie::Attempt;

Attempt attempt(const AffineSetting& s, AffineTrace trace) {
  Attempt a;
  a.instances = trace.instances();
  a.circuit = std::make_unique<LyingAffineCircuit>(s.statement, std::move(trace));
  return a;
}

/// The public words that close the sum for these field elements, true or not.
std::vector<Fr> words_of(const AffineStatement& statement, const std::vector<Fr>& values) {
  const unsigned bits = statement.entry_bits();
  const std::size_t per_word = entries_per_word(bits);
  const Fr spacing = Fr::from_u64(2).pow_vartime(bits + 2);
  std::vector<Fr> words((statement.constants.size() + per_word - 1) / per_word);
  const auto add = [&](std::size_t entry, const Fr& by) {
    words[entry / per_word] += by * spacing.pow_vartime(entry % per_word);
  };
  for (std::size_t e = 0; e < statement.constants.size(); ++e) add(e, fr_from(statement.constants[e]));
  for (std::size_t j = 0; j < values.size(); ++j)
    for (const auto& term : statement.values[j].terms) add(term.entry, fr_from(term.factor) * values[j]);
  return words;
}

/// Another value for number `value`, with public words to match: what a range refuses.
AffineLie another_value(std::string name, std::set<std::string> breaks, std::size_t value, Fr to) {
  return {std::move(name), std::move(breaks), [value, to](const AffineSetting& s) {
            AffineTrace trace = trace_affine(s.statement, s.values);
            trace.values[value] = to;
            trace.words = words_of(s.statement, trace.values);
            return attempt(s, std::move(trace));
          }};
}

/// A word off by one, so that the run does not end at zero; a jump of S in row `from` hides that.
AffineLie repaired(std::string name, std::set<std::string> breaks,
                   std::function<std::size_t(const AffineLayout&)> from) {
  return {std::move(name), std::move(breaks), [from](const AffineSetting& s) {
            AffineTrace trace = trace_affine(s.statement, s.values);
            trace.words.back() += Fr::one();
            Attempt a = attempt(s, std::move(trace));
            const AffineLayout at = a.circuit->layout();
            a.circuit->lie_in_s = [at, first = from(at)](auto& sum, const Fr& gamma) {
              // How much one unit added in row `first` adds in each row below.
              std::vector<Fr> share(sum.size());
              share[first] = Fr::one();
              const Fr power = gamma.pow_vartime(at.columns), by_gamma = gamma.inverse().value();
              for (std::size_t row = first; row < at.last_row; ++row) {
                const bool shifted = std::ranges::count(at.shifts, row) != 0;
                share[row + 1] = share[row] * (row >= at.public_row ? by_gamma : shifted ? power : Fr::one());
              }
              const Fr shift = -sum[at.last_row] * share[at.last_row].inverse().value();
              for (std::size_t row = first; row <= at.last_row; ++row) sum[row] += shift * share[row];
            };
            return a;
          }};
}

/// Another combination of a value's constants from row `row` on, with public words to match one gamma only: the public
/// words are fixed before gamma, so S is repaired in no way and the claim is the honest one of another matrix.
AffineLie constants_jump(std::string name, std::set<std::string> breaks, bool at_start) {
  return {std::move(name), std::move(breaks), [at_start](const AffineSetting& s) {
            AffineTrace trace = trace_affine(s.statement, s.values);
            trace.words.front() += Fr::one();
            Attempt a = attempt(s, std::move(trace));
            const AffineLayout at = a.circuit->layout();
            // The last block reaches down to word 0 and has several rows of constants; nothing is shifted behind it.
            const auto block = *std::ranges::find_if(at.blocks.rbegin(), at.blocks.rend(),
                                                     [](const auto& b) { return b.constants > 1; });
            const Fr value = fr_from(s.values[block.value]);
            a.circuit->lie_in_u = [=](auto& u, const Fr& gamma) {
              // One more in word 0: value · (change of U) = 1, with that change made in the first or the last row.
              const Fr step = gamma.pow_vartime(at.columns);
              const std::size_t first = block.row - block.constants + 1;
              Fr change = value.inverse().value();
              if (at_start) change = change * step.pow_vartime(block.constants - 1).inverse().value();
              for (std::size_t row = at_start ? first : block.row; row <= block.row; ++row) {
                u[row] += change;
                change = change * step;
              }
            };
            return a;
          }};
}

std::vector<AffineLie> make_lies() {
  std::vector<AffineLie> lies;
  const Fr half = Fr::from_u64(2).inverse().value();
  // Value 0 has 32 bits, value 1 has 2, value 2 has 64.
  lies.push_back(another_value("TwoTo32", {"end of range"}, 0, Fr::from_u64(std::uint64_t{1} << 32)));
  lies.push_back(another_value("Four", {"end of range"}, 1, Fr::from_u64(4)));
  lies.push_back(another_value("TwoTo64", {"end of range"}, 2, Fr::from_u128(u128{1} << 64)));
  lies.push_back(another_value("MinusOne", {"end of range"}, 0, -Fr::one()));
  lies.push_back(another_value("AHalf", {"end of range"}, 0, half));
  lies.push_back(another_value("UnusedValueTooLarge", {"end of range"}, 3, Fr::from_u64(16)));
  lies.push_back({"TwoTo32WithAForcedEnd", {"digit"}, [](const AffineSetting& s) {
                    AffineTrace trace = trace_affine(s.statement, s.values);
                    trace.values[0] = Fr::from_u64(std::uint64_t{1} << 32);
                    trace.words = words_of(s.statement, trace.values);
                    Attempt a = attempt(s, std::move(trace));
                    const auto block =
                        *std::ranges::find(a.circuit->layout().blocks, std::size_t{0}, &AffineLayout::Block::value);
                    a.circuit->lie_in_d = [end = block.row + 16](auto& d) { d[end] = Fr::zero(); };
                    return a;
                  }});
  for (const std::size_t word : {std::size_t{0}, std::size_t{1}}) {
    for (const bool up : {true, false}) {
      lies.push_back(
          {fmt::format("Word{}OffByOne{}", word, up ? "Up" : "Down"), {"boundary"}, [=](const AffineSetting& s) {
             AffineTrace trace = trace_affine(s.statement, s.values);
             trace.words[word] += up ? Fr::one() : -Fr::one();
             return attempt(s, std::move(trace));
           }});
    }
  }
  lies.push_back({"AnotherModel", {"boundary"}, [](const AffineSetting& s) {
                    AffineStatement other = s.statement;
                    other.values[2].terms.back().factor += 1;
                    AffineTrace trace = trace_affine(s.statement, s.values);
                    trace.words = pack_entries(affine_entries(other, s.values), s.statement.entry_bits());
                    return attempt(s, std::move(trace));
                  }});
  lies.push_back({"AnotherValueInRange", {"boundary"}, [](const AffineSetting& s) {
                    AffineTrace trace = trace_affine(s.statement, s.values);
                    trace.values[0] = Fr::from_u64(5);
                    return attempt(s, std::move(trace));
                  }});
  lies.push_back(repaired("SumStartsElsewhere", {"boundary"}, [](const AffineLayout&) { return 0; }));
  lies.push_back(
      repaired("SumJumpsAtAValue", {"product"}, [](const AffineLayout& at) { return at.blocks[0].row + 1; }));
  lies.push_back(repaired("SumJumpsAtAShift", {"shift"}, [](const AffineLayout& at) { return at.shifts.front() + 1; }));
  lies.push_back(repaired("SumJumpsBetween", {"carry"}, [](const AffineLayout&) { return 1; }));
  lies.push_back(repaired("RunJumpsAtAWord", {"public"}, [](const AffineLayout& at) { return at.public_row + 1; }));
  lies.push_back(constants_jump("ConstantsStartElsewhere", {"constants start"}, true));
  lies.push_back(constants_jump("ConstantsJump", {"constants"}, false));
  return lies;
}

}  // namespace

AffineSetting small_affine_setting() {
  AffineSetting s;
  // Entries of up to 100 bits: two a word, several words.
  s.statement.constants = {5, -7, 0, 1, 2, 3, i128{1} << 90, -4, 6, 9};
  s.statement.values = {{"a", 32, {{8, 3}, {9, -11}}},
                        {"b", 2, {{0, 2}, {1, -1}, {2, 1}, {4, i128{1} << 70}}},
                        {"c", 64, {{0, 1}, {1, -12345}, {2, 7}, {3, 1}, {5, -1}, {6, 1}, {7, 2}, {8, 1}, {9, 5}}},
                        {"unused", 4, {}},
                        {"d", 8, {{4, -3}, {5, 17}}}};
  s.statement.description = sha256({});
  s.values = {3'000'000'000, 2, i128{0xfedcba9876543210}, 9, 255};
  return s;
}

AffineSetting dense_affine_setting(std::size_t inputs, std::size_t entries, unsigned bits, std::uint64_t seed) {
  SeededRng rng(seed);
  AffineSetting s;
  s.statement.constants.assign(entries, 0);
  for (std::size_t j = 0; j < inputs; ++j) {
    AffineStatement::Value value{fmt::format("x[{}]", j), bits, {}};
    for (std::uint32_t e = 0; e < entries; ++e)
      value.terms.push_back({e, static_cast<std::int64_t>(rng.below(32769)) - 16384});
    s.statement.values.push_back(std::move(value));
    s.values.push_back(static_cast<i128>(rng.below(std::uint64_t{1} << bits)));
  }
  return s;
}

LyingAffineCircuit::Column LyingAffineCircuit::fill_d(const AffineTrace& trace) const {
  Column d = AffineCircuit::fill_d(trace);
  if (lie_in_d) lie_in_d(d);
  return d;
}

LyingAffineCircuit::Column LyingAffineCircuit::fill_u(const Fr& gamma) const {
  Column u = AffineCircuit::fill_u(gamma);
  if (lie_in_u) lie_in_u(u, gamma);
  return u;
}

LyingAffineCircuit::Column LyingAffineCircuit::fill_s(const AffineTrace& trace, const Column& d, const Column& u,
                                                      const Fr& gamma) const {
  Column s = AffineCircuit::fill_s(trace, d, u, gamma);
  if (lie_in_s) lie_in_s(s, gamma);
  return s;
}

const std::vector<AffineLie>& affine_lies() {
  static const std::vector<AffineLie> lies = make_lies();
  return lies;
}

}  // namespace ll::circuits
