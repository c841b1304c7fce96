#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "algebra/g2.hpp"

namespace ll::artefacts {

/// How far an SRS can be trusted.
enum class Standing {
  ceremony,   ///< the powers of a public ceremony with many contributors
  simulated,  ///< a ceremony acted out on one machine
  test_only,  ///< made by one process, which could have kept the trapdoor
  unknown,    ///< nothing is known about who made it
};
const char* to_string(Standing standing) noexcept;  ///< "ceremony", "simulated", "test-only", "unknown"
std::optional<Standing> parse_standing(std::string_view text);

/// Who made an SRS. A ceremony is recognised by its [tau]_2: with consistent powers (Srs::read checks them) that point
/// determines every other, so a truncated or converted file is recognised as well as the original.
struct SrsOrigin {
  std::string name;  ///< empty when unknown
  Standing standing = Standing::unknown;
};
/// The ceremony with this [tau]_2, if it is one that we know; the bundled SRS is one, and is simulated.
std::optional<SrsOrigin> known_ceremony(const algebra::G2Affine& s_g2);

}  // namespace ll::artefacts
