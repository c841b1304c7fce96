#pragma once
#include <array>
#include <deque>
#include <vector>

#include "algebra/fr.hpp"

/// Poseidon over BN254's scalar field: x^5, width 3, 8 full and 57 partial rounds ("x5_254_3", as in circom). Source:
/// Grassi, Khovratovich, Rechberger, Roy, Schofnegger, eprint 2019/458, section 4.2 and appendices E (the Grain LFSR)
/// and F; the authors' generate_parameters_grain.sage fixes the order of the draws.
struct Poseidon {
  using Fr = ll::algebra::Fr;
  using State = std::array<Fr, 3>;
  static constexpr std::size_t kFull = 8, kPartial = 57, kRounds = kFull + kPartial;
  std::vector<State> constants;  ///< [kRounds]
  std::array<State, 3> mds;      ///< new[i] = sum_j mds[i][j] old[j]

  static bool is_full(std::size_t round) { return round < kFull / 2 || round >= kRounds - kFull / 2; }

  Poseidon() {
    Grain grain;
    for (std::size_t round = 0; round < kRounds; ++round) {
      State c;
      for (Fr& value : c) value = grain.element(/*reject=*/true);
      constants.push_back(c);
    }
    State x, y;  // Cauchy matrix 1 / (x_i + y_j)
    for (Fr& value : x) value = grain.element(false);
    for (Fr& value : y) value = grain.element(false);
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < 3; ++j) mds[i][j] = (x[i] + y[j]).inverse().value();
    }
  }

  State round(std::size_t index, State s) const {
    for (std::size_t i = 0; i < 3; ++i) {
      s[i] += constants[index][i];
      if (i == 0 || is_full(index)) s[i] = s[i] * s[i] * s[i] * s[i] * s[i];
    }
    State mixed;
    for (std::size_t i = 0; i < 3; ++i) mixed[i] = mds[i][0] * s[0] + mds[i][1] * s[1] + mds[i][2] * s[2];
    return mixed;
  }

  State permute(State s) const {
    for (std::size_t index = 0; index < kRounds; ++index) s = round(index, s);
    return s;
  }

 private:
  /// 80-bit register, 160 steps thrown away, then of each pair of bits the second counts if the first is set.
  class Grain {
   public:
    Grain() {
      const std::array<std::pair<unsigned, unsigned>, 7> fields = {
          {{2, 1}, {4, 0}, {12, 254}, {12, 3}, {10, kFull}, {10, kPartial}, {30, (1u << 30) - 1}}};
      for (const auto& [bits, value] : fields) {
        for (unsigned i = bits; i-- > 0;) state_.push_back((value >> i & 1) != 0);
      }
      for (int i = 0; i < 160; ++i) step();
    }
    Fr element(bool reject) {
      while (true) {
        Fr value;
        std::array<std::uint8_t, 32> bytes{};
        for (std::size_t i = 254; i-- > 0;) {
          const bool one = bit();
          value = value + value + (one ? Fr::one() : Fr::zero());
          bytes[i / 8] = static_cast<std::uint8_t>(bytes[i / 8] | (one ? 1u : 0u) << i % 8);
        }
        if (!reject || Fr::from_bytes_le(bytes)) return value;
      }
    }

   private:
    bool step() {
      const bool next = state_[62] ^ state_[51] ^ state_[38] ^ state_[23] ^ state_[13] ^ state_[0];
      state_.pop_front();
      state_.push_back(next);
      return next;
    }
    bool bit() {
      while (!step()) step();
      return step();
    }
    std::deque<bool> state_;
  };
};
