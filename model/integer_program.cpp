#include "model/integer_program.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/ranges.h>

#include "base/error.hpp"

namespace ll::model {
namespace {

const GraphValue* find_value(const std::vector<GraphValue>& values, const std::string& name) {
  const auto found = std::ranges::find(values, name, &GraphValue::name);
  return found == values.end() ? nullptr : &*found;
}

Shape shape_of(const GraphValue& value, const ProgramSettings& settings) {
  Shape shape;
  for (const Dimension& dim : value.dims) {
    if (dim.extent) {
      shape.push_back(*dim.extent);
      continue;
    }
    const auto found = settings.extents.find(dim.symbol);
    if (found == settings.extents.end())
      throw Error(ErrorCode::mismatch,
                  fmt::format("settings: extents: \"{}\" of input \"{}\" is missing", dim.symbol, value.name));
    shape.push_back(found->second);
  }
  if (element_count(shape) == 0) throw malformed("input \"{}\" has no elements", value.name);
  return shape;
}

/// The values that a type can hold, nullopt for floats.
std::optional<Interval> range_of(ElementType type) {
  if (is_real(type)) return std::nullopt;
  const unsigned bits = bit_width(type);
  if (is_signed(type)) return Interval{-(i128{1} << (bits - 1)), (i128{1} << (bits - 1)) - 1};
  return Interval{0, (i128{1} << bits) - 1};
}

/// Every element of a node's output fits its type, so no runtime wraps where the integers here do not.
void check_overflow(const ProgramTensor& tensor) {
  const auto range = range_of(tensor.type);
  if (!range) return;
  for (std::size_t i = 0; i < tensor.bounds.size(); ++i) {
    const Interval& bound = tensor.bounds[i];
    if (bound.low < range->low || bound.high > range->high)
      throw malformed("element {} of \"{}\" can be {} to {}, beyond {}: give the inputs fewer bits", i, tensor.name,
                      to_string(bound.low), to_string(bound.high), to_string(tensor.type));
  }
}

/// The value of a node `Constant`.
ConstantTensor constant_value(const GraphNode& node) {
  for (const auto& [name, value] : node.attributes) {
    if (name == "value" && std::holds_alternative<ConstantTensor>(value)) return std::get<ConstantTensor>(value);
    if (name == "value_int" && std::holds_alternative<std::int64_t>(value))
      return {ElementType::int64, {}, {std::get<std::int64_t>(value)}, {}};
    if (name == "value_float" && std::holds_alternative<double>(value) && std::isfinite(std::get<double>(value)))
      return {ElementType::float32, {}, {}, {std::get<double>(value)}};
    if (name == "value_ints" && std::holds_alternative<std::vector<std::int64_t>>(value)) {
      const auto& list = std::get<std::vector<std::int64_t>>(value);
      return {ElementType::int64, {list.size()}, list, {}};
    }
    if (name == "value_floats" && std::holds_alternative<std::vector<double>>(value)) {
      const auto& list = std::get<std::vector<double>>(value);
      if (std::ranges::all_of(list, [](double x) { return std::isfinite(x); }))
        return {ElementType::float32, {list.size()}, {}, list};
    }
  }
  throw malformed("a value of finite numbers is expected");
}

/// "node "x" (MatMul) of int64 [1, 2], constant int64 [2]".
std::string describe(const GraphNode& node, const NodeCall& call) {
  std::vector<std::string> operands;
  for (const auto& operand : call.operands)
    operands.push_back(operand ? fmt::format("{}{} {}", operand->constant != nullptr ? "constant " : "",
                                             to_string(operand->type), to_string(operand->shape))
                               : "nothing");
  return fmt::format("node \"{}\" ({}) of {}", node.name, node.op, fmt::join(operands, ", "));
}

}  // namespace

void check(const ProgramSettings& settings, const Graph& graph) {
  const auto mismatch = [](std::string text) { return Error(ErrorCode::mismatch, std::move(text)); };
  if (settings.inputs.size() != graph.inputs.size())
    throw mismatch(fmt::format("settings: {} inputs, the model has {}", settings.inputs.size(), graph.inputs.size()));
  for (std::size_t i = 0; i < settings.inputs.size(); ++i) {
    const InputSetting& input = settings.inputs[i];
    const GraphValue& value = graph.inputs[i];
    if (input.name != value.name)
      throw mismatch(fmt::format("settings: input {} is \"{}\", the model's is \"{}\"", i, input.name, value.name));
    if (value.type == ElementType::boolean) throw malformed("input \"{}\": bool is not supported", value.name);
    if (input.bits < 2 || input.bits > 64 || input.bits % 2 != 0)
      throw malformed("settings: input \"{}\": bits {}: an even number from 2 to 64 is expected", input.name,
                      input.bits);
    if (!is_real(value.type) && input.frac_bits != 0)
      throw malformed("settings: input \"{}\": frac_bits {} of integers", input.name, input.frac_bits);
    const auto range = range_of(value.type);
    if (range && (input.low() < range->low || input.high() > range->high))
      throw malformed("settings: input \"{}\": {} bits {} go beyond {}", input.name, input.bits,
                      input.is_signed ? "with sign" : "without sign", to_string(value.type));
    if (input.frac_bits > 62)
      throw malformed("settings: input \"{}\": frac_bits {} above 62", input.name, input.frac_bits);
  }
  if (settings.weight_frac_bits > 62)
    throw malformed("settings: weight_frac_bits {} above 62", settings.weight_frac_bits);
  for (const auto& [symbol, extent] : settings.extents) {
    bool used = false;
    for (const GraphValue& value : graph.inputs)
      used |= std::ranges::any_of(value.dims, [&](const Dimension& dim) { return dim.symbol == symbol; });
    if (!used) throw mismatch(fmt::format("settings: extents: no input has a dimension \"{}\"", symbol));
    if (extent == 0) throw malformed("settings: extents: \"{}\" is 0", symbol);
  }
  if (settings.outputs.empty()) throw malformed("settings: no output is proved");
  for (const std::string& name : settings.outputs) {
    if (find_value(graph.outputs, name) == nullptr)
      throw mismatch(fmt::format("settings: outputs: the model has none named \"{}\"", name));
    if (std::ranges::count(settings.outputs, name) != 1) throw malformed("settings: outputs: \"{}\" comes twice", name);
  }
}

ProgramSettings default_settings(const Graph& graph) {
  ProgramSettings settings;
  settings.weight_frac_bits = 14;
  for (const GraphValue& value : graph.inputs) {
    InputSetting input;
    input.name = value.name;
    input.is_signed = is_signed(value.type);
    input.bits = is_real(value.type) ? 32 : bit_width(value.type);
    input.frac_bits = is_real(value.type) ? 14 : 0;
    const auto balance_bits = graph.metadata.find("balance_bits");  // model/onnx_export.cpp
    if (value.name == "balances" && value.type == ElementType::int64 && balance_bits != graph.metadata.end()) {
      for (unsigned bits = 1; bits <= 32; ++bits) {
        if (balance_bits->second != std::to_string(bits)) continue;
        input.is_signed = false;
        input.bits = bits + bits % 2;
      }
    }
    settings.inputs.push_back(std::move(input));
    for (const Dimension& dim : value.dims)
      if (!dim.extent) settings.extents[dim.symbol] = 1;
  }
  for (const GraphValue& value : graph.outputs) settings.outputs.push_back(value.name);
  return settings;
}

IntegerProgram::IntegerProgram(const Graph& graph, const ProgramSettings& settings)
    : settings_(settings), constant_of_(graph.constants) {
  check(settings, graph);
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    const GraphValue& value = graph.inputs[i];
    const InputSetting& input = settings.inputs[i];
    ProgramTensor tensor{value.name, value.type, shape_of(value, settings), {input.frac_bits, 1}, {}};
    tensor.bounds.assign(element_count(tensor.shape), {input.low(), input.high()});
    tensor_of_[value.name] = tensors_.size();
    tensors_.push_back(std::move(tensor));
  }
  for (const GraphNode& node : graph.nodes) add_node(graph, node);
  for (const std::string& name : settings.outputs) {
    const auto found = tensor_of_.find(name);
    if (found == tensor_of_.end()) throw malformed("output \"{}\" does not depend on any input", name);
    const ProgramTensor& tensor = tensors_[found->second];
    const GraphValue& declared = *find_value(graph.outputs, name);
    bool same = tensor.type == declared.type && tensor.shape.size() == declared.dims.size();
    for (std::size_t axis = 0; same && axis < tensor.shape.size(); ++axis)
      same = !declared.dims[axis].extent || *declared.dims[axis].extent == tensor.shape[axis];
    if (!same)
      throw malformed("output \"{}\": its nodes give {} {}, which is not what the model declares", name,
                      to_string(tensor.type), to_string(tensor.shape));
    if (tensor.bounds.empty()) throw malformed("output \"{}\" has no elements", name);
    outputs_.push_back(found->second);
  }
  constant_of_.clear();
}

