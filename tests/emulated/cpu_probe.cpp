// What the CPU under it has, for run_in_emulator.py: AVX-512 with IFMA, told by CPUID, enabled by the kernel, and
// right.
//
//   g++ -O2 -std=c++20 -mavx512f -mavx512ifma cpu_probe.cpp -o cpu_probe; run_in_emulator.py cpu_probe [ROUNDS [SPINS]]
//
// ROUNDS of eight random lanes are compared (20000); SPINS of eight further instructions are only run, to time them
// from outside. Exit 0: every product agrees with 128-bit arithmetic. 1: one does not. 2: the CPU lacks one of them.
#include <cpuid.h>
#include <immintrin.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

constexpr std::uint64_t kMask52 = (std::uint64_t{1} << 52) - 1;
using u128 = unsigned __int128;

/// CPUID leaf 7, EBX (Intel SDM volume 2A, table 3-8).
struct Feature {
  const char* name;
  int bit;
};
constexpr Feature kFeatures[] = {{"bmi2", 8},        {"avx512f", 16},  {"avx512dq", 17}, {"adx", 19},
                                 {"avx512ifma", 21}, {"avx512bw", 30}, {"avx512vl", 31}};

/// Whether the kernel keeps opmask and ZMM registers: XCR0 bits 1, 2, 5, 6 and 7.
bool has_wide_state() {
  unsigned a, b, c, d;
  __cpuid(1, a, b, c, d);
  if ((c >> 27 & 1) == 0) return false;  // OSXSAVE
  std::uint32_t low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  std::printf("xcr0 0x%x\n", low);
  return (low & 0xe6) == 0xe6;
}

/// xorshift64* (Vigna 2016), every fourth word at an edge: long runs of ones carry furthest.
std::uint64_t draw(std::uint64_t& state) {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  const std::uint64_t word = state * 0x2545f4914f6cdd1d;
  constexpr std::uint64_t kEdges[] = {0,           1,          kMask52,          kMask52 - 1,
                                      kMask52 + 1, UINT64_MAX, UINT64_MAX << 52, UINT64_MAX >> 1};
  return (word >> 60) < 4 ? kEdges[word & 7] : word;
}

/// Whether eight lanes of both instructions give z + low and z + high 52 bits of the product of the low 52 bits of x
/// and y.
bool agrees(std::uint64_t& state) {
  alignas(64) std::uint64_t x[8], y[8], z[8], low[8], high[8];
  for (int i = 0; i < 8; ++i) x[i] = draw(state), y[i] = draw(state), z[i] = draw(state);
  const __m512i a = _mm512_load_si512(x), b = _mm512_load_si512(y), c = _mm512_load_si512(z);
  _mm512_store_si512(low, _mm512_madd52lo_epu64(c, a, b));
  _mm512_store_si512(high, _mm512_madd52hi_epu64(c, a, b));
  for (int i = 0; i < 8; ++i) {
    const u128 product = static_cast<u128>(x[i] & kMask52) * (y[i] & kMask52);
    const auto low_bits = static_cast<std::uint64_t>(product) & kMask52;
    const auto high_bits = static_cast<std::uint64_t>(product >> 52);
    if (low[i] == z[i] + low_bits && high[i] == z[i] + high_bits) continue;
    std::printf("x %016lx y %016lx z %016lx: low %016lx high %016lx\n", x[i], y[i], z[i], low[i], high[i]);
    return false;
  }
  return true;
}

/// Whether two carry chains side by side (adcx over CF, adox over OF) add as 128-bit arithmetic does, and mulx
/// multiplies.
bool chains_agree(std::uint64_t& state) {
  std::uint64_t x[4], y[4], sum[4], low, high;
  for (int i = 0; i < 4; ++i) x[i] = sum[i] = draw(state), y[i] = draw(state);
  unsigned char carry, overflow;
  __asm__(
      "xorl %%eax, %%eax\n\t"
      "adcxq %6, %0\n\t"
      "adoxq %7, %1\n\t"
      "adcxq %8, %2\n\t"
      "adoxq %9, %3\n\t"
      "setc %4\n\t"
      "seto %5"
      : "+&r"(sum[0]), "+&r"(sum[1]), "+&r"(sum[2]), "+&r"(sum[3]), "=&r"(carry), "=&r"(overflow)
      : "r"(y[0]), "r"(y[1]), "r"(y[2]), "r"(y[3])
      : "rax", "cc");
  __asm__("mulxq %3, %0, %1" : "=&r"(low), "=&r"(high) : "d"(x[0]), "r"(y[0]));
  const u128 product = static_cast<u128>(x[0]) * y[0];
  bool agree = low == static_cast<std::uint64_t>(product) && high == static_cast<std::uint64_t>(product >> 64);
  for (int chain = 0; chain < 2; ++chain) {
    const u128 first = static_cast<u128>(x[chain]) + y[chain];
    const u128 second = static_cast<u128>(x[chain + 2]) + y[chain + 2] + static_cast<std::uint64_t>(first >> 64);
    agree = agree && sum[chain] == static_cast<std::uint64_t>(first) &&
            sum[chain + 2] == static_cast<std::uint64_t>(second) &&
            (chain == 0 ? carry : overflow) == static_cast<std::uint64_t>(second >> 64);
  }
  if (!agree) std::printf("adcx, adox or mulx is wrong\n");
  return agree;
}

}  // namespace

int main(int argc, char** argv) {
  const long rounds = argc > 1 ? std::atol(argv[1]) : 20000, spins = argc > 2 ? std::atol(argv[2]) : 0;
  unsigned a, b, c, d;
  __cpuid_count(7, 0, a, b, c, d);
  bool is_complete = has_wide_state();
  for (const Feature& feature : kFeatures) {
    const bool has_it = b >> feature.bit & 1;
    std::printf("%s %d\n", feature.name, has_it);
    is_complete = is_complete && has_it;
  }
  if (!is_complete) return 2;

  std::uint64_t state = 1;
  for (long i = 0; i < rounds; ++i) {
    if (!agrees(state) || !chains_agree(state)) return 1;
  }
  std::printf("%ld lanes of madd52lo and madd52hi agree, and adcx, adox and mulx\n", 8 * rounds);

  __m512i sum[4] = {}, x = _mm512_set1_epi64(static_cast<long long>(state)), y = _mm512_set1_epi64(0x123456789);
  for (long i = 0; i < spins; ++i) {
    for (auto& part : sum) part = _mm512_madd52hi_epu64(_mm512_madd52lo_epu64(part, x, y), x, y);
    __asm__ volatile("" : "+v"(x), "+v"(y));
  }
  for (auto& part : sum) __asm__ volatile("" : : "v"(part));
}
