#pragma once
#include <span>
#include <vector>

namespace ll::algebra {

/// Replaces each element by its inverse with one inversion and 3 products each, on this thread; zeros stay zero. Time
/// depends on which elements are zero. `scratch` is overwritten: keep it between calls to save its allocation.
/// Source: Montgomery, "Speeding the Pollard and elliptic curve methods of factorization", section 10.3.1.
template <class Field>
void batch_inverse_serial_vartime(std::span<Field> values, std::vector<Field>& scratch) {
  scratch.resize(values.size());  // product of the non-zero elements in front of each
  Field product = Field::one();
  for (std::size_t i = 0; i < values.size(); ++i) {
    scratch[i] = product;
    if (!values[i].is_zero()) product *= values[i];
  }
  Field inverse = *product.inverse();
  for (std::size_t i = values.size(); i-- > 0;) {
    if (values[i].is_zero()) continue;
    const Field value = values[i];
    values[i] = inverse * scratch[i];
    inverse *= value;
  }
}

template <class Field>
void batch_inverse_serial_vartime(std::span<Field> values) {
  std::vector<Field> scratch;
  batch_inverse_serial_vartime(values, scratch);
}

}  // namespace ll::algebra
