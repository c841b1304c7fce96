#include "halo2/shplonk.hpp"

#include <algorithm>

#include "algebra/polynomial.hpp"
#include "base/error.hpp"

namespace ll::halo2 {
namespace {

bool contains(const std::vector<Fr>& points, const Fr& point) {
  return std::ranges::find(points, point) != points.end();
}

bool same_set(const std::vector<Fr>& a, const std::vector<Fr>& b) {
  return a.size() == b.size() && std::ranges::all_of(a, [&](const Fr& point) { return contains(b, point); });
}

/// prod over `points` that are not in `except` of (x - point).
Fr vanishing_at(const Fr& x, const std::vector<Fr>& points, const std::vector<Fr>& except = {}) {
  Fr product = Fr::one();
  for (const Fr& point : points) {
    if (!contains(except, point)) product *= x - point;
  }
  return product;
}

/// sum_j y^j r_j(X): interpolation is linear, so the values are combined first.
std::vector<Fr> combined_remainder(const OpeningPlan::Set& set, const Fr& y) {
  std::vector<Fr> values(set.points.size());
  Fr power = Fr::one();
  for (const auto& polynomial : set.polynomials) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += power * polynomial.values[i];
    power *= y;
  }
  return algebra::lagrange_interpolate(set.points, values);
}

}  // namespace

OpeningPlan plan_openings(const std::vector<OpeningQuery>& queries) {
  struct Collected {
    std::size_t slot;
    std::vector<Fr> points, values;
  };
  std::vector<Collected> collected;
  OpeningPlan plan;
  for (const auto& query : queries) {
    if (!contains(plan.all_points, query.point)) plan.all_points.push_back(query.point);
    auto found = std::ranges::find_if(collected, [&](const Collected& c) { return c.slot == query.slot; });
    if (found == collected.end()) found = collected.insert(collected.end(), Collected{query.slot, {}, {}});
    LL_CHECK(!contains(found->points, query.point), "openings: polynomial {} is opened twice at one point", query.slot);
    found->points.push_back(query.point);
    found->values.push_back(query.value);
  }
  for (const auto& polynomial : collected) {
    auto set = std::ranges::find_if(plan.sets, [&](const auto& s) { return same_set(s.points, polynomial.points); });
    if (set == plan.sets.end()) set = plan.sets.insert(plan.sets.end(), OpeningPlan::Set{polynomial.points, {}});
    std::vector<Fr> values;
    for (const Fr& point : set->points) {
      values.push_back(polynomial.values[std::ranges::find(polynomial.points, point) - polynomial.points.begin()]);
    }
    set->polynomials.push_back({polynomial.slot, std::move(values)});
  }
  return plan;
}

void shplonk_open(const Srs& srs, const OpeningPlan& plan, const std::vector<std::span<const Fr>>& polynomials,
                  TranscriptWriter& transcript) {
  const Fr y = transcript.squeeze_challenge();
  const Fr v = transcript.squeeze_challenge();
  // h'(X) = sum_i v^i (sum_j y^j (p_ij(X) - r_ij(X))) / Z_i(X)
  std::vector<std::vector<Fr>> combined, remainders;
  std::vector<Fr> quotient(srs.size());
  Fr v_power = Fr::one();
  for (const auto& set : plan.sets) {
    std::vector<Fr> sum(srs.size());
    Fr y_power = Fr::one();
    for (const auto& polynomial : set.polynomials) {
      algebra::add_scaled(sum, polynomials[polynomial.slot], y_power);
      y_power *= y;
    }
    remainders.push_back(combined_remainder(set, y));
    std::vector<Fr> numerator = sum;
    algebra::add_scaled(numerator, remainders.back(), -Fr::one());
    for (const Fr& point : set.points) numerator = algebra::divide_by_linear(numerator, point);
    algebra::add_scaled(quotient, numerator, v_power);
    combined.push_back(std::move(sum));
    v_power *= v;
  }
  transcript.write_point(srs.commit(quotient));

  const Fr u = transcript.squeeze_challenge();
  // L(X) = sum_i v^i Z_{T\S_i}(u) (sum_j y^j (p_ij(X) - r_ij(u))) - Z_T(u) h'(X); w = L / (X - u) / Z_{T\S_0}(u)
  std::vector<Fr> linear(srs.size());
  v_power = Fr::one();
  for (std::size_t i = 0; i < plan.sets.size(); ++i) {
    const Fr factor = v_power * vanishing_at(u, plan.all_points, plan.sets[i].points);
    algebra::add_scaled(linear, combined[i], factor);
    linear[0] -= factor * algebra::evaluate(remainders[i], u);
    v_power *= v;
  }
  algebra::add_scaled(linear, quotient, -vanishing_at(u, plan.all_points));
  const Fr normalise = vanishing_at(u, plan.all_points, plan.sets[0].points).inverse().value();
  for (Fr& coefficient : linear) coefficient *= normalise;
  transcript.write_point(srs.commit(algebra::divide_by_linear(linear, u)));
}

Result<PairingClaim> shplonk_reduce(const OpeningPlan& plan, const std::vector<LinearCommitment>& commitments,
                                    TranscriptReader& transcript) {
  const Fr y = transcript.squeeze_challenge();
  const Fr v = transcript.squeeze_challenge();
  const auto quotient = transcript.read_point("opening quotient h'");
  if (!quotient) return quotient.error();
  const Fr u = transcript.squeeze_challenge();
  const auto witness = transcript.read_point("opening witness w");
  if (!witness) return witness.error();

  const auto normalise = vanishing_at(u, plan.all_points, plan.sets[0].points).inverse();
  if (!normalise) return malformed("proof: the challenge u is one of the opened points");
  // E = sum_i v^i f_i sum_j y^j (C_ij - r_ij(u) G) - Z_{S_0}(u) [h'] + u [w], f_i = Z_{T\S_i}(u) / Z_{T\S_0}(u)
  LinearCommitment right;
  Fr constant, v_power = Fr::one();
  for (const auto& set : plan.sets) {
    const Fr factor = v_power * vanishing_at(u, plan.all_points, set.points) * *normalise;
    Fr y_power = factor;
    for (const auto& polynomial : set.polynomials) {
      for (const auto& [scalar, point] : commitments[polynomial.slot]) right.emplace_back(scalar * y_power, point);
      y_power *= y;
    }
    constant += factor * algebra::evaluate(combined_remainder(set, y), u);
    v_power *= v;
  }
  right.emplace_back(-constant, G1Affine::generator());
  right.emplace_back(-vanishing_at(u, plan.sets[0].points), quotient.value());
  right.emplace_back(u, witness.value());
  return PairingClaim{{{Fr::one(), witness.value()}}, std::move(right)};
}

}  // namespace ll::halo2
