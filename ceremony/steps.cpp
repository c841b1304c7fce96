// What moves a ceremony on: contributions, the beacon, and steps that come back from elsewhere.
#include <algorithm>
#include <cstring>

#include <sodium.h>

#include "base/parallel.hpp"
#include "ceremony/ppot_files.hpp"
#include "ceremony/state.hpp"

namespace ll::ceremony {
namespace {

namespace fs = std::filesystem;
using algebra::G1;
using algebra::G2;

/// The factors of one step; references into locked memory, or a beacon's public ones.
struct Factors {
  const Fr& tau;
  const Fr& alpha;
  const Fr& beta;
};

/// out[i] = first·base^i · points[i]. Time depends on the factors (docs/security.md).
template <class Point>
std::vector<Point> scaled(const std::vector<Point>& points, const Fr& base, const Fr& first) {
  using Sum = std::conditional_t<std::is_same_v<Point, G1Affine>, G1, G2>;
  std::vector<Sum> out(points.size());
  parallel_for(points.size(), 64, [&](std::size_t begin, std::size_t end) {
    Fr factor = first * base.pow_vartime(begin);
    for (std::size_t i = begin; i < end; ++i) {
      out[i] = Sum(points[i]) * factor;
      factor *= base;
    }
    sodium_memzero(&factor, sizeof factor);
  });
  return algebra::batch_to_affine(out);
}

/// Writes the points of the next state chunk by chunk, skipping the chunks that `done` bytes of them already hold.
class Updater {
 public:
  Updater(const PowersView& in, const Factors& factors, FileWriter& out, std::size_t done, Progress* progress)
      : in_(in), factors_(factors), out_(out), done_(done), progress_(progress) {}

  void run() {
    if (progress_) progress_->begin("powers", in_.shape.bytes(PointForm::raw));
    list<G1Affine>(in_.tau_g1, Fr::one(), "tauG1");
    list<G2Affine>(in_.tau_g2, Fr::one(), "tauG2");
    list<G1Affine>(in_.alpha_g1, factors_.alpha, "alphaTauG1");
    list<G1Affine>(in_.beta_g1, factors_.beta, "betaTauG1");
    list<G2Affine>(in_.beta_g2, factors_.beta, "betaG2");
    if (progress_) progress_->end();
  }

 private:
  template <class Point>
  void list(ByteSpan bytes, const Fr& first, std::string_view name) {
    constexpr std::size_t kSize = point_bytes<Point>(PointForm::raw);
    const std::size_t count = bytes.size() / kSize;
    for (std::size_t begin = 0; begin < count; begin += kChunk) {
      const std::size_t here = std::min(kChunk, count - begin);
      passed_ += here * kSize;
      if (passed_ <= done_) continue;
      const auto points = decode_points<Point>(bytes.subspan(begin * kSize, here * kSize), PointForm::raw, name, begin,
                                               0, PointCheck::coordinates)
                              .value_or_throw();
      out_.write(
          encode_points<Point>(scaled(points, factors_.tau, first * factors_.tau.pow_vartime(begin)), PointForm::raw));
      if (progress_) progress_->update(passed_);
      if (progress_ && progress_->stop_requested()) throw Error(ErrorCode::interrupted, "stopped by the user");
    }
  }

