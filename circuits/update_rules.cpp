#include "circuits/update_rules.hpp"

#include "circuits/encoder_rows.hpp"
#include "halo2/witness.hpp"

namespace ll::circuits {
namespace {

using halo2::CellRule, halo2::ColumnKind, halo2::Expression;

/// Columns and challenges of UpdateCircuit::configure, read from the row above a cell's own.
struct Above {
  const UpdateLayout& layout;

  static Expression at(ColumnKind kind, std::uint32_t column, int rotation, std::uint8_t phase = 0) {
    return Expression(halo2::Query{{kind, column, phase}, {rotation - 1}, 0});
  }
  static Expression fixed(std::uint32_t column) { return at(ColumnKind::fixed, column, 0); }
  static Expression instance(std::uint32_t column) { return at(ColumnKind::instance, column, 0); }
  static Expression challenge(std::uint32_t i) { return Expression(halo2::Challenge{i, 0}); }
  static Expression d(int rotation, std::uint32_t column = 0) { return at(ColumnKind::advice, column, rotation); }
  std::uint32_t r_column() const { return layout.columns; }
  std::uint32_t t_column() const { return layout.columns + 1; }
  Expression r(int rotation) const { return at(ColumnKind::advice, r_column(), rotation, 1); }
  Expression t() const { return at(ColumnKind::advice, t_column(), 0, 1); }
};

Expression number(std::uint64_t value) { return Expression::constant(Fr::from_u64(value)); }

/// 1 where `type` is `value`, 0 where it is another of 0 .. largest.
Expression is(const Expression& type, std::uint64_t value, std::uint64_t largest) {
  Expression product = number(1);
  Fr norm = Fr::one();
  for (std::uint64_t other = 0; other <= largest; ++other) {
    if (other == value) continue;
    product = product * (type - number(other));
    norm *= Fr::from_u64(value) - Fr::from_u64(other);
  }
  return product * norm.inverse().value();
}

}  // namespace

std::vector<CellRule> update_rules(const UpdateLayout& at) {
  const Above above{at};
  const Expression f0 = Above::fixed(0), f1 = Above::fixed(1), q2 = Above::fixed(3), q3 = Above::fixed(4),
                   q4 = Above::fixed(5);
  const Expression alpha = Above::challenge(0), beta = Above::challenge(1), gamma = Above::challenge(2),
                   rho = Above::challenge(3);
  const Expression prev = Above::instance(0), delta = Above::instance(1), next = Above::instance(2);
  const Expression power = gamma_to_words(at, gamma);
  const auto combined = [&](int start) {
    return limb_combination(at, power, [&](int limb) { return Above::d(start + limb); });
  };
  const Expression r = above.r(0), t = above.t(), account = is(q2, 1, 3);

  CellRule sums, products;
  sums.column = above.r_column();
  products.column = above.t_column();
  sums.value = is(q4, 1, 3) * ((r * gamma + f0) * gamma + f1) + is(q4, 2, 3) * (f0 * gamma + f1) +
               is(q4, 3, 3) * (r * gamma + (prev + rho * next + rho * rho * (prev + delta - next))) +
               account * (above.r(at.previous_sum_at()) - (combined(at.initial_balance_at()) + rho * combined(0)) * r);

  const auto tuple = [&](const Expression& address, const Expression& value, const Expression& time) {
    return alpha - (address + beta * value + beta * beta * time);
  };
  products.value = is(q3, 1, 2) + account * tuple(f0, Above::d(at.initial_balance_at()), number(0));
  Expression taken = is(q3, 1, 2) + account * tuple(f0, Above::d(0), Above::d(at.final_time_at()));
  for (std::uint32_t c = 0; c < at.columns; ++c) {
    const auto cell = [&](int rotation) { return Above::d(rotation - static_cast<int>(c), c); };
    const Expression on = c == 0 ? is(q3, 2, 2) : is(Above::fixed(6 + (c - 1) / 2), c % 2 == 1 ? 1 : 2, 2);
    const Expression amount = cell(at.amount_at()), sender_after = cell(at.sender_after_at());
    const Expression sender = cell(0), receiver = cell(at.receiver_at());
    const Expression receiver_before = cell(at.receiver_before_at());
    taken = taken + on * (tuple(sender, sender_after + amount, f0 - cell(at.sender_gap_at())) *
                          tuple(receiver, receiver_before, f0 - cell(at.receiver_gap_at())));
    products.value = products.value + on * (tuple(sender, sender_after, f0 + number(1)) *
                                            tuple(receiver, receiver_before + amount, f0 + number(2)));
    sums.value = sums.value + on * r;
  }
  products.value = t * products.value;
  products.divisor = taken;
  for (CellRule* rule : {&sums, &products}) {
    rule->first_row = 1;
    rule->rows = at.last_row();
  }
  return {sums, products};
}

halo2::WitnessDescription describe_update_witness(UpdateCircuit& circuit, const halo2::Instances& instances) {
  halo2::VerifyingKey key;  // of which the collector reads the shape
  key.k = circuit.k();
  circuit.configure(key.cs);
  halo2::WitnessCollector collector(key, circuit, instances);
  collector.run_phase(0, std::vector<std::optional<Fr>>(key.cs.challenges()));
  halo2::WitnessDescription witness;
  witness.instances = instances;
  for (unsigned c = 0; c < circuit.shape().columns; ++c) {
    witness.advice.push_back(collector.advice()[c]);
    witness.advice.back().resize(key.cs.usable_rows(key.k));
  }
  witness.advice.push_back({});
  witness.advice.push_back({Fr::one()});
  witness.rules = update_rules(circuit.layout());
  return witness;
}

}  // namespace ll::circuits
