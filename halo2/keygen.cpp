#include "halo2/keygen.hpp"

#include <algorithm>

#include "algebra/encoding.hpp"
#include "algebra/ntt.hpp"
#include "base/parallel.hpp"
#include "halo2/permutation.hpp"
#include "halo2/pinned.hpp"

namespace ll::halo2 {
namespace {

/// Collects selectors, fixed cells and copies; wants no witness.
class KeygenAssignment final : public Assignment {
 public:
  KeygenAssignment(const ConstraintSystem& cs, unsigned k)
      : usable_(cs.usable_rows(k)),
        k_(k),
        fixed(cs.fixed_columns(), std::vector<Fr>(std::size_t{1} << k)),
        selector_rows(cs.selectors(), std::vector<bool>(std::size_t{1} << k)),
        permutation(cs.permutation_columns(), std::size_t{1} << k) {}

  bool wants_advice(AdviceColumn) const override { return false; }
  void enable_selector(Selector selector, std::size_t row) override {
    selector_rows.at(selector.index)[checked(row)] = true;
  }
  void assign_fixed(FixedColumn column, std::size_t row, const Fr& value) override {
    fixed.at(column.index)[checked(row)] = value;
  }
  void copy(AnyColumn a, std::size_t a_row, AnyColumn b, std::size_t b_row) override {
    permutation.copy(a, checked(a_row), b, checked(b_row));
  }
  void fill_from_row(FixedColumn column, std::size_t row, const Fr& value) override {
    for (std::size_t r = row; r < usable_; ++r) fixed.at(column.index)[r] = value;
  }

 private:
  std::size_t checked(std::size_t row) const {
    LL_CHECK(row < usable_, "circuit: row {} is used, 2^{} rows leave {} usable ones; take a larger k", row, k_,
             usable_);
    return row;
  }
  std::size_t usable_;
  unsigned k_;

