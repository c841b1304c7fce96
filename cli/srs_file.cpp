#include "cli/srs_file.hpp"

#include <algorithm>
#include <cstring>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/json_fields.hpp"
#include "ceremony/known_files.hpp"
#include "ceremony/ppot_files.hpp"
#include "ceremony/state.hpp"
#include "cli/bundled.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;
using ceremony::PowersView;
using halo2::SerdeFormat;

constexpr std::uint64_t kSidecarVersion = 1;
constexpr unsigned kMaxPower = 28, kMaxInspected = 20;

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

Error wrong_curve(const std::string& name, std::string_view what) {
  return Error(ErrorCode::srs, fmt::format("{}: {}: its curve is BLS12-381, BN254 is needed", name, what), name,
               "take a BN254 setup: a .ptau of Hermez or Perpetual Powers of Tau");
}

/// JSON and text forms of setups for other purposes.
std::optional<Error> foreign_text(ByteSpan bytes, const std::string& name) {
  const std::string_view head(reinterpret_cast<const char*>(bytes.data()),
                              std::min<std::size_t>(bytes.size(), 1 << 16));
  const auto starts = [&](std::string_view text) { return head.substr(0, text.size()) == text; };
  if (starts("<"))
    return Error(ErrorCode::malformed, fmt::format("{}: a web page (a failed download?), no SRS", name), name);
  if (starts("{") || starts("[")) {
    for (const char* word :
         {"numG1Powers", "powersOfTau", "g1_monomial", "g1_lagrange", "setup_G1", "roots_of_unity"}) {
      if (head.find(word) != std::string_view::npos) return wrong_curve(name, "a setup for EIP-4844");
    }
    return malformed("{}: JSON, but of no setup known here", name);
  }
  if (starts("4096\n65\n")) return wrong_curve(name, "the trusted setup of EIP-4844 (c-kzg)");
  return std::nullopt;
}

/// The two G1 generators' coordinates (1, 2), big-endian: how g1.dat begins.
bool begins_like_g1_dat(ByteSpan bytes) {
  return bytes.size() >= 128 && bytes.size() % 64 == 0 &&
         std::ranges::equal(bytes.first(64),
                            ceremony::encode_point(algebra::G1Affine::generator(), ceremony::PointForm::aztec));
}

fs::path g2_dat_of(const fs::path& g1_dat) { return g1_dat.parent_path() / "g2.dat"; }

/// A file, mapped, and what its format holds in it.
struct OpenFile {
  MappedFile mapped;
  SrsFormat format;
  std::optional<ceremony::PtauFile> ptau;
  std::optional<ceremony::PpotFile> ppot;
  std::optional<ceremony::StateView> state;
  Bytes g2_points;                   ///< of g2.dat behind the generator
  std::optional<PowersView> powers;  ///< nullopt: halo2 files, chains without points

  ByteSpan bytes() const { return mapped.bytes(); }
};

