#pragma once
// The field operations of field.hpp in x86-64 assembly: g++ 12 makes three times as many instructions of the portable
// versions, because it moves carries through registers. The portable versions stay as their twins (field_test.cpp).
#include "algebra/limbs.hpp"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(LL_PORTABLE_FIELD)
#define LL_FIELD_X86 1
#include <cpuid.h>

namespace ll::algebra::x86 {

/// True when the processor has mulx, adcx and adox (Intel since 2014, AMD since 2017).
inline bool has_adx() noexcept {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0) return false;
  return (ebx >> 8 & 1) != 0 && (ebx >> 19 & 1) != 0;  // BMI2 and ADX; clang's builtin does not know "adx"
}

/// Whether products use them (kernels.hpp). False until this is initialised, which only costs speed.
inline bool use_adx = has_adx();

/// out = a + b mod p for a, b < p < 2^255; out may be a or b.
inline void add(Limbs& out, const Limbs& a, const Limbs& b, const Limbs& p) noexcept {
  std::uint64_t s0 = a[0], s1 = a[1], s2 = a[2], s3 = a[3], d0, d1, d2, d3;
  asm("addq %[b0], %[s0]\n\t"
      "adcq %[b1], %[s1]\n\t"
      "adcq %[b2], %[s2]\n\t"
      "adcq %[b3], %[s3]\n\t"
      "movq %[s0], %[d0]\n\t"
      "movq %[s1], %[d1]\n\t"
      "movq %[s2], %[d2]\n\t"
      "movq %[s3], %[d3]\n\t"
      "subq %[p0], %[d0]\n\t"
      "sbbq %[p1], %[d1]\n\t"
      "sbbq %[p2], %[d2]\n\t"
      "sbbq %[p3], %[d3]\n\t"
      "cmovncq %[d0], %[s0]\n\t"
      "cmovncq %[d1], %[s1]\n\t"
      "cmovncq %[d2], %[s2]\n\t"
      "cmovncq %[d3], %[s3]"
      : [s0] "+&r"(s0), [s1] "+&r"(s1), [s2] "+&r"(s2), [s3] "+&r"(s3), [d0] "=&r"(d0), [d1] "=&r"(d1), [d2] "=&r"(d2),
        [d3] "=&r"(d3)
      : [b0] "m"(b[0]), [b1] "m"(b[1]), [b2] "m"(b[2]), [b3] "m"(b[3]), [p0] "m"(p[0]), [p1] "m"(p[1]), [p2] "m"(p[2]),
        [p3] "m"(p[3])
      : "cc");
  out[0] = s0;
  out[1] = s1;
  out[2] = s2;
  out[3] = s3;
}

/// out = a - b mod p for a, b < p; out may be a or b.
inline void sub(Limbs& out, const Limbs& a, const Limbs& b, const Limbs& p) noexcept {
  std::uint64_t s0 = a[0], s1 = a[1], s2 = a[2], s3 = a[3], d0, d1, d2, d3;
  asm("subq %[b0], %[s0]\n\t"
      "sbbq %[b1], %[s1]\n\t"
      "sbbq %[b2], %[s2]\n\t"
      "sbbq %[b3], %[s3]\n\t"
      "sbbq %[d0], %[d0]\n\t"  // all ones when a < b
      "movq %[d0], %[d1]\n\t"
      "movq %[d0], %[d2]\n\t"
      "movq %[d0], %[d3]\n\t"
      "andq %[p0], %[d0]\n\t"
      "andq %[p1], %[d1]\n\t"
      "andq %[p2], %[d2]\n\t"
      "andq %[p3], %[d3]\n\t"
      "addq %[d0], %[s0]\n\t"
      "adcq %[d1], %[s1]\n\t"
      "adcq %[d2], %[s2]\n\t"
      "adcq %[d3], %[s3]"
      : [s0] "+&r"(s0), [s1] "+&r"(s1), [s2] "+&r"(s2), [s3] "+&r"(s3), [d0] "=&r"(d0), [d1] "=&r"(d1), [d2] "=&r"(d2),
        [d3] "=&r"(d3)
      : [b0] "m"(b[0]), [b1] "m"(b[1]), [b2] "m"(b[2]), [b3] "m"(b[3]), [p0] "m"(p[0]), [p1] "m"(p[1]), [p2] "m"(p[2]),
        [p3] "m"(p[3])
      : "cc");
  out[0] = s0;
  out[1] = s1;
  out[2] = s2;
  out[3] = s3;
}

