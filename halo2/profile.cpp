#include "halo2/profile.hpp"

#include <array>
#include <utility>

namespace ll::halo2 {

std::string_view profile_name(Profile profile) {
  switch (profile) {
    case Profile::pse_v030:
      return "pse-v0.3.0";
    case Profile::axiom:
      return "halo2-axiom";
    case Profile::pse_main:
      return "pse-main";
    case Profile::ezkl:
      return "ezkl";
  }
  return "";
}

Result<Profile> parse_profile(std::string_view name) {
  for (const Profile profile : kProfiles) {
    if (name == profile_name(profile)) return profile;
  }
  using Refusal = std::pair<std::string_view, std::string_view>;
  static constexpr std::array<Refusal, 4> kRefused = {{
      {"ezkl-mv-lookup",
       "its lookups are another argument (multiplicities and a sum of inverses instead of two permuted columns)"},
      {"pse-v0.4.0", "its key text writes queries in a form for which there is no vector to check against"},
      {"pse-v2023-04-20", "its key file has no version byte, so that it cannot be told from others"},
      {"zcash", "it proves over the Pasta curves with inner products, not over BN254 with KZG"},
  }};
  for (const auto& [refused, reason] : kRefused) {
    if (name == refused) return Error(ErrorCode::invalid_argument, fmt::format("profile {}: {}", name, reason));
  }
  return Error(ErrorCode::invalid_argument,
               fmt::format("profile \"{}\" is unknown: pse-v0.3.0, halo2-axiom, pse-main or ezkl is expected", name));
}

algebra::PointFlags point_flags(Profile profile) {
  return profile == Profile::pse_main || profile == Profile::ezkl ? algebra::PointFlags::new_flags
                                                                  : algebra::PointFlags::old_flags;
}

}  // namespace ll::halo2
