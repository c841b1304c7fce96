// Tables of transfers, whatever they are: refused with a sentence, or read; what is read adds up and makes a ledger
// that passes its own check. Options come from the input's length, so that real files are seeds as they are.
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "ledger/import.hpp"
#include "tests/fuzz/fuzz_input.hpp"

using namespace ll;
using namespace ll::ledger;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 1 << 16) return 0;
  static const std::filesystem::path path =
      std::filesystem::temp_directory_path() / fmt::format("ll_fuzz_import_{}", ::getpid());
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(reinterpret_cast<const char*>(data), std::streamsize(size));
  ReadOptions options;
  options.floats = size % 3 == 0 ? FloatPolicy::refuse : size % 3 == 1 ? FloatPolicy::exact : FloatPolicy::exact_only;
  if (size % 5 == 0) options.map = {{"from", "from"}, {"value", "value"}};
  const std::filesystem::path files[] = {path};
  const auto plain = read_plain_transfers(files, options);
  if (!plain) {
    fuzz::require(!plain.error().message().empty(), "an error has a message");
    fuzz::require(plain.error().code() == ErrorCode::malformed, "bytes are malformed, nothing else");
    (void)read_address_list(path);
    return 0;
  }
  const Provenance& p = plain.value().provenance;
  std::uint64_t dropped = 0;
  for (const auto& [_, rows] : p.dropped) dropped += rows;
  fuzz::require(p.rows == p.kept + dropped && p.kept == plain.value().transfers.size(), "every row is kept or dropped");
  const std::size_t methods = size % 2;
  const auto data_set = build_dataset(
      plain.value(), {.choice = {.method = methods == 0 ? ChoiceMethod::dense : ChoiceMethod::component, .count = 6}});
  if (!data_set) {
    fuzz::require(p.kept == 0, "transfers make a data set");
    return 0;
  }
  fuzz::require(!data_set.value().check(), "a data set passes its own check");
  (void)to_json(data_set.value().summary());
  return 0;
}