OpenFile open_file(const fs::path& path, SrsFileInfo& info) {
  OpenFile file{MappedFile(path), {}, {}, {}, {}, {}, {}};
  const ByteSpan bytes = file.bytes();
  file.format = info.format = srs_format_of(bytes, path.string()).value_or_throw();
  const auto at = [&](auto result) {
    if (!result) throw result.error().at(path.string());
    return std::move(result).value();
  };
  switch (file.format) {
    case SrsFormat::halo2_raw:
    case SrsFormat::halo2_processed:
      info.k = bytes[0];  // the format was told by it
      break;
    case SrsFormat::ptau:
      file.ptau = at(ceremony::read_ptau(bytes));
      file.powers = file.ptau->powers;
      info.k = file.ptau->power;
      info.contributions = static_cast<std::uint32_t>(file.ptau->contributions.size());
      info.beacon = file.ptau->has_beacon();
      break;
    case SrsFormat::ppot_challenge:
    case SrsFormat::ppot_response:
      file.ppot = at(ceremony::read_ppot(bytes));
      file.powers = file.ppot->powers;
      info.k = file.powers->shape.power;
      break;
    case SrsFormat::aztec: {
      const fs::path g2 = g2_dat_of(path);
      std::error_code ignored;
      if (!fs::exists(g2, ignored))
        throw Error(ErrorCode::srs, fmt::format("{}: g2.dat is needed beside it", path.string()), g2.string());
      const Bytes tau = read_file(g2);
      if (tau.size() != 128) throw malformed("{}: {} bytes, 128 are expected", g2.string(), tau.size());
      file.g2_points = ceremony::encode_point(algebra::G2Affine::generator(), ceremony::PointForm::aztec);
      append(file.g2_points, tau);
      info.k = std::min(kMaxPower, static_cast<unsigned>(std::bit_width(bytes.size() / 64)) - 1);
      PowersView view{{ceremony::PowersKind::kzg, info.k}, ceremony::PointForm::aztec, {}, {}, {}, {}, {}, {}};
      view.tau_g1 = bytes.first(std::size_t{64} << info.k);
      view.tau_g2 = file.g2_points;
      file.powers = view;
      break;
    }
    case SrsFormat::ceremony:
      file.state = at(ceremony::read_state(bytes));
      file.powers = file.state->powers;
      info.k = file.state->powers.shape.power;
      info.contributions = static_cast<std::uint32_t>(file.state->transcript.chain().size());
      if (*info.contributions == 0)
        info.contributions = static_cast<std::uint32_t>(file.state->transcript.records.size());
      info.beacon = file.state->transcript.has_beacon();
      break;
  }
  return file;
}

SerdeFormat serde_of(SrsFormat format) {
  return format == SrsFormat::halo2_raw ? SerdeFormat::raw : SerdeFormat::processed;
}

/// A published file, by the hash that its ceremony publishes.
void recognise_file(const OpenFile& file, SrsFileInfo& info) {
  const auto known = file.format == SrsFormat::ptau
                         ? ceremony::known_by_blake2b(to_hex(ceremony::blake2b_512(file.bytes())))
                         : ceremony::known_by_sha256(info.sha256);
  if (!known) return;
  info.origin = {known->ceremony, Standing::ceremony};
  info.published_as = known->file;
}

/// From [tau]_2 of points that were checked to belong together, else from what the file or its neighbour says.
void recognise_points(const fs::path& path, const OpenFile& file, const algebra::G2Affine& tau, SrsFileInfo& info) {
  info.points_checked = true;
  if (info.origin.standing == Standing::ceremony) return;
  if (const auto known = known_ceremony(tau)) {
    info.origin = *known;
  } else if (file.state && file.state->transcript.simulated) {
    info.origin = {"a ceremony simulated on one machine", Standing::simulated};
  } else if (const auto claimed = read_sidecar(path, info.sha256)) {
    info.origin = *claimed;
  }
}

SrsFileInfo begin(Session& session, const fs::path& file) {
  session.input(file, "give a .ptau, halo2, PPoT or Aztec file, or make one for tests: srs gen", ErrorCode::srs);
  SrsFileInfo info;
  info.sha256 = session.inputs()[file.string()].get<std::string>();
  return info;
}

}  // namespace

const char* to_string(SrsFormat format) noexcept {
  switch (format) {
    case SrsFormat::halo2_raw:
      return "halo2-raw";
    case SrsFormat::halo2_processed:
      return "halo2-processed";
    case SrsFormat::ptau:
      return "ptau";
    case SrsFormat::ppot_challenge:
      return "ppot-challenge";
    case SrsFormat::ppot_response:
      return "ppot-response";
    case SrsFormat::aztec:
      return "aztec";
    case SrsFormat::ceremony:
      break;
  }
  return "ceremony";
}

