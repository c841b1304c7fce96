#include "ceremony/state.hpp"

#include <algorithm>
#include <cstring>

#include <sodium.h>

namespace ll::ceremony {
namespace {

constexpr std::string_view kMagic = "LLCEREM1";
constexpr std::size_t kHeaderBytes = 16, kMaxTranscript = std::size_t{1} << 26;

Digest64 hash_of(ByteSpan bytes) { return blake2b_512(bytes); }

/// Writes header, points and transcript under a temporary name, then renames.
void write_state(const std::filesystem::path& out, const Transcript& transcript, ByteSpan points) {
  PendingFile pending(out);
  FileWriter file(pending.path(), FileWriter::Mode::create);
  file.write(state_header(transcript.shape));
  file.write(points);
  file.write(state_trailer(transcript));
  file.finish();
  pending.commit();
}

Transcript begin(const NewCeremony& options, Rng& rng) {
  LL_CHECK(options.shape.power >= 1 && options.shape.power <= kMaxPower, "ceremony: power {}, 1 to {} are possible",
           options.shape.power, kMaxPower);
  Transcript out;
  rng.fill(out.nonce);
  out.shape = options.shape;
  out.simulated = options.simulated;
  out.announced = options.announced;
  return out;
}

}  // namespace

SigningKey SigningKey::generate() {
  LockedBytes seed(crypto_sign_SEEDBYTES);
  OsRng().fill(seed.span());
  return SigningKey(std::move(seed));
}

SigningKey SigningKey::load(const std::filesystem::path& file) {
  std::string text = read_text(file);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  auto bytes = from_hex(text);
  sodium_memzero(text.data(), text.size());
  if (!bytes || bytes->size() != crypto_sign_SEEDBYTES)
    throw malformed("{}: a signing key is 32 bytes as hex", file.string());
  LockedBytes seed(crypto_sign_SEEDBYTES);
  std::ranges::copy(*bytes, seed.span().begin());
  sodium_memzero(bytes->data(), bytes->size());
  return SigningKey(std::move(seed));
}

void SigningKey::save(const std::filesystem::path& file) const {
  PendingFile pending(file);
  FileWriter writer(pending.path(), FileWriter::Mode::create, /*secret=*/true);
  std::string text = to_hex(seed_.span()) + "\n";
  writer.write(ByteSpan(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
  sodium_memzero(text.data(), text.size());
  writer.finish();
  pending.commit();
}

Bytes SigningKey::public_key() const {
  Bytes out(crypto_sign_PUBLICKEYBYTES);
  LockedBytes secret(crypto_sign_SECRETKEYBYTES);
  crypto_sign_seed_keypair(out.data(), secret.span().data(), seed_.span().data());
  return out;
}

Bytes SigningKey::sign(ByteSpan message) const {
  Bytes out(crypto_sign_BYTES);
  std::array<std::uint8_t, crypto_sign_PUBLICKEYBYTES> unused;
  LockedBytes secret(crypto_sign_SECRETKEYBYTES);
  crypto_sign_seed_keypair(unused.data(), secret.span().data(), seed_.span().data());
  crypto_sign_detached(out.data(), nullptr, message.data(), message.size(), secret.span().data());
  return out;
}

bool signature_is_valid(ByteSpan message, ByteSpan signature, ByteSpan public_key) {
  return signature.size() == crypto_sign_BYTES && public_key.size() == crypto_sign_PUBLICKEYBYTES &&
         crypto_sign_verify_detached(signature.data(), message.data(), message.size(), public_key.data()) == 0;
}

bool is_ceremony_file(ByteSpan bytes) {
  return bytes.size() >= kMagic.size() && std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) == 0;
}

Bytes state_header(const PowersShape& shape) {
  Bytes out(kMagic.begin(), kMagic.end());
  append_u32_le(out, static_cast<std::uint32_t>(shape.kind));
  append_u32_le(out, shape.power);
  return out;
}

Bytes state_trailer(const Transcript& transcript) {
  const std::string text = transcript.to_json();
  Bytes out(text.begin(), text.end());
  append_u64_le(out, text.size());
  return out;
}

Result<StateView> read_state(ByteSpan bytes) {
  ByteReader reader(bytes, "ceremony");
  auto magic = reader.take(kMagic.size(), "magic");
  if (!magic) return magic.error();
  if (!is_ceremony_file(bytes)) return malformed("ceremony: the file does not start with \"{}\"", kMagic);
  auto kind = reader.u32_le("kind");
  if (!kind) return kind.error();
  auto power = reader.u32_le("power");
  if (!power) return power.error();
  if (kind.value() < 1 || kind.value() > 2 || power.value() < 1 || power.value() > kMaxPower) {
    return malformed("ceremony: kind {}, power {} at offset 8: 1 or 2, and 1 to {} are expected", kind.value(),
                     power.value(), kMaxPower);
  }
  const PowersShape shape{static_cast<PowersKind>(kind.value()), power.value()};
  auto points = reader.take(shape.bytes(PointForm::raw), "points");
  if (!points) return points.error();
  if (reader.remaining() < 8) return malformed("ceremony: the transcript at offset {} is missing", reader.offset());
  const std::size_t length = reader.remaining() - 8, offset = reader.offset();
  auto text = reader.take(length, "transcript");
  auto stated = reader.u64_le("transcript length");
  if (stated.value() != length || length > kMaxTranscript) {
    return malformed("ceremony: the transcript at offset {} has {} bytes, its length says {}", offset, length,
                     stated.value());
  }
  auto transcript = Transcript::parse(std::string_view(reinterpret_cast<const char*>(text.value().data()), length),
                                      "ceremony transcript");
  if (!transcript) return transcript.error();
  if (transcript.value().shape.kind != shape.kind || transcript.value().shape.power != shape.power)
    return malformed("ceremony: header and transcript do not agree on kind and power");
  StateView out{std::move(transcript).value(), {}, points.value()};
  out.powers = PowersView::contiguous(shape, PointForm::raw, out.points, kHeaderBytes);
  return out;
}

CeremonyFile CeremonyFile::open(const std::filesystem::path& path) {
  MappedFile mapped(path);
  auto state = read_state(mapped.bytes());
  if (!state) throw state.error().at(path.string());
  return {std::move(mapped), std::move(state).value()};
}

Transcript new_ceremony(const NewCeremony& options, const std::filesystem::path& out, Rng& rng) {
  Transcript transcript = begin(options, rng);
  const Bytes g1 = encode_point(G1Affine::generator(), PointForm::raw),
              g2 = encode_point(G2Affine::generator(), PointForm::raw);
  Bytes points;
  points.reserve(options.shape.bytes(PointForm::raw));
  const auto repeat = [&](const Bytes& point, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) append(points, point);
  };
  repeat(g1, options.shape.tau_g1());
  repeat(g2, options.shape.tau_g2());
  repeat(g1, options.shape.alpha_g1() + options.shape.beta_g1());
  repeat(g2, options.shape.beta_g2());
  transcript.initial_state = hash_of(points);
  write_state(out, transcript, points);
  return transcript;
}

Result<Transcript> new_ceremony_from(const NewCeremony& options, const PowersView& powers,
                                     std::span<const Contribution> chain, const std::string& name,
                                     const std::string& sha256, const std::filesystem::path& out, Rng& rng,
                                     Progress* progress) {
  Transcript transcript = begin(options, rng);
  const PowersShape& shape = options.shape;
  const bool full = shape.kind == PowersKind::powers_of_tau;
  if (shape.power > powers.shape.power || (full && shape.power != powers.shape.power)) {
    return Error(ErrorCode::srs,
                 fmt::format("ceremony: power {} is wanted, {} holds power {}", shape.power, name, powers.shape.power));
  }
  if (full && powers.shape.kind != PowersKind::powers_of_tau)
    return Error(ErrorCode::srs, fmt::format("ceremony: {} does not hold powers of tau, alpha and beta", name));
  PowersView part = powers;
  part.shape = shape;
  if (!full) {
    part.tau_g1 = powers.tau_g1.first(shape.tau_g1() * point_bytes<G1Affine>(powers.form));
    part.tau_g2 = powers.tau_g2.first(2 * point_bytes<G2Affine>(powers.form));
    part.alpha_g1 = part.beta_g1 = part.beta_g2 = {};
  }
  const auto head = check_powers(part, rng, progress);
  if (!head) return head.error();
  Bytes points;
  convert_points(part, PointForm::raw, [&](ByteSpan bytes) { append(points, bytes); }, progress);
  transcript.initial_name = name;
  transcript.initial_sha256 = sha256;
  transcript.initial = head.value();
  transcript.initial_state = hash_of(points);
  if (full) transcript.initial_chain.assign(chain.begin(), chain.end());
  write_state(out, transcript, points);
  return transcript;
}

}  // namespace ll::ceremony
