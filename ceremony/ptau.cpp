// snarkjs `.ptau` files: docs/formats/srs.md draws the layout (iden3/snarkjs, src/powersoftau_new.js and
// src/powersoftau_utils.js).
#include "ceremony/ptau.hpp"

#include <algorithm>

#include "algebra/ntt.hpp"
#include "base/files.hpp"

namespace ll::ceremony {
namespace {

constexpr std::size_t kMaxContributions = 4096, kMaxNameBytes = 255;

/// The moduli of curves whose files users bring here by mistake.
struct OtherField {
  unsigned bytes;
  const char* modulus_start;  ///< first little-endian bytes, hex
  const char* name;
};
constexpr OtherField kBls12381{48, "abaafffffffffeb9", "BLS12-381"};

struct Section {
  ByteSpan body;
  std::size_t offset = 0;  ///< of the body in the file
};
using Sections = std::map<std::uint32_t, Section>;

Result<Sections> read_sections(ByteSpan bytes) {
  ByteReader reader(bytes, "ptau");
  auto magic = reader.take(4, "magic");
  if (!magic) return magic.error();
  const std::string_view tag(reinterpret_cast<const char*>(magic.value().data()), 4);
  if (tag != "ptau") return malformed("ptau: the file does not start with \"ptau\"");
  auto version = reader.u32_le("version");
  if (!version) return version.error();
  if (version.value() != 1) return malformed("ptau: version {} at offset 4, 1 is expected", version.value());
  auto count = reader.u32_le("number of sections");
  if (!count) return count.error();
  if (count.value() > 64) return malformed("ptau: {} sections at offset 8, at most 64 are expected", count.value());
  Sections sections;
  for (std::uint32_t i = 0; i < count.value(); ++i) {
    auto type = reader.u32_le("section type");
    if (!type) return type.error();
    auto length = reader.u64_le("section length");
    if (!length) return length.error();
    const std::size_t offset = reader.offset();
    if (length.value() > reader.remaining()) {
      return malformed("ptau: section {} at offset {} claims {} bytes, {} are left", type.value(), offset,
                       length.value(), reader.remaining());
    }
    auto body = reader.take(static_cast<std::size_t>(length.value()), "section");
    if (!body) return body.error();
    if (!sections.try_emplace(type.value(), Section{body.value(), offset}).second) {
      return malformed("ptau: section {} stands twice (offset {})", type.value(), offset);
    }
  }
  if (auto error = reader.expect_end()) return *error;
  return sections;
}

std::optional<Error> read_header(const Sections& sections, PtauFile& file) {
  const auto found = sections.find(1);
  if (found == sections.end()) return malformed("ptau: section 1 (header) is missing");
  const Section& section = found->second;
  ByteReader reader(section.body, "ptau header");
  auto width = reader.u32_le("field width");
  if (!width) return width.error();
  if (width.value() == kBls12381.bytes && section.body.size() >= 12 &&
      to_hex(section.body.subspan(4, 8)) == kBls12381.modulus_start) {
    return Error(ErrorCode::srs, fmt::format("ptau: the curve of this file is {}, BN254 is needed", kBls12381.name));
  }
  if (width.value() != 32) return malformed("ptau: field elements of {} bytes, 32 are expected (BN254)", width.value());
  if (section.body.size() != 44) {
    return malformed("ptau: the header at offset {} has {} bytes, 44 are expected", section.offset,
                     section.body.size());
  }
  algebra::Limbs modulus{};
  for (auto& limb : modulus) limb = reader.u64_le("modulus").value();
  if (modulus != algebra::Fq::kModulus)
    return Error(ErrorCode::srs, "ptau: the field of this file is not BN254's F_q: it is a setup of another curve");
  file.power = reader.u32_le("power").value();
  file.ceremony_power = reader.u32_le("ceremony power").value();
  if (file.power < 1 || file.power > kMaxPower || file.ceremony_power < file.power || file.ceremony_power > kMaxPower) {
    return malformed("ptau: power {} of a ceremony of power {}, 1 to {} are expected", file.power, file.ceremony_power,
                     kMaxPower);
  }
  return std::nullopt;
}

std::optional<Error> read_chain(const Sections& sections, PtauFile& file) {
  const auto found = sections.find(7);
  if (found == sections.end()) return malformed("ptau: section 7 (contributions) is missing");
  ByteReader reader(found->second.body, fmt::format("ptau section 7 (offset {} of the file)", found->second.offset));
  auto count = reader.u32_le("count");
  if (!count) return count.error();
  if (count.value() > kMaxContributions)
    return malformed("ptau: {} contributions, at most {} are expected", count.value(), kMaxContributions);
  for (std::uint32_t i = 0; i < count.value(); ++i) {
    auto contribution = decode_contribution(reader, i + 1);
    if (!contribution) return contribution.error();
    file.contributions.push_back(std::move(contribution).value());
  }
  return reader.expect_end();
}

std::optional<Error> find_powers(const Sections& sections, PtauFile& file) {
  PowersView view{{PowersKind::powers_of_tau, file.power}, PointForm::raw, {}, {}, {}, {}, {}, {}};
  const PowersShape& shape = view.shape;
  struct Wanted {
    ByteSpan* list;
    std::size_t bytes;
    const char* name;
  };
  const std::array<Wanted, 5> wanted = {
      Wanted{&view.tau_g1, 64 * shape.tau_g1(), "tauG1"}, Wanted{&view.tau_g2, 128 * shape.tau_g2(), "tauG2"},
      Wanted{&view.alpha_g1, 64 * shape.alpha_g1(), "alphaTauG1"},
      Wanted{&view.beta_g1, 64 * shape.beta_g1(), "betaTauG1"}, Wanted{&view.beta_g2, 128, "betaG2"}};
  std::size_t present = 0;
  for (std::uint32_t i = 0; i < 5; ++i) present += sections.contains(i + 2) ? 1 : 0;
  if (present == 0) return std::nullopt;
  for (std::uint32_t i = 0; i < 5; ++i) {
    const auto found = sections.find(i + 2);
    if (found == sections.end()) return malformed("ptau: section {} ({}) is missing", i + 2, wanted[i].name);
    if (found->second.body.size() != wanted[i].bytes) {
      return malformed("ptau: section {} ({}) at offset {} has {} bytes, {} are expected", i + 2, wanted[i].name,
                       found->second.offset, found->second.body.size(), wanted[i].bytes);
    }
    *wanted[i].list = found->second.body;
    view.offsets[i] = found->second.offset;
  }
  file.powers = view;
  // The prepared sections hold all sizes 1, 2, 4, ... one after another; tauG1's goes one size further.
  const std::size_t n = shape.n();
  const std::array<std::size_t, 4> prepared = {64 * (4 * n - 1), 128 * (2 * n - 1), 64 * (2 * n - 1), 64 * (2 * n - 1)};
  for (std::uint32_t i = 0; i < 4; ++i) {
    const auto found = sections.find(i + 12);
    if (found != sections.end() && found->second.body.size() != prepared[i]) {
      return malformed("ptau: section {} at offset {} has {} bytes, {} are expected", i + 12, found->second.offset,
                       found->second.body.size(), prepared[i]);
    }
    if (found != sections.end() && i == 0) file.lagrange_g1 = found->second.body;
  }
  return std::nullopt;
}

template <class Point>
std::optional<Error> take_point(ByteReader& reader, Point& target, PointForm form, std::string_view what) {
  auto bytes = reader.take(point_bytes<Point>(form), what);
  if (!bytes) return bytes.error();
  const auto point = decode_point<Point>(bytes.value(), form);
  if (!point) return malformed("{} is no point (canonical, on the curve, of order r, not infinity)", what);
  target = *point;
  return std::nullopt;
}

std::optional<Error> read_parameters(ByteSpan bytes, Contribution& out, std::size_t number) {
  ByteReader reader(bytes, fmt::format("ptau contribution {}, parameters", number));
  std::uint8_t last = 0;
  while (reader.remaining() > 0) {
    const std::uint8_t tag = reader.u8("tag").value();
    if (tag <= last || tag > 3)
      return malformed("ptau contribution {}: parameter {} after {}, 1 to 3 in order are expected", number, tag, last);
    last = tag;
    auto value = reader.u8("length");
    if (!value) return value.error();
    if (tag == 2) {
      out.iterations_exp = value.value();
      continue;
    }
    auto content = reader.take(value.value(), "value");
    if (!content) return content.error();
    if (tag == 1) {
      out.name.assign(content.value().begin(), content.value().end());
    } else {
      out.beacon_hash.assign(content.value().begin(), content.value().end());
    }
  }
  const bool has_beacon = last >= 2;
  if (has_beacon != out.beacon || out.beacon_hash.empty() == out.beacon)
    return malformed("ptau contribution {}: a beacon has its hash and iterations, and nothing else has", number);
  if (out.beacon && (out.iterations_exp < 10 || out.iterations_exp > 63))
    return malformed("ptau contribution {}: 2^{} iterations, 2^10 to 2^63 are expected", number, out.iterations_exp);
  return std::nullopt;
}

}  // namespace

Bytes PublicKey::encode(PointForm form) const {
  Bytes out;
  for (const KeyPart* part : {&tau, &alpha, &beta}) {
    append(out, encode_point(part->s, form));
    append(out, encode_point(part->sx, form));
  }
  for (const KeyPart* part : {&tau, &alpha, &beta}) append(out, encode_point(part->spx, form));
  return out;
}

Result<PublicKey> decode_public_key(ByteSpan bytes, PointForm form, std::string_view what, std::size_t file_offset) {
  PublicKey key;
  ByteReader reader(bytes, std::string(what));
  const std::array<std::pair<KeyPart*, const char*>, 3> parts = {
      std::pair{&key.tau, "tau"}, std::pair{&key.alpha, "alpha"}, std::pair{&key.beta, "beta"}};
  const auto place = [&](const char* part, const char* point) {
    return fmt::format("{}: public key {} {} (offset {})", what, part, point, file_offset + reader.offset());
  };
  for (const auto& [part, name] : parts) {
    if (auto error = take_point(reader, part->s, form, place(name, "s"))) return *error;
    if (auto error = take_point(reader, part->sx, form, place(name, "sx"))) return *error;
  }
  for (const auto& [part, name] : parts) {
    if (auto error = take_point(reader, part->spx, form, place(name, "spx"))) return *error;
  }
  if (auto error = reader.expect_end()) return *error;
  return key;
}

bool Contribution::next_challenge_unknown() const {
  return std::ranges::all_of(next_challenge, [](std::uint8_t byte) { return byte == 0xff; });
}

Digest64 Contribution::response_hash() const {
  ResumableBlake2b hash = ResumableBlake2b::from_state(partial_hash).value_or_throw();
  hash.update(key.encode(PointForm::ppot_uncompressed));
  return hash.digest();
}

bool PtauFile::has_beacon() const {
  return std::ranges::any_of(contributions, [](const Contribution& c) { return c.beacon; });
}

Result<Contribution> decode_contribution(ByteReader& reader, std::size_t number) {
  Contribution out;
  const std::string what = fmt::format("ptau contribution {}", number);
  const auto place = [&](const char* field) { return fmt::format("{}: {} (offset {})", what, field, reader.offset()); };
  if (auto error = take_point(reader, out.head.tau_g1, PointForm::raw, place("tauG1"))) return *error;
  if (auto error = take_point(reader, out.head.tau_g2, PointForm::raw, place("tauG2"))) return *error;
  if (auto error = take_point(reader, out.head.alpha_g1, PointForm::raw, place("alphaG1"))) return *error;
  if (auto error = take_point(reader, out.head.beta_g1, PointForm::raw, place("betaG1"))) return *error;
  if (auto error = take_point(reader, out.head.beta_g2, PointForm::raw, place("betaG2"))) return *error;
  const std::size_t key_offset = reader.offset();
  auto key_bytes = reader.take(PublicKey::kBytes, "public key");
  if (!key_bytes) return key_bytes.error();
  auto key = decode_public_key(key_bytes.value(), PointForm::raw, what, key_offset);
  if (!key) return key.error();
  out.key = key.value();
  auto partial = reader.take(ResumableBlake2b::kStateBytes, "partial hash");
  if (!partial) return partial.error();
  std::ranges::copy(partial.value(), out.partial_hash.begin());
  auto state = ResumableBlake2b::from_state(out.partial_hash);
  if (!state) return state.error().at(what);
  auto next = reader.take(64, "next challenge");
  if (!next) return next.error();
  std::ranges::copy(next.value(), out.next_challenge.begin());
  auto type = reader.u32_le("type");
  if (!type) return type.error();
  if (type.value() > 1) return malformed("{}: type {}, 0 or 1 is expected", what, type.value());
  out.beacon = type.value() == 1;
  auto length = reader.u32_le("parameter length");
  if (!length) return length.error();
  auto parameters = reader.take(length.value(), "parameters");
  if (!parameters) return parameters.error();
  if (auto error = read_parameters(parameters.value(), out, number)) return *error;
  return out;
}

Bytes encode_contribution(const Contribution& c) {
  Bytes out;
  append(out, encode_point(c.head.tau_g1, PointForm::raw));
  append(out, encode_point(c.head.tau_g2, PointForm::raw));
  append(out, encode_point(c.head.alpha_g1, PointForm::raw));
  append(out, encode_point(c.head.beta_g1, PointForm::raw));
  append(out, encode_point(c.head.beta_g2, PointForm::raw));
  append(out, c.key.encode(PointForm::raw));
  append(out, c.partial_hash);
  append(out, c.next_challenge);
  append_u32_le(out, c.beacon ? 1 : 0);
  Bytes parameters;
  const auto put = [&](std::uint8_t tag, ByteSpan value) {
    LL_CHECK(value.size() <= kMaxNameBytes, "ptau: a parameter of {} bytes, at most {}", value.size(), kMaxNameBytes);
    parameters.push_back(tag);
    parameters.push_back(static_cast<std::uint8_t>(value.size()));
    append(parameters, value);
  };
  if (!c.name.empty()) put(1, ByteSpan(reinterpret_cast<const std::uint8_t*>(c.name.data()), c.name.size()));
  if (c.beacon) {
    parameters.push_back(2);
    parameters.push_back(static_cast<std::uint8_t>(c.iterations_exp));
    put(3, c.beacon_hash);
  }
  append_u32_le(out, static_cast<std::uint32_t>(parameters.size()));
  append(out, parameters);
  return out;
}

Bytes encode_contributions(std::span<const Contribution> chain) {
  Bytes out;
  append_u32_le(out, static_cast<std::uint32_t>(chain.size()));
  for (const Contribution& c : chain) append(out, encode_contribution(c));
  return out;
}

Result<PtauFile> read_ptau(ByteSpan bytes) {
  auto sections = read_sections(bytes);
  if (!sections) return sections.error();
  PtauFile file;
  for (const auto& [type, section] : sections.value()) file.sections[type] = section.body.size();
  if (auto error = read_header(sections.value(), file)) return *error;
  if (auto error = read_chain(sections.value(), file)) return *error;
  if (auto error = find_powers(sections.value(), file)) return *error;
  return file;
}

Result<halo2::Srs> srs_of_powers(const PowersView& powers, std::optional<unsigned> k, bool check) {
  const unsigned power = powers.shape.power, wanted = k.value_or(power);
  if (wanted < 1 || wanted > power)
    return Error(ErrorCode::srs, fmt::format("k = {} is needed, the file holds power {}", wanted, power));
  const std::size_t n = std::size_t{1} << wanted;
  PowersView part = powers;
  part.shape = {PowersKind::kzg, wanted};
  part.tau_g1 = powers.tau_g1.first(n * point_bytes<G1Affine>(powers.form));
  part.tau_g2 = powers.tau_g2.first(2 * point_bytes<G2Affine>(powers.form));
  part.alpha_g1 = part.beta_g1 = part.beta_g2 = {};
  if (check) {
    OsRng rng;
    if (auto checked = check_powers(part, rng); !checked) return checked.error();
  }
  auto g = decode_points<G1Affine>(part.tau_g1, part.form, "tauG1", 0, part.offsets[0]);
  if (!g) return g.error();
  auto g2 = decode_points<G2Affine>(part.tau_g2, part.form, "tauG2", 0, part.offsets[1]);
  if (!g2) return g2.error();
  halo2::Srs srs;
  srs.k = wanted;
  srs.g = std::move(g).value();
  srs.g_lagrange = algebra::to_lagrange_bases(srs.g);
  srs.g2 = g2.value()[0];
  srs.s_g2 = g2.value()[1];
  return srs;
}

void write_ptau(const std::filesystem::path& path, const PowersView& powers, std::span<const Contribution> chain) {
  LL_CHECK(powers.shape.kind == PowersKind::powers_of_tau && powers.form == PointForm::raw,
           "ptau: powers of tau in raw form are needed");
  PendingFile pending(path);
  FileWriter file(pending.path(), FileWriter::Mode::create);
  Bytes head = {'p', 't', 'a', 'u'};
  append_u32_le(head, 1);
  append_u32_le(head, 7);
  append_u32_le(head, 1);
  append_u64_le(head, 44);
  append_u32_le(head, 32);
  for (const std::uint64_t limb : algebra::Fq::kModulus) append_u64_le(head, limb);
  append_u32_le(head, powers.shape.power);
  append_u32_le(head, powers.shape.power);
  file.write(head);
  const auto section = [&](std::uint32_t type, ByteSpan body) {
    Bytes header;
    append_u32_le(header, type);
    append_u64_le(header, body.size());
    file.write(header);
    file.write(body);
  };
  section(2, powers.tau_g1);
  section(3, powers.tau_g2);
  section(4, powers.alpha_g1);
  section(5, powers.beta_g1);
  section(6, powers.beta_g2);
  section(7, encode_contributions(chain));
  file.finish();
  pending.commit();
}

}  // namespace ll::ceremony
