#include "circuits/private_lies.hpp"

#include "gadgets/digit_sum.hpp"

namespace ll::circuits {
namespace {

using Circuit = std::unique_ptr<LyingPrivateUpdate>;
using Cells = Column;

Circuit attempt(const Setting& s, PrivateTrace trace) {
  return std::make_unique<LyingPrivateUpdate>(s.shape, std::move(trace));
}

/// The honest prover's work on a batch that is not valid.
Circuit invalid_batch(Setting s, std::vector<ledger::SlotTransfer> transfers) {
  s.witness.transfers = std::move(transfers);
  return attempt(s, honest_private(s));
}

PrivateLie in_trace(std::string name, std::set<std::string> breaks,
                    std::function<void(const Setting&, UpdateTrace&)> change) {
  return {std::move(name), std::move(breaks), [change](const Setting& s) {
            PrivateTrace trace = honest_private(s);
            change(s, trace.batch);
            return attempt(s, std::move(trace));
          }};
}

/// A lie in one of the state columns alone.
PrivateLie in_state(std::string name, std::set<std::string> breaks,
                    std::function<void(Cells&)> LyingPrivateUpdate::* column,
                    std::function<void(const PrivateLayout&, Cells&)> change) {
  return {std::move(name), std::move(breaks), [column, change](const Setting& s) {
            Circuit circuit = attempt(s, honest_private(s));
            const PrivateLayout at = circuit->layout();
            circuit.get()->*column = [at, change](Cells& cells) { change(at, cells); };
            return circuit;
          }};
}

/// A wrong time of a last write, so that T does not end at one, and a jump before row `from` that makes it do so.
PrivateLie repaired_product(std::string name, std::set<std::string> breaks,
                            std::function<std::size_t(const UpdateLayout&)> from) {
  return {std::move(name), std::move(breaks), [from](const Setting& s) {
            PrivateTrace trace = honest_private(s);
            trace.batch.final_time[2] += Fr::one();
            Circuit circuit = attempt(s, std::move(trace));
            const PrivateLayout at = circuit->layout();
            circuit->lie_in_t = [at, from](Cells& t) {
              const Fr factor = t[at.last_row()].inverse().value();
              for (std::size_t row = from(at); row <= at.last_row(); ++row) t[row] *= factor;
            };
            return circuit;
          }};
}

/// Changes the amount of transfer 0 (slot 2 to slot 3); the start balances make up for it.
void add_to_first_amount(UpdateTrace& trace, const Fr& extra) {
  trace.slots[0].amount += extra;
  trace.initial[2] += extra;
  trace.initial[3] -= extra;
  trace.slots[0].receiver_before -= extra;
}

void add_batch_lies(std::vector<PrivateLie>& lies) {
  lies.push_back({"Overdraft", {"zero"}, [](const Setting& s) {
                    return invalid_batch(s, {{2, 3, s.witness.balances[2] + 1}, {3, 2, 5000}});
                  }});
  lies.push_back({"OverdraftWithAForcedEnd", {"digit"}, [](const Setting& s) {
                    Circuit circuit = invalid_batch(s, {{2, 3, s.witness.balances[2] + 1}, {3, 2, 5000}});
                    const PrivateLayout at = circuit->layout();
                    circuit->lie_in_d = [at](Columns& d) {
                      d[0][at.cell(0, at.sender_after_at()) + at.balance_digits] = Fr::zero();
                    };
                    return circuit;
                  }});
  lies.push_back({"OrderThatOverdraws", {"zero"}, [](const Setting& s) {
                    return invalid_batch(s, {{2, 3, s.witness.balances[2] + 10}, {1, 2, 10}});
                  }});
  lies.push_back({"SelfTransfer", {"zero"}, [](const Setting& s) { return invalid_batch(s, {{2, 2, 100}}); }});
  lies.push_back({"SelfTransferFromOldBalance", {"boundary"}, [](Setting s) {
                    s.witness.transfers = {{2, 2, 100}};
                    PrivateTrace trace = honest_private(s);
                    trace.batch.slots[0].receiver_before = trace.batch.initial[2];
                    trace.batch.slots[0].receiver_time = Fr::zero();
                    trace.batch.final_balance[2] = trace.batch.initial[2] + Fr::from_u64(100);
                    return attempt(s, std::move(trace));
                  }});
  lies.push_back(in_trace("AmountAboveTheRange", {"zero"}, [](const Setting& s, UpdateTrace& t) {
    add_to_first_amount(t, above_range(s.shape) - t.slots[0].amount);
  }));
  lies.push_back(in_trace("NegativeAmount", {"zero"}, [](const Setting&, UpdateTrace& t) {
    add_to_first_amount(t, -Fr::from_u64(5) - t.slots[0].amount);
  }));
  lies.push_back({"UnknownReceiver", {"boundary"}, [](const Setting& s) {
                    return invalid_batch(s, {{2, static_cast<std::uint32_t>(s.shape.encoder.accounts), 100}});
                  }});
  lies.push_back({"FinalBalanceAboveTheRange", {"zero"}, [](Setting s) {
                    s.witness.balances[3] = largest_balance(s.shape);
                    return invalid_batch(s, {{2, 3, 1}});
                  }});
  lies.push_back(in_trace("UnknownSender", {"boundary"}, [](const Setting& s, UpdateTrace& t) {
    t.slots[2].sender = Fr::from_u64(s.shape.encoder.accounts);
  }));
  lies.push_back(in_trace("AnotherReceiver", {"boundary"},
                          [](const Setting&, UpdateTrace& t) { t.slots[0].receiver = Fr::from_u64(1); }));
  lies.push_back(in_trace("AnotherSender", {"boundary"},
                          [](const Setting&, UpdateTrace& t) { t.slots[0].sender = Fr::from_u64(0); }));
  lies.push_back(in_trace("ReceiversOldBalance", {"boundary"},
                          [](const Setting&, UpdateTrace& t) { t.slots[0].receiver_before += Fr::one(); }));
  lies.push_back(in_trace("StaleRead", {"boundary"}, [](const Setting&, UpdateTrace& t) {
    t.slots[1].sender_after = t.initial[3] - t.slots[1].amount;
    t.slots[1].sender_time = Fr::zero();
  }));
  lies.push_back(in_trace("TimeOfAnotherWrite", {"boundary"},
                          [](const Setting&, UpdateTrace& t) { t.slots[1].sender_time = Fr::one(); }));
  lies.push_back(
      in_trace("FinalTime", {"boundary"}, [](const Setting&, UpdateTrace& t) { t.final_time[2] += Fr::one(); }));
  // With a state after to match: money from nothing.
  lies.push_back(
      in_trace("FinalBalance", {"boundary"}, [](const Setting&, UpdateTrace& t) { t.final_balance[2] += Fr::one(); }));
}

void add_column_lies(std::vector<PrivateLie>& lies) {
  lies.push_back(in_state("StateBeforeIsAnother", {"boundary"}, &LyingPrivateUpdate::lie_in_before,
                          [](const PrivateLayout& at, Cells& b) { b[at.account_row(2)] += Fr::one(); }));
  lies.push_back(in_state("StateAfterIsAnother", {"state after"}, &LyingPrivateUpdate::lie_in_after,
                          [](const PrivateLayout& at, Cells& b) { b[at.account_row(2)] += Fr::one(); }));
  lies.push_back(
      in_state("StateAfterSwapsTwo", {"state after"}, &LyingPrivateUpdate::lie_in_after,
               [](const PrivateLayout& at, Cells& b) { std::swap(b[at.account_row(0)], b[at.account_row(1)]); }));
  lies.push_back(
      in_state("StateAfterInTheNextRow", {"state after"}, &LyingPrivateUpdate::lie_in_after,
               [](const PrivateLayout& at, Cells& b) { std::swap(b[at.account_row(3)], b[at.account_row(3) + 1]); }));
  lies.push_back(repaired_product("ProductStartsElsewhere", {"boundary"}, [](const UpdateLayout&) { return 0; }));
  lies.push_back(repaired_product("ProductJumpsBetween", {"carry"}, [](const UpdateLayout& at) {
    return at.sender_row(1) + at.columns + 1;  // behind the gates of its place
  }));
  lies.push_back(repaired_product("ProductJumpsAtATransfer", {"transfer"},
                                  [](const UpdateLayout& at) { return at.transfer_row(1) + 1; }));
  lies.push_back(repaired_product("ProductJumpsAtAnAccount", {"account memory"},
                                  [](const UpdateLayout& at) { return at.account_row(1) + 1; }));
}

OpeningTrace honest_opening(const Setting& s) { return trace_opening(s.shape, s.encoder, start_of(s)); }

OpeningAttempt opening(OpeningKind kind, const Setting& s, const OpeningTrace& trace) {
  return {std::make_unique<LyingOpening>(kind, s.shape, s.encoder, trace), trace.instances()};
}

/// Adds `extra` to the balance of slot 2, with an embedding to match.
OpeningTrace with_extra_balance(const Setting& s, const Fr& extra) {
  OpeningTrace trace = honest_opening(s);
  trace.balances[2] += extra;
  trace.embedding = packed_embedding(s.shape, packed_encoder(s.encoder), trace.balances);
  return trace;
}

OpeningLie in_opening(std::string name, std::set<std::string> breaks, std::function<void(OpeningTrace&)> change) {
  return {std::move(name), std::move(breaks), [change](OpeningKind kind, const Setting& s) {
            OpeningTrace trace = honest_opening(s);
            change(trace);
            return opening(kind, s, trace);
          }};
}

/// A public word off by one, so that R does not end at zero; `repair` then hides that from the boundary.
OpeningLie repaired_sum(
    std::string name, std::set<std::string> breaks,
    std::function<void(const UpdateLayout&, Cells& r, const Cells& state, const Fr& gamma, const Fr& error)> repair) {
  return {std::move(name), std::move(breaks), [repair](OpeningKind kind, const Setting& s) {
            OpeningTrace trace = honest_opening(s);
            trace.embedding[1] += Fr::one();
            OpeningAttempt a = opening(kind, s, trace);
            const PrivateLayout at = a.circuit->layout();
            a.circuit->lie_in_r = [repair, at](Cells& r, const Cells& state, const Fr& gamma) {
              repair(at, r, state, gamma, Fr(r[at.last_row()]));
            };
            return a;
          }};
}

void close_sums(const UpdateLayout& at, Cells& r, std::size_t first, const Fr& error) {
  for (std::size_t i = first; i < at.accounts; ++i) r[at.account_row(i) + 1] -= error;
}

void shift_public_run(const UpdateLayout& at, Cells& r, std::size_t first, const Fr& gamma, const Fr& error) {
  Fr shift = -error * gamma.pow_vartime(at.public_rows() - first).inverse().value();
  for (std::size_t row = first; row <= at.public_rows(); ++row, shift *= gamma) r[row] += shift;
  close_sums(at, r, 0, error);
}

void shift_constant_run(const UpdateLayout& at, Cells& r, const Cells& state, std::size_t steps, const Fr& gamma,
                        const Fr& error) {
  const std::size_t row = at.account_row(2), first = at.horner_rows(2).front() + steps;  // without transfers between
  const std::vector<Fr> sums = gadgets::digit_sum(state[row], at.balance_digits);
  const Fr balance = limb_combination(at, gamma.pow_vartime(at.words),
                                      [&](int above) { return sums[static_cast<std::size_t>(above)]; });
  Fr shift = error * (balance * gamma.pow_vartime(2 * (row - first))).inverse().value();
  for (std::size_t j = first; j <= row; ++j, shift *= gamma.square()) r[j] += shift;
  close_sums(at, r, 2, error);
}

void add_range_lies(std::vector<OpeningLie>& lies) {
  lies.push_back({"BalanceAboveTheRange", {"zero"}, [](OpeningKind kind, const Setting& s) {
                    return opening(kind, s, with_extra_balance(s, above_range(s.shape)));
                  }});
  lies.push_back({"NegativeBalance", {"zero"}, [](OpeningKind kind, const Setting& s) {
                    return opening(kind, s, with_extra_balance(s, -above_range(s.shape)));
                  }});
  lies.push_back({"BalanceAboveTheRangeWithAForcedEnd", {"digit"}, [](OpeningKind kind, const Setting& s) {
                    OpeningAttempt a = opening(kind, s, with_extra_balance(s, above_range(s.shape)));
                    const PrivateLayout at = a.circuit->layout();
                    a.circuit->lie_in_d = [at](Cells& d) { d[at.account_row(2) + at.balance_digits] = Fr::zero(); };
                    return a;
                  }});
  lies.push_back({"AnotherBalanceIsRanged", {"state"}, [](OpeningKind kind, const Setting& s) {
                    // The embedding is that of what it is read off: the state, or the digits of limbs.
                    OpeningTrace trace = with_extra_balance(s, above_range(s.shape));
                    const Fr ranged = trace.balances[2] - above_range(s.shape);
                    if (s.shape.limbs > 1) trace.embedding = honest_opening(s).embedding;
                    OpeningAttempt a = opening(kind, s, std::move(trace));
                    const PrivateLayout at = a.circuit->layout();
                    a.circuit->lie_in_d = [at, ranged](Cells& d) {
                      put_digits(d, at.account_row(2), ranged, at.balance_digits);
                    };
                    return a;
                  }});
}

}  // namespace

Columns LyingPrivateUpdate::fill_d(const PrivateTrace& trace) const {
  Columns columns = PrivateUpdateCircuit::fill_d(trace);
  if (lie_in_d) lie_in_d(columns);
  return columns;
}

Column LyingPrivateUpdate::fill_before(const PrivateTrace& trace) const {
  Column column = PrivateUpdateCircuit::fill_before(trace);
  if (lie_in_before) lie_in_before(column);
  return column;
}

Column LyingPrivateUpdate::fill_after(const PrivateTrace& trace) const {
  Column column = PrivateUpdateCircuit::fill_after(trace);
  if (lie_in_after) lie_in_after(column);
  return column;
}

Column LyingPrivateUpdate::fill_t(const Columns& d, const Column& before,
                                  const gadgets::MemoryChallenges<Fr>& memory) const {
  Column column = PrivateUpdateCircuit::fill_t(d, before, memory);
  if (lie_in_t) lie_in_t(column);
  return column;
}

Column LyingOpening::fill_d(const OpeningTrace& trace) const {
  Column column = StateOpeningCircuit::fill_d(trace);
  if (lie_in_d) lie_in_d(column);
  return column;
}

Column LyingOpening::fill_r(const OpeningTrace& trace, const Column& state, const Column& d, const Fr& gamma) const {
  Column column = StateOpeningCircuit::fill_r(trace, state, d, gamma);
  if (lie_in_r) lie_in_r(column, state, gamma);
  return column;
}

PrivateState start_of(const Setting& setting, std::uint64_t seed) {
  SeededRng rng(seed);
  return PrivateState::fresh(setting.witness.balances, rng);
}

PrivateTrace honest_private(const Setting& setting) {
  SeededRng rng(2);
  return trace_private_update(setting.shape, start_of(setting), setting.witness.transfers, rng);
}

const std::vector<PrivateLie>& private_update_lies() {
  static const std::vector<PrivateLie> lies = [] {
    std::vector<PrivateLie> all;
    add_batch_lies(all);
    add_column_lies(all);
    return all;
  }();
  return lies;
}

std::vector<OpeningLie> opening_lies(OpeningKind kind, const UpdateShape& shape) {
  std::vector<OpeningLie> lies;
  lies.push_back(in_opening("EmbeddingOffByOne", {"boundary"}, [](OpeningTrace& t) { t.embedding[0] += Fr::one(); }));
  lies.push_back(
      in_opening("BalanceNotInEmbedding", {"boundary"}, [](OpeningTrace& t) { t.balances[1] += Fr::one(); }));
  lies.push_back(
      in_opening("BalancesSwapped", {"boundary"}, [](OpeningTrace& t) { std::swap(t.balances[0], t.balances[1]); }));
  lies.push_back(repaired_sum("PublicRunStartsElsewhere", {"boundary"},
                              [](const auto& at, Cells& r, const Cells&, const Fr& gamma, const Fr& error) {
                                shift_public_run(at, r, 0, gamma, error);
                              }));
  lies.push_back(repaired_sum("PublicRunJumps", {"public"},
                              [](const auto& at, Cells& r, const Cells&, const Fr& gamma, const Fr& error) {
                                shift_public_run(at, r, 2, gamma, error);
                              }));
  lies.push_back(repaired_sum("ConstantRunStartsElsewhere", {"horner start"},
                              [](const auto& at, Cells& r, const Cells& state, const Fr& gamma, const Fr& error) {
                                shift_constant_run(at, r, state, 1, gamma, error);
                              }));
  lies.push_back(repaired_sum("ConstantRunJumps", {"horner"},
                              [](const auto& at, Cells& r, const Cells& state, const Fr& gamma, const Fr& error) {
                                shift_constant_run(at, r, state, 2, gamma, error);
                              }));
  lies.push_back(repaired_sum(
      "SumJumpsAtAnAccount", {"account encoder"},
      [](const auto& at, Cells& r, const Cells&, const Fr&, const Fr& error) { close_sums(at, r, 1, error); }));
  if (kind == OpeningKind::genesis || shape.limbs > 1) add_range_lies(lies);
  return lies;
}

}  // namespace ll::circuits
