// Compiled with -mavx512ifma and what it stands on (CMakeLists.txt), run only where the processor has them
// (kernels.cpp).
#include "algebra/kernels/table.hpp"

#if defined(__AVX512IFMA__) && defined(__AVX512DQ__) && defined(__AVX512BW__) && defined(__AVX512VL__)
#include "algebra/kernels/affine_lanes.hpp"
#include "algebra/kernels/machine_ifma.hpp"

namespace ll::algebra::kernels {

const Table* avx512_ifma() {
  static constexpr Table kTable = {"avx512-ifma", AffineSums<Ifma>::run};
  return &kTable;
}

}  // namespace ll::algebra::kernels

#else
namespace ll::algebra::kernels {
const Table* avx512_ifma() { return nullptr; }
}  // namespace ll::algebra::kernels
#endif
