#include "cli/srs_file.hpp"

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/json_fields.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;
using halo2::SerdeFormat;

constexpr std::uint64_t kSidecarVersion = 1;
constexpr unsigned kMaxPower = 28;

fs::path sidecar_of(const fs::path& file) { return fs::path(file.string() + ".json"); }

/// Origin that a file beside the SRS claims. It can lower trust ("test-only"), never raise it to a ceremony.
std::optional<SrsOrigin> read_sidecar(const fs::path& file, const std::string& sha256) {
  const fs::path path = sidecar_of(file);
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return std::nullopt;
  JsonFields fields = JsonFields::parse(read_text(path), path.string());
  fields.number("schema_version", kSidecarVersion, kSidecarVersion);
  const std::string hash = fields.text("sha256"), standing_text = fields.text("standing");
  const std::string name = fields.text("name");
  fields.expect_all_read();
  if (hash != sha256) {
    throw Error(
        ErrorCode::mismatch,
        fmt::format("{}: is about the file with SHA-256 {}, {} has {}", path.string(), hash, file.string(), sha256),
        path.string(), "remove it if it belongs to another SRS");
  }
  const auto standing = parse_standing(standing_text);
  if (!standing || *standing == Standing::ceremony || *standing == Standing::unknown)
    throw fields.wrong("standing", "\"test-only\" or \"simulated\" is expected");
  return SrsOrigin{name, *standing};
}

std::string format_of(ByteSpan bytes, const std::string& name) {
  if (bytes.size() >= 4 && std::string_view(reinterpret_cast<const char*>(bytes.data()), 4) == "ptau") return "ptau";
  ByteReader reader(bytes, name);
  auto k = reader.u32_le("k");
  if (!k) throw k.error();
  if (k.value() < 1 || k.value() > kMaxPower) {
    throw malformed("{}: starts neither with \"ptau\" nor with a power from 1 to {} (found {} at offset 0)", name,
                    kMaxPower, k.value());
  }
  const std::size_t n = std::size_t{1} << k.value(), raw = 4 + 128 * n + 256, processed = 4 + 64 * n + 128;
  if (bytes.size() == raw) return "halo2-raw";
  if (bytes.size() == processed) return "halo2-processed";
  throw malformed("{}: k = {} needs {} bytes (raw) or {} (processed), the file has {}", name, k.value(), raw, processed,
                  bytes.size());
}

}  // namespace

LoadedSrs load_srs(Session& session, const fs::path& file, std::optional<unsigned> k) {
  session.input(file, "give a .ptau or halo2 SRS file, or make one for tests: srs gen", ErrorCode::srs);
  const Bytes bytes = read_file(file);
  LoadedSrs loaded;
  SrsFileInfo& info = loaded.info;
  info.sha256 = to_hex(sha256(bytes));
  info.format = format_of(bytes, file.string());
  auto read = [&]() -> Result<halo2::Srs> {
    if (info.format == "ptau") {
      auto header = halo2::read_ptau_info(bytes);
      if (!header) return header.error();
      info.k = header.value().power;
      info.contributions = header.value().contributions;
      info.beacon = header.value().beacon;
      if (k && *k > info.k)
        return Error(ErrorCode::srs, fmt::format("k = {} is needed, the file holds power {}", *k, info.k));
      return halo2::read_ptau(bytes, k);
    }
    info.k = bytes[0];  // format_of has seen that it is small
    if (k && *k > info.k)
      return Error(ErrorCode::srs, fmt::format("k = {} is needed, the file holds k = {}", *k, info.k));
    auto srs = halo2::Srs::read(bytes, info.format == "halo2-raw" ? SerdeFormat::raw : SerdeFormat::processed);
    if (!srs || !k) return srs;
    return srs.value().truncated(*k);
  }();
  if (!read) throw read.error().at(file.string());
  loaded.srs = std::move(read).value();
  if (const auto known = known_ceremony(loaded.srs.s_g2)) {
    info.origin = *known;
  } else if (const auto claimed = read_sidecar(file, info.sha256)) {
    info.origin = *claimed;
  }
  return loaded;
}

void save_srs(Session& session, const fs::path& file, const halo2::Srs& srs, const SrsOrigin& origin,
              SerdeFormat format) {
  const Bytes bytes = srs.write(format);
  std::error_code ignored;
  fs::remove(sidecar_of(file), ignored);  // never an old claim beside a new file
  write_file(file, bytes);
  session.output("srs", file);
  if (origin.standing == Standing::ceremony || origin.standing == Standing::unknown) return;
  const Json sidecar = {{"schema_version", kSidecarVersion},
                        {"sha256", to_hex(sha256(bytes))},
                        {"standing", to_string(origin.standing)},
                        {"name", origin.name}};
  write_text(sidecar_of(file), sidecar.dump(2) + "\n");
  session.output("srs_origin", sidecar_of(file));
}

Json srs_json(const SrsFileInfo& info) {
  return {{"format", info.format},
          {"k", info.k},
          {"name", info.origin.name.empty() ? Json() : Json(info.origin.name)},
          {"sha256", info.sha256},
          {"contributions", info.contributions ? Json(*info.contributions) : Json()},
          {"beacon", info.beacon ? Json(*info.beacon) : Json()},
          {"standing", to_string(info.origin.standing)}};
}

}  // namespace ll::cli
