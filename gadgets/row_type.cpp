#include "gadgets/row_type.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace ll::gadgets {

using halo2::Expression;
using halo2::Fr;

Expression row_is(const Expression& type, unsigned value, unsigned largest) {
  return row_is_any(type, {value}, largest);
}

Expression row_is_any(const Expression& type, std::initializer_list<unsigned> values, unsigned largest) {
  for (const unsigned value : values)
    LL_CHECK(value >= 1 && value <= largest, "row type: value {} of a column with values 0 to {}", value, largest);
  Expression product = type;  // u = 0
  for (unsigned u = 1; u <= largest; ++u) {
    if (std::ranges::count(values, u) == 0) product = product * (type - Expression::constant(Fr::from_u64(u)));
  }
  return product;
}

}  // namespace ll::gadgets