  const PowersView& in_;
  const Factors& factors_;
  FileWriter& out_;
  std::size_t done_, passed_ = 0;
  Progress* progress_;
};

/// Bytes of whole chunks among the first `bytes` bytes of points.
std::size_t whole_chunks(const PowersShape& shape, std::size_t bytes) {
  std::size_t whole = 0;
  const auto list = [&](std::size_t count, std::size_t size) {
    for (std::size_t begin = 0; begin < count; begin += kChunk) {
      const std::size_t chunk = std::min(kChunk, count - begin) * size;
      if (whole + chunk > bytes) return false;
      whole += chunk;
    }
    return true;
  };
  (void)(list(shape.tau_g1(), 64) && list(shape.tau_g2(), 128) && list(shape.alpha_g1(), 64) &&
         list(shape.beta_g1(), 64) && list(shape.beta_g2(), 128));
  return whole;
}

/// How much of an unfinished file of points can be kept: whole chunks, made with the same factor from the same state.
std::size_t resumable_bytes(const fs::path& file, const StateView& in, const Fr& tau) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (error) return 0;
  const std::size_t header = state_header(in.powers.shape).size();
  const std::size_t whole = size > header ? whole_chunks(in.powers.shape, size - header) : 0;
  if (whole == 0) {
    fs::remove(file, error);
    return 0;
  }
  const MappedFile mapped(file);
  const auto begun = decode_point<G1Affine>(mapped.bytes().subspan(header + 64, 64), PointForm::raw);
  const G1Affine before = in.transcript.tau_g1(in.transcript.records.size());
  if (!begun || *begun != (G1(before) * tau).to_affine() ||
      !std::ranges::equal(mapped.bytes().first(header), state_header(in.powers.shape))) {
    throw Error(ErrorCode::mismatch,
                fmt::format("{}: was begun with other secrets or from another state", file.string()), file.string(),
                "give the same --entropy text and files again, or remove it to begin anew");
  }
  fs::resize_file(file, header + whole);
  return whole;
}

G1Affine random_point() {
  OsRng rng;
  return (G1::generator() * Fr::random(rng)).to_affine();
}

/// Makes the record's `.ptau` part; `after` are the new points.
Contribution ptau_part(const StateView& in, const PowersView& after, const PublicKey& key, Progress* progress) {
  const std::vector<Contribution> chain = in.transcript.chain();
  const Digest64 challenge = chain.empty() ? first_challenge(in.powers.shape.power) : chain.back().next_challenge;
  Contribution out;
  out.key = key;
  out.head = read_head(after).value_or_throw();
  out.partial_hash = response_state(challenge, after, progress, PointCheck::coordinates).state();
  out.next_challenge = challenge_of(out.response_hash(), after, progress, PointCheck::coordinates);
  return out;
}

Digest64 current_challenge(const Transcript& transcript) {
  const std::vector<Contribution> chain = transcript.chain();
  return chain.empty() ? first_challenge(transcript.shape.power) : chain.back().next_challenge;
}

/// Fills in what every kind of record has, from the finished points.
void describe(Record& record, const StateView& in, const StepOptions& options, ByteSpan points) {
  record.name = options.name;
  record.tool = options.tool;
  record.time = options.time;
  record.previous = in.transcript.head_hash();
  record.state = blake2b_512(points);
  const PowersView after = PowersView::contiguous(in.powers.shape, PointForm::raw, points, 0);
  const PowersHead head = read_head(after).value_or_throw();
  record.tau_g1 = head.tau_g1;
  record.tau_g2 = head.tau_g2;
}

void append_transcript(const fs::path& file, Transcript transcript, const Record& record) {
  transcript.records.push_back(record);
  FileWriter writer(file, FileWriter::Mode::append);
  writer.write(state_trailer(transcript));
  writer.finish();
}

/// Checks that `transcript` is `head` with steps behind it.
std::optional<Error> goes_on_from(const Transcript& head, const Transcript& transcript) {
  const auto refuse = [](const std::string& why) {
    return Error(ErrorCode::mismatch, "ceremony: " + why, {},
                 "the contributor must begin from this state, the newest one");
  };
  if (transcript.id() != head.id()) return refuse("this is another ceremony's file");
  if (transcript.records.size() <= head.records.size()) {
    return refuse(fmt::format("the response has {} records, this state has {}: it is not newer",
                              transcript.records.size(), head.records.size()));
  }
  const std::size_t known = head.records.size();
  if (known > 0 && transcript.records[known - 1].hash(known) != head.head_hash())
    return refuse(fmt::format("record {} of the response is another one than here", known));
  return std::nullopt;
}

Result<std::size_t> import_ptau(const StateView& head, ByteSpan bytes, const StepOptions& options, Rng& rng,
                                const fs::path& out) {
  auto file = read_ptau(bytes);
  if (!file) return file.error();
  const std::vector<Contribution> ours = head.transcript.chain();
  const std::vector<Contribution>& theirs = file.value().contributions;
  if (!file.value().powers || file.value().power != head.powers.shape.power || file.value().truncated())
    return Error(ErrorCode::mismatch, "ceremony: the .ptau has another power, or no points");
  for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) {
    if (encode_contribution(ours[i]) != encode_contribution(theirs[i])) {
      return Error(ErrorCode::mismatch, fmt::format("ceremony: contribution {} of the .ptau is another one", i + 1));
    }
  }
  if (theirs.size() <= ours.size()) {
    return Error(ErrorCode::mismatch, fmt::format("ceremony: the .ptau has {} contributions, this state has {}: it is "
                                                  "not newer",
                                                  theirs.size(), ours.size()));
  }
  const PowersView& powers = *file.value().powers;
  Bytes points;
  points.reserve(powers.shape.bytes(PointForm::raw));
  for (const ByteSpan list : {powers.tau_g1, powers.tau_g2, powers.alpha_g1, powers.beta_g1, powers.beta_g2})
    append(points, list);
  StateView next{head.transcript, PowersView::contiguous(powers.shape, PointForm::raw, points, 0), points};
  for (std::size_t i = ours.size(); i < theirs.size(); ++i) {
    Record record;
    record.type = RecordType::external;
    record.name = theirs[i].name.empty() ? options.name : theirs[i].name;
    record.tool = options.tool;
    record.time = options.time;
    record.previous = next.transcript.head_hash();
    if (i + 1 == theirs.size()) record.state = blake2b_512(points);
    record.tau_g1 = theirs[i].head.tau_g1;
    record.tau_g2 = theirs[i].head.tau_g2;
    record.ptau = theirs[i];
    next.transcript.records.push_back(std::move(record));
  }
  if (auto verified = verify_ceremony(next, rng, {.progress = options.progress}); !verified) return verified.error();
  PendingFile pending(out);
  FileWriter writer(pending.path(), FileWriter::Mode::create);
  writer.write(state_header(powers.shape));
  writer.write(points);
  writer.write(state_trailer(next.transcript));
  writer.finish();
  pending.commit();
  return theirs.size() - ours.size();
}

