#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace ll::ceremony {

/// A published file of a public ceremony, recognised by the hash of its bytes.
struct KnownFile {
  std::string ceremony;  ///< the same names as artefacts::known_ceremony
  std::string file;      ///< which of its files
  unsigned power = 0;
};
/// By the lower-case hex of the file's BLAKE2b-512 (`.ptau`) or SHA-256 (halo2 parameters). A file that merely is named
/// like one of these, or holds one of their points, is not known.
std::optional<KnownFile> known_by_blake2b(std::string_view hex);
std::optional<KnownFile> known_by_sha256(std::string_view hex);

}  // namespace ll::ceremony
