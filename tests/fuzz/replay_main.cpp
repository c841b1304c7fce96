// Runs a fuzz target over files and folders without libFuzzer: the corpus as an ordinary test, with any compiler.
#include <filesystem>

#include "base/files.hpp"
#include "tests/fuzz/fuzz_input.hpp"

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  std::size_t inputs = 0;
  const auto run = [&](const fs::path& file) {
    const ll::Bytes bytes = ll::read_file(file);
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    ++inputs;
  };
  for (int i = 1; i < argc; ++i) {
    if (!fs::is_directory(argv[i])) {
      run(argv[i]);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(argv[i])) {
      if (entry.is_regular_file()) run(entry.path());
    }
  }
  std::printf("%zu inputs\n", inputs);
  return inputs > 0 ? 0 : 1;  // an empty corpus tests nothing
}