/// A constant output of a node whose first input is the constant `source` and whose others are constant too.
ConstantTensor IntegerProgram::folded(const GraphNode& node, std::size_t output, const Lowered& lowered,
                                      const ConstantTensor& source) const {
  ConstantTensor result{lowered.type, lowered.shape, {}, {}};
  std::vector<double> reals = source.reals;
  if (!is_real(source.type)) reals.assign(source.integers.begin(), source.integers.end());
  const auto finite = [&](double value) {
    if (!std::isfinite(value)) throw malformed("output {} of node \"{}\" is not a finite number", output, node.name);
    return value;
  };
  if (is_real(lowered.type)) {
    result.reals = lowered.map.evaluate_real(reals);
    for (double& value : result.reals) {
      // A runtime rounds to the type after each node.
      if (lowered.type == ElementType::float32 && std::abs(value) <= std::numeric_limits<float>::max())
        value = static_cast<double>(static_cast<float>(value));
      finite(value);
    }
    return result;
  }
  const auto range = range_of(lowered.type);
  const auto keep = [&](i128 value) {
    if (value < range->low || value > range->high || value > std::numeric_limits<std::int64_t>::max())
      throw malformed("output {} of node \"{}\": {} is no {}", output, node.name, to_string(value),
                      to_string(lowered.type));
    result.integers.push_back(static_cast<std::int64_t>(value));
  };
  if (is_real(source.type)) {  // a cast
    for (const double value : lowered.map.evaluate_real(reals)) {
      if (std::abs(finite(value)) >= 0x1p63)
        throw malformed("node \"{}\": {:g} is no {}", node.name, value, to_string(lowered.type));
      keep(static_cast<i128>(value));
    }
  } else {
    const std::vector<i128> integers(source.integers.begin(), source.integers.end());
    for (const i128 value : lowered.map.evaluate(integers)) keep(value);
  }
  return result;
}