// One row t += a·b[i], with the low halves carried through OF and the high halves through CF; the top word is `high`.
#define LL_ROW(i)                    \
  "xorl %k[low], %k[low]\n\t"        \
  "movq %[b" #i                      \
  "], %%rdx\n\t"                     \
  "mulxq %[a0], %[low], %[high]\n\t" \
  "adoxq %[low], %[t0]\n\t"          \
  "adcxq %[high], %[t1]\n\t"         \
  "mulxq %[a1], %[low], %[high]\n\t" \
  "adoxq %[low], %[t1]\n\t"          \
  "adcxq %[high], %[t2]\n\t"         \
  "mulxq %[a2], %[low], %[high]\n\t" \
  "adoxq %[low], %[t2]\n\t"          \
  "adcxq %[high], %[t3]\n\t"         \
  "mulxq %[a3], %[low], %[high]\n\t" \
  "adoxq %[low], %[t3]\n\t"          \
  "movl $0, %k[low]\n\t"             \
  "adcxq %[low], %[high]\n\t"        \
  "adoxq %[low], %[high]\n\t"

// t = (t + m·p)/2^64 with m such that the lowest word becomes zero; `high` is the top word of t before.
#define LL_REDUCE                     \
  "movq %[inverse], %%rdx\n\t"        \
  "imulq %[t0], %%rdx\n\t"            \
  "xorl %k[low], %k[low]\n\t"         \
  "mulxq %[p0], %[low], %[spare]\n\t" \
  "adcxq %[t0], %[low]\n\t"           \
  "movq %[spare], %[t0]\n\t"          \
  "adcxq %[t1], %[t0]\n\t"            \
  "mulxq %[p1], %[low], %[t1]\n\t"    \
  "adoxq %[low], %[t0]\n\t"           \
  "adcxq %[t2], %[t1]\n\t"            \
  "mulxq %[p2], %[low], %[t2]\n\t"    \
  "adoxq %[low], %[t1]\n\t"           \
  "adcxq %[t3], %[t2]\n\t"            \
  "mulxq %[p3], %[low], %[t3]\n\t"    \
  "adoxq %[low], %[t2]\n\t"           \
  "movl $0, %k[low]\n\t"              \
  "adcxq %[low], %[t3]\n\t"           \
  "adoxq %[high], %[t3]\n\t"

/// out = a·b/2^256 mod p, for a < p < 2^254 and any b; inverse = -p^-1 mod 2^64; out may be a or b. Only where
/// has_adx(). The same rows as PrimeField::portable_mul, on two independent carry chains. A call costs little beside
/// it, and inlined into each expression it would swamp the instruction cache (and the compiler). Source: Ozturk,
/// Guilford, Gopal, Feghali, "New Instructions Supporting Large Integer Arithmetic on Intel Architecture Processors",
/// Intel white paper, 2012.
[[gnu::noinline]] inline void mul_adx(Limbs& out, const Limbs& a, const Limbs& b, const Limbs& p,
                                      const std::uint64_t& inverse) noexcept {
  std::uint64_t t0, t1, t2, t3, low, high, spare;
  asm("xorl %k[low], %k[low]\n\t"  // the first row starts from zero
      "movq %[b0], %%rdx\n\t"
      "mulxq %[a0], %[t0], %[t1]\n\t"
      "mulxq %[a1], %[low], %[t2]\n\t"
      "adoxq %[low], %[t1]\n\t"
      "mulxq %[a2], %[low], %[t3]\n\t"
      "adoxq %[low], %[t2]\n\t"
      "mulxq %[a3], %[low], %[high]\n\t"
      "adoxq %[low], %[t3]\n\t"
      "movl $0, %k[low]\n\t"
      "adoxq %[low], %[high]\n\t" LL_REDUCE LL_ROW(1) LL_REDUCE LL_ROW(2) LL_REDUCE LL_ROW(3) LL_REDUCE
      "movq %[t0], %%rdx\n\t"  // minus p, unless that is negative
      "movq %[t1], %[low]\n\t"
      "movq %[t2], %[high]\n\t"
      "movq %[t3], %[spare]\n\t"
      "subq %[p0], %%rdx\n\t"
      "sbbq %[p1], %[low]\n\t"
      "sbbq %[p2], %[high]\n\t"
      "sbbq %[p3], %[spare]\n\t"
      "cmovncq %%rdx, %[t0]\n\t"
      "cmovncq %[low], %[t1]\n\t"
      "cmovncq %[high], %[t2]\n\t"
      "cmovncq %[spare], %[t3]"
      : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [low] "=&r"(low), [high] "=&r"(high),
        [spare] "=&r"(spare)
      : [a0] "m"(a[0]), [a1] "m"(a[1]), [a2] "m"(a[2]), [a3] "m"(a[3]), [b0] "m"(b[0]), [b1] "m"(b[1]), [b2] "m"(b[2]),
        [b3] "m"(b[3]), [p0] "m"(p[0]), [p1] "m"(p[1]), [p2] "m"(p[2]), [p3] "m"(p[3]), [inverse] "m"(inverse)
      : "rdx", "cc");
  out[0] = t0;
  out[1] = t1;
  out[2] = t2;
  out[3] = t3;
}

#undef LL_ROW
#undef LL_REDUCE

}  // namespace ll::algebra::x86

#else
#define LL_FIELD_X86 0
#endif
