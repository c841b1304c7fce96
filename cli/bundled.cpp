#include "cli/bundled.hpp"

namespace ll::cli {

namespace fs = std::filesystem;

fs::path bundled_file(std::string_view name) {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);  // Linux, for which packages are made
  if (!error) {
    fs::path installed = program.parent_path().parent_path().parent_path() / "share" / "latentledger" / name;
    if (fs::exists(installed, error)) return installed;
  }
  // Short where the command runs in the tree, as people do: the path is told, recorded and asked for again.
  const fs::path whole = fs::path(LL_SOURCE_DIR) / name, here = whole.lexically_relative(fs::current_path(error));
  return here.empty() || *here.begin() == ".." ? whole : here;
}

}  // namespace ll::cli
