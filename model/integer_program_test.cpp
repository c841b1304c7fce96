#include "model/integer_program.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "base/random.hpp"
#include "model/onnx_export.hpp"
#include "model/onnx_reader.hpp"
#include "model/test_encoder.hpp"

namespace ll::model {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// Integers that stand for `values` at 2^frac_bits, which must be exact.
std::vector<i128> integers_of(const nlohmann::json& values, unsigned frac_bits) {
  std::vector<i128> integers;
  for (const auto& value : values) {
    const double scaled = std::ldexp(value.get<double>(), static_cast<int>(frac_bits));
    EXPECT_EQ(scaled, std::nearbyint(scaled));
    integers.push_back(static_cast<i128>(scaled));
  }
  return integers;
}

/// What a form says for given inputs.
i128 value_of(const AffineForm& form, const std::vector<std::vector<i128>>& inputs) {
  std::vector<i128> all;
  for (const auto& input : inputs) all.insert(all.end(), input.begin(), input.end());
  i128 sum = form.constant;
  for (const auto& term : form.terms) sum += term.factor * all[term.input];
  return sum;
}

/// Every operator against ONNX Runtime (tools/onnx_operator_vectors.py): integers, real numbers, forms, bounds.
TEST(IntegerProgram, AgreesWithOnnxRuntimeOnEveryOperator) {
  const auto cases = nlohmann::json::parse(read_text(LL_SOURCE_DIR "/tests/vectors/onnx_operators.json"));
  std::set<std::string> seen;
  for (const auto& c : cases) {
    SCOPED_TRACE(c["name"]);
    const Graph graph = read_onnx(*from_hex(c["model"].get<std::string>())).value_or_throw();
    ProgramSettings settings = default_settings(graph);
    std::vector<std::vector<i128>> inputs;
    std::vector<std::vector<double>> reals;
    for (std::size_t i = 0; i < settings.inputs.size(); ++i) {
      InputSetting& input = settings.inputs[i];
      input.bits = is_signed(graph.inputs[i].type) ? 6 : 4;  // small: no type overflows
      input.frac_bits = is_real(graph.inputs[i].type) ? 2 : 0;
      inputs.push_back(integers_of(c["inputs"][i]["values"], input.frac_bits));
      reals.push_back(c["inputs"][i]["values"].get<std::vector<double>>());
    }
    const IntegerProgram program(graph, settings);
    for (const GraphNode& node : graph.nodes) seen.insert(node.op);
    const auto outputs = program.run(inputs);
    const auto real_outputs = program.run_real(reals);
    const auto forms = program.forms();
    ASSERT_EQ(outputs.size(), c["outputs"].size());
    for (std::size_t o = 0; o < outputs.size(); ++o) {
      const auto& expected = c["outputs"][o];
      const ProgramTensor& tensor = program.output(o);
      EXPECT_EQ(tensor.shape, expected["shape"].get<Shape>());
      ASSERT_EQ(outputs[o].size(), expected["values"].size());
      for (std::size_t e = 0; e < outputs[o].size(); ++e) {
        const auto value = expected["values"][e].get<double>();
        EXPECT_EQ(static_cast<double>(outputs[o][e]) / tensor.scale.denominator(), value) << o << ", " << e;
        EXPECT_EQ(real_outputs[o][e], value) << o << ", " << e;
        EXPECT_EQ(value_of(forms[o][e], inputs), outputs[o][e]);
        EXPECT_LE(tensor.bounds[e].low, outputs[o][e]);
        EXPECT_GE(tensor.bounds[e].high, outputs[o][e]);
      }
    }
  }
  for (const std::string_view name : operator_names()) EXPECT_TRUE(seen.contains(std::string(name))) << name;
}

TEST(IntegerProgram, TheExportedEncoderIsItsIntegers) {
  for (const EncoderShape& shape : {EncoderShape{}, EncoderShape{3, 5, 9, 7}}) {
    const QuantizedEncoder encoder = random_encoder(shape, 3);
    const Graph graph = read_onnx(encode_onnx(encoder)).value_or_throw();
    const ProgramSettings settings = default_settings(graph);
    EXPECT_EQ(settings.inputs.at(0).bits, shape.balance_bits + shape.balance_bits % 2);
    EXPECT_FALSE(settings.inputs.at(0).is_signed);
    const IntegerProgram program(graph, settings);
    EXPECT_EQ(program.output(0).scale, (Scale{0, 1}));
    EXPECT_EQ(program.output(1).scale, (Scale{shape.scale_bits(), 1}));  // 2^-46 is an exact constant
    EXPECT_EQ(program.largest_rounding(), 0);
    SeededRng rng(4);
    const auto balances = random_balances(shape, rng);
    const auto outputs = program.run({{balances.begin(), balances.end()}});
    const auto expected = encoder.embed(balances);
    EXPECT_EQ(outputs[0], (std::vector<i128>{expected.begin(), expected.end()}));
    EXPECT_EQ(outputs[1], outputs[0]);
    const auto forms = program.forms();
    EXPECT_EQ(forms[0], forms[1]);
    for (std::size_t k = 0; k < shape.dims; ++k) {
      for (const auto& term : forms[0][k].terms) EXPECT_EQ(term.factor, encoder.row(term.input)[k]);
    }
  }
}

/// A graph of one node, float32 or int64.
Graph graph_of(const std::string& op, ElementType type, std::vector<std::string> inputs,
               std::map<std::string, ConstantTensor> constants = {},
               std::map<std::string, AttributeValue> attributes = {}) {
  Graph graph;
  graph.opset = 17;
  for (const auto& name : inputs)
    if (!constants.contains(name) && (graph.inputs.empty() || graph.inputs.back().name != name))
      graph.inputs.push_back({name, type, {{2, ""}, {3, ""}}});
  graph.outputs = {{"y", type, {{2, ""}, {3, ""}}}};
  graph.constants = std::move(constants);
  graph.nodes = {{"the node", op, std::move(inputs), {"y"}, std::move(attributes)}};
  return graph;
}

std::string refusal(const Graph& graph, const ProgramSettings& settings) {
  try {
    const IntegerProgram program(graph, settings);
  } catch (const Error& error) {
    return std::string(to_string(error.code())) + ": " + error.message() + " (" + error.hint() + ")";
  }
  return "accepted";
}
std::string refusal(const Graph& graph) { return refusal(graph, default_settings(graph)); }

TEST(IntegerProgram, SaysWhereAndWhatIsNotSupported) {
  EXPECT_THAT(refusal(graph_of("Relu", ElementType::float32, {"x"})),
              AllOf(HasSubstr("malformed: node \"the node\" (Relu) of float32 [2, 3]"), HasSubstr("a sign bit"),
                    HasSubstr("supported: Add, ")));
  EXPECT_THAT(refusal(graph_of("Frobnicate", ElementType::float32, {"x"})), HasSubstr("an entry in the table"));
  EXPECT_THAT(refusal(graph_of("Mul", ElementType::float32, {"x", "x"})),
              AllOf(HasSubstr("(Mul) of float32 [2, 3], float32 [2, 3]"), HasSubstr("product argument")));
  EXPECT_THAT(refusal(graph_of("Gather", ElementType::int64, {"x", "z"})), HasSubstr("lookup argument"));
  EXPECT_THAT(refusal(graph_of("Cast", ElementType::float32, {"x"}, {}, {{"to", std::int64_t{7}}})),
              HasSubstr("cut off fractions (scale 2^14)"));
  const ConstantTensor three{ElementType::int64, {}, {3}, {}}, none{ElementType::int64, {3, 0}, {}, {}};
  EXPECT_THAT(refusal(graph_of("Mul", ElementType::int64, {"x", "c"}, {{"c", three}})),
              AllOf(HasSubstr("element 0 of \"y\" can be -27670116110564327424 to"), HasSubstr("beyond int64")));
  EXPECT_THAT(refusal(graph_of("MatMul", ElementType::int64, {"x", "c"}, {{"c", none}})),
              HasSubstr("output \"y\": its nodes give int64 [2, 0]"));
  EXPECT_THAT(refusal(graph_of("ReduceMean", ElementType::int64, {"x"})), HasSubstr("a mean of int64 rounds"));
  EXPECT_THAT(
      refusal(graph_of("Transpose", ElementType::int64, {"x"}, {}, {{"perm", std::vector<std::int64_t>{0, 0}}})),
      HasSubstr("one comes twice"));
  EXPECT_THAT(refusal(graph_of("Transpose", ElementType::int64, {"x"})), HasSubstr("its nodes give int64 [3, 2]"));
}

/// Constants are folded in float64: what leaves the finite numbers there is refused.
TEST(IntegerProgram, FoldedConstantsStayFinite) {
  const ConstantTensor huge{ElementType::float64, {2, 3}, {}, std::vector<double>(6, 1e308)};
  Graph graph = graph_of("Add", ElementType::float64, {"x", "sum"});
  graph.constants = {{"huge", huge}};
  graph.inputs = {{"x", ElementType::float64, {{2, ""}, {3, ""}}}};
  graph.nodes.insert(graph.nodes.begin(), {"folded", "ReduceSum", {"huge"}, {"sum"}, {}});
  EXPECT_THAT(refusal(graph), HasSubstr("output 0 of node \"folded\" is not a finite number"));
  graph.nodes.front().op = "Neg";
  EXPECT_THAT(refusal(graph),
              HasSubstr("node \"the node\" (Add) of float64 [2, 3], constant float64 [2, 3]: a constant of -1e+308"));
  graph.constants["huge"].reals.assign(6, 1e30);
  EXPECT_EQ(refusal(graph), "accepted");
}

TEST(IntegerProgram, SettingsBelongToTheModel) {
  const Graph graph = graph_of("Neg", ElementType::int64, {"x"});
  const auto with = [&](auto change) {
    ProgramSettings settings = default_settings(graph);
    settings.inputs[0].bits = 32;
    change(settings);
    return refusal(graph, settings);
  };
  EXPECT_EQ(with([](auto&) {}), "accepted");
  EXPECT_THAT(with([](auto& s) { s.inputs[0].bits = 33; }), HasSubstr("an even number from 2 to 64"));
  EXPECT_THAT(with([](auto& s) { s.inputs[0].bits = 0; }), HasSubstr("an even number"));
  EXPECT_THAT(with([](auto& s) { s.inputs[0].bits = 66; }), HasSubstr("an even number"));
  EXPECT_THAT(with([](auto& s) { s.inputs[0].name = "z"; }), HasSubstr("mismatch: settings: input 0 is \"z\""));
  EXPECT_THAT(with([](auto& s) { s.inputs.clear(); }), HasSubstr("0 inputs"));
  EXPECT_THAT(with([](auto& s) { s.inputs[0].frac_bits = 3; }), HasSubstr("frac_bits 3 of integers"));
  EXPECT_THAT(with([](auto& s) { s.outputs = {"z"}; }), HasSubstr("none named \"z\""));
  EXPECT_THAT(with([](auto& s) { s.outputs = {"y", "y"}; }), HasSubstr("comes twice"));
  EXPECT_THAT(with([](auto& s) { s.outputs.clear(); }), HasSubstr("no output"));
  EXPECT_THAT(with([](auto& s) { s.extents["batch"] = 1; }), HasSubstr("no input has a dimension"));
  EXPECT_THAT(with([](auto& s) { s.inputs[0].bits = 64, s.inputs[0].is_signed = false; }), HasSubstr("beyond int64"));
}

TEST(IntegerProgram, InputsOutsideTheirRangeAreRefused) {
  const Graph graph = graph_of("Neg", ElementType::int64, {"x"});
  ProgramSettings settings = default_settings(graph);
  settings.inputs[0].bits = 4;
  const IntegerProgram program(graph, settings);
  const std::vector<i128> ends{-8, 7, 0, 1, 2, 3};
  EXPECT_EQ(program.run({ends})[0], (std::vector<i128>{8, -7, 0, -1, -2, -3}));
  for (const i128 bad : {i128{-9}, i128{8}}) {
    std::vector<i128> inputs = ends;
    inputs[5] = bad;
    EXPECT_THROW(program.run({inputs}), Error);
  }
  EXPECT_THROW(program.run({{1, 2}}), Error);
}

TEST(FixedConstant, IsExactWhereItCanBeAndRoundsToTheNearestElsewhere) {
  const auto fixed = [](std::vector<double> reals, unsigned bits) {
    const Shape shape{reals.size()};
    return fixed_constant({ElementType::float64, shape, {}, std::move(reals)}, bits);
  };
  const auto exact = fixed({0.5, -0.75, 3}, 14);
  EXPECT_EQ(exact.scale, (Scale{2, 1}));
  EXPECT_EQ(exact.integers, (std::vector<i128>{2, -3, 12}));
  EXPECT_EQ(exact.largest_rounding, 0);
  EXPECT_EQ(fixed({0x1p-46}, 14).scale, (Scale{46, 1}));
  EXPECT_EQ(fixed({0, 8}, 14).scale, (Scale{0, 1}));
  const auto rounded = fixed({1.0 / 3, -0.5}, 4);
  EXPECT_EQ(rounded.scale, (Scale{4, 1}));
  EXPECT_EQ(rounded.integers, (std::vector<i128>{5, -8}));
  EXPECT_NEAR(rounded.largest_rounding, 1.0 / 48, 1e-15);
  EXPECT_EQ(fixed({0x1p-5, 1.5, 2.5 / 32}, 4).integers, (std::vector<i128>{0, 24, 1}));  // halves to even
  EXPECT_THROW(fixed({1e40, 0.1}, 14), Error);
}

TEST(Scale, AlignsByIntegers) {
  const Scale a{3, 1}, b{1, 15}, c{0, 21};
  EXPECT_EQ(common_scale(a, b), (Scale{3, 15}));
  EXPECT_EQ(common_scale(b, c), (Scale{1, 105}));
  EXPECT_EQ(factor_between(b, common_scale(a, b)), 4);
  EXPECT_EQ(factor_between(c, common_scale(b, c)), 10);
  EXPECT_EQ((a * b).to_string(), "2^4 * 15");
  EXPECT_THROW((Scale{512, 1} * Scale{1, 1}), Error);
  EXPECT_THROW((Scale{0, 1ull << 62} * Scale{0, 4}), Error);
  EXPECT_THROW(checked_product(i128{1} << 60, i128{1} << 60), Error);
  EXPECT_EQ(checked_product((i128{1} << 60) - 1, i128{1} << 60), (i128{1} << 120) - (i128{1} << 60));
  EXPECT_THROW(checked_sum(kMostInteger - 1, 1), Error);
  EXPECT_EQ(to_string(-kMostInteger), "-1329227995784915872903807060280344576");
}

}  // namespace
}  // namespace ll::model
