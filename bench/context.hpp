#pragma once
#include <map>
#include <memory>
#include <optional>

#include "bench/measure.hpp"
#include "bench/peer.hpp"
#include "cli/keys_folder.hpp"
#include "ledger/dataset.hpp"

namespace ll::bench {

struct Options {
  bool quick = false, full = false, sizes = false, list = false, no_peer = false;
  int runs = 0;  ///< of each row; 0: the row's own choice
  std::string filter;
  std::vector<std::string> only;
  std::filesystem::path peer, data, encoder;
};

/// A folder of its own below the system's temporary one; gone with the object.
class TemporaryFolder {
 public:
  /// Throws Error{io}.
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// What rows share: the command line, the peer, and files that are made when a row first asks for them.
class Context {
 public:
  Context(const Options& options, cli::Session& session);

  const Options& options() const { return options_; }
  cli::Session& session() { return session_; }
  /// How often a row is measured: `standard` (odd), fewer with --quick, or as --runs says.
  int runs(int standard) const;
  const std::filesystem::path& folder() const { return folder_.path(); }

  bool has_peer() const { return program_.has_value(); }
  const std::optional<std::filesystem::path>& peer_program() const { return program_; }
  /// Started at the first call.
  Peer& peer();

  /// TEST-ONLY, made at the first call and kept until release_srs(); k <= 22 or so takes a minute.
  const halo2::Srs& srs(unsigned k);
  void release_srs() { srs_.reset(); }

  /// The ledger's folder: --data, or the bundled transactions imported by this command.
  const std::filesystem::path& ledger();
  /// encoder.safetensors: --encoder, or the frozen one that comes with the source.
  std::filesystem::path encoder() const;
  /// Keys of `update` for that ledger and encoder, made by the command `setup`.
  const std::filesystem::path& keys();
  /// "synthetic ..." or what the ledger was imported from.
  std::string data_source();

 private:
  const Options& options_;
  cli::Session& session_;
  TemporaryFolder folder_;
  std::optional<std::filesystem::path> program_;
  std::unique_ptr<Peer> peer_;
  std::optional<halo2::Srs> srs_;
  std::filesystem::path ledger_, keys_;
};

}  // namespace ll::bench
