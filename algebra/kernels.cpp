#include "algebra/kernels.hpp"

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <span>

#include <fmt/ranges.h>

#include "algebra/affine_sums.hpp"
#include "algebra/batch_inverse.hpp"
#include "algebra/field_x86.hpp"
#include "algebra/fq.hpp"
#include "algebra/fr.hpp"
#include "algebra/kernels/modulus52.hpp"
#include "base/error.hpp"

namespace ll::algebra {
namespace {

static_assert(kernels::FqModulus::kWords == Fq::kModulus && kernels::FrModulus::kWords == Fr::kModulus);
static_assert(sizeof(Fq) == 32 && sizeof(G1Affine) == 64 && sizeof(PointPair) == sizeof(kernels::Pair));

struct Choice {
  const char* name;
  bool adx;
  const kernels::Table* lanes;
};

bool has_ifma() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512ifma") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
#else
  return false;
#endif
}

/// What this machine can run, fastest first.
std::vector<Choice> choices() {
  std::vector<Choice> out;
  bool adx = false;
#if LL_FIELD_X86
  adx = x86::has_adx();
#endif
  const kernels::Table* const ifma = kernels::avx512_ifma();
  if (ifma != nullptr && has_ifma()) out.push_back({ifma->name, adx, ifma});
  if (adx) out.push_back({"adx", true, nullptr});
  out.push_back({"portable", false, nullptr});
  if (const kernels::Table* emulated = kernels::emulated_ifma()) out.push_back({emulated->name, adx, emulated});
  return out;
}

Choice find(std::string_view name) {
  const std::vector<Choice> all = choices();
  std::vector<std::string_view> names;
  for (const Choice& choice : all) {
    if (choice.name == name) return choice;
    names.emplace_back(choice.name);
  }
  fail(ErrorCode::invalid_argument, "LATENTLEDGER_KERNELS: \"{}\" is unknown or not of this processor, it can run {}",
       name, fmt::join(names, ", "));
}

void apply(const Choice& choice) {
#if LL_FIELD_X86
  x86::use_adx = choice.adx;
#else
  static_cast<void>(choice);
#endif
}

Choice& current() {
  static Choice choice = [] {
    const char* const wanted = std::getenv("LATENTLEDGER_KERNELS");
    const Choice first = wanted != nullptr && *wanted != '\0' ? find(wanted) : choices().front();
    apply(first);
    return first;
  }();
  return choice;
}

}  // namespace

std::string_view kernels_name() { return current().name; }

std::vector<std::string> available_kernels() {
  std::vector<std::string> names;
  for (const Choice& choice : choices()) names.emplace_back(choice.name);
  return names;
}

void use_kernels(std::string_view name) {
  current() = find(name);
  apply(current());
}

const kernels::Table* lane_kernels() { return current().lanes; }

namespace kernels {

void invert_times_64(std::uint64_t* elements, std::size_t count) {
  std::array<Fq, 32> values;
  LL_CHECK(count <= values.size(), "kernels: {} chains", count);
  const std::span<Fq> used(values.data(), count);
  std::memcpy(static_cast<void*>(values.data()), elements, count * sizeof(Fq));
  thread_local std::vector<Fq> scratch;
  batch_inverse_serial_vartime(used, scratch);
  for (Fq& value : used) value = value.doubled().doubled().doubled().doubled().doubled().doubled();
  std::memcpy(elements, values.data(), count * sizeof(Fq));
}

}  // namespace kernels

}  // namespace ll::algebra
