#include "halo2/row_program.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "algebra/kernels.hpp"
#include "base/error.hpp"
#include "base/parallel.hpp"

namespace ll::halo2 {
namespace {

constexpr std::size_t kBlock = 64;  // rows: 2 KiB a register, so a program of 100 live values stays in the L2 cache

}  // namespace

bool RowProgram::is_binary(Op op) { return op == Op::add || op == Op::sub || op == Op::mul; }

RowProgram::Value RowProgram::emit(const Node& node) {
  const auto key = std::make_tuple(node.op, node.a, node.b, node.rotation, node.scalar.to_bytes_le());
  const auto [found, is_new] = known_.try_emplace(key, static_cast<std::uint32_t>(nodes_.size()));
  if (is_new) nodes_.push_back(node);
  return {false, Fr::zero(), found->second};
}

RowProgram::Value RowProgram::load(std::uint32_t source, int rotation) {
  return emit({Op::load, source, 0, rotation, Fr::zero()});
}

RowProgram::Value RowProgram::add(const Value& a, const Value& b) {
  if (a.is_scalar && b.is_scalar) return scalar(a.scalar_value + b.scalar_value);
  if (a.is_scalar) return add(b, a);
  if (b.is_scalar) return b.scalar_value.is_zero() ? a : emit({Op::add_scalar, a.node, 0, 0, b.scalar_value});
  return emit({Op::add, std::min(a.node, b.node), std::max(a.node, b.node), 0, Fr::zero()});
}

RowProgram::Value RowProgram::sub(const Value& a, const Value& b) {
  if (b.is_scalar) return add(a, scalar(-b.scalar_value));
  if (a.is_scalar) return add(neg(b), a);
  return emit({Op::sub, a.node, b.node, 0, Fr::zero()});
}

RowProgram::Value RowProgram::mul(const Value& a, const Value& b) {
  if (a.is_scalar && b.is_scalar) return scalar(a.scalar_value * b.scalar_value);
  if (a.is_scalar) return mul(b, a);
  if (!b.is_scalar) return emit({Op::mul, std::min(a.node, b.node), std::max(a.node, b.node), 0, Fr::zero()});
  if (b.scalar_value.is_zero()) return scalar(Fr::zero());
  if (b.scalar_value == Fr::one()) return a;
  return emit({Op::mul_scalar, a.node, 0, 0, b.scalar_value});
}

RowProgram::Value RowProgram::neg(const Value& a) {
  if (a.is_scalar) return scalar(-a.scalar_value);
  return emit({Op::neg, a.node, 0, 0, Fr::zero()});
}

std::vector<bool> RowProgram::used_sources(std::size_t count) const {
  std::vector<bool> used(count, false);
  for (const Node& node : nodes_) {
    if (node.op == Op::load) used[node.a] = true;
  }
  return used;
}

RowProgram::RowCost RowProgram::row_cost(const Value& result) const {
  RowCost cost;
  if (result.is_scalar) return cost;
  for (std::uint32_t i = 0; i <= result.node; ++i) {
    if (nodes_[i].op == Op::mul || nodes_[i].op == Op::mul_scalar) {
      ++cost.products;
    } else if (nodes_[i].op != Op::load) {
      ++cost.sums;
    }
  }
  return cost;
}

std::vector<std::uint32_t> RowProgram::last_uses(std::size_t length) const {
  std::vector<std::uint32_t> last(length, 0);
  for (std::uint32_t i = 0; i < length; ++i) {
    const Node& node = nodes_[i];
    if (node.op == Op::load) continue;
    last[node.a] = i;
    if (is_binary(node.op)) last[node.b] = i;
  }
  last[length - 1] = static_cast<std::uint32_t>(length);
  return last;
}

void RowProgram::run(std::span<const std::span<const Fr>> sources, const Value& result, std::span<Fr> out,
                     const Fr& factor) const {
  if (result.is_scalar) {
    std::ranges::fill(out, result.scalar_value * factor);
    return;
  }
  const algebra::kernels::Table* const lanes = algebra::lane_kernels();
  if (lanes != nullptr && out.size() >= lanes->width) return run_in_lanes(*lanes, sources, result, out, factor);
  // A register is free again after the last operation that reads it.
  const std::size_t n = out.size(), length = result.node + 1;
  const std::vector<std::uint32_t> last_use = last_uses(length);
  std::vector<std::uint32_t> place(length, 0), free_list;
  std::uint32_t registers = 0;
  for (std::uint32_t i = 0; i < length; ++i) {
    if (free_list.empty()) free_list.push_back(registers++);
    place[i] = free_list.back();
    free_list.pop_back();
    const Node& node = nodes_[i];
    if (node.op == Op::load) continue;
    if (last_use[node.a] == i) free_list.push_back(place[node.a]);
    if (is_binary(node.op) && node.b != node.a && last_use[node.b] == i) free_list.push_back(place[node.b]);
  }

  parallel_for((n + kBlock - 1) / kBlock, 4, [&](std::size_t first_block, std::size_t end_block) {
    std::vector<Fr> storage(registers * kBlock);
    std::vector<const Fr*> at(length);
    for (std::size_t block = first_block; block < end_block; ++block) {
      const std::size_t begin = block * kBlock, count = std::min(kBlock, n - begin);
      for (std::uint32_t i = 0; i < length; ++i) {
        const Node& node = nodes_[i];
        Fr* target = &storage[place[i] * kBlock];
        at[i] = target;
        switch (node.op) {
          case Op::load: {
            const std::span<const Fr> source = sources[node.a];
            const std::size_t shift = static_cast<std::size_t>(
                ((node.rotation % static_cast<long>(n)) + static_cast<long>(n)) % static_cast<long>(n));
            const std::size_t start = (begin + shift) % n;
            if (start + count <= n) {
              at[i] = &source[start];
            } else {
              for (std::size_t r = 0; r < count; ++r) target[r] = source[(start + r) % n];
            }
            break;
          }
          case Op::add:
            for (std::size_t r = 0; r < count; ++r) target[r] = at[node.a][r] + at[node.b][r];
            break;
          case Op::sub:
            for (std::size_t r = 0; r < count; ++r) target[r] = at[node.a][r] - at[node.b][r];
            break;
          case Op::mul:
            for (std::size_t r = 0; r < count; ++r) target[r] = at[node.a][r] * at[node.b][r];
            break;
          case Op::neg:
            for (std::size_t r = 0; r < count; ++r) target[r] = -at[node.a][r];
            break;
          case Op::add_scalar:
            for (std::size_t r = 0; r < count; ++r) target[r] = at[node.a][r] + node.scalar;
            break;
          case Op::mul_scalar:
            for (std::size_t r = 0; r < count; ++r) target[r] = at[node.a][r] * node.scalar;
            break;
        }
      }
      for (std::size_t r = 0; r < count; ++r) out[begin + r] = at[result.node][r] * factor;
    }
  });
}

void RowProgram::run_in_lanes(const algebra::kernels::Table& lanes, std::span<const std::span<const Fr>> sources,
                              const Value& result, std::span<Fr> out, const Fr& factor) const {
  using algebra::kernels::RowCode;
  using algebra::kernels::RowOp;
  using Kind = RowOp::Kind;
  constexpr std::size_t kBlockRows = algebra::kernels::Table::kRowBlock;
  const std::size_t n = out.size(), length = result.node + 1;
  const std::vector<std::uint32_t> last_use = last_uses(length);

  // Values in lanes are bounded, not reduced (algebra/kernels/modulus52.hpp): bound[i] p lies above node i. Sums may
  // reach 64 p; an operand that would pass that is multiplied by one first.
  constexpr double kMost = 64, kModulusShare = 0.0119;  // p / 2^260
  std::vector<double> bound(length, 0);
  std::vector<std::uint32_t> place(length, 0), free_list;
  std::uint32_t registers = 0;
  std::vector<RowOp> ops;
  std::vector<Fr> constants;
  const auto constant = [&](const Fr& value) {
    constants.push_back(value.doubled().doubled().doubled().doubled());
    return static_cast<std::uint32_t>(constants.size() - 1);
  };
  const std::uint32_t one = constant(Fr::one());
  const auto reduce = [&](std::uint32_t node) {
    ops.push_back({Kind::mul_constant, 0, place[node], place[node], one});
    bound[node] = 1 + kModulusShare * bound[node];
  };
  const auto fit = [&](std::uint32_t a, std::uint32_t b) {  // so that a + b stays below the most
    if (bound[a] + bound[b] <= kMost) return;
    reduce(bound[a] >= bound[b] ? a : b);
    if (bound[a] + bound[b] > kMost) reduce(bound[a] >= bound[b] ? a : b);
  };
  const auto lift = [&](std::uint32_t node) { return static_cast<std::uint8_t>(std::ceil(std::log2(bound[node]))); };
  std::optional<std::uint32_t> zero;  // a register of zeros, for negations
  for (std::uint32_t i = 0; i < length; ++i) {
    const Node& node = nodes_[i];
    if (node.op == Op::neg && !zero) {
      zero = registers++;
      const std::uint32_t first = place[node.a];
      ops.push_back({Kind::mul_constant, 0, *zero, first, constant(Fr::zero())});
      // 0 times anything is 0 or p in lanes: below 2 p.
    }
    if (is_binary(node.op) && node.op != Op::mul) {
      if (node.op == Op::sub && bound[node.b] > kMost / 2) reduce(node.b);
      fit(node.a, node.b);
      if (node.op == Op::sub && bound[node.a] + std::exp2(lift(node.b)) > kMost) reduce(node.a);
    }
    if (node.op == Op::neg && bound[node.a] > kMost / 2) reduce(node.a);
    if (node.op == Op::add_scalar && bound[node.a] + 1 > kMost) reduce(node.a);
    if (free_list.empty()) free_list.push_back(registers++);
    const std::uint32_t to = place[i] = free_list.back();
    free_list.pop_back();
    switch (node.op) {
      case Op::load: {
        const long rows = static_cast<long>(n);
        const auto shift = static_cast<std::uint32_t>((node.rotation % rows + rows) % rows);
        ops.push_back({Kind::load, 0, to, node.a, shift});
        bound[i] = 16;
        break;
      }
      case Op::add:
        ops.push_back({Kind::add, 0, to, place[node.a], place[node.b]});
        bound[i] = bound[node.a] + bound[node.b];
        break;
      case Op::sub:
        ops.push_back({Kind::sub, lift(node.b), to, place[node.a], place[node.b]});
        bound[i] = bound[node.a] + std::exp2(lift(node.b));
        break;
      case Op::neg:
        ops.push_back({Kind::sub, lift(node.a), to, *zero, place[node.a]});
        bound[i] = 2 + std::exp2(lift(node.a));
        break;
      case Op::mul:
        ops.push_back({Kind::mul, 0, to, place[node.a], place[node.b]});
        bound[i] = 1 + kModulusShare * bound[node.a] * bound[node.b];  // at most 1 + 0.0119·64² < 50
        break;
      case Op::add_scalar:
        ops.push_back({Kind::add_constant, 0, to, place[node.a], constant(node.scalar)});
        bound[i] = bound[node.a] + 1;
        break;
      case Op::mul_scalar:
        ops.push_back({Kind::mul_constant, 0, to, place[node.a], constant(node.scalar)});
        bound[i] = 1 + kModulusShare * bound[node.a];
        break;
    }
    if (node.op == Op::load) continue;
    if (last_use[node.a] == i) free_list.push_back(place[node.a]);
    if (is_binary(node.op) && node.b != node.a && last_use[node.b] == i) free_list.push_back(place[node.b]);
  }
  if (bound[result.node] > kMost) reduce(result.node);

  std::vector<const std::uint64_t*> source_words;
  for (const auto& source : sources) source_words.push_back(reinterpret_cast<const std::uint64_t*>(source.data()));
  const RowCode code = {ops.data(),
                        ops.size(),
                        source_words.data(),
                        n,
                        reinterpret_cast<const std::uint64_t*>(constants.data()),
                        place[result.node],
                        reinterpret_cast<const std::uint64_t*>(&factor)};
  parallel_for((n + kBlockRows - 1) / kBlockRows, 4, [&](std::size_t first_block, std::size_t end_block) {
    // Room for 5 words an element, in a vector whose memory is overwritten in the end.
    std::vector<Fr> room(registers * kBlockRows * algebra::kernels::Table::kLimbWords / 4);
    for (std::size_t block = first_block; block < end_block; ++block) {
      lanes.run_rows(code, block * kBlockRows, std::min(n, (block + 1) * kBlockRows),
                     reinterpret_cast<std::uint64_t*>(room.data()), reinterpret_cast<std::uint64_t*>(out.data()));
    }
  });
}

}  // namespace ll::halo2
