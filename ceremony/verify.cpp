// What a ceremony's file must satisfy, record by record, then as a whole.
#include <algorithm>

#include "algebra/pairing.hpp"
#include "ceremony/state.hpp"

namespace ll::ceremony {
namespace {

using algebra::G1;

/// BLAKE2b of the points of tau = 1.
Digest64 generator_state(const PowersShape& shape) {
  ResumableBlake2b hash;
  hash_generators(hash, shape, PointForm::raw);
  return hash.digest();
}

class Verifier {
 public:
  Verifier(const StateView& state, const VerifyOptions& options) : transcript_(state.transcript), options_(options) {}

  std::optional<Error> beginning() {
    if (!transcript_.initial_name.empty()) return std::nullopt;  // --from-initial compares it with the file itself
    if (transcript_.initial != PowersHead::generators() || !transcript_.initial_chain.empty() ||
        !transcript_.initial_sha256.empty() || transcript_.initial_state != generator_state(transcript_.shape))
      return malformed("ceremony: it says that it begins at tau = 1, its initial points are others");
    return std::nullopt;
  }

  std::optional<Error> record(std::size_t index) {
    const Record& record = transcript_.records[index - 1];
    const auto refuse = [&](std::string_view why) {
      return malformed("record {} ({}): {}", index, record.name.empty() ? "no name" : record.name, why);
    };
    const Digest64 before = index == 1 ? transcript_.id() : transcript_.records[index - 2].hash(index - 1);
    if (record.previous != before) return refuse("it does not follow the record before it: another hash");
    const G1Affine previous_tau = transcript_.tau_g1(index - 1);
    if (record.tau_g1 == previous_tau) return refuse("tau is the one before it: nothing was contributed");
    if (record.tau_g1 == G1Affine::generator()) return refuse("tau is one");
    const std::array<std::pair<G1Affine, G2Affine>, 2> same = {std::pair{record.tau_g1, G2Affine::generator()},
                                                               std::pair{-G1Affine::generator(), record.tau_g2}};
    if (!algebra::pairing_product_is_one(same)) return refuse("[tau]_1 and [tau]_2 hold different tau");
    if (record.proof) {
      const Fr c = transcript_.proof_challenge(record, index, record.proof->r);
      if (G1(previous_tau) * record.proof->s != G1(record.proof->r) + G1(record.tau_g1) * c)
        return refuse("it proves no knowledge of its factor");
    }
    if (record.type == RecordType::contribution &&
        !signature_is_valid(transcript_.signed_message(record, index), record.signature, record.contributor))
      return refuse("its signature is not by its contributor");
    if (record.type == RecordType::beacon) return beacon(record, index);
    return std::nullopt;
  }

  /// The `.ptau` chain that runs through a powers-of-tau ceremony.
  std::optional<Error> ptau_chain(VerifyReport& report) {
    for (const Record& record : transcript_.records) {
      if (record.ptau->head.tau_g1 != record.tau_g1 || record.ptau->head.tau_g2 != record.tau_g2)
        return malformed("record ({}): its .ptau part holds another tau", record.name);
      if (record.type != RecordType::external && record.ptau->beacon != (record.type == RecordType::beacon))
        return malformed("record ({}): its .ptau part disagrees about being a beacon", record.name);
      if (record.type == RecordType::beacon && (record.ptau->beacon_hash != record.beacon_value ||
                                                record.ptau->iterations_exp != record.beacon->iterations_exp))
        return malformed("record ({}): its .ptau part holds another beacon", record.name);
    }
    const std::vector<Contribution> chain = transcript_.chain();
    if (!transcript_.initial_chain.empty() && transcript_.initial_chain.back().head != transcript_.initial)
      return malformed("ceremony: its initial points are not those at the end of its initial chain");
    auto verified = verify_chain(transcript_.shape.power, chain,
                                 {.replay_beacon = options_.replay_beacon, .progress = options_.progress});
    if (!verified) return verified.error();
    report.beacon_skipped |= verified.value().beacon_skipped;
    head_ = verified.value().head;
    challenge_ = verified.value().challenge;
    response_ = chain.empty() ? blake2b_512({}) : verified.value().responses.back();
    return std::nullopt;
  }

  std::optional<Error> points(const StateView& state, Rng& rng, VerifyReport& report) {
    const auto head = check_powers(state.powers, rng, options_.progress);
    if (!head) return head.error();
    const std::size_t last = transcript_.records.size();
    if (head.value().tau_g1 != transcript_.tau_g1(last) || head.value().tau_g2 != transcript_.tau_g2(last) ||
        (head_ && *head_ != head.value()))
      return malformed("ceremony: the points are not those of the last record");
    if (blake2b_512(state.points) != transcript_.state())
      return malformed("ceremony: the hash of the points is not that of the last record");
    if (challenge_) {
      if (challenge_of(response_, state.powers, options_.progress, PointCheck::coordinates) != *challenge_)
        return malformed("ceremony: the next challenge is not the hash of the points");
      report.next_challenge_rederived = true;
    }
    return std::nullopt;
  }

 private:
  std::optional<Error> beacon(const Record& record, std::size_t index) {
    if (transcript_.announced && *record.beacon != *transcript_.announced) {
      return malformed("record {}: the beacon is {} round {}, 2^{}; announced was {} round {}, 2^{}", index,
                       record.beacon->source, record.beacon->round, record.beacon->iterations_exp,
                       transcript_.announced->source, transcript_.announced->round,
                       transcript_.announced->iterations_exp);
    }
    if (!options_.replay_beacon) return std::nullopt;
    const Digest32 iterated = iterate_sha256(record.beacon_value, record.beacon->iterations_exp, 0, options_.progress);
    const Fr factor = beacon_secrets(iterated).tau;
    if (G1(transcript_.tau_g1(index - 1)) * factor != G1(record.tau_g1))
      return malformed("record {}: tau is not what the beacon's value gives", index);
    return std::nullopt;
  }

  const Transcript& transcript_;
  const VerifyOptions& options_;
  std::optional<PowersHead> head_;
  std::optional<Digest64> challenge_;
  Digest64 response_{};
};

}  // namespace

Result<VerifyReport> verify_ceremony(const StateView& state, Rng& rng, const VerifyOptions& options) {
  const Transcript& transcript = state.transcript;
  Verifier verifier(state, options);
  VerifyReport report;
  report.contributors = transcript.contributors();
  report.beacon = transcript.has_beacon();
  report.beacon_announced = transcript.announced.has_value();
  if (auto error = verifier.beginning()) return *error;
  for (std::size_t i = 1; i <= transcript.records.size(); ++i) {
    if (auto error = verifier.record(i)) return *error;
    const Record& record = transcript.records[i - 1];
    report.external += record.type == RecordType::external ? 1 : 0;
    report.beacon_skipped |= record.type == RecordType::beacon && !options.replay_beacon;
  }
  if (transcript.shape.kind == PowersKind::powers_of_tau) {
    if (auto error = verifier.ptau_chain(report)) return *error;
  }
  if (options.check_points) {
    if (auto error = verifier.points(state, rng, report)) return *error;
  }
  return report;
}

}  // namespace ll::ceremony
