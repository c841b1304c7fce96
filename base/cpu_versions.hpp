#pragma once

/// Before a function definition: it is compiled for AVX2 too, and the version that fits the machine is chosen when the
/// program is loaded. AVX2 without FMA: both versions round alike. What it calls must be inlined to gain anything.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define LL_CPU_VERSIONS __attribute__((target_clones("avx2", "default")))
#else
#define LL_CPU_VERSIONS
#endif
