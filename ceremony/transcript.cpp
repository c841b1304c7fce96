#include "ceremony/transcript.hpp"

#include <algorithm>

namespace ll::ceremony {
namespace {

using nlohmann::json;

constexpr const char* kFormat = "latentledger-ceremony";
constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kMaxRecords = 4096, kMaxText = 4096;
constexpr std::string_view kProofDomain = "LatentLedger ceremony: proof of knowledge, version 1";
constexpr std::string_view kSignDomain = "LatentLedger ceremony: record, version 1";
constexpr std::string_view kIdDomain = "LatentLedger ceremony: id, version 1";
constexpr PointForm kPoints = PointForm::ppot_compressed;

ByteSpan bytes_of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

template <class Point>
std::string hex_of(const Point& point) {
  return to_hex(encode_point(point, kPoints));
}

template <class Point>
Point read_point(JsonFields& fields, const std::string& key) {
  const auto point = decode_point<Point>(fields.hex(key, point_bytes<Point>(kPoints)), kPoints);
  if (!point) throw fields.wrong(key, "a compressed point of order r is expected");
  return *point;
}

template <std::size_t kSize>
std::array<std::uint8_t, kSize> read_bytes(JsonFields& fields, const std::string& key) {
  std::array<std::uint8_t, kSize> out;
  std::ranges::copy(fields.hex(key, kSize), out.begin());
  return out;
}

std::string read_text(JsonFields& fields, const std::string& key) {
  std::string text = fields.text(key);
  if (text.size() > kMaxText) throw fields.wrong(key, fmt::format("at most {} bytes are expected", kMaxText));
  return text;
}

json beacon_json(const BeaconSource& beacon) {
  return {{"source", beacon.source}, {"round", beacon.round}, {"iterations_exp", beacon.iterations_exp}};
}

BeaconSource read_beacon(JsonFields fields) {
  BeaconSource out{read_text(fields, "source"), fields.number("round", 0, UINT64_MAX),
                   static_cast<unsigned>(fields.number("iterations_exp", 10, 63))};
  fields.expect_all_read();
  return out;
}

Contribution read_ptau_part(JsonFields& fields, const std::string& key, std::size_t number) {
  const Bytes bytes = fields.hex(key);
  ByteReader reader(bytes, key);
  auto contribution = decode_contribution(reader, number);
  if (!contribution) throw contribution.error();
  if (auto error = reader.expect_end()) throw *error;
  return std::move(contribution).value();
}

const char* type_name(RecordType type) {
  return type == RecordType::contribution ? "contribution" : type == RecordType::beacon ? "beacon" : "external";
}

Record read_record(JsonFields fields, std::size_t index, bool powers_of_tau) {
  Record record;
  fields.number("index", index, index);
  const std::string type = fields.text("type");
  if (type != "contribution" && type != "beacon" && type != "external")
    throw fields.wrong("type", "contribution, beacon or external is expected");
  record.type = type == "contribution" ? RecordType::contribution
                : type == "beacon"     ? RecordType::beacon
                                       : RecordType::external;
  record.name = read_text(fields, "name");
  record.tool = read_text(fields, "tool");
  record.time = read_text(fields, "time");
  record.previous = read_bytes<64>(fields, "previous");
  record.state = read_bytes<64>(fields, "state");
  record.tau_g1 = read_point<G1Affine>(fields, "tau_g1");
  record.tau_g2 = read_point<G2Affine>(fields, "tau_g2");
  if (record.type == RecordType::contribution) {
    record.attestation = read_text(fields, "attestation");
    record.contributor = fields.hex("contributor", 32);
    record.signature = fields.hex("signature", 64);
  }
  if (record.type == RecordType::beacon) {
    record.beacon = read_beacon(fields.object("beacon"));
    record.beacon_value = fields.hex("beacon_value");
    if (record.beacon_value.size() > 255) throw fields.wrong("beacon_value", "at most 255 bytes are expected");
  }
  if (record.type != RecordType::external) {
    KnowledgeProof proof;
    if (record.type == RecordType::contribution) proof.r = read_point<G1Affine>(fields, "proof_r");
    const auto s = Fr::from_bytes_le(read_bytes<32>(fields, "proof_s"));
    if (!s) throw fields.wrong("proof_s", "an integer below r is expected");
    proof.s = *s;
    record.proof = proof;
  }
  if (powers_of_tau) record.ptau = read_ptau_part(fields, "ptau", index);
  fields.expect_all_read();
  return record;
}

Transcript read(std::string_view text, const std::string& name) {
  JsonFields fields = JsonFields::parse(text, name);
  if (fields.text("format") != kFormat) throw fields.wrong("format", fmt::format("\"{}\" is expected", kFormat));
  const std::uint64_t version = fields.number("schema_version", 0, UINT32_MAX);
  if (version != kVersion) {
    throw Error(ErrorCode::mismatch,
                fmt::format("{}: schema_version {}, this program reads {}", name, version, kVersion));
  }
  Transcript out;
  const std::string id = to_hex(read_bytes<64>(fields, "id"));
  out.nonce = read_bytes<32>(fields, "nonce");
  const std::string kind = fields.text("kind");
  if (kind != to_string(PowersKind::kzg) && kind != to_string(PowersKind::powers_of_tau))
    throw fields.wrong("kind", "kzg or powers-of-tau is expected");
  out.shape.kind = kind == to_string(PowersKind::kzg) ? PowersKind::kzg : PowersKind::powers_of_tau;
  const bool full = out.shape.kind == PowersKind::powers_of_tau;
  out.shape.power = static_cast<unsigned>(fields.number("power", 1, kMaxPower));
  out.simulated = fields.boolean("simulated");
  JsonFields initial = fields.object("initial");
  out.initial_name = read_text(initial, "name");
  out.initial_sha256 = read_text(initial, "sha256");
  out.initial_state = read_bytes<64>(initial, "state");
  out.initial.tau_g1 = read_point<G1Affine>(initial, "tau_g1");
  out.initial.tau_g2 = read_point<G2Affine>(initial, "tau_g2");
  if (full) {
    out.initial.alpha_g1 = read_point<G1Affine>(initial, "alpha_g1");
    out.initial.beta_g1 = read_point<G1Affine>(initial, "beta_g1");
    out.initial.beta_g2 = read_point<G2Affine>(initial, "beta_g2");
    for (JsonFields& link : initial.objects("chain", kMaxRecords)) {
      out.initial_chain.push_back(read_ptau_part(link, "ptau", out.initial_chain.size() + 1));
      link.expect_all_read();
    }
  }
  initial.expect_all_read();
  if (fields.has("announced_beacon")) out.announced = read_beacon(fields.object("announced_beacon"));
  if (to_hex(out.id()) != id) {
    throw Error(ErrorCode::mismatch, fmt::format("{}: id is {}..., its beginning gives {}...", name, id.substr(0, 16),
                                                 to_hex(out.id()).substr(0, 16)));
  }
  for (JsonFields& record : fields.objects("records", kMaxRecords))
    out.records.push_back(read_record(std::move(record), out.records.size() + 1, full));
  fields.expect_all_read();
  return out;
}

}  // namespace

json Record::json(std::size_t index, bool with_signature) const {
  nlohmann::json out = {{"index", index},
                        {"type", type_name(type)},
                        {"name", name},
                        {"tool", tool},
                        {"time", time},
                        {"previous", to_hex(previous)},
                        {"state", to_hex(state)},
                        {"tau_g1", hex_of(tau_g1)},
                        {"tau_g2", hex_of(tau_g2)}};
  if (type == RecordType::contribution) {
    out["attestation"] = attestation;
    out["contributor"] = to_hex(contributor);
    if (with_signature) out["signature"] = to_hex(signature);
  }
  if (beacon) {
    out["beacon"] = beacon_json(*beacon);
    out["beacon_value"] = to_hex(beacon_value);
  }
  if (proof) {
    if (type == RecordType::contribution) out["proof_r"] = hex_of(proof->r);
    out["proof_s"] = to_hex(proof->s.to_bytes_le());
  }
  if (ptau) out["ptau"] = to_hex(encode_contribution(*ptau));
  return out;
}

Digest64 Record::hash(std::size_t index) const { return blake2b_512(bytes_of(json(index, true).dump())); }

Digest64 Transcript::id() const {
  ResumableBlake2b hash;
  hash.update(bytes_of(kIdDomain));
  Bytes fixed(nonce.begin(), nonce.end());
  append_u32_le(fixed, static_cast<std::uint32_t>(shape.kind));
  append_u32_le(fixed, shape.power);
  append_u32_le(fixed, simulated ? 1 : 0);
  for (const std::string* text : {&initial_name, &initial_sha256}) {
    append_u64_le(fixed, text->size());
    append(fixed, bytes_of(*text));
  }
  append(fixed, initial_state);
  for (const G1Affine* point : {&initial.tau_g1, &initial.alpha_g1, &initial.beta_g1})
    append(fixed, encode_point(*point, kPoints));
  for (const G2Affine* point : {&initial.tau_g2, &initial.beta_g2}) append(fixed, encode_point(*point, kPoints));
  append(fixed, encode_contributions(initial_chain));
  const std::string beacon = announced ? beacon_json(*announced).dump() : "";
  append_u64_le(fixed, beacon.size());
  append(fixed, bytes_of(beacon));
  hash.update(fixed);
  return hash.digest();
}

std::vector<Contribution> Transcript::chain() const {
  std::vector<Contribution> out = initial_chain;
  for (const Record& record : records) {
    if (record.ptau) out.push_back(*record.ptau);
  }
  return out;
}

std::size_t Transcript::contributors() const {
  return static_cast<std::size_t>(std::ranges::count_if(records, [](const Record& r) { return !r.is_beacon(); }));
}

bool Transcript::has_beacon() const {
  return std::ranges::any_of(records, [](const Record& r) { return r.is_beacon(); });
}

Fr Transcript::proof_challenge(const Record& record, std::size_t index, const G1Affine& r) const {
  ResumableBlake2b hash;
  hash.update(bytes_of(kProofDomain));
  hash.update(id());
  Bytes rest;
  append_u64_le(rest, index);
  append(rest, record.previous);
  append(rest, encode_point(tau_g1(index - 1), kPoints));
  append(rest, encode_point(record.tau_g1, kPoints));
  append(rest, encode_point(record.tau_g2, kPoints));
  append_u64_le(rest, shape.tau_g1());
  append(rest, record.state);
  append_u64_le(rest, record.contributor.size());
  append(rest, record.contributor);
  append(rest, r.is_identity() ? Bytes(point_bytes<G1Affine>(kPoints), 0) : encode_point(r, kPoints));
  hash.update(rest);
  nlohmann::json described = record.json(index, false);
  described.erase("proof_r");
  described.erase("proof_s");
  hash.update(bytes_of(described.dump()));
  return Fr::from_uniform_bytes(hash.digest());
}

Bytes Transcript::signed_message(const Record& record, std::size_t index) const {
  Bytes out(kSignDomain.begin(), kSignDomain.end());
  append(out, id());
  append(out, blake2b_512(bytes_of(record.json(index, false).dump())));
  return out;
}

std::string Transcript::to_json() const {
  nlohmann::ordered_json out = {{"format", kFormat},      {"schema_version", kVersion},    {"id", to_hex(id())},
                                {"nonce", to_hex(nonce)}, {"kind", to_string(shape.kind)}, {"power", shape.power},
                                {"simulated", simulated}};
  nlohmann::ordered_json start = {{"name", initial_name},
                                  {"sha256", initial_sha256},
                                  {"state", to_hex(initial_state)},
                                  {"tau_g1", hex_of(initial.tau_g1)},
                                  {"tau_g2", hex_of(initial.tau_g2)}};
  if (shape.kind == PowersKind::powers_of_tau) {
    start["alpha_g1"] = hex_of(initial.alpha_g1);
    start["beta_g1"] = hex_of(initial.beta_g1);
    start["beta_g2"] = hex_of(initial.beta_g2);
    start["chain"] = nlohmann::ordered_json::array();
    for (const Contribution& link : initial_chain)
      start["chain"].push_back({{"ptau", to_hex(encode_contribution(link))}});
  }
  out["initial"] = start;
  if (announced) out["announced_beacon"] = beacon_json(*announced);
  out["records"] = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < records.size(); ++i)
    out["records"].push_back(nlohmann::ordered_json(records[i].json(i + 1, true)));
  return out.dump(1) + "\n";
}

Result<Transcript> Transcript::parse(std::string_view text, const std::string& name) {
  try {
    return read(text, name);
  } catch (const Error& error) {
    return error;
  }
}

}  // namespace ll::ceremony
