// Compiled with -mavx2 -mfma (CMakeLists.txt), run only where the processor has both (kernels.cpp).
#include "algebra/kernels/table.hpp"

#if defined(__AVX2__) && defined(__FMA__)
#include "algebra/kernels/machine_avx2.hpp"
#include "algebra/kernels/table_of.hpp"

namespace ll::algebra::kernels {

const Table* avx2_fma() { return &kTableOf<Avx2>; }

}  // namespace ll::algebra::kernels

#else
namespace ll::algebra::kernels {
const Table* avx2_fma() { return nullptr; }
}  // namespace ll::algebra::kernels
#endif