void IntegerProgram::add_node(const Graph& graph, const GraphNode& node) {
  if (node.op == "Constant") {
    try {
      if (node.outputs.size() != 1) throw malformed("{} outputs, 1 is expected", node.outputs.size());
      constant_of_[node.outputs.front()] = constant_value(node);
    } catch (const Error& error) {
      throw Error(error.code(), fmt::format("node \"{}\" (Constant): {}", node.name, error.message()), node.name);
    }
    return;
  }
  NodeCall call{node, graph.opset, settings_.weight_frac_bits, {}, 0};
  ProgramStep step;
  step.node = node.name;
  step.op = node.op;
  std::size_t sources = 0;
  for (const std::string& name : node.inputs) {
    const auto tensor = tensor_of_.find(name);
    const auto constant = constant_of_.find(name);
    if (tensor != tensor_of_.end()) {
      const ProgramTensor& t = tensors_[tensor->second];
      call.operands.push_back(Operand{t.type, t.shape, t.scale, sources, nullptr});
      sources += t.bounds.size();
      step.inputs.push_back(tensor->second);
    } else if (constant != constant_of_.end()) {
      call.operands.push_back(Operand{constant->second.type, constant->second.shape, {}, 0, &constant->second});
    } else {
      call.operands.push_back(std::nullopt);
    }
  }
  const std::string place = describe(node, call);
  const Operator* entry = find_operator(node.op);
  if (entry == nullptr) {
    throw Error(
        ErrorCode::malformed,
        fmt::format("{}: this operator is not supported yet: it would need {}", place, what_would_be_needed(node.op)),
        node.name, fmt::format("supported: {}", fmt::join(operator_names(), ", ")));
  }
  try {
    const bool fold = step.inputs.empty();
    const ConstantTensor* source = nullptr;
    if (fold) {  // the first input is taken as the one that varies
      if (!call.has(0)) throw malformed("it has no input");
      source = call.operands[0]->constant;
      call.operands[0]->constant = nullptr;
      sources = element_count(source->shape);
      if (sources == 0) throw malformed("a constant without elements");
    }
    if (sources > std::numeric_limits<std::uint32_t>::max()) throw malformed("inputs of more than 2^32 elements");
    std::vector<Lowered> lowered = entry->lower(call);
    if (lowered.size() != node.outputs.size())
      throw malformed("{} outputs, {} expected", node.outputs.size(), lowered.size());
    step.largest_rounding = call.largest_rounding;
    std::vector<Interval> bounds;
    for (const std::size_t tensor : step.inputs)
      bounds.insert(bounds.end(), tensors_[tensor].bounds.begin(), tensors_[tensor].bounds.end());
    for (std::size_t i = 0; i < lowered.size(); ++i) {
      if (fold) {
        constant_of_[node.outputs[i]] = folded(node, i, lowered[i], *source);
        continue;
      }
      ProgramTensor tensor{node.outputs[i], lowered[i].type, lowered[i].shape, lowered[i].scale,
                           lowered[i].map.bound(bounds)};
      check_overflow(tensor);
      step.outputs.push_back(tensors_.size());
      step.maps.push_back(std::move(lowered[i].map));
      tensor_of_[node.outputs[i]] = tensors_.size();
      tensors_.push_back(std::move(tensor));
    }
    if (!fold) steps_.push_back(std::move(step));
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("{}: {}", place, error.message()), node.name, error.hint());
  }
}

