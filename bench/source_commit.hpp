#pragma once
#include <filesystem>

#include "cli/session.hpp"

namespace ll::bench {

/// What git says of the source tree, such as "1a2b3c4" or "1a2b3c4-dirty"; null without git or tree. `folder` is for
/// temporary files.
cli::Json source_commit(const std::filesystem::path& folder);

}  // namespace ll::bench