Result<SrsFormat> srs_format_of(ByteSpan bytes, const std::string& name) {
  if (bytes.size() >= 4 && std::memcmp(bytes.data(), "ptau", 4) == 0) return SrsFormat::ptau;
  if (ceremony::is_ceremony_file(bytes)) return SrsFormat::ceremony;
  if (bytes.empty()) return malformed("{}: the file is empty", name);
  if (auto error = foreign_text(bytes, name)) return *error;
  if (ceremony::ppot_challenge_shape(bytes.size())) return SrsFormat::ppot_challenge;
  if (ceremony::ppot_response_shape(bytes.size())) return SrsFormat::ppot_response;
  if (begins_like_g1_dat(bytes)) return SrsFormat::aztec;
  ByteReader reader(bytes, name);
  auto k = reader.u32_le("k");
  if (!k) return k.error();
  if (k.value() < 1 || k.value() > kMaxPower) {
    return malformed("{}: starts neither with \"ptau\" nor with a power from 1 to {} (found {} at offset 0)", name,
                     kMaxPower, k.value());
  }
  const std::size_t n = std::size_t{1} << k.value(), raw = 4 + 128 * n + 256, processed = 4 + 64 * n + 128;
  if (bytes.size() == raw) return SrsFormat::halo2_raw;
  if (bytes.size() == processed) return SrsFormat::halo2_processed;
  if (bytes.size() == 4 + 192 * n + 384 || bytes.size() == 4 + 96 * n + 192)
    return wrong_curve(name, fmt::format("a halo2 setup of k = {} with coordinates of 48 bytes", k.value()));
  return malformed("{}: k = {} needs {} bytes (raw) or {} (processed), the file has {}", name, k.value(), raw,
                   processed, bytes.size());
}

LoadedSrs load_srs(Session& session, const fs::path& path, std::optional<unsigned> k) {
  LoadedSrs loaded;
  SrsFileInfo& info = loaded.info = begin(session, path);
  const OpenFile file = open_file(path, info);
  if (k && *k > info.k)
    throw Error(ErrorCode::srs, fmt::format("k = {} is needed, the file holds k = {}", *k, info.k), path.string());
  recognise_file(file, info);
  auto read = [&]() -> Result<halo2::Srs> {
    if (file.state) {
      OsRng rng;
      if (auto verified = ceremony::verify_ceremony(*file.state, rng, {.progress = &session.progress()}); !verified)
        return verified.error();
    }
    if (file.powers) return ceremony::srs_of_powers(*file.powers, k);
    if (file.ptau) {
      return malformed("ptau: it holds the chain of contributions only, no points: it is no SRS");
    }
    auto srs = halo2::Srs::read(file.bytes(), serde_of(file.format));
    if (!srs || !k) return srs;
    return srs.value().truncated(*k);
  }();
  if (!read) throw read.error().at(path.string());
  loaded.srs = std::move(read).value();
  recognise_points(path, file, loaded.srs.s_g2, info);
  return loaded;
}

SrsFileInfo inspect_srs(Session& session, const fs::path& path) {
  SrsFileInfo info = begin(session, path);
  const OpenFile file = open_file(path, info);
  recognise_file(file, info);
  if (info.k > kMaxInspected || (file.ptau && !file.powers)) return info;
  if (!file.powers) {
    auto srs = halo2::Srs::read(file.bytes(), serde_of(file.format));
    if (!srs) throw srs.error().at(path.string());
    recognise_points(path, file, srs.value().s_g2, info);
    return info;
  }
  PowersView part = *file.powers;  // what halo2 uses of it
  part.shape.kind = ceremony::PowersKind::kzg;
  part.tau_g1 = part.tau_g1.first(part.shape.n() * ceremony::point_bytes<algebra::G1Affine>(part.form));
  part.tau_g2 = part.tau_g2.first(2 * ceremony::point_bytes<algebra::G2Affine>(part.form));
  OsRng rng;
  auto head = ceremony::check_powers(part, rng, &session.progress());
  if (!head) throw head.error().at(path.string());
  recognise_points(path, file, head.value().tau_g2, info);
  return info;
}