 public:
  std::vector<std::vector<Fr>> fixed;
  std::vector<std::vector<bool>> selector_rows;
  PermutationAssembly permutation;
};

struct Synthesized {
  ConstraintSystem cs;
  std::vector<std::vector<bool>> selector_rows;
  std::vector<std::vector<Fr>> fixed_values, sigma_values;
};

/// The part of making a key that needs no SRS; throws where the profile cannot hold the circuit.
Synthesized synthesize(Circuit& circuit, unsigned k, bool compress_selectors, Profile profile) {
  Synthesized made;
  circuit.configure(made.cs);
  KeygenAssignment assignment(made.cs, k);
  Layouter layouter(assignment, made.cs);
  circuit.synthesize(layouter);
  made.fixed_values = std::move(assignment.fixed);
  made.selector_rows = std::move(assignment.selector_rows);
  for (auto& column : made.cs.convert_selectors(made.selector_rows, compress_selectors)) {
    made.fixed_values.push_back(std::move(column));
  }
  if (profile == Profile::pse_main) made.cs.collect_queries();
  if (const auto reason = made.cs.unsupported(profile, k)) fail(ErrorCode::invalid_argument, "circuit: {}", *reason);
  made.sigma_values = assignment.permutation.sigma_values(algebra::fr_root_of_unity_of_order_log2(k));
  return made;
}

std::vector<std::vector<Fr>> to_coefficients(const std::vector<std::vector<Fr>>& values,
                                             const algebra::NttDomain& rows) {
  std::vector<std::vector<Fr>> polynomials = values;
  for (auto& polynomial : polynomials) rows.intt(polynomial);
  return polynomials;
}

std::vector<G1Affine> commit_all(const Srs& srs, const std::vector<std::vector<Fr>>& columns) {
  std::vector<G1Affine> commitments;
  for (const auto& column : columns) commitments.push_back(srs.commit_lagrange(column));
  return commitments;
}

ProvingKey assemble(VerifyingKey vk, Synthesized made) {
  ProvingKey pk;
  const algebra::NttDomain rows(vk.k);
  pk.vk = std::move(vk);
  pk.fixed_polynomials = to_coefficients(made.fixed_values, rows);
  pk.sigma_polynomials = to_coefficients(made.sigma_values, rows);
  pk.fixed_values = std::move(made.fixed_values);
  pk.sigma_values = std::move(made.sigma_values);
  return pk;
}

Bytes point_bytes(const G1Affine& point, SerdeFormat format, algebra::PointFlags flags) {
  if (format == SerdeFormat::raw) {
    const auto bytes = algebra::to_raw_bytes(point);
    return Bytes(bytes.begin(), bytes.end());
  }
  const auto bytes = algebra::compress(point, flags);
  return Bytes(bytes.begin(), bytes.end());
}

Result<std::vector<G1Affine>> read_points(ByteReader& reader, std::size_t count, SerdeFormat format,
                                          algebra::PointFlags flags, std::string_view field) {
  std::vector<G1Affine> points;
  const std::size_t size = format == SerdeFormat::raw ? 64 : 32;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t offset = reader.offset();
    auto bytes = reader.take(size, field);
    if (!bytes) return bytes.error();
    const auto point = format == SerdeFormat::raw ? algebra::g1_from_raw_bytes(bytes.value().first<64>())
                                                  : algebra::decompress(bytes.value().first<32>(), flags);
    if (!point) return malformed("verifying key: {} {} at offset {} is no canonical point of G1", field, i, offset);
    points.push_back(*point);
  }
  return points;
}

Result<std::vector<bool>> read_selector(ByteReader& reader, std::size_t rows) {
  auto bytes = reader.take((rows + 7) / 8, "selector rows");
  if (!bytes) return bytes.error();
  std::vector<bool> bits(rows);
  for (std::size_t row = 0; row < bytes.value().size() * 8; ++row) {
    const bool bit = (bytes.value()[row / 8] >> (row % 8) & 1) != 0;
    if (row < rows) {
      bits[row] = bit;
    } else if (bit) {
      return malformed("verifying key: selector bit {} is set, there are {} rows", row, rows);
    }
  }
  return bits;
}

/// Where the selectors are on: from the file, or for pse-main, whose file does not hold it, from the circuit.
std::optional<Error> read_selectors(ByteReader& reader, Circuit& circuit, VerifyingKey& vk) {
  const std::size_t rows = std::size_t{1} << vk.k;
  if (vk.profile == Profile::pse_main) {
    try {
      vk.selector_rows = synthesize(circuit, vk.k, vk.compressed_selectors, vk.profile).selector_rows;
    } catch (const Error& error) {
      return malformed("verifying key: k = {} cannot hold this circuit ({})", vk.k, error.message());
    }
    return std::nullopt;
  }
  if (!vk.compressed_selectors) {
    vk.selector_rows.assign(vk.cs.selectors(), {});
    return std::nullopt;
  }
  const std::size_t expected = vk.cs.selectors() * ((rows + 7) / 8);
  if (reader.remaining() != expected) {
    return malformed("verifying key: {} bytes of selector rows are expected at offset {}, {} are left", expected,
                     reader.offset(), reader.remaining());
  }
  for (std::size_t i = 0; i < vk.cs.selectors(); ++i) {
    auto bits = read_selector(reader, rows);
    if (!bits) return bits.error();
    vk.selector_rows.push_back(std::move(bits).value());
  }
  return std::nullopt;
}

constexpr std::uint8_t version_byte(Profile profile) {
  return profile == Profile::axiom ? 0x02 : profile == Profile::pse_main ? 0x04 : 0x03;
}

}  // namespace

std::string VerifyingKey::pinned_text() const {
  return halo2::pinned_text(cs, profile, k, EvaluationDomain::extended_k(k, cs.degree()), fixed_commitments,
                            permutation_commitments);
}

std::string VerifyingKey::digest() const { return to_hex(transcript_repr.to_bytes_le()); }

Bytes VerifyingKey::write(SerdeFormat format) const {
  Bytes out = {version_byte(profile)};
  if (profile == Profile::axiom) {
    append_u32_le(out, k);
  } else {
    out.push_back(static_cast<std::uint8_t>(k));
  }
  const bool holds_selectors = profile != Profile::pse_main;
  if (holds_selectors) out.push_back(compressed_selectors ? 1 : 0);
  append_u32_le(out, static_cast<std::uint32_t>(fixed_commitments.size()));
  const algebra::PointFlags flags = point_flags(profile);
  for (const auto& point : fixed_commitments) append(out, point_bytes(point, format, flags));
  for (const auto& point : permutation_commitments) append(out, point_bytes(point, format, flags));
  if (!holds_selectors || !compressed_selectors) return out;
  for (const auto& rows : selector_rows) {
    Bytes bits((rows.size() + 7) / 8);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (rows[row]) bits[row / 8] = static_cast<std::uint8_t>(bits[row / 8] | 1u << (row % 8));
    }
    append(out, bits);
  }
  return out;
}

