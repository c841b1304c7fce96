#include "halo2/transcript.hpp"

#include <algorithm>

namespace ll::halo2 {
namespace {

constexpr std::uint8_t kSqueeze = 0, kPoint = 1, kScalar = 2;

std::array<std::uint8_t, 16> personalisation() {
  std::array<std::uint8_t, 16> bytes{};
  std::ranges::copy(std::string_view("Halo2-Transcript"), bytes.begin());
  return bytes;
}

}  // namespace

Transcript::Transcript() : state_(personalisation()) {}

void Transcript::absorb_point(const G1Affine& point) {
  state_.update(std::span(&kPoint, 1));
  state_.update(point.x.to_bytes_le());
  state_.update(point.y.to_bytes_le());
}

void Transcript::absorb_scalar(const Fr& scalar) {
  state_.update(std::span(&kScalar, 1));
  state_.update(scalar.to_bytes_le());
}

Fr Transcript::squeeze_challenge() {
  state_.update(std::span(&kSqueeze, 1));
  Blake2b copy = state_;
  return Fr::from_uniform_bytes(copy.finish());
}

void TranscriptWriter::write_point(const G1Affine& point) {
  absorb_point(point);
  append(proof_, algebra::compress(point, algebra::PointFlags::old_flags));
}

void TranscriptWriter::write_scalar(const Fr& scalar) {
  absorb_scalar(scalar);
  append(proof_, scalar.to_bytes_le());
}

Result<G1Affine> TranscriptReader::read_point(std::string_view field) {
  const std::size_t offset = reader_.offset();
  auto bytes = reader_.take(32, field);
  if (!bytes) return bytes.error();
  const auto point = algebra::decompress(bytes.value().first<32>(), algebra::PointFlags::old_flags);
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
