// snarkjs `.ptau` files: docs/formats/srs.md draws the layout (iden3/snarkjs, src/powersoftau_new.js).
#include <map>

#include "algebra/encoding.hpp"
#include "algebra/ntt.hpp"
#include "base/parallel.hpp"
#include "halo2/srs.hpp"

namespace ll::halo2 {
namespace {

constexpr unsigned kMaxPower = 28;
constexpr std::size_t kRecordFixed = 64 + 128 + 64 + 64 + 128 + 768 + 216 + 64;  // points, key, partial hash, challenge

struct Section {
  ByteSpan body;
  std::size_t offset = 0;  ///< of the body in the file
};

Result<std::map<std::uint32_t, Section>> read_sections(ByteSpan bytes) {
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
  std::map<std::uint32_t, Section> sections;
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

Result<PtauInfo> read_header(const std::map<std::uint32_t, Section>& sections) {
  const auto found = sections.find(1);
  if (found == sections.end()) return malformed("ptau: section 1 (header) is missing");
  const Section& section = found->second;
  if (section.body.size() != 44)
    return malformed("ptau: the header at offset {} has {} bytes, 44 are expected", section.offset,
                     section.body.size());
  ByteReader reader(section.body, "ptau header");
  auto width = reader.u32_le("field width");
  if (width.value() != 32) return malformed("ptau: field elements of {} bytes, 32 are expected (BN254)", width.value());
  algebra::Limbs modulus{};
  for (auto& limb : modulus) limb = reader.u64_le("modulus").value();
  if (modulus != algebra::Fq::kModulus) return malformed("ptau: the field is not BN254's F_q");
  PtauInfo info;
  info.power = reader.u32_le("power").value();
  info.ceremony_power = reader.u32_le("ceremony power").value();
  if (info.power < 1 || info.power > kMaxPower || info.ceremony_power < info.power || info.ceremony_power > kMaxPower) {
    return malformed("ptau: power {} of a ceremony of power {}, 1 to {} are expected", info.power, info.ceremony_power,
                     kMaxPower);
  }
  return info;
}

/// Counts the contribution records and finds a beacon; their hashes and keys are not verified.
Result<PtauInfo> read_contributions(const std::map<std::uint32_t, Section>& sections, PtauInfo info) {
  const auto found = sections.find(7);
  if (found == sections.end()) return malformed("ptau: section 7 (contributions) is missing");
  ByteReader reader(found->second.body, "ptau contributions");
  auto count = reader.u32_le("count");
  if (!count) return count.error();
  for (std::uint32_t i = 0; i < count.value(); ++i) {
    auto fixed = reader.take(kRecordFixed, "contribution");
    if (!fixed) return fixed.error();
    auto type = reader.u32_le("contribution type");
    if (!type) return type.error();
    if (type.value() > 1)
      return malformed("ptau: contribution {} has type {}, 0 or 1 is expected", i + 1, type.value());
    info.beacon |= type.value() == 1;
    auto length = reader.u32_le("parameter length");
    if (!length) return length.error();
    auto parameters = reader.take(length.value(), "contribution parameters");
    if (!parameters) return parameters.error();
  }
  if (auto error = reader.expect_end()) return *error;
  info.contributions = count.value();
  return info;
}

}  // namespace

Result<PtauInfo> read_ptau_info(ByteSpan bytes) {
  auto sections = read_sections(bytes);
  if (!sections) return sections.error();
  auto info = read_header(sections.value());
  if (!info) return info.error();
  return read_contributions(sections.value(), info.value());
}

Result<Srs> read_ptau(ByteSpan bytes, std::optional<unsigned> k, bool check_powers) {
  auto sections = read_sections(bytes);
  if (!sections) return sections.error();
  auto info = read_header(sections.value());
  if (!info) return info.error();
  auto complete = read_contributions(sections.value(), info.value());
  if (!complete) return complete.error();
  const unsigned power = info.value().power, wanted = k.value_or(power);
  if (wanted < 1 || wanted > power) {
    return Error(ErrorCode::srs, fmt::format("ptau: k = {} is needed, the file holds power {}", wanted, power));
  }
  const auto tau_g1 = sections.value().find(2), tau_g2 = sections.value().find(3);
  if (tau_g1 == sections.value().end() || tau_g2 == sections.value().end()) {
    return malformed(
        "ptau: section 2 or 3 (the powers) is missing; a file with only the chain of contributions is no SRS");
  }
  const std::size_t full = std::size_t{1} << power;
  if (tau_g1->second.body.size() != 64 * (2 * full - 1)) {
    return malformed("ptau: section 2 at offset {} has {} bytes, {} are expected", tau_g1->second.offset,
                     tau_g1->second.body.size(), 64 * (2 * full - 1));
  }
  if (tau_g2->second.body.size() != 128 * full) {
    return malformed("ptau: section 3 at offset {} has {} bytes, {} are expected", tau_g2->second.offset,
                     tau_g2->second.body.size(), 128 * full);
  }

  Srs srs;
  srs.k = wanted;
  const std::size_t n = std::size_t{1} << wanted;
  srs.g.resize(n);
  std::vector<std::uint8_t> good(n, 0);
  parallel_for(n, 256, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const auto point = algebra::g1_from_raw_bytes(tau_g1->second.body.subspan(64 * i).first<64>());
      if (!point || point->is_identity()) continue;
      srs.g[i] = *point;
      good[i] = 1;
    }
  });
  for (std::size_t i = 0; i < n; ++i) {
    if (good[i] == 0)
      return malformed("ptau: tauG1[{}] at offset {} is no point of G1", i, tau_g1->second.offset + 64 * i);
  }
  for (std::size_t i = 0; i < 2; ++i) {
    const auto point = algebra::g2_from_raw_bytes(tau_g2->second.body.subspan(128 * i).first<128>());
    if (!point || point->is_identity()) {
      return malformed("ptau: tauG2[{}] at offset {} is no point of G2's subgroup", i, tau_g2->second.offset + 128 * i);
    }
    (i == 0 ? srs.g2 : srs.s_g2) = *point;
  }
  if (srs.g[0] != G1Affine::generator()) return malformed("ptau: tauG1[0] is not the generator of G1");
  if (srs.g2 != G2Affine::generator()) return malformed("ptau: tauG2[0] is not the generator of G2");
  srs.g_lagrange = algebra::to_lagrange_bases(srs.g);
  if (check_powers) {
    OsRng rng;
    if (!powers_are_consistent(srs, rng)) return malformed("ptau: the powers of tau do not belong together");
  }
  return srs;
}

}  // namespace ll::halo2