Result<VerifyingKey> VerifyingKey::read(ByteSpan bytes, SerdeFormat format, Profile profile, Circuit& circuit,
                                        bool compress_selectors) {
  ByteReader reader(bytes, "verifying key");
  auto version = reader.u8("version");
  if (!version) return version.error();
  if (version.value() != version_byte(profile)) {
    return malformed("verifying key: version byte is {:#04x}, {:#04x} is expected for profile {}", version.value(),
                     version_byte(profile), profile_name(profile));
  }
  VerifyingKey vk;
  vk.profile = profile;
  if (profile == Profile::axiom) {
    auto k = reader.u32_le("k");
    if (!k) return k.error();
    vk.k = k.value();
  } else {
    auto k = reader.u8("k");
    if (!k) return k.error();
    vk.k = k.value();
  }
  circuit.configure(vk.cs);
  if (vk.k < 1 || vk.k > algebra::kTwoAdicity || (std::size_t{1} << vk.k) < vk.cs.minimum_rows()) {
    return malformed("verifying key: k = {} cannot hold this circuit", vk.k);
  }
  vk.compressed_selectors = compress_selectors;
  if (profile != Profile::pse_main) {
    auto compressed = reader.u8("selector flag");
    if (!compressed) return compressed.error();
    if (compressed.value() > 1)
      return malformed("verifying key: selector flag is {}, 0 or 1 is expected", compressed.value());
    vk.compressed_selectors = compressed.value() == 1;
  }
  auto count = reader.u32_le("number of fixed columns");
  if (!count) return count.error();
  if (count.value() > vk.cs.fixed_columns() + vk.cs.selectors()) {
    return malformed("verifying key: {} fixed columns, the circuit has at most {}", count.value(),
                     vk.cs.fixed_columns() + vk.cs.selectors());
  }
  const algebra::PointFlags flags = point_flags(profile);
  auto fixed = read_points(reader, count.value(), format, flags, "fixed commitment");
  if (!fixed) return fixed.error();
  auto sigma = read_points(reader, vk.cs.permutation_columns().size(), format, flags, "permutation commitment");
  if (!sigma) return sigma.error();
  vk.fixed_commitments = std::move(fixed).value();
  vk.permutation_commitments = std::move(sigma).value();
  if (auto error = read_selectors(reader, circuit, vk)) return *error;
  if (auto error = reader.expect_end()) return *error;
  vk.cs.convert_selectors(vk.selector_rows, vk.compressed_selectors);
  if (profile == Profile::pse_main) vk.cs.collect_queries();
  if (const auto reason = vk.cs.unsupported(profile, vk.k)) return malformed("verifying key: {}", *reason);
  if (vk.cs.fixed_columns() != vk.fixed_commitments.size()) {
    return malformed("verifying key: {} fixed commitments, the circuit has {} fixed columns",
                     vk.fixed_commitments.size(), vk.cs.fixed_columns());
  }
  vk.transcript_repr = transcript_representation(vk.pinned_text());
  return vk;
}

ProvingKey keygen(const Srs& srs, Circuit& circuit, unsigned k, bool compress_selectors, Profile profile) {
  if (srs.k < k) {
    fail(ErrorCode::srs, "srs: k = {} needs 2^{} G1 points, this one holds 2^{}", k, k, srs.k);
  }
  const Srs* fitting = &srs;
  Srs smaller;
  if (srs.k > k) {
    smaller = srs.truncated(k);
    fitting = &smaller;
  }
  Synthesized made = synthesize(circuit, k, compress_selectors, profile);
  VerifyingKey vk;
  vk.k = k;
  vk.profile = profile;
  vk.cs = made.cs;
  vk.compressed_selectors = compress_selectors;
  vk.selector_rows = made.selector_rows;
  vk.fixed_commitments = commit_all(*fitting, made.fixed_values);
  vk.permutation_commitments = commit_all(*fitting, made.sigma_values);
  vk.transcript_repr = transcript_representation(vk.pinned_text());
  return assemble(std::move(vk), std::move(made));
}

ProvingKey proving_key(const VerifyingKey& vk, Circuit& circuit) {
  Synthesized made = synthesize(circuit, vk.k, vk.compressed_selectors, vk.profile);
  const auto text = [&](const ConstraintSystem& cs) {
    return halo2::pinned_text(cs, vk.profile, vk.k, EvaluationDomain::extended_k(vk.k, cs.degree()), {}, {});
  };
  if (text(made.cs) != text(vk.cs))
    fail(ErrorCode::mismatch, "proving key: the circuit is not the one of this verifying key");
  return assemble(vk, std::move(made));
}

}  // namespace ll::halo2
