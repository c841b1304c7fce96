#include "circuits/update_lies.hpp"

#include <algorithm>

#include "circuits/encoder_rows.hpp"
#include "model/test_encoder.hpp"

namespace ll::circuits {
namespace {

const std::string kTEnds = "boundary / T is one", kREnds = "boundary / R is zero";

UpdateTrace honest(const Setting& s) { return trace_update(s.shape, s.encoder, s.witness); }

/// Makes the public vectors those of the trace's balances, whatever they are.
void embed_again(const Setting& s, UpdateTrace& trace) {
  const auto constants = packed_encoder(s.encoder);
  trace.prev = packed_embedding(s.shape, constants, trace.initial);
  trace.next = packed_embedding(s.shape, constants, trace.final_balance);
  for (std::size_t q = 0; q < trace.delta.size(); ++q) trace.delta[q] = trace.next[q] - trace.prev[q];
}

Attempt attempt(const Setting& s, UpdateTrace trace) {
  Attempt a;
  a.instances = trace.instances();
  a.circuit = std::make_unique<LyingUpdateCircuit>(s.shape, s.encoder, std::move(trace));
  return a;
}

/// The setting with other transfers from s.first on.
Setting with_batch(Setting s, const std::vector<ledger::SlotTransfer>& transfers) {
  s.witness.transfers.resize(s.first);
  s.witness.transfers.insert(s.witness.transfers.end(), transfers.begin(), transfers.end());
  return s;
}

/// The honest prover's work on a batch that is not valid.
Attempt invalid_batch(Setting s, const std::vector<ledger::SlotTransfer>& transfers) {
  s = with_batch(std::move(s), transfers);
  return attempt(s, honest(s));
}

/// The n-th transfer from s.first on.
UpdateTrace::Slot& slot(const Setting& s, UpdateTrace& trace, std::size_t n) { return trace.slots[s.first + n]; }

using ChangeTrace = std::function<void(const Setting&, UpdateTrace&)>;

Lie in_trace(std::string name, std::set<std::string> breaks, std::string row, ChangeTrace change) {
  return {std::move(name), std::move(breaks), std::move(row), [change](const Setting& s) {
            UpdateTrace trace = honest(s);
            change(s, trace);
            return attempt(s, std::move(trace));
          }};
}

/// Adds `value` to one entry of a packed vector.
void add_entry(std::vector<Fr>& words, std::size_t entry, std::int64_t value) {
  Fr term = Fr::from_i64(value);
  for (std::size_t m = 0; m < entry % kEntriesPerWord; ++m) term *= Fr::from_u64(std::uint64_t{1} << kEntrySpacing);
  words[entry / kEntriesPerWord] += term;
}

/// A public vector off by one, so that R does not end at zero; `repair` then hides that from the boundary.
Lie repaired_sum(std::string name, std::set<std::string> breaks, std::string row,
                 std::function<void(const UpdateLayout&, Column& r, const Columns& d, const Fr& gamma, const Fr& rho,
                                    const Fr& error)>
                     repair) {
  return {std::move(name), std::move(breaks), std::move(row), [repair](const Setting& s) {
            UpdateTrace trace = honest(s);
            add_entry(trace.delta, 5, 1);
            Attempt a = attempt(s, std::move(trace));
            const UpdateLayout at = a.circuit->layout();
            a.circuit->lie_in_r = [repair, at](auto& r, const auto& d, const Fr& gamma, const Fr& rho) {
              repair(at, r, d, gamma, rho, r[at.last_row()]);
            };
            return a;
          }};
}

/// Subtracts what R is off by from the sums of all accounts from `first` on.
void close_sums(const UpdateLayout& at, Column& r, std::size_t first, const Fr& error) {
  for (std::size_t i = first; i < at.accounts; ++i) r[at.account_row(i) + 1] -= error;
}

/// Changes the Horner run over the public vectors from row `first` on, so that the sum closes.
void shift_public_run(const UpdateLayout& at, Column& r, std::size_t first, const Fr& gamma, const Fr& error) {
  Fr shift = -error * gamma.pow_vartime(at.public_rows() - first).inverse().value();
  for (std::size_t row = first; row <= at.public_rows(); ++row, shift *= gamma) r[row] += shift;
  close_sums(at, r, 0, error);
}

/// What u of an account is multiplied with in the sum over the accounts.
Fr account_factor(const UpdateLayout& at, const Columns& d, std::size_t account, const Fr& gamma, const Fr& rho) {
  const Fr power = gamma.pow_vartime(at.words);
  const auto combined = [&](int from) {
    return limb_combination(at, power, [&](int above) {
      return d[0][at.account_row(account) + static_cast<std::size_t>(static_cast<long>(from + above))];
    });
  };
  return combined(at.initial_balance_at()) + rho * combined(0);
}

/// Changes the Horner run over the constants of account 2 after `steps` steps, so that the sum closes.
void shift_constant_run(const UpdateLayout& at, Column& r, const Columns& d, std::size_t steps, const Fr& gamma,
                        const Fr& rho, const Fr& error) {
  const std::vector<std::size_t> rows = at.horner_rows(2);
  const Fr balances = account_factor(at, d, 2, gamma, rho);
  Fr shift = error * (balances * gamma.pow_vartime(2 * (rows.size() - steps))).inverse().value();
  std::size_t next = steps;  // the step that leads on from here
  for (std::size_t row = rows[steps - 1] + 1; row <= at.account_row(2); ++row) {
    r[row] += shift;
    if (next < rows.size() && rows[next] == row) {
      shift *= gamma.square();
      ++next;
    }
  }
  close_sums(at, r, 2, error);
}

/// The last transfer of block 2 that stands in the column of transfer `first`.
std::size_t last_transfer_of_block_2(const UpdateLayout& at, std::size_t first) {
  return (3 * at.transfers_a_block - 1) * at.columns + at.column_of(first);
}

/// The run over the constants of account 2 jumps where it is carried over the row of transfer `t`.
void shift_carried_run(const UpdateLayout& at, Column& r, const Columns& d, std::size_t t, const Fr& gamma,
                       const Fr& rho, const Fr& error) {
  const std::vector<std::size_t> rows = at.horner_rows(2);
  const auto next = std::ranges::upper_bound(rows, at.transfer_row(t));
  Fr shift = error *
             (account_factor(at, d, 2, gamma, rho) * gamma.pow_vartime(2 * static_cast<std::size_t>(rows.end() - next)))
                 .inverse()
                 .value();
  auto step = next;
  for (std::size_t row = at.transfer_row(t) + 1; row <= at.account_row(2); ++row) {
    r[row] += shift;
    if (step != rows.end() && *step == row) {
      shift *= gamma.square();
      ++step;
    }
  }
  close_sums(at, r, 2, error);
}

/// A wrong time of a last write, so that T does not end at one, and a jump after `row` that makes it do so.
Lie repaired_product(std::string name, std::set<std::string> breaks,
                     std::function<std::size_t(const UpdateLayout&, std::size_t first)> jump_after) {
  return {std::move(name), std::move(breaks), "", [jump_after](const Setting& s) {
            UpdateTrace trace = honest(s);
            trace.final_time[2] += Fr::one();
            Attempt a = attempt(s, std::move(trace));
            const UpdateLayout at = a.circuit->layout();
            a.circuit->lie_in_t = [at, jump_after, first = s.first](auto& t) {
              const Fr factor = t[at.last_row()].inverse().value();
              for (std::size_t row = jump_after(at, first) + 1; row <= at.last_row(); ++row) t[row] *= factor;
            };
            return a;
          }};
}

/// Changes the amount of transfer 0 (slot 2 to slot 3) and what follows from it up to the sender's balance after; the
/// start balances make up for it, so that all final balances stay.
void add_to_first_amount(const Setting& s, UpdateTrace& trace, const Fr& extra) {
  slot(s, trace, 0).amount += extra;
  trace.initial[2] += extra;
  trace.initial[3] -= extra;
  slot(s, trace, 0).receiver_before -= extra;
  embed_again(s, trace);
}

std::vector<Lie> batch_lies() {
  std::vector<Lie> lies;
  lies.push_back({"Overdraft", {"zero"}, "transfer F: sender's balance after", [](const Setting& s) {
                    return invalid_batch(s, {{2, 3, s.witness.balances[2] + 1}, {3, 2, 5000}});
                  }});
  lies.push_back({"OverdraftWithAForcedEnd", {"digit"}, "transfer F: sender's balance after", [](const Setting& s) {
                    Attempt a = invalid_batch(s, {{2, 3, s.witness.balances[2] + 1}, {3, 2, 5000}});
                    const UpdateLayout at = a.circuit->layout();
                    a.circuit->lie_in_d = [at, first = s.first](auto& d) {
                      d[at.column_of(first)][at.cell(first, at.sender_after_at()) + at.balance_digits] = Fr::zero();
                    };
                    return a;
                  }});
  lies.push_back({"OrderThatOverdraws", {"zero"}, "transfer F: sender's balance after", [](const Setting& s) {
                    const u128 all = s.witness.balances[2];
                    return invalid_batch(s, {{2, 3, all + 10}, {1, 2, 10}});  // valid the other way round
                  }});
  // The sender of transfer 0 spends what transfer 1 will bring: every tuple is there, but read before it is written.
  lies.push_back(
      {"ReadOfALaterWrite", {"zero"}, "transfer F: time since the sender's balance was written", [](Setting s) {
         const u128 all = s.witness.balances[2];
         s = with_batch(std::move(s), {{1, 2, 10}, {2, 3, all + 10}});
         UpdateTrace trace = honest(s);
         const auto time = [&](std::uint64_t after) { return Fr::from_u64(2 * s.first + after); };
         std::swap(slot(s, trace, 0), slot(s, trace, 1));
         slot(s, trace, 0).sender_time = time(4);
         slot(s, trace, 1).receiver_time = Fr::zero();
         trace.final_time[2] = time(1);
         trace.final_time[3] = time(2);
         slot(s, trace, 2).receiver_time = time(3);  // the first empty slot reads slot 1
         return attempt(s, std::move(trace));
       }});
  lies.push_back(
      {"SelfTransfer", {"zero"}, "transfer F: time since the receiver's balance was written", [](const Setting& s) {
         return invalid_batch(s, {{2, 2, 100}});
       }});
  // Both accesses of a self-transfer read the old balance: money from nothing, but one value is read twice.
  lies.push_back({"SelfTransferFromOldBalance", {kTEnds}, "", [](Setting s) {
                    s = with_batch(std::move(s), {{2, 2, 100}});
                    UpdateTrace trace = honest(s);
                    slot(s, trace, 0).receiver_before = trace.initial[2];
                    slot(s, trace, 0).receiver_time = Fr::zero();
                    trace.final_balance[2] = trace.initial[2] + Fr::from_u64(100);
                    embed_again(s, trace);
                    return attempt(s, std::move(trace));
                  }});
  lies.push_back(in_trace("AmountAboveTheRange", {"zero"}, "transfer F: amount", [](const Setting& s, UpdateTrace& t) {
    add_to_first_amount(s, t, above_range(s.shape) - slot(s, t, 0).amount);
  }));
  lies.push_back(in_trace("NegativeAmount", {"zero"}, "transfer F: amount", [](const Setting& s, UpdateTrace& t) {
    add_to_first_amount(s, t, -Fr::from_u64(5) - slot(s, t, 0).amount);
  }));
  lies.push_back({"UnknownReceiver", {kTEnds}, "", [](const Setting& s) {
                    const auto nobody = static_cast<std::uint32_t>(s.shape.encoder.accounts);
                    return invalid_batch(s, {{2, nobody, 100}});
                  }});
  lies.push_back(in_trace("UnknownSender", {kTEnds}, "", [](const Setting& s, UpdateTrace& t) {
    slot(s, t, 2).sender = Fr::from_u64(s.shape.encoder.accounts);
  }));
  lies.push_back(in_trace("AnotherReceiver", {kTEnds}, "",
                          [](const Setting& s, UpdateTrace& t) { slot(s, t, 0).receiver = Fr::from_u64(1); }));
  lies.push_back(in_trace("AnotherSender", {kTEnds}, "",
                          [](const Setting& s, UpdateTrace& t) { slot(s, t, 0).sender = Fr::from_u64(0); }));
  lies.push_back(in_trace("ReceiversOldBalance", {kTEnds}, "",
                          [](const Setting& s, UpdateTrace& t) { slot(s, t, 0).receiver_before += Fr::one(); }));
  // Transfer 1 spends from slot 3 as if transfer 0 had not been: the value read was overwritten.
  lies.push_back(in_trace("StaleRead", {kTEnds}, "", [](const Setting& s, UpdateTrace& t) {
    slot(s, t, 1).sender_after = t.initial[3] - slot(s, t, 1).amount;
    slot(s, t, 1).sender_time = Fr::zero();
  }));
  lies.push_back(in_trace("OldValueWithTheRightTime", {kTEnds}, "", [](const Setting& s, UpdateTrace& t) {
    slot(s, t, 1).sender_after = t.initial[3] - slot(s, t, 1).amount;
  }));
  lies.push_back(in_trace("TimeOfAnotherWrite", {kTEnds}, "", [](const Setting& s, UpdateTrace& t) {
    slot(s, t, 1).sender_time = Fr::from_u64(2 * s.first + 1);
  }));
  lies.push_back(
      in_trace("FinalTime", {kTEnds}, "", [](const Setting&, UpdateTrace& t) { t.final_time[2] += Fr::one(); }));
  lies.push_back(in_trace("FinalBalance", {kTEnds}, "", [](const Setting& s, UpdateTrace& t) {
    t.final_balance[2] += Fr::one();  // with vectors to match
    embed_again(s, t);
  }));
  lies.push_back({"FinalBalanceAboveTheRange", {"zero"}, "account 3: final balance", [](Setting s) {
                    s.witness.balances[3] = largest_balance(s.shape);
                    return invalid_batch(s, {{2, 3, 1}});
                  }});
  return lies;
}

/// Lies about start balances, for shapes that range them. Slot 3 starts below zero and is paid before it pays.
std::vector<Lie> start_lies() {
  const auto below_zero = [](const Setting& s, UpdateTrace& t) {
    const Fr debt = t.initial[3] + Fr::from_u64(100);
    t.initial[3] -= debt;
    slot(s, t, 0).receiver_before -= debt;
    slot(s, t, 1).sender_after -= debt;
    slot(s, t, 2).receiver_before -= debt;
    t.final_balance[3] -= debt;
    embed_again(s, t);
  };
  std::vector<Lie> lies;
  lies.push_back(in_trace("NegativeStartBalance", {"zero"}, "account 3: start balance", below_zero));
  lies.push_back(
      {"NegativeStartBalanceWithAForcedEnd", {"digit"}, "account 3: start balance", [below_zero](const Setting& s) {
         UpdateTrace trace = honest(s);
         below_zero(s, trace);
         Attempt a = attempt(s, std::move(trace));
         const UpdateLayout at = a.circuit->layout();
         a.circuit->lie_in_d = [at](Columns& d) {
           const auto start = static_cast<std::size_t>(static_cast<long>(at.initial_balance_at()));
           d[0][at.account_row(3) + start + at.balance_digits] = Fr::zero();
         };
         return a;
       }});
  return lies;
}

std::vector<Lie> vector_lies() {
  std::vector<Lie> lies;
  lies.push_back(
      in_trace("DeltaOffByOne", {kREnds}, "", [](const Setting&, UpdateTrace& t) { add_entry(t.delta, 5, 1); }));
  lies.push_back(
      in_trace("NextOffByOne", {kREnds}, "", [](const Setting&, UpdateTrace& t) { add_entry(t.next, 7, -1); }));
  lies.push_back(
      in_trace("PrevOffByOne", {kREnds}, "", [](const Setting&, UpdateTrace& t) { add_entry(t.prev, 0, 1); }));
  lies.push_back(in_trace("PrevAndNextShifted", {kREnds}, "", [](const Setting&, UpdateTrace& t) {
    add_entry(t.prev, 9, 1);
    add_entry(t.next, 9, 1);
  }));
  lies.push_back(in_trace("DeltaAndNextShifted", {kREnds}, "", [](const Setting&, UpdateTrace& t) {
    add_entry(t.delta, 9, 1);
    add_entry(t.next, 9, 1);
  }));
  lies.push_back(in_trace("InitialBalanceNotInPrev", {kREnds}, "", [](const Setting&, UpdateTrace& t) {
    t.initial[0] += Fr::one();  // slot 0 is only read by empty slots: shift them all
    for (auto& slot : t.slots) {
      if (slot.sender.is_zero()) slot.sender_after += Fr::one();
    }
    t.final_balance[0] += Fr::one();
  }));
  lies.push_back({"AnotherEncoder", {kREnds}, "", [](const Setting& s) {
                    auto vhat = std::vector<std::int16_t>(s.encoder.vhat().begin(), s.encoder.vhat().end());
                    vhat[2 * s.shape.encoder.dims + 3] =
                        static_cast<std::int16_t>(vhat[2 * s.shape.encoder.dims + 3] / 2 + 1);
                    const auto ids = s.encoder.account_ids();
                    const model::QuantizedEncoder other(s.shape.encoder, {ids.begin(), ids.end()}, std::move(vhat));
                    return attempt(s, trace_update(s.shape, other, s.witness));
                  }});
  return lies;
}

std::vector<Lie> column_lies() {
  std::vector<Lie> lies;
  lies.push_back({"ProductStartsElsewhere", {kTEnds}, "", [](const Setting& s) {
                    UpdateTrace trace = honest(s);
                    trace.final_time[2] += Fr::one();
                    Attempt a = attempt(s, std::move(trace));
                    const std::size_t last = a.circuit->layout().last_row();
                    a.circuit->lie_in_t = [last](auto& t) {
                      const Fr factor = t[last].inverse().value();
                      for (std::size_t row = 0; row <= last; ++row) t[row] *= factor;
                    };
                    return a;
                  }});
  lies.push_back(repaired_product("ProductJumpsBetween", {"carry"}, [](const UpdateLayout& at, std::size_t first) {
    return at.transfer_row(first) + at.columns;  // behind the gates of its place
  }));
  lies.push_back(repaired_product("ProductJumpsAtATransfer", {"transfer"},
                                  [](const UpdateLayout& at, std::size_t first) { return at.transfer_row(first); }));
  lies.push_back(repaired_product("ProductJumpsAtAnAccount", {"account memory"},
                                  [](const UpdateLayout& at, std::size_t) { return at.account_row(1); }));
  lies.push_back(repaired_sum("SumJumpsAtAnAccount", {"account encoder"}, "account 1: final balance",
                              [](const auto& at, auto& r, const auto&, const Fr&, const Fr&, const Fr& error) {
                                close_sums(at, r, 1, Fr(error));
                              }));
  lies.push_back(repaired_sum("PublicRunStartsElsewhere", {kREnds}, "public vectors",
                              [](const auto& at, auto& r, const auto&, const Fr& gamma, const Fr&, const Fr& error) {
                                shift_public_run(at, r, 0, gamma, Fr(error));
                              }));
  lies.push_back(repaired_sum("PublicRunJumps", {"public"}, "public vectors",
                              [](const auto& at, auto& r, const auto&, const Fr& gamma, const Fr&, const Fr& error) {
                                shift_public_run(at, r, 2, gamma, Fr(error));
                              }));
  lies.push_back(repaired_sum("ConstantRunStartsElsewhere", {"horner start"}, "",
                              [](const auto& at, auto& r, const auto& d, const Fr& gamma, const Fr& rho,
                                 const Fr& error) { shift_constant_run(at, r, d, 1, gamma, rho, Fr(error)); }));
  lies.push_back({"ConstantRunJumpsAtATransfer", {"horner carry"}, "", [](const Setting& s) {
                    const UpdateLayout at(s.shape);
                    const std::size_t t = last_transfer_of_block_2(at, s.first), gate = at.transfer_row(t);
                    if (gate > at.horner_rows(2).front()) {
                      return repaired_sum(
                                 "", {}, "",
                                 [t](const auto& l, auto& r, const auto& d, const Fr& gamma, const Fr& rho,
                                     const Fr& error) { shift_carried_run(l, r, d, t, gamma, rho, Fr(error)); })
                          .tell(s);
                    }
                    Attempt a = attempt(s, honest(s));  // a small shape has no run to carry here: the carry alone
                    const std::size_t behind = at.sender_row(t) + at.columns;  // further gates carry the jump on
                    a.circuit->lie_in_r = [gate, behind](auto& r, const auto&, const Fr&, const Fr&) {
                      for (std::size_t row = gate + 1; row <= behind; ++row) r[row] += Fr::one();
                    };
                    return a;
                  }});
  lies.push_back(repaired_sum("ConstantRunJumps", {"horner"}, "",
                              [](const auto& at, auto& r, const auto& d, const Fr& gamma, const Fr& rho,
                                 const Fr& error) { shift_constant_run(at, r, d, 2, gamma, rho, Fr(error)); }));
  return lies;
}

Setting setting(const UpdateShape& shape, std::uint64_t seed, std::size_t first = 0) {
  SeededRng rng(seed);
  std::vector<u128> balances{1000, 2000, 3000, 4000};
  while (balances.size() < shape.encoder.accounts) balances.push_back(rng.below(1u << 24));
  Setting made{shape, model::random_encoder(shape.encoder, seed), {balances, {}}, first};
  made.witness.transfers.assign(first, {0, 1, 1});
  for (const ledger::SlotTransfer& t : {ledger::SlotTransfer{2, 3, 500}, {3, 2, 200}, {1, 3, 7}})
    made.witness.transfers.push_back(t);
  return made;
}

}  // namespace

Fr above_range(const UpdateShape& shape) { return fr_from_u128(largest_balance(shape)) + Fr::one(); }

Setting small_setting() { return setting({{4, 16, 14, 32}, 6}, 1); }
Setting full_setting() { return setting({}, 2); }

std::vector<NamedSetting> small_settings() {
  const model::EncoderShape narrow{4, 16, 14, 32}, eight_bits{4, 16, 14, 8};
  std::vector<NamedSetting> all{
      {"narrow", small_setting()},
      {"standalone", setting({narrow, 6, 1, 1, true}, 3)},
      {"two limbs", setting({eight_bits, 6, 2, 1}, 4)},
      {"four limbs", setting({eight_bits, 6, 4, 1}, 5)},
      {"exact wei", setting({narrow, 6, 4, 1}, 6)},
      {"long runs", setting({{4, 192, 14, 32}, 6}, 7)},  // runs over constants that carry over transfers
      {"more accounts than words", setting({{16, 32, 12, 32}, 6, 1, 1, true}, 8)}};
  for (std::size_t first = 0; first < 3; ++first)
    all.push_back({fmt::format("three columns, from {}", first), setting({narrow, 12, 1, 3}, 9, first)});
  all.push_back({"three columns of exact wei", setting({narrow, 12, 4, 3}, 10, 2)});
  return all;
}

Columns LyingUpdateCircuit::fill_d(const UpdateTrace& trace) const {
  Columns d = UpdateCircuit::fill_d(trace);
  if (lie_in_d) lie_in_d(d);
  return d;
}

Column LyingUpdateCircuit::fill_r(const UpdateTrace& trace, const Columns& d, const Challenges& challenges) const {
  Column r = UpdateCircuit::fill_r(trace, d, challenges);
  if (lie_in_r) lie_in_r(r, d, challenges.gamma, challenges.rho);
  return r;
}

Column LyingUpdateCircuit::fill_t(const Columns& d, const Challenges& challenges) const {
  Column t = UpdateCircuit::fill_t(d, challenges);
  if (lie_in_t) lie_in_t(t);
  return t;
}

std::vector<Lie> update_lies(const UpdateShape& shape) {
  std::vector<Lie> all = batch_lies();
  for (auto&& more : {vector_lies(), column_lies()}) all.insert(all.end(), more.begin(), more.end());
  if (shape.start_is_ranged()) {
    for (auto&& lie : start_lies()) all.push_back(lie);
  }
  return all;
}

}  // namespace ll::circuits
