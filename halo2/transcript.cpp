#include "halo2/transcript.hpp"

#include <algorithm>

namespace ll::halo2 {
namespace {

constexpr std::uint8_t kSqueeze = 0, kPoint = 1, kScalar = 2;
constexpr std::array<std::uint8_t, 2> kKeccakHalf = {0x0a, 0x0b};

constexpr std::string_view kName = "Halo2-Transcript";

std::variant<Blake2b, Keccak256> initial_state(TranscriptHash hash) {
  std::array<std::uint8_t, 16> name{};
  std::ranges::copy(kName, name.begin());
  if (hash == TranscriptHash::blake2b) return Blake2b(name);
  Keccak256 state;
  state.update(name);
  return state;
}

}  // namespace

Transcript::Transcript(TranscriptHash hash) : state_(initial_state(hash)) {}

void Transcript::update(ByteSpan bytes) {
  std::visit([&](auto& state) { state.update(bytes); }, state_);
}

void Transcript::absorb_point(const G1Affine& point) {
  update(std::span(&kPoint, 1));
  update(point.x.to_bytes_le());
  update(point.y.to_bytes_le());
}

void Transcript::absorb_scalar(const Fr& scalar) {
  update(std::span(&kScalar, 1));
  update(scalar.to_bytes_le());
}

Fr Transcript::squeeze_challenge() {
  update(std::span(&kSqueeze, 1));
  Digest64 digest{};
  if (const auto* blake2b = std::get_if<Blake2b>(&state_)) {
    Blake2b copy = *blake2b;
    digest = copy.finish();
  } else {
    for (std::size_t half = 0; half < 2; ++half) {
      Keccak256 copy = std::get<Keccak256>(state_);
      copy.update(std::span(&kKeccakHalf[half], 1));
      std::ranges::copy(copy.finish(), digest.begin() + static_cast<std::ptrdiff_t>(32 * half));
    }
  }
  return Fr::from_uniform_bytes(digest);
}

void TranscriptWriter::write_point(const G1Affine& point) {
  absorb_point(point);
  append(proof_, algebra::compress(point, flags_));
}

void TranscriptWriter::write_scalar(const Fr& scalar) {
  absorb_scalar(scalar);
  append(proof_, scalar.to_bytes_le());
}

Result<G1Affine> TranscriptReader::read_point(std::string_view field) {
  const std::size_t offset = reader_.offset();
  auto bytes = reader_.take(32, field);
  if (!bytes) return bytes.error();
  const auto point = algebra::decompress(bytes.value().first<32>(), flags_);
  if (!point) return malformed("proof: {} at offset {} is no canonical point of G1", field, offset);
  absorb_point(*point);
  return *point;
}

Result<Fr> TranscriptReader::read_scalar(std::string_view field) {
  const std::size_t offset = reader_.offset();
  auto bytes = reader_.take(32, field);
  if (!bytes) return bytes.error();
  const auto scalar = Fr::from_bytes_le(bytes.value().first<32>());
  if (!scalar) return malformed("proof: {} at offset {} is no canonical element of F_r", field, offset);
  absorb_scalar(*scalar);
  return *scalar;
}

}  // namespace ll::halo2
