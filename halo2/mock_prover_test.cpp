// Each kind of failure and warning, on circuits as small as they can be.
#include "halo2/mock_prover.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "halo2/circuit_record.hpp"
#include "halo2/report_json.hpp"
#include "halo2/test_circuits.hpp"

namespace ll::halo2 {
namespace {

using testing::CircuitA;
using testing::CircuitB;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Kind = MockFailure::Kind;
using Warning = MockWarning::Kind;

constexpr unsigned kK = 5;

Expression number(std::uint64_t value) { return Expression::constant(Fr::from_u64(value)); }

/// Two advice columns, a fixed one, a table, a public column, a selector: a test says what it does with them.
class Small : public Circuit {
 public:
  AdviceColumn a, b;
  FixedColumn f;
  TableColumn table;
  InstanceColumn out;
  Selector on;
  std::function<void(ConstraintSystem&, Small&)> shape;
  std::function<void(Layouter&, const Small&)> fill;

  void configure(ConstraintSystem& cs) override {
    a = cs.advice_column();
    b = cs.advice_column();
    f = cs.fixed_column();
    table = cs.lookup_table_column();
    out = cs.instance_column();
    on = cs.complex_selector();
    cs.enable_equality(a);
    cs.enable_equality(b);
    cs.enable_equality(out);
    shape(cs, *this);
  }
  void synthesize(Layouter& layouter) const override { fill(layouter, *this); }
};

/// on (a b - a_next - f) = 0 in one region; the row of the region is moved down by another one.
Small product(std::uint64_t next, bool assign_fixed = true, bool enable = true) {
  Small c;
  c.shape = [](ConstraintSystem& cs, Small& s) {
    cs.create_gate("product", [&](VirtualCells& cells) -> ConstraintSystem::NamedPolynomials {
      const Expression on = cells.query_selector(s.on), a = cells.query(s.a, {0}), b = cells.query(s.b, {0});
      const Expression a_next = cells.query(s.a, {1}), f = cells.query(s.f, {0});
      return {{"value", on * (a * b - a_next - f)}};
    });
  };
  c.fill = [=](Layouter& layouter, const Small& s) {
    layouter.assign_region("above", [&](Region& region) {
      region.assign_advice("unused", s.a, 0, [] { return Fr::from_u64(9); });
      region.assign_advice("unused", s.a, 1, [] { return Fr::from_u64(9); });
    });
    layouter.assign_region("step", [&](Region& region) {
      if (enable) region.enable_selector(s.on, 0);
      region.assign_advice("left", s.a, 0, [] { return Fr::from_i64(-3); });
      region.assign_advice("right", s.b, 0, [] { return Fr::from_u64(4); });
      region.assign_advice("product", s.a, 1, [&] { return -Fr::from_u64(next); });
      if (assign_fixed) region.assign_fixed("offset", s.f, 0, Fr::zero());
    });
  };
  return c;
}

std::vector<std::string> texts(const std::vector<MockWarning>& warnings) {
  std::vector<std::string> out;
  for (const auto& warning : warnings) out.push_back(warning.to_string());
  return out;
}

std::vector<MockWarning> of_kind(const MockReport& report, Warning kind) {
  std::vector<MockWarning> out;
  for (const auto& warning : report.warnings) {
    if (warning.kind == kind) out.push_back(warning);
  }
  return out;
}

TEST(MockGate, HonestOnePasses) {
  Small circuit = product(12);
  EXPECT_THAT(MockProver::run(kK, circuit, {{}}), IsEmpty());
}

TEST(MockGate, NamesConstraintRegionRowsAndCells) {
  Small circuit = product(13);
  const auto failures = MockProver::run(kK, circuit, {{}});
  ASSERT_THAT(failures, SizeIs(1));
  const MockFailure& failure = failures[0];
  EXPECT_EQ(failure.kind, Kind::gate);
  EXPECT_EQ(failure.gate, "product");
  EXPECT_EQ(failure.constraint, "value");
  EXPECT_EQ(failure.region, "step");
  EXPECT_EQ(failure.row, 2u);
  EXPECT_EQ(failure.region_row, 0u);
  EXPECT_EQ(failure.to_string(),
            "\"product / value\" fails in \"step\", row 0 (absolute 2): advice 0 @ +0 \"left\" = -3, "
            "advice 1 @ +0 \"right\" = 4, advice 0 @ +1 \"product\" = -13, fixed 0 @ +0 \"offset\" = 0");
}

TEST(MockGate, JsonHoldsTheSame) {
  Small circuit = product(13);
  const auto json = to_json(MockProver::run(kK, circuit, {{}}).at(0));
  EXPECT_EQ(json["kind"], "gate");
  EXPECT_EQ(json["gate"], "product");
  EXPECT_EQ(json["constraint"], "value");
  EXPECT_EQ(json["region"], "step");
  EXPECT_EQ(json["row"], 2);
  EXPECT_EQ(json["region_row"], 0);
  EXPECT_EQ(json["blinding"], false);
  ASSERT_EQ(json["cells"].size(), 4u);
  EXPECT_EQ(
      json["cells"][2].dump(),
      R"({"column":"advice 0","row":3,"region":"step","region_row":1,"annotation":"product","rotation":1,"value":"-13"})");
}

TEST(MockGate, EveryFailureIsListed) {
  CircuitA lie;
  lie.advice[3] = 13;  // 2 + 5 * 2 = 12 and 13 + 3 * 2 = 18 both fail
  const auto failures = MockProver::run(kK, lie, CircuitA::honest_instances());
  ASSERT_THAT(failures, SizeIs(2));
  EXPECT_EQ(failures[0].region_row, 0u);
  EXPECT_EQ(failures[1].region_row, 3u);
}

/// a = b without a selector: true of every assigned row, false where the prover puts random values.
TEST(MockGate, UnselectedGateFailsInBlindingRows) {
  Small circuit;
  circuit.shape = [](ConstraintSystem& cs, Small& s) {
    cs.create_gate("same", [&](VirtualCells& cells) -> ConstraintSystem::NamedPolynomials {
      const Expression a = cells.query(s.a, {0}), b = cells.query(s.b, {0});
      return {{"", a - b}};
    });
  };
  circuit.fill = [](Layouter&, const Small&) {};
  const auto failures = MockProver::run(kK, circuit, {{}});
  ASSERT_THAT(failures, SizeIs(6));  // 5 blinding factors and the row before them
  EXPECT_TRUE(failures[0].blinding);
  EXPECT_EQ(failures[0].row, 26u);
  EXPECT_EQ(failures[0].to_string(),
            "\"same\" fails in row 26, which the prover fills with random values (a selector must keep it off there): "
            "advice 0 @ +0 = random, advice 1 @ +0 = random");
  EXPECT_TRUE(to_json(failures[0])["cells"][0]["value"].is_null());
}

/// Looks (on a, on b) up in a table of one column twice, so that the tuple has two entries.
TEST(MockLookup, NamesTheInputTuple) {
  const auto circuit_with = [](std::uint64_t value) {
    Small circuit;
    circuit.shape = [](ConstraintSystem& cs, Small& s) {
      cs.lookup("range", [&](VirtualCells& cells) -> std::vector<std::pair<Expression, TableColumn>> {
        const Expression on = cells.query_selector(s.on), a = cells.query(s.a, {0}), b = cells.query(s.b, {0});
        return {{on * a, s.table}, {on * b, s.table}};
      });
    };
    circuit.fill = [value](Layouter& layouter, const Small& s) {
      layouter.assign_table("four", {{s.table, {Fr::zero(), Fr::one(), Fr::from_u64(2), Fr::from_u64(3)}}});
      layouter.assign_region("looked up", [&](Region& region) {
        region.enable_selector(s.on, 1);
        region.assign_advice("x", s.a, 1, [&] { return Fr::from_u64(value); });
        region.assign_advice("y", s.b, 1, [&] { return Fr::from_u64(value); });
      });
    };
    return circuit;
  };
  Small honest = circuit_with(3);
  EXPECT_THAT(MockProver::run(kK, honest, {{}}), IsEmpty());
  Small lie = circuit_with(4);
  const auto failures = MockProver::run(kK, lie, {{}});
  ASSERT_THAT(failures, SizeIs(1));
  EXPECT_EQ(failures[0].kind, Kind::lookup);
  EXPECT_THAT(failures[0].tuple, ElementsAre("4", "4"));
  EXPECT_EQ(failures[0].to_string(),
            "\"range\" fails in \"looked up\", row 1 (absolute 1): (4, 4) stands in no row of the table: "
            "advice 0 @ +0 \"x\" = 4, advice 1 @ +0 \"y\" = 4");
  EXPECT_EQ(to_json(failures[0])["tuple"].dump(), R"(["4","4"])");
}

TEST(MockShuffle, NamesBothSides) {
  CircuitB lie;
  lie.break_shuffle = true;  // the right side holds 6 twice and 7 never
  std::vector<std::string> found;
  for (const auto& failure : MockProver::run(6, lie, CircuitB::honest_instances())) {
    EXPECT_EQ(failure.kind, Kind::shuffle);
    EXPECT_EQ(failure.region, "all");
    EXPECT_EQ(to_json(failure)["side"], failure.side);
    found.push_back(failure.to_string());
  }
  EXPECT_THAT(found,
              ElementsAre("\"sh\" fails in \"all\", row 7 (absolute 7): (7) on the input side has no partner on the "
                          "shuffle side: advice 3 @ +0 \"left\" = 7",
                          HasSubstr("(6) on the shuffle side has no partner on the input side")));
}

TEST(MockCopy, NamesBothCells) {
  CircuitB lie;
  lie.break_copy = true;
  const auto failures = MockProver::run(6, lie, CircuitB::honest_instances());
  ASSERT_THAT(failures, SizeIs(1));
  EXPECT_EQ(failures[0].kind, Kind::copy);
  EXPECT_EQ(failures[0].to_string(),
            "\"copy\" fails in \"all\", row 2 (absolute 2): advice 0 row 2 (\"a\" in \"all\" row 2) = 9, "
            "advice 1 row 8 (\"copied\" in \"all\" row 8) = 10");
}

TEST(MockCopy, NamesPublicInputsAndConstants) {
  CircuitA honest;
  Instances wrong = CircuitA::honest_instances();
  wrong[0][0] = Fr::from_i64(-18);
  const auto failures = MockProver::run(kK, honest, wrong);
  ASSERT_THAT(failures, SizeIs(1));
  EXPECT_EQ(failures[0].cells[1].label(), "instance 0 row 0");
  EXPECT_EQ(failures[0].cells[1].value, "-18");
  CircuitA lie;
  lie.advice[7] = 6;  // copied from row 1, which is held to the constant 5
  EXPECT_THAT(MockProver::run(kK, lie, CircuitA::honest_instances()), SizeIs(1));
}

TEST(MockInstance, SynthesisReadsPublicInputs) {
  Small circuit = product(12);
  std::optional<Fr> seen;
  circuit.fill = [&seen](Layouter& layouter, const Small& s) { seen = layouter.instance(s.out, 1); };
  (void)MockProver::run(kK, circuit, {{Fr::from_u64(5), Fr::from_u64(6)}});
  EXPECT_EQ(seen, Fr::from_u64(6));
}

TEST(MockWarnings, HonestVectorsHaveOnlyTheirOddities) {
  CircuitA a;
  EXPECT_THAT(texts(MockProver::examine(kK, a, CircuitA::honest_instances()).warnings), IsEmpty());
}

TEST(MockWarnings, UnqueriedAndUnassignedColumns) {
  Small circuit = product(12);
  const MockReport report = MockProver::examine(kK, circuit, {{}});
  EXPECT_THAT(report.failures, IsEmpty());
  EXPECT_THAT(texts(of_kind(report, Warning::unqueried_column)),
              ElementsAre("fixed 1 is read by no gate, lookup, shuffle or copy"));
  EXPECT_THAT(texts(of_kind(report, Warning::unassigned_column)),
              ElementsAre("instance 0 is read, but nothing is ever assigned to it"));
  EXPECT_THAT(report.warnings, SizeIs(2));
}

TEST(MockWarnings, IdleSelectorAndGate) {
  Small circuit = product(12, true, /*enable=*/false);
  const MockReport report = MockProver::examine(kK, circuit, {{}});
  EXPECT_THAT(texts(of_kind(report, Warning::idle_selector)), ElementsAre("selector 0 is never enabled"));
  EXPECT_THAT(texts(of_kind(report, Warning::idle_gate)),
              ElementsAre("\"product / value\" is switched off in every row"));
}

/// A gate switched by a fixed column, which is nowhere 1.
TEST(MockWarnings, GateIdleByAFixedColumn) {
  Small circuit;
  circuit.shape = [](ConstraintSystem& cs, Small& s) {
    cs.create_gate("typed", [&](VirtualCells& cells) -> ConstraintSystem::NamedPolynomials {
      const Expression type = cells.query(s.f, {0}), a = cells.query(s.a, {0});
      return {{"one", type * (number(2) - type) * a}, {"two", type * (type - number(1)) * (a - a)}};
    });
  };
  circuit.fill = [](Layouter& layouter, const Small& s) {
    layouter.assign_region("typed", [&](Region& region) {
      region.assign_fixed("type", s.f, 0, Fr::from_u64(2));
      region.assign_advice("a", s.a, 0, [] { return Fr::one(); });
    });
  };
  EXPECT_THAT(texts(of_kind(MockProver::examine(kK, circuit, {{}}), Warning::idle_gate)),
              ElementsAre("\"typed / one\" is switched off in every row"));
}

TEST(MockWarnings, UnassignedCellThatAnActiveGateReads) {
  Small circuit = product(12, /*assign_fixed=*/false);
  const MockReport report = MockProver::examine(kK, circuit, {{}});
  EXPECT_THAT(report.failures, IsEmpty());  // it reads 0, as it would in a proof
  EXPECT_THAT(texts(of_kind(report, Warning::unassigned_cell)),
              ElementsAre("\"product / value\" in row 2 reads fixed 0 row 2, which nothing assigns"));
  const auto json = to_json(of_kind(report, Warning::unassigned_cell).at(0));
  EXPECT_EQ(json["kind"], "unassigned cell");
  EXPECT_EQ(json["cell"]["column"], "fixed 0");
  EXPECT_EQ(json["row"], 2);
}

TEST(RecordedCopies, NameEveryCell) {
  CircuitA circuit;
  std::vector<std::string> found;
  for (const RecordedCopy& copy : recorded_copies(circuit, kK))
    found.push_back(copy.a.to_string() + " = " + copy.b.to_string());
  EXPECT_THAT(found,
              ElementsAre("advice 0 row 0 (\"cell\" in \"all\" row 0) = advice 0 row 2 (\"cell\" in \"all\" row 2)",
                          "advice 0 row 1 (\"five\" in \"all\" row 1) = advice 0 row 7 (\"cell\" in \"all\" row 7)",
                          "fixed 0 row 0 (\"constant\") = advice 0 row 1 (\"five\" in \"all\" row 1)",
                          "advice 0 row 6 (\"cell\" in \"all\" row 6) = instance 0 row 0",
                          "advice 0 row 0 (\"cell\" in \"all\" row 0) = instance 0 row 1"));
}

TEST(RecordedCopies, NeedNoWitnessAndAgreeWithTheTable) {
  Small circuit = product(12);
  circuit.fill = [](Layouter& layouter, const Small& s) {
    const auto value = []() -> Fr { throw std::logic_error("a witness was asked for"); };
    const auto first = layouter.assign_region("one", [&](Region& r) { return r.assign_advice("x", s.a, 0, value); });
    layouter.assign_region("two", [&](Region& r) { r.copy_advice("y", first, s.b, 3); });
  };
  const CircuitRecord record = record_circuit(circuit, kK);
  ASSERT_THAT(record.copies, SizeIs(1));
  EXPECT_EQ(to_json(record.copies[0]).dump(),
            R"({"a":{"column":"advice 1","row":3,"region":"two","region_row":3,"annotation":"y"},)"
            R"("b":{"column":"advice 0","row":0,"region":"one","region_row":0,"annotation":"x"}})");
  EXPECT_EQ(record.used_rows, 4u);
  EXPECT_TRUE(record.cells.assigned(circuit.b, 3));
  EXPECT_FALSE(record.cells.assigned(circuit.b, 2));
}

TEST(RecordedCopies, RefuseWhatKeygenRefuses) {
  Small circuit = product(12);
  circuit.fill = [](Layouter& layouter, const Small& s) {
    layouter.assign_region("far", [&](Region& r) { r.assign_fixed("x", s.f, 26, Fr::one()); });
  };
  EXPECT_THROW((void)record_circuit(circuit, kK), Error);
  EXPECT_THROW((void)MockProver::run(kK, circuit, {{}}), Error);
}

}  // namespace
}  // namespace ll::halo2
