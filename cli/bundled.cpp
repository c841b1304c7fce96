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
  return fs::path(LL_SOURCE_DIR) / name;
}

}  // namespace ll::cli
