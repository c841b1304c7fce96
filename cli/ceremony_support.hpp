#pragma once
#include <filesystem>
#include <string>

#include "ceremony/state.hpp"
#include "cli/application.hpp"

namespace ll::cli {

/// Now, as "2026-01-31T12:00:00Z".
std::string now_utc();
std::string blake2b_of(const std::filesystem::path& file);
/// Names and texts go into JSON that is signed: throws unless `text` is well-formed UTF-8.
void check_text(const std::string& text, const char* option);
ceremony::StepOptions step_options(Session& session, const std::string& name);

/// How far a ceremony has come, as JSON and as text.
Json status_json(const ceremony::Transcript& transcript);
std::string status_text(const ceremony::Transcript& transcript);

ceremony::CeremonyFile open_state(Session& session, const std::filesystem::path& file);
/// Verifies everything; throws with `path` in front of what is wrong.
ceremony::VerifyReport verified(Session& session, const ceremony::CeremonyFile& file, const std::filesystem::path& path,
                                bool replay_beacon = true);
void refuse_overwriting_input(const std::filesystem::path& in, const std::filesystem::path& out);
/// The contributor's key of this file, made when it is not there; a new one, forgotten, for an empty path.
ceremony::SigningKey signing_key(Session& session, const std::filesystem::path& file);
/// Writes the SRS of a verified state, its transcript and the SHA-256 of every k into `folder`.
Outcome finalize_state(const ceremony::CeremonyFile& file, const std::filesystem::path& folder, Session& session);

/// The verbs that move a ceremony on, and those that look at it, end it or hand it over.
void add_ceremony_steps(Application& application, CLI::App& group);
void add_ceremony_results(Application& application, CLI::App& group);

}  // namespace ll::cli