Result<std::size_t> import_ppot(const StateView& head, ByteSpan bytes, const StepOptions& options, Rng& rng,
                                const fs::path& out) {
  auto file = read_ppot(bytes);
  if (!file) return file.error();
  if (file.value().powers.shape.power != head.powers.shape.power) {
    return Error(ErrorCode::mismatch, fmt::format("ceremony: the response has power {}, this state has {}",
                                                  file.value().powers.shape.power, head.powers.shape.power));
  }
  PendingFile raw(out);
  auto contribution =
      import_response(file.value(), current_challenge(head.transcript), options.name, raw.path(), options.progress);
  if (!contribution) return contribution.error();
  // As a .ptau, so that there is one way in.
  const MappedFile points(raw.path());
  std::vector<Contribution> chain = head.transcript.chain();
  chain.push_back(std::move(contribution).value());
  PendingFile ptau(fs::path(out.string() + ".import"));
  write_ptau(ptau.path(), PowersView::contiguous(head.powers.shape, PointForm::raw, points.bytes(), 0), chain);
  return import_ptau(head, MappedFile(ptau.path()).bytes(), options, rng, out);
}

}  // namespace

Record contribute(const StateView& in, const EntropyPool& pool, const SigningKey& key, const StepOptions& options,
                  const fs::path& out, const fs::path& resume_points) {
  LL_CHECK(options.name.size() <= 64, "ceremony: a name of {} bytes, at most 64", options.name.size());
  const SecretFactor tau = pool.factor("tau"), alpha = pool.factor("alpha"), beta = pool.factor("beta");
  const bool resume = !resume_points.empty();
  const std::size_t done = resume ? resumable_bytes(resume_points, in, tau.value()) : 0;
  PendingFile pending(out);
  const fs::path path = resume ? resume_points : pending.path();
  {
    FileWriter writer(path, done > 0 ? FileWriter::Mode::append : FileWriter::Mode::create);
    if (done == 0) writer.write(state_header(in.powers.shape));
    Updater(in.powers, {tau.value(), alpha.value(), beta.value()}, writer, done, options.progress).run();
    writer.finish();
  }
  Record record;
  {
    const MappedFile mapped(path);
    const ByteSpan points = mapped.bytes().subspan(state_header(in.powers.shape).size());
    describe(record, in, options, points);
    record.attestation = options.attestation;
    record.contributor = key.public_key();
    const std::size_t index = in.transcript.records.size() + 1;
    if (in.powers.shape.kind == PowersKind::powers_of_tau) {
      KeySecrets secrets{tau.value(), alpha.value(), beta.value(), random_point(), random_point(), random_point()};
      const PublicKey public_key = make_public_key(secrets, current_challenge(in.transcript));
      sodium_memzero(&secrets, sizeof secrets);
      record.ptau = ptau_part(in, PowersView::contiguous(in.powers.shape, PointForm::raw, points, 0), public_key,
                              options.progress);
      record.ptau->name = options.name;
    }
    // The nonce is fresh randomness always: one used twice under different challenges would give the factor away.
    OsRng rng;
    SecretFactor z(Fr::random(rng));
    KnowledgeProof proof;
    proof.r = (G1(in.transcript.tau_g1(index - 1)) * z.value()).to_affine();
    proof.s = z.value() + in.transcript.proof_challenge(record, index, proof.r) * tau.value();
    record.proof = proof;
    record.signature = key.sign(in.transcript.signed_message(record, index));
  }
  append_transcript(path, in.transcript, record);
  if (resume) fs::rename(resume_points, pending.path());
  pending.commit();
  return record;
}

