#include "circuits/update_lies.hpp"

#include "model/test_encoder.hpp"

namespace ll::circuits {
namespace {

const std::string kTEnds = "boundary / T is one", kREnds = "boundary / R is zero";

UpdateTrace honest(const Setting& s) { return trace_update(s.shape, s.encoder, s.witness); }

std::vector<Fr> embed(const Setting& s, const std::vector<Fr>& balances) {
  const auto rows = packed_encoder(s.encoder);
  std::vector<Fr> words(rows.front().size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t q = 0; q < words.size(); ++q) words[q] += balances[i] * rows[i][q];
  }
  return words;
}

/// Makes the public vectors those of the trace's balances, whatever they are.
void embed_again(const Setting& s, UpdateTrace& trace) {
  trace.prev = embed(s, trace.initial);
  trace.next = embed(s, trace.final_balance);
  for (std::size_t q = 0; q < trace.delta.size(); ++q) trace.delta[q] = trace.next[q] - trace.prev[q];
}

Attempt attempt(const Setting& s, UpdateTrace trace) {
  Attempt a;
  a.instances = trace.instances();
  a.circuit = std::make_unique<LyingUpdateCircuit>(s.shape, s.encoder, std::move(trace));
  return a;
}

/// The honest prover's work on a batch that is not valid.
Attempt invalid_batch(Setting s, std::vector<ledger::SlotTransfer> transfers) {
  s.witness.transfers = std::move(transfers);
  return attempt(s, honest(s));
}

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
                 std::function<void(const UpdateLayout&, std::vector<Fr>& r, const std::vector<Fr>& d, const Fr& gamma,
                                    const Fr& rho, const Fr& error)>
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
void close_sums(const UpdateLayout& at, std::vector<Fr>& r, std::size_t first, const Fr& error) {
  for (std::size_t i = first; i < at.accounts; ++i) r[at.account_row(i) + 1] -= error;
}

/// Changes the Horner run over the public vectors from row `first` on, so that the sum closes.
void shift_public_run(const UpdateLayout& at, std::vector<Fr>& r, std::size_t first, const Fr& gamma, const Fr& error) {
  Fr shift = -error * gamma.pow_vartime(at.words - first).inverse().value();
  for (std::size_t row = first; row <= at.words; ++row, shift *= gamma) r[row] += shift;
  close_sums(at, r, 0, error);
}

/// Changes the Horner run over the constants of account 2 after `steps` steps, so that the sum closes.
void shift_constant_run(const UpdateLayout& at, std::vector<Fr>& r, const std::vector<Fr>& d, std::size_t steps,
                        const Fr& gamma, const Fr& rho, const Fr& error) {
  const std::size_t row = at.account_row(2), first = at.horner_row(2) + steps;
  const Fr balances = d[row + static_cast<std::size_t>(at.initial_balance_at())] + rho * d[row];
  Fr shift = error * (balances * gamma.pow_vartime(2 * (row - first))).inverse().value();
  for (std::size_t j = first; j <= row; ++j, shift *= gamma.square()) r[j] += shift;
  close_sums(at, r, 2, error);
}

/// A wrong time of a last write, so that T does not end at one, and a jump after `row` that makes it do so.
Lie repaired_product(std::string name, std::set<std::string> breaks,
                     std::function<std::size_t(const UpdateLayout&)> jump_after) {
  return {std::move(name), std::move(breaks), "", [jump_after](const Setting& s) {
            UpdateTrace trace = honest(s);
            trace.final_time[2] += Fr::one();
            Attempt a = attempt(s, std::move(trace));
            const UpdateLayout at = a.circuit->layout();
            a.circuit->lie_in_t = [at, jump_after](auto& t) {
              const Fr factor = t[at.last_row()].inverse().value();
              for (std::size_t row = jump_after(at) + 1; row <= at.last_row(); ++row) t[row] *= factor;
            };
            return a;
          }};
}

/// Changes the amount of transfer 0 (slot 2 to slot 3) and what follows from it up to the sender's balance after; the
/// start balances make up for it, so that all final balances stay.
void add_to_first_amount(const Setting& s, UpdateTrace& trace, const Fr& extra) {
  trace.slots[0].amount += extra;
  trace.initial[2] += extra;
  trace.initial[3] -= extra;
  trace.slots[0].receiver_before -= extra;
  embed_again(s, trace);
}

std::vector<Lie> batch_lies() {
  const Fr two_to_32 = Fr::from_u64(std::uint64_t{1} << 32);
  std::vector<Lie> lies;
  lies.push_back({"Overdraft", {"zero"}, "transfer 0: sender's balance after", [](const Setting& s) {
                    return invalid_batch(s, {{2, 3, s.witness.balances[2] + 1}, {3, 2, 5000}});
                  }});
  lies.push_back({"OverdraftWithAForcedEnd", {"digit"}, "transfer 0: sender's balance after", [](const Setting& s) {
                    Attempt a = invalid_batch(s, {{2, 3, s.witness.balances[2] + 1}, {3, 2, 5000}});
                    const UpdateLayout at = a.circuit->layout();
                    a.circuit->lie_in_d = [at](auto& d) {
                      d[at.transfer_row(0) + static_cast<std::size_t>(at.sender_gap_at()) - 1] = Fr::zero();
                    };
                    return a;
                  }});
  lies.push_back({"OrderThatOverdraws", {"zero"}, "transfer 0: sender's balance after", [](const Setting& s) {
                    const std::uint32_t all = s.witness.balances[2];
                    return invalid_batch(s, {{2, 3, all + 10}, {1, 2, 10}});  // valid the other way round
                  }});
  // The sender of transfer 0 spends what transfer 1 will bring: every tuple is there, but read before it is written.
  lies.push_back(
      {"ReadOfALaterWrite", {"zero"}, "transfer 0: time since the sender's balance was written", [](Setting s) {
         const std::uint32_t all = s.witness.balances[2];
         s.witness.transfers = {{1, 2, 10}, {2, 3, all + 10}};
         UpdateTrace trace = honest(s);
         std::swap(trace.slots[0], trace.slots[1]);
         trace.slots[0].sender_time = Fr::from_u64(4);
         trace.slots[1].receiver_time = Fr::zero();
         trace.final_time[2] = Fr::from_u64(1);
         trace.final_time[3] = Fr::from_u64(2);
         trace.slots[2].receiver_time = Fr::from_u64(3);  // the first empty slot reads slot 1
         return attempt(s, std::move(trace));
       }});
  lies.push_back(
      {"SelfTransfer", {"zero"}, "transfer 0: time since the receiver's balance was written", [](const Setting& s) {
         return invalid_batch(s, {{2, 2, 100}});
       }});
  // Both accesses of a self-transfer read the old balance: money from nothing, but one value is read twice.
  lies.push_back({"SelfTransferFromOldBalance", {kTEnds}, "", [](Setting s) {
                    s.witness.transfers = {{2, 2, 100}};
                    UpdateTrace trace = honest(s);
                    trace.slots[0].receiver_before = trace.initial[2];
                    trace.slots[0].receiver_time = Fr::zero();
                    trace.final_balance[2] = trace.initial[2] + Fr::from_u64(100);
                    embed_again(s, trace);
                    return attempt(s, std::move(trace));
                  }});
  lies.push_back(in_trace(
      "AmountTwoTo32", {"zero"}, "transfer 0: amount",
      [two_to_32](const Setting& s, UpdateTrace& t) { add_to_first_amount(s, t, two_to_32 - t.slots[0].amount); }));
  lies.push_back(in_trace("NegativeAmount", {"zero"}, "transfer 0: amount", [](const Setting& s, UpdateTrace& t) {
    add_to_first_amount(s, t, -Fr::from_u64(5) - t.slots[0].amount);
  }));
  lies.push_back({"UnknownReceiver", {kTEnds}, "", [](const Setting& s) {
                    const auto nobody = static_cast<std::uint32_t>(s.shape.encoder.accounts);
                    return invalid_batch(s, {{2, nobody, 100}});
                  }});
  lies.push_back(in_trace("UnknownSender", {kTEnds}, "", [](const Setting& s, UpdateTrace& t) {
    t.slots[2].sender = Fr::from_u64(s.shape.encoder.accounts);
  }));
  lies.push_back(in_trace("AnotherReceiver", {kTEnds}, "",
                          [](const Setting&, UpdateTrace& t) { t.slots[0].receiver = Fr::from_u64(1); }));
  lies.push_back(in_trace("AnotherSender", {kTEnds}, "",
                          [](const Setting&, UpdateTrace& t) { t.slots[0].sender = Fr::from_u64(0); }));
  lies.push_back(in_trace("ReceiversOldBalance", {kTEnds}, "",
                          [](const Setting&, UpdateTrace& t) { t.slots[0].receiver_before += Fr::one(); }));
  // Transfer 1 spends from slot 3 as if transfer 0 had not been: the value read was overwritten.
  lies.push_back(in_trace("StaleRead", {kTEnds}, "", [](const Setting&, UpdateTrace& t) {
    t.slots[1].sender_after = t.initial[3] - t.slots[1].amount;
    t.slots[1].sender_time = Fr::zero();
  }));
  lies.push_back(in_trace("OldValueWithTheRightTime", {kTEnds}, "", [](const Setting&, UpdateTrace& t) {
    t.slots[1].sender_after = t.initial[3] - t.slots[1].amount;
  }));
  lies.push_back(in_trace("TimeOfAnotherWrite", {kTEnds}, "",
                          [](const Setting&, UpdateTrace& t) { t.slots[1].sender_time = Fr::one(); }));
  lies.push_back(
      in_trace("FinalTime", {kTEnds}, "", [](const Setting&, UpdateTrace& t) { t.final_time[2] += Fr::one(); }));
  lies.push_back(in_trace("FinalBalance", {kTEnds}, "", [](const Setting& s, UpdateTrace& t) {
    t.final_balance[2] += Fr::one();  // with vectors to match
    embed_again(s, t);
  }));
  lies.push_back({"FinalBalanceTwoTo32", {"zero"}, "account 3: final balance", [](Setting s) {
                    s.witness.balances[3] = 0xffffffff;
                    return invalid_batch(s, {{2, 3, 1}});
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
  lies.push_back(repaired_product("ProductJumpsBetween", {"carry"},
                                  [](const UpdateLayout& at) { return at.transfer_row(1) + 1; }));
  lies.push_back(repaired_product("ProductJumpsAtATransfer", {"transfer"},
                                  [](const UpdateLayout& at) { return at.transfer_row(1); }));
  lies.push_back(repaired_product("ProductJumpsAtAnAccount", {"account memory"},
                                  [](const UpdateLayout& at) { return at.account_row(1); }));
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
  lies.push_back(repaired_sum("ConstantRunJumps", {"horner"}, "",
                              [](const auto& at, auto& r, const auto& d, const Fr& gamma, const Fr& rho,
                                 const Fr& error) { shift_constant_run(at, r, d, 2, gamma, rho, Fr(error)); }));
  return lies;
}

Setting setting(const UpdateShape& shape, std::uint64_t seed) {
  SeededRng rng(seed);
  std::vector<std::uint32_t> balances{1000, 2000, 3000, 4000};
  while (balances.size() < shape.encoder.accounts) balances.push_back(static_cast<std::uint32_t>(rng.below(1u << 24)));
  return {shape, model::random_encoder(shape.encoder, seed), {balances, {{2, 3, 500}, {3, 2, 200}, {1, 3, 7}}}};
}

}  // namespace

Setting small_setting() { return setting({{4, 16, 14, 32}, 6}, 1); }
Setting full_setting() { return setting({}, 2); }

LyingUpdateCircuit::Column LyingUpdateCircuit::fill_d(const UpdateTrace& trace) const {
  Column d = UpdateCircuit::fill_d(trace);
  if (lie_in_d) lie_in_d(d);
  return d;
}

LyingUpdateCircuit::Column LyingUpdateCircuit::fill_r(const UpdateTrace& trace, const Column& d,
                                                      const Challenges& challenges) const {
  Column r = UpdateCircuit::fill_r(trace, d, challenges);
  if (lie_in_r) lie_in_r(r, d, challenges.gamma, challenges.rho);
  return r;
}

LyingUpdateCircuit::Column LyingUpdateCircuit::fill_t(const Column& d, const Challenges& challenges) const {
  Column t = UpdateCircuit::fill_t(d, challenges);
  if (lie_in_t) lie_in_t(t);
  return t;
}

const std::vector<Lie>& update_lies() {
  static const std::vector<Lie> lies = [] {
    std::vector<Lie> all = batch_lies();
    for (auto&& more : {vector_lies(), column_lies()}) all.insert(all.end(), more.begin(), more.end());
    return all;
  }();
  return lies;
}

}  // namespace ll::circuits