std::size_t IntegerProgram::input_elements() const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < inputs(); ++i) count += input(i).bounds.size();
  return count;
}

double IntegerProgram::largest_rounding() const {
  double largest = 0;
  for (const ProgramStep& step : steps_) largest = std::max(largest, step.largest_rounding);
  return largest;
}

namespace {

/// Runs the steps over tensors of any kind of element.
template <class T, class Apply>
std::vector<std::vector<T>> run_steps(const std::vector<ProgramStep>& steps, std::size_t tensors,
                                      const std::vector<std::size_t>& outputs,
                                      const std::vector<std::vector<T>>& inputs, Apply&& apply) {
  std::vector<std::vector<T>> values(tensors);
  std::ranges::copy(inputs, values.begin());
  for (const ProgramStep& step : steps) {
    std::vector<T> sources;
    for (const std::size_t input : step.inputs)
      sources.insert(sources.end(), values[input].begin(), values[input].end());
    for (std::size_t i = 0; i < step.maps.size(); ++i) values[step.outputs[i]] = apply(step.maps[i], sources);
  }
  std::vector<std::vector<T>> results;
  for (const std::size_t output : outputs) results.push_back(values[output]);
  return results;
}

}  // namespace

std::vector<std::vector<i128>> IntegerProgram::run(const std::vector<std::vector<i128>>& given) const {
  LL_CHECK(given.size() == inputs(), "{} inputs, {} expected", given.size(), inputs());
  for (std::size_t i = 0; i < given.size(); ++i) {
    const InputSetting& setting = settings_.inputs[i];
    LL_CHECK(given[i].size() == input(i).bounds.size(), "input \"{}\": {} elements, {} expected", setting.name,
             given[i].size(), input(i).bounds.size());
    for (std::size_t e = 0; e < given[i].size(); ++e) {
      if (given[i][e] < setting.low() || given[i][e] > setting.high())
        throw Error(ErrorCode::unsatisfied,
                    fmt::format("input \"{}\": element {} is {}, its range is {} to {}", setting.name, e,
                                to_string(given[i][e]), to_string(setting.low()), to_string(setting.high())));
    }
  }
  return run_steps(steps_, tensors_.size(), outputs_, given,
                   [](const LinearMap& map, const std::vector<i128>& sources) { return map.evaluate(sources); });
}

std::vector<std::vector<double>> IntegerProgram::run_real(const std::vector<std::vector<double>>& given) const {
  return run_steps(steps_, tensors_.size(), outputs_, given,
                   [](const LinearMap& map, const std::vector<double>& sources) { return map.evaluate_real(sources); });
}

std::vector<std::vector<AffineForm>> IntegerProgram::forms() const {
  std::vector<std::vector<AffineForm>> unit(inputs());
  std::uint32_t element = 0;
  for (std::size_t i = 0; i < inputs(); ++i)
    for (std::size_t e = 0; e < input(i).bounds.size(); ++e) unit[i].push_back({{{element++, 1}}, 0});
  std::vector<i128> sum(element);
  std::vector<bool> touched(element);
  std::size_t terms = 0;
  const auto compose = [&](const LinearMap& map, const std::vector<AffineForm>& sources) {
    std::vector<AffineForm> results(map.outputs());
    for (std::size_t i = 0; i < results.size(); ++i) {
      AffineForm& form = results[i];
      form.constant = map.constants.empty() ? i128{0} : map.constants[i];
      std::vector<std::uint32_t> used;
      for (const LinearMap::Term& term : map.row(i)) {
        const AffineForm& source = sources[term.source];
        form.constant = checked_sum(form.constant, checked_product(term.factor, source.constant));
        for (const AffineForm::Term& t : source.terms) {
          if (!touched[t.input]) used.push_back(t.input);
          touched[t.input] = true;
          sum[t.input] = checked_sum(sum[t.input], checked_product(term.factor, t.factor));
        }
      }
      std::ranges::sort(used);
      for (const std::uint32_t input : used) {
        if (sum[input] != 0) form.terms.push_back({input, sum[input]});
        sum[input] = 0;
        touched[input] = false;
      }
      terms += form.terms.size();
      if (terms > kMostTerms)
        throw Error(ErrorCode::memory,
                    fmt::format("more than {} terms in the forms of all nodes together", kMostTerms));
    }
    return results;
  };
  return run_steps(steps_, tensors_.size(), outputs_, unit, compose);
}

}  // namespace ll::model
