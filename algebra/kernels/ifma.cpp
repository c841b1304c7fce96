// Compiled with -mavx512ifma and what it stands on (CMakeLists.txt), run only where the processor has them
// (kernels.cpp).
#include "algebra/kernels/table.hpp"

#if defined(__AVX512IFMA__) && defined(__AVX512DQ__) && defined(__AVX512BW__) && defined(__AVX512VL__)
#include "algebra/kernels/machine_ifma.hpp"
#include "algebra/kernels/table_of.hpp"

namespace ll::algebra::kernels {

const Table* avx512_ifma() { return &kTableOf<Ifma>; }

}  // namespace ll::algebra::kernels

#else
namespace ll::algebra::kernels {
const Table* avx512_ifma() { return nullptr; }
}  // namespace ll::algebra::kernels
#endif
