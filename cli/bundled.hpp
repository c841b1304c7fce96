#pragma once
#include <filesystem>
#include <string_view>

namespace ll::cli {

/// A file that comes with the program, by its place in the source tree ("srs/simulated-14.srs"): in
/// ../../share/latentledger from the program where it is installed (cmake/LLPackages.cmake), else in the tree it was
/// built from. The path need not exist.
std::filesystem::path bundled_file(std::string_view name);

}  // namespace ll::cli
