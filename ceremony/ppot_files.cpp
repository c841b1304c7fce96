#include "ceremony/ppot_files.hpp"

#include <algorithm>
#include <bit>

#include "base/files.hpp"

namespace ll::ceremony {
namespace {

std::optional<PowersShape> shape_of(std::size_t bytes, PointForm form, std::size_t extra) {
  for (unsigned power = 1; power <= kMaxPower; ++power) {
    const PowersShape shape{PowersKind::powers_of_tau, power};
    if (bytes == extra + shape.bytes(form)) return shape;
  }
  return std::nullopt;
}

}  // namespace

std::optional<PowersShape> ppot_challenge_shape(std::size_t bytes) {
  return shape_of(bytes, PointForm::ppot_uncompressed, 64);
}

std::optional<PowersShape> ppot_response_shape(std::size_t bytes) {
  return shape_of(bytes, PointForm::ppot_compressed, 64 + PublicKey::kBytes);
}

Result<PpotFile> read_ppot(ByteSpan bytes) {
  PpotFile file;
  auto shape = ppot_challenge_shape(bytes.size());
  if (!shape) {
    shape = ppot_response_shape(bytes.size());
    file.response = true;
  }
  if (!shape) return malformed("ppot: no challenge or response of any power from 1 to 28 has {} bytes", bytes.size());
  const PointForm form = file.response ? PointForm::ppot_compressed : PointForm::ppot_uncompressed;
  std::ranges::copy(bytes.first(64), file.hash.begin());
  file.powers = PowersView::contiguous(*shape, form, bytes.subspan(64, shape->bytes(form)), 64);
  if (file.response) file.key = bytes.last(PublicKey::kBytes);
  return file;
}

void write_challenge(const std::filesystem::path& path, const Digest64& last_response, const PowersView& powers) {
  PendingFile pending(path);
  FileWriter file(pending.path(), FileWriter::Mode::create);
  file.write(last_response);
  convert_points(powers, PointForm::ppot_uncompressed, [&](ByteSpan bytes) { file.write(bytes); });
  file.finish();
  pending.commit();
}

void write_response(const std::filesystem::path& path, const Digest64& challenge, const PowersView& powers,
                    const PublicKey& key) {
  PendingFile pending(path);
  FileWriter file(pending.path(), FileWriter::Mode::create);
  file.write(challenge);
  convert_points(powers, PointForm::ppot_compressed, [&](ByteSpan bytes) { file.write(bytes); });
  file.write(key.encode(PointForm::ppot_uncompressed));
  file.finish();
  pending.commit();
}

Result<Contribution> import_response(const PpotFile& response, const Digest64& challenge, std::string name,
                                     const std::filesystem::path& points, Progress* progress) {
  if (!response.response) return malformed("ppot: a response is needed, this is a challenge");
  if (response.hash != challenge) {
    return Error(ErrorCode::mismatch,
                 fmt::format("ppot: the response answers challenge {}..., the ceremony stands at {}...",
                             to_hex(ByteSpan(response.hash).first(8)), to_hex(ByteSpan(challenge).first(8))));
  }
  auto key = decode_public_key(response.key, PointForm::ppot_uncompressed, "response",
                               64 + response.powers.shape.bytes(PointForm::ppot_compressed));
  if (!key) return key.error();
  Contribution out;
  out.key = key.value();
  out.name = std::move(name);
  // The hash is over the bytes as they came: decoding accepts one encoding of a point only, so they are what we would
  // write.
  ResumableBlake2b hash;
  hash.update(challenge);
  for (const ByteSpan list : {response.powers.tau_g1, response.powers.tau_g2, response.powers.alpha_g1,
                              response.powers.beta_g1, response.powers.beta_g2})
    hash.update(list);
  out.partial_hash = hash.state();
  try {
    FileWriter raw(points, FileWriter::Mode::create);
    convert_points(response.powers, PointForm::raw, [&](ByteSpan bytes) { raw.write(bytes); }, progress);
    raw.finish();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::malformed) return error;
    throw;
  }
  const MappedFile mapped(points);
  const PowersView view = PowersView::contiguous(response.powers.shape, PointForm::raw, mapped.bytes(), 0);
  auto head = read_head(view);
  if (!head) return head.error();
  out.head = head.value();
  out.next_challenge = challenge_of(out.response_hash(), view, progress);
  return out;
}

Result<halo2::Srs> read_aztec(ByteSpan g1, ByteSpan g2, std::optional<unsigned> k) {
  if (g2.size() != 128) return malformed("g2.dat: {} bytes, 128 are expected", g2.size());
  if (g1.size() % 64 != 0 || g1.size() < 128)
    return malformed("g1.dat: {} bytes are no two or more points of 64", g1.size());
  const unsigned holds = std::min(kMaxPower, static_cast<unsigned>(std::bit_width(g1.size() / 64)) - 1);
  if (k.value_or(holds) > holds)
    return Error(ErrorCode::srs, fmt::format("k = {} is needed, g1.dat holds power {}", *k, holds));
  const unsigned power = k.value_or(holds);
  const Bytes first = encode_point(G2Affine::generator(), PointForm::aztec);
  Bytes both = first;
  append(both, g2);
  PowersView view{{PowersKind::kzg, power}, PointForm::aztec, {}, {}, {}, {}, {}, {}};
  view.tau_g1 = g1.first(64 << power);
  view.tau_g2 = both;
  return srs_of_powers(view, power);
}

}  // namespace ll::ceremony
