#include "algebra/kernels/affine_lanes.hpp"
#include "algebra/kernels/machine_emulated.hpp"
#include "algebra/kernels/table.hpp"

namespace ll::algebra::kernels {

const Table* emulated_ifma() {
  static constexpr Table kTable = {"emulated-ifma", AffineSums<Emulated>::run};
  return &kTable;
}

}  // namespace ll::algebra::kernels
