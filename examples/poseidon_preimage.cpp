// "I know x and y with Poseidon(0, x, y) = h." One row a round: constants in fixed columns, a gate for full rounds and
// one for partial rounds.
#include "base/bytes.hpp"
#include "poseidon.hpp"
#include "truth_and_lie.hpp"

using namespace ll::halo2;

class Preimage : public Circuit {
 public:
  explicit Preimage(Poseidon::State input) : input_(input) {}
  Fr lie_in_last_row;  ///< what is added to the digest

  void configure(ConstraintSystem& cs) override {
    for (AdviceColumn& column : state_) column = cs.advice_column();
    for (FixedColumn& column : constant_) column = cs.fixed_column();
    zero_ = cs.fixed_column();
    public_ = cs.instance_column(1);
    full_ = cs.selector();
    partial_ = cs.selector();
    cs.enable_constant(zero_);
    cs.enable_equality(state_[0]);
    cs.enable_equality(public_);
    create_round(cs, "full round", full_, 3);
    create_round(cs, "partial round", partial_, 1);
  }

  void synthesize(Layouter& layouter) const override {
    const AssignedCell digest = layouter.assign_region("permutation", [&](Region& region) {
      Poseidon::State s = input_;
      for (std::size_t row = 0; row <= Poseidon::kRounds; ++row) {
        const bool last = row == Poseidon::kRounds;
        if (last) s[0] += lie_in_last_row;
        if (row == 0) region.assign_advice_from_constant("capacity", state_[0], 0, Fr::zero());
        for (std::size_t i = row == 0 || last ? 1 : 0; i < 3; ++i)
          region.assign_advice("state", state_[i], row, [&] { return s[i]; });
        if (last) return region.assign_advice("digest", state_[0], row, [&] { return s[0]; });
        for (std::size_t i = 0; i < 3; ++i)
          region.assign_fixed("constant", constant_[i], row, poseidon_.constants[row][i]);
        region.enable_selector(Poseidon::is_full(row) ? full_ : partial_, row);
        s = poseidon_.round(row, s);
      }
      return AssignedCell{};
    });
    layouter.constrain_instance(digest, public_, 0);
  }

 private:
  /// new_i = sum_j mds_ij box(s_j + c_j), where the first `boxes` words go through x^5.
  void create_round(ConstraintSystem& cs, const char* name, Selector selector, std::size_t boxes) {
    cs.create_gate(name, [&](VirtualCells& cells) {
      std::vector<Expression> words;
      for (std::size_t j = 0; j < 3; ++j) {
        const Expression x = cells.query(state_[j], Rotation::cur()) + cells.query(constant_[j], Rotation::cur());
        words.push_back(j < boxes ? x * x * x * x * x : x);
      }
      ConstraintSystem::NamedPolynomials polynomials;
      for (std::size_t i = 0; i < 3; ++i) {
        const Expression mixed =
            words[0] * poseidon_.mds[i][0] + words[1] * poseidon_.mds[i][1] + words[2] * poseidon_.mds[i][2];
        polynomials.emplace_back("word",
                                 cells.query_selector(selector) * (mixed - cells.query(state_[i], Rotation::next())));
      }
      return polynomials;
    });
  }

  Poseidon poseidon_;
  Poseidon::State input_;
  AdviceColumn state_[3];
  FixedColumn constant_[3], zero_;
  InstanceColumn public_;
  Selector full_, partial_;
};

int main() {
  // Published vector of x5_254_3 (test_vectors.txt of the authors' reference; also circomlib's Poseidon of 1 and 2).
  const Poseidon::State input = {Fr::zero(), Fr::from_u64(1), Fr::from_u64(2)};
  const Fr digest = Poseidon().permute(input)[0];
  const auto bytes = digest.to_bytes_le();
  if (ll::to_hex(ll::Bytes(bytes.rbegin(), bytes.rend())) !=
      "115cc0f5e7d690413df64c6b9662e9cf2a3617f2743245519e19607a4417189a") {
    return 1;
  }
  Preimage honest(input), lying(input);
  lying.lie_in_last_row = Fr::one();
  return truth_and_lie("Poseidon preimage", 7, honest, lying, {{digest}});
}
