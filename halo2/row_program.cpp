#include "halo2/row_program.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/parallel.hpp"

namespace ll::halo2 {
namespace {

constexpr std::size_t kBlock = 64;  // rows: 2 KiB a register, so a program of 100 live values stays in the L2 cache

}  // namespace

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

void RowProgram::run(std::span<const std::span<const Fr>> sources, const Value& result, std::span<Fr> out) const {
  const std::size_t n = out.size();
  if (result.is_scalar) {
    std::ranges::fill(out, result.scalar_value);
    return;
  }
  // A register is free again after the last operation that reads it.
  const std::size_t length = result.node + 1;
  std::vector<std::uint32_t> last_use(length, 0), place(length, 0), free_list;
  std::uint32_t registers = 0;
  for (std::uint32_t i = 0; i < length; ++i) {
    const Node& node = nodes_[i];
    if (node.op == Op::load) continue;
    last_use[node.a] = i;
    if (node.op == Op::add || node.op == Op::sub || node.op == Op::mul) last_use[node.b] = i;
  }
  last_use[result.node] = static_cast<std::uint32_t>(length);
  for (std::uint32_t i = 0; i < length; ++i) {
    if (free_list.empty()) free_list.push_back(registers++);
    place[i] = free_list.back();
    free_list.pop_back();
    const Node& node = nodes_[i];
    if (node.op == Op::load) continue;
    const bool binary = node.op == Op::add || node.op == Op::sub || node.op == Op::mul;
    if (last_use[node.a] == i) free_list.push_back(place[node.a]);
    if (binary && node.b != node.a && last_use[node.b] == i) free_list.push_back(place[node.b]);
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
      std::copy_n(at[result.node], count, out.begin() + begin);
    }
  });
}

}  // namespace ll::halo2
