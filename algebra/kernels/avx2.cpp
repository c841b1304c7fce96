// Compiled with -mavx2 -mfma (CMakeLists.txt), run only where the processor has both (kernels.cpp).
#include "algebra/kernels/table.hpp"

#if defined(__AVX2__) && defined(__FMA__)
#include "algebra/kernels/affine_lanes.hpp"
#include "algebra/kernels/machine_avx2.hpp"

namespace ll::algebra::kernels {

const Table* avx2_fma() {
  static constexpr Table kTable = {"avx2-fma", AffineSums<Avx2>::run};
  return &kTable;
}

}  // namespace ll::algebra::kernels

#else
namespace ll::algebra::kernels {
const Table* avx2_fma() { return nullptr; }
}  // namespace ll::algebra::kernels
#endif
