#pragma once
#include "algebra/kernels/affine_lanes.hpp"
#include "algebra/kernels/ntt_lanes.hpp"

namespace ll::algebra::kernels {

/// All operations on one machine's vectors.
template <class Machine>
static constexpr Table kTableOf = {
    .name = Machine::kName,
    .affine_sums = AffineSums<Machine>::run,
    .width = Machine::kWidth,
    .ntt_first = Ntt<Machine>::first,
    .ntt_constants = Ntt<Machine>::constants,
    .ntt_pass = Ntt<Machine>::pass,
    .ntt_block = Ntt<Machine>::block,
    .ntt_finish = Ntt<Machine>::finish,
    .scale_by_powers = Arrays<Machine>::scale_by_powers,
    .add_scaled = Arrays<Machine>::add_scaled,
    .evaluate_lanes = Arrays<Machine>::evaluate_lanes,
    .run_rows = Arrays<Machine>::run_rows,
};

}  // namespace ll::algebra::kernels
