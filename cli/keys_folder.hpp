#pragma once
#include <filesystem>

#include "artefacts/vk_file.hpp"
#include "cli/session.hpp"

namespace ll::cli {

using artefacts::circuit_json, artefacts::encode_vk_file, artefacts::VkFile;
using artefacts::kCompressSelectors, artefacts::kUpdate, artefacts::kDelta, artefacts::kVkFileVersion;

/// Reads vk.json and records it as an input.
VkFile load_vk_file(Session& session, const std::filesystem::path& path);

/// What `prove` needs: vk.json, vhat.safetensors and srs.bin of one `setup`, checked against each other.
struct KeyFolder {
  VkFile vk;
  model::QuantizedEncoder encoder;
  halo2::Srs srs;
};
/// Throws Error{mismatch} that names both digests when the files of the folder do not belong together.
KeyFolder load_key_folder(Session& session, const std::filesystem::path& folder);

}  // namespace ll::cli
