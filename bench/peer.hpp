#pragma once
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>

#include <sys/types.h>

#include "cli/session.hpp"

namespace ll::bench {

inline constexpr const char* kPeerName = "halo2-axiom 0.5.3, asm";

/// The program of tests/interop in its mode `bench`: the unmodified Rust halo2-axiom as a process that answers line by
/// line, so that its runs can alternate with ours (tests/interop/src/bench.rs lists what it can be asked).
class Peer {
 public:
  /// `given`: the program, or a folder of setup.sh with it inside; empty: where `./setup.sh --with-bench` puts it.
  /// nullopt when it is not there. Throws Error{io} when it was given and is not there.
  static std::optional<std::filesystem::path> find(const std::filesystem::path& given);

  /// Starts it; `folder` holds the circuits it will be asked for. Throws Error{io}.
  Peer(const std::filesystem::path& program, const std::filesystem::path& folder, std::size_t threads);
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer();

  /// One line there, one back. Throws Error{io} when it has ended, or with what it could not do.
  cli::Json ask(const std::string& line);
  /// Processor time it has used so far, in seconds; nullopt where the system does not tell.
  std::optional<double> cpu_seconds() const;
  /// Largest resident set since reset_peak(), in bytes; 0 where the system does not tell.
  std::uint64_t peak_rss_bytes() const;
  void reset_peak() const;

 private:
  std::filesystem::path program_;
  pid_t process_ = 0;
  int socket_ = -1;
  std::FILE* answers_ = nullptr;
};

}  // namespace ll::bench
