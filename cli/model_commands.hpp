#pragma once
#include <filesystem>

#include "artefacts/model_files.hpp"
#include "cli/session.hpp"

namespace ll::cli {

/// Reads an ONNX model and records it as an input.
model::Graph load_model(Session& session, const std::filesystem::path& path);
/// Reads compiled.json and records it as an input.
artefacts::CompiledFile load_compiled(Session& session, const std::filesystem::path& path);
/// "balances int64 [1, 128], each 0 to 4294967295".
std::string input_text(const circuits::ModelDescription::Input& input);
std::string output_text(const circuits::ModelDescription::Output& output);

}  // namespace ll::cli
