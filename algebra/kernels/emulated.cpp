#include "algebra/kernels/machine_emulated.hpp"
#include "algebra/kernels/table.hpp"
#include "algebra/kernels/table_of.hpp"

namespace ll::algebra::kernels {

const Table* emulated_ifma() { return &kTableOf<Emulated>; }

}  // namespace ll::algebra::kernels
