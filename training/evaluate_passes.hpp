#pragma once
// The arithmetics of evaluate(): how each encodes many states and computes deltas. Internal to training/evaluate.cpp.
//
// A pass has
//   Amount       of balances: u64 units or u128 wei
//   Move         a transfer
//   Number       of embeddings
//   kBatch       states to encode at once
//   width()      numbers in an embedding
//   embed(balances [n, N], e [n, width])                     each state from scratch
//   deltas(moves [n], balances before each [n, N], d [n, width])
//   in_units(Number)                                         for the report
#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "base/error.hpp"
#include "model/batch_product.hpp"
#include "model/exact_encoder.hpp"
#include "training/evaluate.hpp"

namespace ll::training {

/// E and delta in a floating-point type, V / max|V| rounded to it first.
template <class Real>
class FloatPass {
 public:
  using Amount = std::uint64_t;
  using Move = SlotTransfer;
  using Number = Real;
  static constexpr std::size_t kBatch = 32;

  FloatPass(const model::EncoderShape& shape, std::span<const double> v)
      : dims_(shape.dims),
        unit_(std::ldexp(Real{1}, -int(shape.balance_bits))),
        v_(scaled(v)),
        product_(v_, shape.accounts, shape.dims) {}

  std::size_t width() const { return dims_; }
  void embed(std::span<const Amount> balances, std::span<Real> e) const {
    std::vector<Real> x(balances.size());
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<Real>(balances[i]) * unit_;
    product_.multiply(x, e);
  }
  void deltas(std::span<const Move> moves, std::span<const Amount> /*before*/, std::span<Real> d) const {
    for (std::size_t t = 0; t < moves.size(); ++t) {
      const Real a = static_cast<Real>(moves[t].amount) * unit_;
      const Real* sender = v_.data() + moves[t].sender_slot * dims_;
      const Real* receiver = v_.data() + moves[t].receiver_slot * dims_;
      Real* const out = d.data() + t * dims_;
      for (std::size_t k = 0; k < dims_; ++k) out[k] = a * (receiver[k] - sender[k]);
    }
  }
  double in_units(Real value) const { return static_cast<double>(value); }

 private:
  static std::vector<Real> scaled(std::span<const double> v) {
    double largest = 0;
    for (const double value : v) largest = std::max(largest, std::abs(value));
    LL_CHECK(std::isfinite(largest) && largest > 0, "evaluate: V is zero or not finite");
    std::vector<Real> result(v.size());
    for (std::size_t i = 0; i < v.size(); ++i) result[i] = static_cast<Real>(v[i] / largest);
    return result;
  }

  std::size_t dims_;
  Real unit_;
  std::vector<Real> v_;
  model::BatchProduct<Real> product_;
};

/// V^ for encoding many states in integers: float64 products, exact below 2^53, handed out as int64.
class IntegerProduct {
 public:
  explicit IntegerProduct(const model::QuantizedEncoder& encoder)
      : product_(std::vector<double>(encoder.vhat().begin(), encoder.vhat().end()), encoder.shape().accounts,
                 encoder.shape().dims) {}

  /// x [n, N] integers below 2^balance_bits; row r of the result goes to e + r · stride.
  void multiply(std::span<const double> x, std::size_t stride, std::int64_t* e) const {
    const std::size_t count = x.size() / product_.rows(), dims = product_.columns();
    std::vector<double> y(count * dims);
    product_.multiply(x, y);
    for (std::size_t r = 0; r < count; ++r)
      for (std::size_t k = 0; k < dims; ++k) e[r * stride + k] = static_cast<std::int64_t>(y[r * dims + k]);
  }

 private:
  model::BatchProduct<double> product_;
};

/// Integers in units.
class QuantisedPass {
 public:
  using Amount = std::uint64_t;
  using Move = SlotTransfer;
  using Number = std::int64_t;
  static constexpr std::size_t kBatch = 32;

  explicit QuantisedPass(const model::QuantizedEncoder& encoder) : encoder_(encoder), product_(encoder) {}

