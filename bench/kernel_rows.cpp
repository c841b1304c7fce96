// Field products, sums over curve points, transforms: the prover's three kernels, each beside halo2curves'.
#include <array>

#include "algebra/ntt.hpp"
#include "base/parallel.hpp"
#include "bench/rows.hpp"
#include "halo2/row_program.hpp"

namespace ll::bench {
namespace {

using halo2::Fr;

constexpr unsigned kSumPower = 17, kSmallSumPower = 16, kTransformPower = 17;
constexpr std::size_t kColumns = 8, kProducts = 1024, kProductRounds = 2048, kRowProducts = 64;

std::vector<Fr> uniform(std::size_t count, std::uint64_t seed) {
  SeededRng rng(seed);
  std::vector<Fr> values(count);
  for (Fr& value : values) value = Fr::random(rng);
  return values;
}

/// kRowProducts products on each row of two columns, as gates make them: rows do not wait for each other.
class RowProducts {
 public:
  RowProducts() {
    auto x = program_.load(0, 0), y = program_.load(1, 0);
    for (std::size_t i = 0; i < kRowProducts; ++i) {
      const auto product = program_.mul(x, y);
      x = y;
      y = result_ = product;
    }
  }
  void run(const std::vector<Fr>& a, const std::vector<Fr>& b, std::vector<Fr>& out) const {
    const std::array<std::span<const Fr>, 2> sources = {std::span(a), std::span(b)};
    program_.run(sources, result_, out);
  }

 private:
  halo2::RowProgram program_;
  halo2::RowProgram::Value result_;
};

/// Keeps the compiler from leaving out what nobody reads.
void keep(const Fr& value) { asm volatile("" : : "r"(&value) : "memory"); }

double nanoseconds_a_product(double ms) { return ms * 1e6 / static_cast<double>(kProducts * kProductRounds); }

Measurement products(Context& context, bool chained) {
  std::vector<Fr> a = uniform(kProducts, 1), out(kProducts);
  const std::vector<Fr> b = uniform(kProducts, 2);
  const RowProducts rows;
  Measurement m{.threads = 1};
  if (context.has_peer()) m.peer.emplace();
  const auto ours = [&] {
    sample(m.ours, nanoseconds_a_product(1), [&] {
      for (std::size_t round = 0; !chained && round < kProductRounds / kRowProducts; ++round) rows.run(a, b, out);
      for (std::size_t round = 0; chained && round < kProductRounds; ++round) {
        for (std::size_t i = 0; i < kProducts; ++i) a[0] *= b[i];
        keep(a[0]);
      }
    });
  };
  const auto peer = [&] {
    m.peer->value.add(context.peer().ask("product").at(chained ? "chain_ns" : "independent_ns").get<double>());
  };
  alternate(context.runs(7), context.session(), ours, m.peer ? std::function<void()>(peer) : nullptr);
  return m;
}

/// A kernel that the peer is asked for by one line.
Measurement kernel(Context& context, int runs, double scale, const std::string& question,
                   const std::function<void()>& work) {
  Measurement m;
  if (context.has_peer()) m.peer.emplace();
  work();  // tables and pages that the first run makes
  if (m.peer) context.peer().ask(question);
  const auto peer = [&] { m.peer->value.add(context.peer().ask(question).at("ms").get<double>()); };
  alternate(
      context.runs(runs), context.session(), [&] { sample(m.ours, scale, work); },
      m.peer ? std::function<void()>(peer) : nullptr);
  return m;
}

Measurement uniform_sum(Context& context) {
  const halo2::Srs& srs = context.srs(kSumPower);
  const std::vector<Fr> scalars = uniform(srs.size(), 3);
  return kernel(context, 7, 1, fmt::format("msm {}", kSumPower), [&] { srs.commit(scalars); });
}

Measurement small_sum(Context& context) {
  const halo2::Srs& srs = context.srs(kSumPower);
  SeededRng rng(4);
  std::vector<Fr> scalars(std::size_t{1} << kSmallSumPower);
  for (Fr& scalar : scalars) scalar = Fr::from_u64(rng.below(4));
  return kernel(context, 7, 1, fmt::format("msm2bit {}", kSmallSumPower), [&] { srs.commit(scalars); });
}

Measurement transforms(Context& context) {
  const algebra::NttDomain domain(kTransformPower);
  std::vector<std::vector<Fr>> columns;
  for (std::size_t c = 0; c < kColumns; ++c) columns.push_back(uniform(domain.size(), 5 + c));
  return kernel(context, 7, 1.0 / kColumns, fmt::format("ntt {}", kTransformPower), [&] {
    for (std::vector<Fr>& column : columns) domain.ntt(column);
  });
}

}  // namespace

std::vector<Row> kernel_rows() {
  return {{.name = "product",
           .what = "BN254 product in F_r, many independent ones (64 on each of 1,024 rows), one thread",
           .unit = "ns",
           .kind = Kind::quick,
           .goal = 3.8,
           .wish = 3.4,
           .limit = 3.4,
           .measure = [](Context& context) { return products(context, false); }},
          {.name = "product_chain",
           .what = "BN254 product in F_r, each waiting for the one before",
           .unit = "ns",
           .kind = Kind::quick,
           .measure = [](Context& context) { return products(context, true); }},
          {.name = "msm_17",
           .what = "MSM of 2^17 uniform scalars over fixed bases",
           .unit = "ms",
           .kind = Kind::quick,
           .goal = 50,
           .wish = 40,
           .limit = 22,
           .measure = uniform_sum},
          {.name = "msm_16_2bit",
           .what = "MSM of 2^16 scalars of 2 bits",
           .unit = "ms",
           .kind = Kind::quick,
           .goal = 4,
           .wish = 2,
           .measure = small_sum},
          {.name = "ntt_17",
           .what = "NTT of 2^17, per column of a batch of 8",
           .unit = "ms",
           .kind = Kind::quick,
           .goal = 2.8,
           .wish = 2.4,
           .limit = 1.9,
           .measure = transforms}};
}

}  // namespace ll::bench
