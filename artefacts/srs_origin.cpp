#include "artefacts/srs_origin.hpp"

#include <array>

#include "algebra/encoding.hpp"
#include "base/bytes.hpp"

namespace ll::artefacts {
namespace {

struct KnownCeremony {
  const char* name;
  Standing standing;
  const char* s_g2;  ///< [tau]_2: x.c0, x.c1, y.c0, y.c1, 32 bytes each, little-endian Montgomery form
};

/// Perpetual Powers of Tau, round 0071: [tau]_2 of the published halo2 parameters, which are one setup for k = 1..26
/// (SHA-256 of k = 1: cafb2aa72c200ddc4e28aacabb8066e829207e2484b8d17059a566232f8a297b, ezkl's src/srs_sha.rs).
/// Hermez: [tau]_2 of powersOfTau28_hez_final_08.ptau (BLAKE2b-512 d6a8fb3a...57b583, table in the README of snarkjs);
/// the files of all powers are one setup. The last is the bundled SRS, srs/simulated-14.srs. Tests read them out of the
/// files themselves.
constexpr std::array kKnownCeremonies = {
    KnownCeremony{"Perpetual Powers of Tau 0071", Standing::ceremony,
                  "141a078d27be11a9fb58290480c66ea6fbd25e5a7202217d2c465ad9ee82b42f"
                  "7a8aa3639c341ee8b48418833e58e618d12669143b071b92ada94da2325d322b"
                  "636f091536aef4f0020c3c6f14a3f0519e994e3c62c2c6a36d08d1d2c9129520"
                  "1f4d673d5bbabcd819ef27bc777d5ef011997be0023032a61f80f6e2e0a6fd28"},
    KnownCeremony{"Hermez powersOfTau28_hez_final", Standing::ceremony,
                  "928fafb3d0cc3dd716c7fe5a36b98d0adb6c6702fbe795377d7e0efb9f1f2106"
                  "36d8956b2b84318ddd639b267eb43295efdc0b100fbac66a52699795b72d2009"
                  "69aacab458251d048001be96afedf2784e3c8d7f000fc4ec668bedbbbee51101"
                  "2d538df8e9e3b94e0769b193070f1b8b7e3bfeadcc85880fd356b3be595c6900"},
    KnownCeremony{"16 contributors simulated on one machine", Standing::simulated,
                  "7ad776f39d39ffdd625008806a58d9d788c68355180cfb8295003ee6fc447d2d"
                  "f99c8b168e2501947f8873bb4fcb97e3df7c395af845b9a46a01c43652c1fe08"
                  "164c6bd0c7e7b13835a5732efb2040df0c3f1cae0b8dcfbe137fe9a41e63c924"
                  "06f2ebe40db2f74b6dd84cc1260cf0d1753af57c0d07d72a2c73f8b0808b7e26"}};

}  // namespace

const char* to_string(Standing standing) noexcept {
  switch (standing) {
    case Standing::ceremony:
      return "ceremony";
    case Standing::simulated:
      return "simulated";
    case Standing::test_only:
      return "test-only";
    case Standing::unknown:
      break;
  }
  return "unknown";
}

std::optional<Standing> parse_standing(std::string_view text) {
  for (const Standing standing : {Standing::ceremony, Standing::simulated, Standing::test_only, Standing::unknown}) {
    if (text == to_string(standing)) return standing;
  }
  return std::nullopt;
}

std::optional<SrsOrigin> known_ceremony(const algebra::G2Affine& s_g2) {
  const std::string hex = to_hex(algebra::to_raw_bytes(s_g2));
  for (const KnownCeremony& known : kKnownCeremonies) {
    if (hex == known.s_g2) return SrsOrigin{known.name, known.standing};
  }
  return std::nullopt;
}

}  // namespace ll::artefacts