  std::size_t width() const { return encoder_.shape().dims; }
  void embed(std::span<const Amount> balances, std::span<Number> e) const {
    product_.multiply(std::vector<double>(balances.begin(), balances.end()), width(), e.data());
  }
  void deltas(std::span<const Move> moves, std::span<const Amount> /*before*/, std::span<Number> d) const {
    std::ranges::fill(d, 0);
    for (std::size_t t = 0; t < moves.size(); ++t)
      encoder_.add_delta(d.subspan(t * width(), width()), moves[t].sender_slot, moves[t].receiver_slot,
                         moves[t].amount);
  }
  double in_units(Number value) const {  // |value| < 2^54: a double may round it, but never to 0
    return std::ldexp(static_cast<double>(value), -int(encoder_.shape().scale_bits()));
  }

 private:
  const model::QuantizedEncoder& encoder_;
  IntegerProduct product_;
};

/// Integers in wei, four limbs one after the other.
class ExactPass {
 public:
  using Amount = u128;
  using Move = ExactTransfer;
  using Number = std::int64_t;
  static constexpr std::size_t kBatch = 16;

  explicit ExactPass(const model::QuantizedEncoder& encoder) : exact_(encoder), product_(encoder) {}

  std::size_t width() const { return exact_.vector_size(); }
  void embed(std::span<const Amount> balances, std::span<Number> e) const {
    std::vector<double> x(balances.size());
    for (std::size_t limb = 0; limb < model::ExactEncoder::kLimbs; ++limb) {
      for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(model::limb_of(balances[i], limb));
      product_.multiply(x, width(), e.data() + limb * exact_.encoder().shape().dims);
    }
  }
  void deltas(std::span<const Move> moves, std::span<const Amount> before, std::span<Number> d) const {
    const std::size_t n = exact_.encoder().shape().accounts;
    for (std::size_t t = 0; t < moves.size(); ++t) {
      const auto& m = moves[t];
      const auto delta = exact_.delta(m.sender_slot, m.receiver_slot, m.amount, before[t * n + m.sender_slot],
                                      before[t * n + m.receiver_slot]);
      std::ranges::copy(delta, d.begin() + std::ptrdiff_t(t * width()));
    }
  }
  double in_units(Number value) const {
    return std::ldexp(static_cast<double>(value), -int(exact_.encoder().shape().scale_bits()));
  }

 private:
  model::ExactEncoder exact_;
  IntegerProduct product_;
};

/// An encoder known by its functions.
class StatePass {
 public:
  using Amount = std::uint64_t;
  using Move = SlotTransfer;
  using Number = double;
  static constexpr std::size_t kBatch = 128;

  /// `start` [N]: the state whose embedding gives the unit.
  StatePass(const StateEncoder& encoder, std::span<const Amount> start) : encoder_(encoder) {
    std::vector<double> e(encoder.dims);
    embed(start, e);
    double largest = 0;
    for (const double value : e) largest = std::max(largest, std::abs(value));
    LL_CHECK(std::isfinite(largest) && largest > 0, "evaluate: {}: E of the start state is zero or not finite",
             encoder.name);
    unit_ = 1 / largest;
  }

  std::size_t width() const { return encoder_.dims; }
  void embed(std::span<const Amount> balances, std::span<double> e) const {
    std::vector<double> x(balances.size());
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = std::ldexp(static_cast<double>(balances[i]), -int(encoder_.balance_bits));
    take(encoder_.embed(x), e);
  }
  void deltas(std::span<const Move> moves, std::span<const Amount> /*before*/, std::span<double> d) const {
    take(encoder_.deltas(moves), d);
  }
  double in_units(double value) const { return value * unit_; }

 private:
  void take(const std::vector<double>& given, std::span<double> out) const {
    LL_CHECK(given.size() == out.size(), "evaluate: {}: {} numbers, {} expected", encoder_.name, given.size(),
             out.size());
    std::ranges::copy(given, out.begin());
  }

  const StateEncoder& encoder_;
  double unit_ = 1;
};

}  // namespace ll::training
