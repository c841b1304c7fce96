#include "artefacts/vk_file.hpp"

#include <algorithm>

#include <fmt/ranges.h>

#include "algebra/encoding.hpp"
#include "artefacts/json_checksum.hpp"
#include "base/json_fields.hpp"

namespace ll::artefacts {
namespace {

constexpr const char* kFormat = "latentledger-vk";
constexpr std::uint64_t kMostSize = 1u << 20;

circuits::UpdateShape read_shape(JsonFields fields) {
  circuits::UpdateShape shape;
  shape.encoder.accounts = fields.number("accounts", 1, kMostSize);
  shape.encoder.dims = fields.number("dims", 1, kMostSize);
  shape.encoder.v_frac_bits = static_cast<unsigned>(fields.number("v_frac_bits", 1, 64));
  shape.encoder.balance_bits = static_cast<unsigned>(fields.number("balance_bits", 1, 64));
  shape.transfers = fields.number("transfers", 1, kMostSize);
  shape.limbs = static_cast<unsigned>(fields.number("limbs", 1, 32));
  shape.columns = static_cast<unsigned>(fields.number("columns", 1, circuits::kMostColumns));
  shape.standalone = fields.boolean("standalone");
  fields.expect_all_read();
  return shape;
}

void expect_same(const std::string& name, const std::string& field, const Json& derived, const nlohmann::json& found) {
  if (nlohmann::json(derived) == found) return;
  throw Error(ErrorCode::mismatch, fmt::format("{}: {}: the key itself gives {}, found {}", name, field, derived.dump(),
                                               found.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace)));
}

void read_srs(JsonFields fields, const std::string& name, VkFile& file) {
  fields.number("k", file.key.k, file.key.k);
  file.srs_sha256 = to_hex(fields.hex("sha256", 32));
  file.srs_origin.name = fields.text("name");
  const auto standing = parse_standing(fields.text("standing"));
  if (!standing) throw fields.wrong("standing", "ceremony, simulated, test-only or unknown is expected");
  file.srs_origin.standing = *standing;
  fields.expect_all_read();
  // Trust in a ceremony follows from its [tau]_2 alone, whatever the file says.
  const auto known = known_ceremony(file.s_g2);
  const bool fits =
      known ? known->name == file.srs_origin.name && known->standing == *standing : *standing != Standing::ceremony;
  if (!fits) {
    throw Error(ErrorCode::mismatch,
                fmt::format("{}: srs: says {} \"{}\", but its s_g2 is {}", name, to_string(*standing),
                            file.srs_origin.name, known ? "that of " + known->name : "of no ceremony known here"));
  }
}

VkFile decode(std::string_view text, const std::string& name) {
  JsonFields fields = JsonFields::parse(text, name);
  if (fields.text("format") != kFormat) throw fields.wrong("format", fmt::format("\"{}\" is expected", kFormat));
  const std::uint64_t version = fields.number("schema_version", 0, UINT32_MAX);
  if (version != kVkFileVersion) {
    throw Error(ErrorCode::mismatch,
                fmt::format("{}: schema_version {}, this program reads {}", name, version, kVkFileVersion));
  }
  const std::string checksum = to_hex(fields.hex("checksum", 32)), expected = json_checksum(fields.value());
  if (checksum != expected) {
    throw Error(ErrorCode::mismatch,
                fmt::format("{}: was edited: checksum is {}, its content gives {}", name, checksum, expected));
  }
  fields.text("software_version");

  VkFile file;
  file.statement = fields.text("statement");
  if (std::ranges::count(circuits::statement_names(), file.statement) == 0) {
    throw fields.wrong("statement", fmt::format("one of {} is expected", fmt::join(circuits::statement_names(), ", ")));
  }
  file.shape = read_shape(fields.object("shape"));
  circuits::StatementCircuit statement;
  try {
    statement = circuits::statement_circuit(file.statement, file.shape);
  } catch (const Error& error) {
    throw malformed("{}: shape: {}", name, error.message());
  }
  file.vhat_digest = to_hex(fields.hex("vhat_digest", 32));
  const Bytes s_g2 = fields.hex("s_g2", 64);
  const auto point = algebra::decompress_g2(std::span(s_g2).first<64>(), algebra::PointFlags::old_flags);
  if (!point || point->is_identity())
    throw malformed("{}: s_g2: no canonical point of G2's subgroup other than infinity", name);
  file.s_g2 = *point;

  auto key = halo2::VerifyingKey::read(fields.hex("vk"), kVkFormat, kVkProfile, *statement.circuit);
  if (!key) throw key.error().at(name + ": vk");
  file.key = std::move(key).value();
  if (file.key.k != statement.k)
    throw malformed("{}: vk: k = {}, a statement of this shape has k = {}", name, file.key.k, statement.k);
  if (file.key.compressed_selectors != kCompressSelectors)
    throw malformed("{}: vk: its selectors are combined, those of `{}` never are", name, file.statement);
  fields.number("k", file.key.k, file.key.k);
  const std::string digest = fields.text("vk_digest");
  if (digest != file.key.digest()) {
    throw Error(ErrorCode::mismatch,
                fmt::format("{}: vk_digest is {}, the key's bytes give {}", name, digest, file.key.digest()));
  }
  expect_same(name, "circuit", circuit_json(file.key.cs), fields.object("circuit").value());
  read_srs(fields.object("srs"), name, file);
  fields.expect_all_read();
  return file;
}

}  // namespace

Json circuit_json(const halo2::ConstraintSystem& cs) {
  return {{"advice_columns", cs.advice_columns()},
          {"fixed_columns", cs.fixed_columns()},
          {"instance_columns", cs.instance_columns()},
          {"lookups", cs.lookups().size()},
          {"degree", cs.degree()},
          {"proof_bytes", cs.proof_bytes()}};
}

std::string encode_vk_file(const VkFile& file) {
  const model::EncoderShape& encoder = file.shape.encoder;
  Json json = {{"format", kFormat},
               {"schema_version", kVkFileVersion},
               {"software_version", LL_VERSION},
               {"statement", file.statement},
               {"shape",
                {{"accounts", encoder.accounts},
                 {"dims", encoder.dims},
                 {"v_frac_bits", encoder.v_frac_bits},
                 {"balance_bits", encoder.balance_bits},
                 {"transfers", file.shape.transfers},
                 {"limbs", file.shape.limbs},
                 {"columns", file.shape.columns},
                 {"standalone", file.shape.standalone}}},
               {"k", file.key.k},
               {"circuit", circuit_json(file.key.cs)},
               {"srs",
                {{"k", file.key.k},
                 {"sha256", file.srs_sha256},
                 {"name", file.srs_origin.name},
                 {"standing", to_string(file.srs_origin.standing)}}},
               {"vhat_digest", file.vhat_digest},
               {"s_g2", to_hex(algebra::compress(file.s_g2, algebra::PointFlags::old_flags))},
               {"vk", to_hex(file.key.write(kVkFormat))},
               {"vk_digest", file.key.digest()}};
  json["checksum"] = json_checksum(nlohmann::json(json));
  return json.dump(2) + "\n";
}

Result<VkFile> decode_vk_file(std::string_view text, const std::string& name) {
  try {
    return decode(text, name);
  } catch (const Error& error) {
    return error;
  }
}

}  // namespace ll::artefacts
