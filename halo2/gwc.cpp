#include "halo2/gwc.hpp"

#include <algorithm>

#include "algebra/msm.hpp"
#include "algebra/polynomial.hpp"

namespace ll::halo2 {
namespace {

struct PointQueries {
  Fr point;
  std::vector<const OpeningQuery*> queries;
};

std::vector<PointQueries> by_point(const std::vector<OpeningQuery>& queries) {
  std::vector<PointQueries> points;
  for (const auto& query : queries) {
    auto found = std::ranges::find(points, query.point, &PointQueries::point);
    if (found == points.end()) found = points.insert(points.end(), PointQueries{query.point, {}});
    found->queries.push_back(&query);
  }
  return points;
}

}  // namespace

void gwc_open(const Srs& srs, const std::vector<OpeningQuery>& queries,
              const std::vector<std::span<const Fr>>& polynomials, TranscriptWriter& transcript) {
  const Fr v = transcript.squeeze_challenge();
  for (const auto& [point, at_point] : by_point(queries)) {
    std::vector<Fr> combined(srs.size());
    Fr power = Fr::one();
    for (const OpeningQuery* query : at_point) {
      algebra::add_scaled(combined, polynomials[query->slot], power);
      power *= v;
    }
    combined = algebra::divide_by_linear(combined, point);  // drops the remainder: the combined value at the point
    transcript.write_point(srs.commit(combined));
  }
}

Result<PairingClaim> gwc_reduce(const std::vector<OpeningQuery>& queries,
                                const std::vector<LinearCommitment>& commitments, TranscriptReader& transcript) {
  const Fr v = transcript.squeeze_challenge();
  const std::vector<PointQueries> points = by_point(queries);
  std::vector<G1Affine> witnesses;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto witness = transcript.read_point("opening witness");
    if (!witness) return witness.error();
    witnesses.push_back(witness.value());
  }
  const Fr u = transcript.squeeze_challenge();

  std::vector<G1Affine> bases = witnesses;
  std::vector<Fr> left_scalars, right_scalars;
  Fr u_power = Fr::one(), constant;
  for (const auto& [point, at_point] : points) {
    left_scalars.push_back(u_power);
    right_scalars.push_back(u_power * point);
    u_power *= u;
  }
  for (std::size_t i = 0; i < points.size(); ++i) {
    Fr power = left_scalars[i];  // u^i v^j
    for (const OpeningQuery* query : points[i].queries) {
      for (const auto& [scalar, base] : commitments[query->slot]) {
        bases.push_back(base);
        right_scalars.push_back(scalar * power);
      }
      constant += power * query->value;
      power *= v;
    }
  }
  bases.push_back(G1Affine::generator());
  right_scalars.push_back(-constant);
  return PairingClaim{algebra::msm_vartime(witnesses, left_scalars).to_affine(),
                      algebra::msm_vartime(bases, right_scalars).to_affine()};
}

}  // namespace ll::halo2
