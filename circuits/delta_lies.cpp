#include "circuits/delta_lies.hpp"

#include <algorithm>

#include "model/test_encoder.hpp"

namespace ll::circuits {
namespace {

using Attempt = DeltaLie::Attempt;

Attempt attempt(const DeltaSetting& s, DeltaTrace trace) {
  Attempt a;
  a.instances = trace.instances();
  a.circuit = std::make_unique<LyingDeltaCircuit>(s.encoder, std::move(trace));
  return a;
}

/// What the circuit's sum gives for these counters and this amount, true or not: the words that close the run.
std::vector<Fr> words_of(const DeltaSetting& s, const std::vector<Fr>& jumps, const Fr& signed_amount) {
  const auto constants = delta_constants(s.encoder);
  std::vector<Fr> words(constants.front().size());
  for (std::size_t i = 0; i < constants.size(); ++i) {
    const Fr factor = signed_amount * (jumps[i + 1] - jumps[i]) * (Fr::one() - jumps[i] - jumps[i]);
    for (std::size_t q = 0; q < words.size(); ++q) words[q] += factor * constants[i][q];
  }
  return words;
}

/// Another trace, with public words to match.
DeltaLie in_trace(std::string name, std::set<std::string> breaks, std::string row,
                  std::function<void(DeltaTrace&)> change) {
  return {std::move(name), std::move(breaks), std::move(row), [change](const DeltaSetting& s) {
            DeltaTrace trace = trace_delta(s.encoder, s.witness);
            change(trace);
            trace.delta = words_of(s, trace.jumps, trace.signed_amount);
            return attempt(s, std::move(trace));
          }};
}

/// The honest prover's work on a transfer that is not valid, with words to match.
DeltaLie invalid_transfer(std::string name, std::set<std::string> breaks, std::string row,
                          std::function<void(DeltaWitness&)> change) {
  return {std::move(name), std::move(breaks), std::move(row), [change](const DeltaSetting& s) {
            DeltaWitness witness = s.witness;
            change(witness);
            DeltaTrace trace = trace_delta(s.encoder, witness);
            trace.delta = words_of(s, trace.jumps, trace.signed_amount);
            return attempt(s, std::move(trace));
          }};
}

/// An entry of the vector off by one, so that the run does not end at zero; a jump of R after `jump_after` hides that.
DeltaLie repaired(std::string name, std::set<std::string> breaks, std::function<std::size_t(const DeltaLayout&)> from) {
  return {std::move(name), std::move(breaks), "", [from](const DeltaSetting& s) {
            DeltaTrace trace = trace_delta(s.encoder, s.witness);
            trace.delta[1] += Fr::one();
            Attempt a = attempt(s, std::move(trace));
            const DeltaLayout at = a.circuit->layout();
            a.circuit->lie_in_r = [at, first = from(at)](auto& r, const auto& d, const Fr& gamma) {
              // How much one unit added in row `first` adds in each row below.
              std::vector<Fr> share(r.size());
              share[first] = Fr::one();
              const Fr power = gamma.pow_vartime(kDeltaConstantColumns), by_gamma = gamma.inverse().value();
              for (std::size_t row = first; row < at.last_row; ++row) {
                Fr factor = Fr::one();
                if (row >= at.public_row)
                  factor = row == at.public_row ? d[row] * by_gamma : by_gamma;
                else if (row % at.block_rows == at.accounts && row + 1 != at.public_row)
                  factor = power;
                share[row + 1] = share[row] * factor;
              }
              const Fr shift = -r[at.last_row] * share[at.last_row].inverse().value();
              for (std::size_t row = first; row <= at.last_row; ++row) r[row] += shift * share[row];
            };
            return a;
          }};
}

const std::string kTwo = "block end / two jumps", kDZero = "boundary / D is zero", kRZero = "boundary / R is zero";
const std::string kBottom = "end of the amount's bits and of the words";

std::vector<DeltaLie> witness_lies() {
  const Fr two_to_32 = Fr::from_u64(std::uint64_t{1} << 32);
  std::vector<DeltaLie> lies;
  lies.push_back(invalid_transfer("SelfTransfer", {"jump"}, "", [](DeltaWitness& w) { w.receiver = w.sender; }));
  lies.push_back(in_trace("HalfAJump", {"jump"}, "", [](DeltaTrace& t) {  // a share of one account each
    const Fr half = Fr::from_u64(2).inverse().value();
    t.jumps[1] = half;
  }));
  lies.push_back(in_trace("JumpBack", {"jump"}, "",
                          [](DeltaTrace& t) { *(std::ranges::find(t.jumps, Fr::one()) + 1) = Fr::zero(); }));
  lies.push_back(invalid_transfer("UnknownReceiver", {kTwo}, "", [](DeltaWitness& w) { w.receiver = 4000; }));
  lies.push_back(invalid_transfer("UnknownSender", {kTwo}, "", [](DeltaWitness& w) { w.sender = 4000; }));
  lies.push_back(in_trace("NoJump", {kTwo}, "", [](DeltaTrace& t) { std::ranges::fill(t.jumps, Fr::zero()); }));
  lies.push_back(in_trace("ThreeJumps", {kTwo}, "", [](DeltaTrace& t) {
    for (std::size_t i = 0; i < t.jumps.size(); ++i) t.jumps[i] = Fr::from_u64(std::min<std::size_t>(i, 3));
  }));
  lies.push_back(in_trace("CounterStartsAtOne", {kDZero}, "words 30 to 31: account 0", [](DeltaTrace& t) {
    for (std::size_t i = 0; i < t.jumps.size(); ++i) t.jumps[i] = Fr::from_u64(i > 2 ? 2 : 1);
  }));
  lies.push_back(in_trace("AmountTwoTo32", {kDZero}, kBottom, [two_to_32](DeltaTrace& t) {
    t.amount = two_to_32;
    t.signed_amount = two_to_32;
  }));
  lies.push_back(in_trace("HalfAUnit", {kDZero}, kBottom, [](DeltaTrace& t) {
    t.amount = Fr::from_u64(2).inverse().value();
    t.signed_amount = t.amount;
  }));
  lies.push_back(in_trace("AnotherAmountThanRanged", {"sign"}, "", [two_to_32](DeltaTrace& t) {
    t.signed_amount = two_to_32 + Fr::from_u64(5);  // the bits are those of the honest amount
  }));
  return lies;
}

std::vector<DeltaLie> cell_lies() {
  std::vector<DeltaLie> lies;
  lies.push_back({"AmountTwoTo32WithAForcedEnd", {"bit"}, "", [](const DeltaSetting& s) {
                    DeltaTrace trace = trace_delta(s.encoder, s.witness);
                    trace.amount = trace.signed_amount = Fr::from_u64(std::uint64_t{1} << 32);
                    trace.delta = words_of(s, trace.jumps, trace.signed_amount);
                    Attempt a = attempt(s, std::move(trace));
                    a.circuit->lie_in_d = [last = a.circuit->layout().last_row](auto& d) { d[last] = Fr::zero(); };
                    return a;
                  }});
  // The last block's words are of another pair of accounts.
  lies.push_back({"OtherAccountsInABlock", {"same in the next block"}, "", [](const DeltaSetting& s) {
                    DeltaTrace trace = trace_delta(s.encoder, s.witness);
                    std::vector<Fr> other(trace.jumps.size());
                    for (std::size_t i = 0; i < other.size(); ++i) other[i] = Fr::from_u64(std::min<std::size_t>(i, 2));
                    const auto words = words_of(s, other, trace.signed_amount);
                    for (std::size_t q = 0; q < kDeltaConstantColumns; ++q) trace.delta[q] = words[q];
                    Attempt a = attempt(s, std::move(trace));
                    const std::size_t first = a.circuit->layout().account_row(a.circuit->layout().blocks - 1, 0);
                    a.circuit->lie_in_d = [other, first](auto& d) {
                      std::ranges::copy(other, d.begin() + static_cast<std::ptrdiff_t>(first));
                    };
                    return a;
                  }});
  lies.push_back({"DeltaOffByOne", {kRZero}, kBottom, [](const DeltaSetting& s) {
                    DeltaTrace trace = trace_delta(s.encoder, s.witness);
                    trace.delta[1] += Fr::one();
                    return attempt(s, std::move(trace));
                  }});
  lies.push_back({"OppositeDirection", {kRZero}, kBottom, [](const DeltaSetting& s) {
                    DeltaTrace trace = trace_delta(s.encoder, s.witness);
                    for (Fr& word : trace.delta) word = -word;
                    return attempt(s, std::move(trace));
                  }});
  lies.push_back({"AnotherEncoder", {kRZero}, kBottom, [](const DeltaSetting& s) {
                    auto vhat = std::vector<std::int16_t>(s.encoder.vhat().begin(), s.encoder.vhat().end());
                    auto& entry = vhat[s.witness.sender * s.encoder.shape().dims + 3];
                    entry = static_cast<std::int16_t>(entry / 2 + 1);
                    const auto ids = s.encoder.account_ids();
                    const model::QuantizedEncoder other(s.encoder.shape(), {ids.begin(), ids.end()}, std::move(vhat));
                    return attempt(s, trace_delta(other, s.witness));
                  }});
  lies.push_back(repaired("SumStartsElsewhere", {kRZero}, [](const DeltaLayout&) { return 0; }));
  lies.push_back(repaired("SumJumpsAtAnAccount", {"sum"}, [](const DeltaLayout& at) { return at.account_row(1, 2); }));
  lies.push_back(
      repaired("SumJumpsAtABlocksEnd", {"block end / carry"}, [](const DeltaLayout& at) { return at.end_row(0) + 1; }));
  lies.push_back(repaired("SumJumpsAtTheLastBlocksEnd", {"block end / carry"},
                          [](const DeltaLayout& at) { return at.public_row; }));
  lies.push_back(repaired("RunJumpsAtTheAmount", {"public"}, [](const DeltaLayout& at) { return at.public_row + 1; }));
  lies.push_back(repaired("RunJumpsAtAWord", {"public"}, [](const DeltaLayout& at) { return at.public_row + 5; }));
  return lies;
}

}  // namespace

DeltaSetting small_delta_setting() { return {model::random_encoder({4, 160, 14, 32}, 1), {3, 1, 500}}; }
DeltaSetting full_delta_setting() { return {model::random_encoder({}, 2), {17, 101, 4'000'000'000}}; }

LyingDeltaCircuit::Column LyingDeltaCircuit::fill_d(const DeltaTrace& trace) const {
  Column d = DeltaCircuit::fill_d(trace);
  if (lie_in_d) lie_in_d(d);
  return d;
}

LyingDeltaCircuit::Column LyingDeltaCircuit::fill_r(const DeltaTrace& trace, const Column& d, const Fr& gamma) const {
  Column r = DeltaCircuit::fill_r(trace, d, gamma);
  if (lie_in_r) lie_in_r(r, d, gamma);
  return r;
}

const std::vector<DeltaLie>& delta_lies() {
  static const std::vector<DeltaLie> lies = [] {
    std::vector<DeltaLie> all = witness_lies();
    for (auto&& more : cell_lies()) all.push_back(more);
    return all;
  }();
  return lies;
}

}  // namespace ll::circuits
