// What the verbs of `ceremony` share.
#include "cli/ceremony_support.hpp"

#include <chrono>
#include <ctime>

#include "base/files.hpp"

namespace ll::cli {

namespace fs = std::filesystem;
using ceremony::CeremonyFile;
using ceremony::Transcript;

constexpr const char* kTool = "latentledger " LL_VERSION;

std::string now_utc() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

std::string blake2b_of(const fs::path& file) { return to_hex(ceremony::blake2b_512(MappedFile(file).bytes())); }

/// Names and texts go into JSON that is signed: well-formed UTF-8 only.
void check_text(const std::string& text, const char* option) {
  try {
    (void)Json(text).dump();
  } catch (const Json::exception&) {
    throw Error(ErrorCode::invalid_argument, fmt::format("{}: UTF-8 text is expected", option), option);
  }
}

ceremony::StepOptions step_options(Session& session, const std::string& name) {
  check_text(name, "--name");
  return {.name = name, .attestation = {}, .tool = kTool, .time = now_utc(), .progress = &session.progress()};
}

Json status_json(const Transcript& transcript) {
  return {{"id", to_hex(transcript.id())},
          {"kind", to_string(transcript.shape.kind)},
          {"power", transcript.shape.power},
          {"records", transcript.records.size()},
          {"contributors", transcript.contributors()},
          {"beacon", transcript.has_beacon()},
          {"simulated", transcript.simulated},
          {"head", to_hex(transcript.head_hash())}};
}

std::string status_text(const Transcript& transcript) {
  std::string text =
      fmt::format("ceremony      {}...\nkind          {}, power {}\nrecords       {} ({} contributors{})\n",
                  to_hex(transcript.id()).substr(0, 32), to_string(transcript.shape.kind), transcript.shape.power,
                  transcript.records.size(), transcript.contributors(),
                  transcript.has_beacon() ? " and a beacon" : ", no beacon yet");
  if (!transcript.initial_name.empty())
    text += fmt::format("goes on from  {} (SHA-256 {})\n", transcript.initial_name, transcript.initial_sha256);
  if (transcript.simulated)
    text += "SIMULATED     one machine knew every secret: nothing under it convinces anybody else\n";
  return text;
}

CeremonyFile open_state(Session& session, const fs::path& file) {
  session.input(file, "begin one with `ceremony new`");
  return CeremonyFile::open(file);
}

ceremony::VerifyReport verified(Session& session, const CeremonyFile& file, const fs::path& path, bool replay_beacon) {
  OsRng rng;
  auto report = ceremony::verify_ceremony(file.state, rng, {replay_beacon, true, &session.progress()});
  if (!report) throw report.error().at(path.string());
  return report.value();
}

void refuse_overwriting_input(const fs::path& in, const fs::path& out) {
  std::error_code ignored;
  if (fs::equivalent(in, out, ignored)) {
    throw Error(ErrorCode::invalid_argument, fmt::format("{} is both input and output", out.string()), out.string(),
                "write the new state beside the old one: it is the challenge that the response belongs to");
  }
}

ceremony::SigningKey signing_key(Session& session, const fs::path& file) {
  if (file.empty()) return ceremony::SigningKey::generate();
  std::error_code ignored;
  if (fs::exists(file, ignored)) return ceremony::SigningKey::load(file);
  ceremony::SigningKey key = ceremony::SigningKey::generate();
  key.save(file);
  session.note(fmt::format("a new signing key stands in {}: keep it, it is how you are known", file.string()));
  return key;
}

}  // namespace ll::cli