SrsVerification verify_srs(Session& session, const fs::path& path, bool replay_beacon) {
  SrsVerification out;
  SrsFileInfo& info = out.info = begin(session, path);
  const OpenFile file = open_file(path, info);
  recognise_file(file, info);
  OsRng rng;
  const auto at = [&](auto result) {
    if (!result) throw result.error().at(path.string());
    return std::move(result).value();
  };
  if (file.ptau) {
    const auto report = at(ceremony::verify_ptau(*file.ptau, rng, {replay_beacon, &session.progress()}));
    out.chain_checked = true;
    out.beacon_replayed = *info.beacon && !report.chain.beacon_skipped;
    out.next_challenge_rederived = report.next_challenge_rederived;
    for (const auto& c : file.ptau->contributions)
      out.contributors.push_back(c.beacon && c.name.empty() ? "beacon" : shown_name(c.name));
    if (report.chain.beacon_skipped) out.notes.push_back("the beacon was NOT computed again (--skip-beacon-replay)");
    if (!report.points_checked) out.notes.push_back("the file holds the chain only, no points: it is no SRS");
    if (file.ptau->truncated()) {
      out.notes.push_back(
          fmt::format("cut from power {} to {}: the last contribution's next challenge CANNOT be derived again",
                      file.ptau->ceremony_power, file.ptau->power));
    } else if (report.chain.challenge_unknown) {
      out.notes.push_back("the last contribution has no next challenge: the file was made without points");
    }
    if (!file.ptau->lagrange_g1.empty())
      out.notes.push_back(
          "the Lagrange sections (12 to 15) were not checked: they are never used, see docs/formats/srs.md");
    if (report.points_checked) recognise_points(path, file, report.chain.head.tau_g2, info);
  } else if (file.state) {
    const auto report = at(ceremony::verify_ceremony(*file.state, rng, {replay_beacon, true, &session.progress()}));
    out.chain_checked = true;
    out.beacon_replayed = report.beacon && !report.beacon_skipped;
    out.next_challenge_rederived = report.next_challenge_rederived;
    for (const auto& record : file.state->transcript.records) out.contributors.push_back(shown_name(record.name));
    if (report.beacon_skipped) out.notes.push_back("the beacon was NOT computed again (--skip-beacon-replay)");
    const auto& transcript = file.state->transcript;
    recognise_points(path, file, transcript.tau_g2(transcript.records.size()), info);
  } else if (file.powers) {
    const auto head = at(ceremony::check_powers(*file.powers, rng, &session.progress()));
    if (file.ppot && file.ppot->response)
      at(ceremony::decode_public_key(file.ppot->key, ceremony::PointForm::ppot_uncompressed, "response",
                                     file.bytes().size() - file.ppot->key.size()));
    out.notes.push_back("the file holds no chain: who contributed cannot be told from it");
    recognise_points(path, file, head.tau_g2, info);
  } else {
    const halo2::Srs srs = at(halo2::Srs::read(file.bytes(), serde_of(file.format)));
    out.notes.push_back("the file holds no chain: who contributed cannot be told from it");
    recognise_points(path, file, srs.s_g2, info);
  }
  return out;
}

fs::path bundled_srs() {
  const fs::path path = bundled_file(fmt::format("srs/simulated-{}.srs", kBundledSrsPower));
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    throw Error(ErrorCode::srs, fmt::format("the bundled SRS {} is not there", path.string()), path.string(),
                "give a ceremony's file: --srs FILE.ptau");
  }
  return path;
}

void save_srs(Session& session, const fs::path& file, const halo2::Srs& srs, const SrsOrigin& origin,
              SerdeFormat format, algebra::PointFlags flags) {
  const Bytes bytes = srs.write(format, flags);
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
  return {{"format", to_string(info.format)},
          {"k", info.k},
          {"name", info.origin.name.empty() ? Json() : Json(info.origin.name)},
          {"sha256", info.sha256},
          {"contributions", info.contributions ? Json(*info.contributions) : Json()},
          {"beacon", info.beacon ? Json(*info.beacon) : Json()},
          {"standing", to_string(info.origin.standing)},
          {"published_as", info.published_as.empty() ? Json() : Json(info.published_as)},
          {"points_checked", info.points_checked}};
}

std::string shown_name(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(byte >= 0x20 && byte < 0x7f ? c : '?');
  }
  return out;
}

}  // namespace ll::cli
