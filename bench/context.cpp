#include "bench/context.hpp"

#include <unistd.h>

#include "base/parallel.hpp"
#include "bench/spawn.hpp"
#include "cli/bundled.hpp"

namespace ll::bench {
namespace {

namespace fs = std::filesystem;

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string name = (fs::temp_directory_path() / "latentledger-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw Error(ErrorCode::io, "bench: cannot make a temporary folder", name);
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Context::Context(const Options& options, cli::Session& session) : options_(options), session_(session) {
  if (!options.no_peer) program_ = Peer::find(options.peer);
}

int Context::runs(int standard) const {
  if (options_.runs > 0) return options_.runs;
  return options_.quick ? 1 : standard;
}

Peer& Context::peer() {
  LL_CHECK(program_.has_value(), "bench: there is no peer");
  if (!peer_) peer_ = std::make_unique<Peer>(*program_, folder(), thread_count());
  return *peer_;
}

const halo2::Srs& Context::srs(unsigned k) {
  if (!srs_ || srs_->k != k) {
    srs_.reset();
    SeededRng rng(1);
    srs_ = halo2::unsafe_srs::generate(k, rng);
    srs_->sum_suffixes();
  }
  return *srs_;
}

const fs::path& Context::ledger() {
  if (!ledger_.empty()) return ledger_;
  if (!options_.data.empty()) return ledger_ = fs::absolute(options_.data);
  const fs::path made = folder() / "ledger";
  run_verb({"data", "import", "-o", made.string()}, folder());
  return ledger_ = made;
}

fs::path Context::encoder() const {
  if (!options_.encoder.empty()) return fs::absolute(options_.encoder);
  return cli::bundled_file("demo/encoder/encoder_final.safetensors");
}

const fs::path& Context::keys() {
  if (!keys_.empty()) return keys_;
  const fs::path made = folder() / "keys";
  run_verb({"setup", "--encoder", encoder().string(), "--data", ledger().string(), "-o", made.string()}, folder());
  return keys_ = made;
}

std::string Context::data_source() {
  return options_.data.empty() ? "the bundled synthetic transactions" : options_.data.filename().string();
}

}  // namespace ll::bench
