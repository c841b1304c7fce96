#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "algebra/kernels/table.hpp"

namespace ll::algebra {

/// Which code does the bulk work of this process:
///
///     avx512-ifma     eight products at a time, radix 2^52        Intel since 2019, AMD since 2022
///     adx             one at a time, mulx with two carry chains   Intel since 2014, AMD since 2017
///     portable        one at a time, C++
///     emulated-ifma   the eight lanes in C++, slow: for tests
///
/// The fastest that the processor has, unless the environment's LATENTLEDGER_KERNELS names another. All give the same
/// results, bit for bit. Throws Error{invalid_argument} when the variable names kernels that are unknown or that this
/// processor lacks.
std::string_view kernels_name();
/// Those that this processor and this build can run, fastest first.
std::vector<std::string> available_kernels();
/// Changes to others, for tests and benchmarks; not while other threads compute.
void use_kernels(std::string_view name);

/// The bulk operations in lanes; nullptr where the code for one element at a time is used.
const kernels::Table* lane_kernels();

}  // namespace ll::algebra
