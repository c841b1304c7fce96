#pragma once
#include "algebra/kernels/lanes.hpp"
#include "algebra/kernels/table.hpp"

namespace ll::algebra::kernels {

/// Passes over arrays of Fr: elementwise ones, and programs over rows.
template <class Machine>
struct Arrays {
  using F = FieldLanes<Machine, FrModulus>;
  using Value = typename F::Value;
  using Vector = typename F::Vector;
  static constexpr std::size_t kWidth = Machine::kWidth, kVectorWords = kLimbs * kWidth;

  LL_INLINE Value get(const Word* vectors, std::size_t i) {
    Value v;
    __builtin_memcpy(&v, vectors + i * kVectorWords, sizeof(v));
    return v;
  }
  LL_INLINE void put(Word* vectors, std::size_t i, const Value& v) {
    __builtin_memcpy(vectors + i * kVectorWords, &v, sizeof(v));
  }
  LL_INLINE Value times_constant16(const Value& v, const Value& constant16) { return F::mul(v, constant16); }

  /// factor·base^i in lane i, times 16 and below p; and base^kWidth in every lane, likewise.
  LL_INLINE void first_powers(const Word* base, const Word* factor, Value& powers, Value& step) {
    const Value base16 = F::template canonical<16>(F::splat16(base));
    Value lanes = F::template canonical<16>(F::splat16(factor)), power = lanes;
    step = base16;
    for (std::size_t i = 1; i < kWidth; ++i) {
      power = F::mul(power, base16);
      step = F::mul(step, base16);
      for (int limb = 0; limb < kLimbs; ++limb) lanes.limb[limb][i] = power.limb[limb][i];
    }
    powers = lanes;
  }

  static void scale_by_powers(Word* values, std::size_t count, const Word* base, const Word* factor) {
    Value powers, step;
    first_powers(base, factor, powers, step);
    for (std::size_t i = 0; i < count; i += kWidth) {
      Value out[2];
      const Value a[2] = {F::load(values + 4 * i), powers}, b[2] = {powers, step};
      F::template mul<2>(out, a, b);
      F::store(values + 4 * i, F::template canonical<2>(out[0]));
      powers = out[1];
    }
  }

  static void add_scaled(Word* target, const Word* source, std::size_t count, const Word* factor) {
    const Value factor16 = F::template canonical<16>(F::splat16(factor));
    for (std::size_t i = 0; i < count; i += 2 * kWidth) {
      const std::size_t second = i + kWidth < count ? i + kWidth : i;
      Value out[2];
      const Value a[2] = {F::load(source + 4 * i), F::load(source + 4 * second)}, b[2] = {factor16, factor16};
      F::template mul<2>(out, a, b);
      const Value sum0 = F::add(out[0], F::load(target + 4 * i));
      const Value sum1 = F::add(out[1], F::load(target + 4 * second));
      F::store(target + 4 * i, F::template canonical<4>(sum0));
      F::store(target + 4 * second, F::template canonical<4>(sum1));
    }
  }

  static void evaluate_lanes(Word* values, const Word* coefficients, std::size_t count, const Word* x_step) {
    const Value step16 = F::template canonical<16>(F::splat16(x_step));
    Value sum{};
    for (std::size_t i = count; i > 0; i -= kWidth) {
      sum = F::add(F::mul(sum, step16), F::load(coefficients + 4 * (i - kWidth)));  // below 3 p
    }
    F::store(values, F::template canonical<4>(sum));
  }

  LL_INLINE Value lifted_difference(const Value& a, const Value& b, unsigned lift) {
    Value out;
    for (int i = 0; i < kLimbs; ++i) out.limb[i] = a.limb[i] + kLifts[lift][i] - b.limb[i];
    F::normalise(out);
    return out;
  }

  static void run_rows(const RowCode& code, std::size_t begin, std::size_t end, Word* registers, Word* out) {
    const std::size_t vectors = (end - begin) / kWidth;
    const auto at = [&](std::uint32_t place) __attribute__((always_inline)) {
      return registers + std::size_t{place} * (Table::kRowBlock / kWidth) * kVectorWords;
    };
    for (std::size_t i = 0; i < code.count; ++i) {
      const RowOp& op = code.ops[i];
      Word* const to = at(op.out);
      switch (op.kind) {
        case RowOp::Kind::load:
          for (std::size_t v = 0; v < vectors; ++v) {
            std::size_t row = begin + v * kWidth + op.b;
            if (row >= code.rows) row -= code.rows;
            if (row + kWidth <= code.rows) {
              put(to, v, F::load16(code.sources[op.a] + 4 * row));
              continue;
            }
            const Word* rows[kWidth];
            for (std::size_t lane = 0; lane < kWidth; ++lane) {
              const std::size_t r = row + lane < code.rows ? row + lane : row + lane - code.rows;
              rows[lane] = code.sources[op.a] + 4 * r;
            }
            Vector w[4];
            Machine::load_rows(rows, w);
            put(to, v, F::from_words16(w));
          }
          break;
        case RowOp::Kind::add:
          for (std::size_t v = 0; v < vectors; ++v) put(to, v, F::add(get(at(op.a), v), get(at(op.b), v)));
          break;
        case RowOp::Kind::sub:
          for (std::size_t v = 0; v < vectors; ++v)
            put(to, v, lifted_difference(get(at(op.a), v), get(at(op.b), v), op.lift));
          break;
        case RowOp::Kind::mul:
          multiply(to, at(op.a), at(op.b), 1, vectors);
          break;
        case RowOp::Kind::add_constant: {
          const Value constant = F::splat(code.constants + 4 * op.b);
          for (std::size_t v = 0; v < vectors; ++v) put(to, v, F::add(get(at(op.a), v), constant));
          break;
        }
        case RowOp::Kind::mul_constant: {
          const Value constant = F::splat(code.constants + 4 * op.b);
          Word words[kVectorWords];
          put(words, 0, constant);
          multiply(to, at(op.a), words, 0, vectors);
          break;
        }
      }
    }
    const Value factor = F::splat(code.factor);
    for (std::size_t v = 0; v < vectors; ++v) {
      F::store(out + 4 * (begin + v * kWidth), F::template canonical<2>(F::mul(get(at(code.result), v), factor)));
    }
  }

 private:
  /// to[v] = a[v] b[v b_step], two at a time.
  LL_INLINE void multiply(Word* to, const Word* a, const Word* b, std::size_t b_step, std::size_t vectors) {
    for (std::size_t v = 0; v < vectors; v += 2) {
      const std::size_t w = v + 1 < vectors ? v + 1 : v;
      Value product[2];
      const Value as[2] = {get(a, v), get(a, w)}, bs[2] = {get(b, v * b_step), get(b, w * b_step)};
      F::template mul<2>(product, as, bs);
      put(to, v, product[0]);
      put(to, w, product[1]);
    }
  }

  /// 2^i p, lifted.
  static constexpr Limbs52 kLifts[7] = {FrModulus::lifted(1), FrModulus::lifted(2),  FrModulus::lifted(4),
                                        FrModulus::lifted(8), FrModulus::lifted(16), FrModulus::lifted(32),
                                        FrModulus::lifted(64)};
};

}  // namespace ll::algebra::kernels
