#pragma once
#include <span>

#include "algebra/g1.hpp"

namespace ll::algebra {

/// sum scalars[i]·bases[i]. Threaded. Time depends on the scalars: zeros cost nothing, and neither do the unused upper
/// windows of scalars that are small in absolute value (-5 is r - 5), even beside a few large ones. Throws
/// Error{invalid_argument} when the sizes differ.
///
/// Pippenger's bucket method with signed digits; buckets are filled by affine sums that share inversions.
/// Source: Bernstein, Doumen, Lange, Oosterwijk, "Faster batch forgery identification", section 4.
G1 msm_vartime(std::span<const G1Affine> bases, std::span<const Fr> scalars);

/// What msm_vartime expects to pay for `terms[b]` scalars of b bits in absolute value (b = 0: zeros, free; at most 253
/// bits), in units of about one field product: the figure by which it chooses its windows.
double msm_cost(std::span<const std::size_t> terms);
/// The same for these scalars.
double msm_cost_of(std::span<const Fr> scalars);

}  // namespace ll::algebra
