#pragma once
#include <iosfwd>
#include <string>
#include <vector>

#include "halo2/verifier.hpp"

namespace ll::halo2 {

/// One thing a witness gets wrong.
struct MockFailure {
  enum class Kind { gate, lookup, shuffle, copy } kind;
  std::string name;     ///< gate "constraint" or argument name; "copy" for copies
  std::string region;   ///< region the row lies in, empty outside of all
  std::size_t row = 0;  ///< absolute
  std::size_t region_row = 0;
  /// Cells the constraint reads, e.g. ("advice 0 @ +1", "-3"): small values as signed decimals, others in hex.
  std::vector<std::pair<std::string, std::string>> cells;

  std::string to_string() const;
};

/// Runs a circuit without cryptography and checks every row: all failures, each with gate, region, row and values.
/// Challenges are drawn from a fixed seed, so a run is repeatable; a false witness passes with probability about
/// 2^-240.
class MockProver {
 public:
  /// Throws Error{invalid_argument} where the circuit does not fit, as keygen does.
  static std::vector<MockFailure> run(unsigned k, Circuit& circuit, const Instances& instances);
};

/// A field element as people read it: signed decimal when |value| < 2^63, hex otherwise.
std::string readable(const Fr& value);

}  // namespace ll::halo2