Record apply_beacon(const StateView& in, const BeaconSource& source, const Bytes& value, const Digest32& iterated,
                    const StepOptions& options, const fs::path& out) {
  LL_CHECK(!value.empty() && value.size() <= 255, "beacon: a value of {} bytes, 1 to 255 are possible", value.size());
  LL_CHECK(source.iterations_exp >= 10 && source.iterations_exp <= 63, "beacon: 2^{} iterations, 2^10 to 2^63",
           source.iterations_exp);
  const KeySecrets factors = beacon_secrets(iterated);
  check_factor(factors.tau);
  PendingFile pending(out);
  {
    FileWriter writer(pending.path(), FileWriter::Mode::create);
    writer.write(state_header(in.powers.shape));
    Updater(in.powers, {factors.tau, factors.alpha, factors.beta}, writer, 0, options.progress).run();
    writer.finish();
  }
  Record record;
  record.type = RecordType::beacon;
  {
    const MappedFile mapped(pending.path());
    const ByteSpan points = mapped.bytes().subspan(state_header(in.powers.shape).size());
    describe(record, in, options, points);
    record.beacon = source;
    record.beacon_value = value;
    const std::size_t index = in.transcript.records.size() + 1;
    if (in.powers.shape.kind == PowersKind::powers_of_tau) {
      record.ptau = ptau_part(in, PowersView::contiguous(in.powers.shape, PointForm::raw, points, 0),
                              make_public_key(factors, current_challenge(in.transcript)), options.progress);
      record.ptau->beacon = true;
      record.ptau->name = options.name;
      record.ptau->iterations_exp = source.iterations_exp;
      record.ptau->beacon_hash = value;
    }
    KnowledgeProof proof;  // z = 0: R is the identity
    proof.s = in.transcript.proof_challenge(record, index, proof.r) * factors.tau;
    record.proof = proof;
  }
  append_transcript(pending.path(), in.transcript, record);
  pending.commit();
  return record;
}

Result<std::size_t> import_step(const StateView& head, ByteSpan response, const StepOptions& options, Rng& rng,
                                const fs::path& out) {
  const bool full = head.powers.shape.kind == PowersKind::powers_of_tau;
  if (is_ceremony_file(response)) {
    auto state = read_state(response);
    if (!state) return state.error();
    if (auto error = goes_on_from(head.transcript, state.value().transcript)) return *error;
    if (auto verified = verify_ceremony(state.value(), rng, {.progress = options.progress}); !verified)
      return verified.error();
    write_file(out, response);
    return state.value().transcript.records.size() - head.transcript.records.size();
  }
  if (!full) {
    return Error(ErrorCode::mismatch, "ceremony: only a powers-of-tau ceremony takes .ptau and PPoT files", {},
                 "begin it with `ceremony new --ptau`");
  }
  if (response.size() >= 4 && std::memcmp(response.data(), "ptau", 4) == 0)
    return import_ptau(head, response, options, rng, out);
  if (ppot_response_shape(response.size())) return import_ppot(head, response, options, rng, out);
  return malformed("ceremony: neither a ceremony file, nor a .ptau, nor a PPoT response");
}

}  // namespace ll::ceremony
