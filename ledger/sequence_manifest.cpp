#include "ledger/sequence_manifest.hpp"

#include "base/hash.hpp"
#include "base/json_fields.hpp"

namespace ll::ledger {
namespace {

using Json = nlohmann::json;  // keys in alphabetical order: what the checksum is over

constexpr const char* kFormat = "latentledger-sequences";
constexpr const char* kNoteFormat = "latentledger-sequence-shard";
constexpr std::uint64_t kSchemaVersion = 1;
constexpr std::uint64_t kMostSequences = std::uint64_t{1} << 40;
constexpr std::size_t kMostShards = 1'000'000;

Json head_of(const SequenceConfig& config, std::uint32_t per_shard, const char* format) {
  return {{"format", format},
          {"schema_version", kSchemaVersion},
          {"software_version", LL_VERSION},
          {"profile", to_string(config.profile)},
          {"seed", config.seed},
          {"accounts", config.accounts},
          {"least_transfers", config.least_transfers},
          {"most_transfers", config.most_transfers},
          {"sequences_per_shard", per_shard}};
}

Json entry_json(const ShardEntry& entry) {
  return {{"file", entry.file},
          {"first", entry.first},
          {"sequences", entry.sequences},
          {"transfers", entry.transfers},
          {"sha256", entry.sha256}};
}

std::string sealed(Json body) {
  const std::string text = body.dump();
  body["checksum"] = to_hex(sha256(ByteSpan(reinterpret_cast<const std::uint8_t*>(text.data()), text.size())));
  return body.dump(1) + "\n";
}

/// Parses and compares the checksum; the fields are left to read.
JsonFields unseal(std::string_view text, const std::string& name, const char* format) {
  JsonFields fields = JsonFields::parse(text, name);
  if (fields.text("format") != format) throw fields.wrong("format", fmt::format("\"{}\" is expected", format));
  fields.number("schema_version", kSchemaVersion, kSchemaVersion);
  fields.text("software_version");
  const std::string found = to_hex(fields.hex("checksum", 32));
  Json body = fields.value();
  body.erase("checksum");
  const std::string content = body.dump();
  const std::string expected =
      to_hex(sha256(ByteSpan(reinterpret_cast<const std::uint8_t*>(content.data()), content.size())));
  if (found != expected) throw malformed("{}: checksum: {} is expected, found {}", name, expected, found);
  return fields;
}

void read_head(JsonFields& fields, SequenceConfig& config, std::uint32_t& per_shard) {
  const auto profile = parse_profile(fields.text("profile"));
  if (!profile || profile.value() == Profile::ethereum_funded)
    throw fields.wrong("profile", "uniform or ethereum is expected");
  config.profile = profile.value();
  config.seed = fields.number("seed", 0, UINT64_MAX);
  config.accounts = fields.number("accounts", kMinAccounts, kMaxAccounts);
  config.least_transfers = static_cast<std::uint32_t>(fields.number("least_transfers", 1, 100'000));
  config.most_transfers = static_cast<std::uint32_t>(fields.number("most_transfers", config.least_transfers, 100'000));
  per_shard = static_cast<std::uint32_t>(fields.number("sequences_per_shard", 1, 1'000'000));
}

ShardEntry read_entry(JsonFields& fields) {
  ShardEntry entry;
  entry.file = fields.text("file");
  entry.first = fields.number("first", 0, kMostSequences);
  entry.sequences = fields.number("sequences", 1, 1'000'000);
  entry.transfers = fields.number("transfers", entry.sequences, INT32_MAX);
  entry.sha256 = to_hex(fields.hex("sha256", 32));
  return entry;
}

}  // namespace

std::string source_text(const SequenceConfig& config, Split split) {
  return fmt::format("synthetic {} seed {} {} accounts {} transfers {}..{}", to_string(config.profile), config.seed,
                     to_string(split), config.accounts, config.least_transfers, config.most_transfers);
}

std::string manifest_text(const ShardPlan& plan, const std::vector<ShardEntry>& entries) {
  Json body = head_of(plan.config, plan.per_shard, kFormat);
  for (const Split split : {Split::train, Split::validation}) {
    Json shards = Json::array();
    std::uint64_t sequences = 0, transfers = 0;
    for (std::uint64_t i = 0; i < entries.size(); ++i) {
      if (plan.shard(i).split != split) continue;
      shards.push_back(entry_json(entries[i]));
      sequences += entries[i].sequences;
      transfers += entries[i].transfers;
    }
    body[to_string(split)] = {{"sequences", sequences}, {"transfers", transfers}, {"shards", std::move(shards)}};
  }
  return sealed(std::move(body));
}

Manifest parse_manifest(std::string_view text, const std::string& name) {
  JsonFields fields = unseal(text, name, kFormat);
  Manifest manifest;
  read_head(fields, manifest.plan.config, manifest.plan.per_shard);
  for (const Split split : {Split::train, Split::validation}) {
    JsonFields part = fields.object(to_string(split));
    std::uint64_t& sequences = split == Split::train ? manifest.plan.train : manifest.plan.validation;
    sequences = part.number("sequences", 0, kMostSequences);
    const std::uint64_t transfers = part.number("transfers", 0, UINT64_MAX);
    std::uint64_t counted = 0;
    for (JsonFields& shard : part.objects("shards", kMostShards)) {
      manifest.entries.push_back(read_entry(shard));
      counted += manifest.entries.back().transfers;
      shard.expect_all_read();
    }
    if (counted != transfers)
      throw part.wrong("transfers", fmt::format("{} as the shards add up is expected", counted));
    part.expect_all_read();
  }
  fields.expect_all_read();
  if (manifest.plan.train + manifest.plan.validation == 0) throw malformed("{}: no sequences", name);
  if (manifest.plan.shard_count() != manifest.entries.size()) {
    throw malformed("{}: {} shards, {} are expected", name, manifest.entries.size(), manifest.plan.shard_count());
  }
  for (std::uint64_t i = 0; i < manifest.entries.size(); ++i) {
    const ShardPlan::Shard shard = manifest.plan.shard(i);
    const ShardEntry& entry = manifest.entries[i];
    if (entry.file != shard.file() || entry.first != shard.first || entry.sequences != shard.sequences) {
      throw malformed("{}: shard {} is {} with {} sequences from {}, expected {} with {} from {}", name, i, entry.file,
                      entry.sequences, entry.first, shard.file(), shard.sequences, shard.first);
    }
  }
  return manifest;
}

std::string note_text(const ShardPlan& plan, const ShardEntry& entry) {
  Json body = head_of(plan.config, plan.per_shard, kNoteFormat);
  body.update(entry_json(entry));
  return sealed(std::move(body));
}

ShardNote parse_note(std::string_view text, const std::string& name) {
  JsonFields fields = unseal(text, name, kNoteFormat);
  ShardNote note;
  read_head(fields, note.config, note.per_shard);
  note.entry = read_entry(fields);
  fields.expect_all_read();
  return note;
}

}  // namespace ll::ledger
