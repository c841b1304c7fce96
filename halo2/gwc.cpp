#include "halo2/gwc.hpp"

#include <algorithm>

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

  PairingClaim claim;
  Fr u_power = Fr::one(), constant;
  for (std::size_t i = 0; i < points.size(); ++i) {
    claim.left.emplace_back(u_power, witnesses[i]);
    claim.right.emplace_back(u_power * points[i].point, witnesses[i]);
    Fr power = u_power;  // u^i v^j
    for (const OpeningQuery* query : points[i].queries) {
      for (const auto& [scalar, base] : commitments[query->slot]) claim.right.emplace_back(scalar * power, base);
      constant += power * query->value;
      power *= v;
    }
    u_power *= u;
  }
  claim.right.emplace_back(-constant, G1Affine::generator());
  return claim;
}

}  // namespace ll::halo2
