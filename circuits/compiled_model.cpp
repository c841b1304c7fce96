#include "circuits/compiled_model.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace ll::circuits {
namespace {

/// "balances[0, 17]".
std::string element_name(const std::string& tensor, const model::Shape& shape, std::size_t element) {
  model::Shape index(shape.size());
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    index[axis] = element % shape[axis];
    element /= shape[axis];
  }
  return tensor + model::to_string(index);
}

}  // namespace

std::size_t ModelDescription::entries() const {
  std::size_t count = 0;
  for (const Input& input : inputs) count += input.setting.is_public ? input.elements() : 0;
  for (const Output& output : outputs) count += output.same_as ? 0 : output.elements();
  return count;
}

CompiledModel compile_model(const model::Graph& graph, const model::ProgramSettings& settings) {
  const model::IntegerProgram program(graph, settings);
  const auto forms = program.forms();
  CompiledModel compiled;
  ModelDescription& description = compiled.description;
  AffineStatement& statement = compiled.statement;
  description.model_sha256 = graph.sha256;
  description.extents = settings.extents;
  description.weight_frac_bits = settings.weight_frac_bits;
  std::vector<i128> lowest;
  for (std::size_t i = 0; i < program.inputs(); ++i) {
    const model::ProgramTensor& tensor = program.input(i);
    const model::InputSetting& setting = settings.inputs[i];
    description.inputs.push_back({setting, tensor.type, tensor.shape});
    for (std::size_t e = 0; e < tensor.bounds.size(); ++e) {
      AffineStatement::Value value{element_name(tensor.name, tensor.shape, e), setting.bits, {}};
      if (setting.is_public) {
        value.terms.push_back({static_cast<std::uint32_t>(statement.constants.size()), 1});
        statement.constants.push_back(setting.low());
      }
      statement.values.push_back(std::move(value));
      lowest.push_back(setting.low());
    }
  }
  for (std::size_t o = 0; o < program.outputs(); ++o) {
    const model::ProgramTensor& tensor = program.output(o);
    ModelDescription::Output output{tensor.name, tensor.type, tensor.shape, tensor.scale, std::nullopt};
    for (std::size_t earlier = 0; earlier < o && !output.same_as; ++earlier)
      if (forms[earlier] == forms[o]) output.same_as = program.output(earlier).name;
    if (!output.same_as) {
      for (const model::AffineForm& form : forms[o]) {
        const auto entry = static_cast<std::uint32_t>(statement.constants.size());
        i128 constant = form.constant;
        for (const auto& term : form.terms) {
          statement.values[term.input].terms.push_back({entry, term.factor});
          constant = model::checked_sum(constant, model::checked_product(term.factor, lowest[term.input]));
        }
        statement.constants.push_back(constant);
      }
    }
    description.outputs.push_back(std::move(output));
  }
  check(statement);
  description.entry_bits = statement.entry_bits();
  return compiled;
}

std::vector<i128> statement_values(const ModelDescription& description, const std::vector<std::vector<i128>>& inputs) {
  LL_CHECK(inputs.size() == description.inputs.size(), "{} inputs, {} expected", inputs.size(),
           description.inputs.size());
  std::vector<i128> values;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto& [setting, type, shape] = description.inputs[i];
    LL_CHECK(inputs[i].size() == description.inputs[i].elements(), "input \"{}\": {} elements, {} expected",
             setting.name, inputs[i].size(), description.inputs[i].elements());
    for (std::size_t e = 0; e < inputs[i].size(); ++e) {
      if (inputs[i][e] < setting.low() || inputs[i][e] > setting.high())
        throw Error(ErrorCode::unsatisfied,
                    fmt::format("{} is {}, its range is {} to {}", element_name(setting.name, shape, e),
                                model::to_string(inputs[i][e]), model::to_string(setting.low()),
                                model::to_string(setting.high())));
      values.push_back(inputs[i][e] - setting.low());
    }
  }
  return values;
}

std::vector<i128> public_entries(const ModelDescription& description, const ModelValues& values) {
  LL_CHECK(values.inputs.size() == description.inputs.size() && values.outputs.size() == description.outputs.size(),
           "public values of another model");
  std::vector<i128> entries;
  const auto append = [&](const std::string& name, const std::vector<i128>& list, std::size_t expected) {
    LL_CHECK(list.size() == expected, "\"{}\": {} elements, {} expected", name, list.size(), expected);
    entries.insert(entries.end(), list.begin(), list.end());
  };
  for (std::size_t i = 0; i < values.inputs.size(); ++i) {
    const auto& input = description.inputs[i];
    if (input.setting.is_public) append(input.setting.name, values.inputs[i], input.elements());
  }
  for (std::size_t o = 0; o < values.outputs.size(); ++o) {
    const auto& output = description.outputs[o];
    if (!output.same_as) append(output.name, values.outputs[o], output.elements());
  }
  return entries;
}

ModelValues public_values(const ModelDescription& description, std::span<const i128> entries) {
  LL_CHECK(entries.size() == description.entries(), "{} entries, {} expected", entries.size(), description.entries());
  ModelValues values;
  const auto take = [&](bool has, std::size_t count) {
    std::vector<i128> list;
    if (has) {
      list.assign(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(count));
      entries = entries.subspan(count);
    }
    return list;
  };
  for (const auto& input : description.inputs) values.inputs.push_back(take(input.setting.is_public, input.elements()));
  for (const auto& output : description.outputs) values.outputs.push_back(take(!output.same_as, output.elements()));
  return values;
}

ModelValues run_compiled(const CompiledModel& compiled, std::vector<std::vector<i128>> inputs) {
  const std::vector<i128> values = statement_values(compiled.description, inputs);
  ModelValues run = public_values(compiled.description, affine_entries(compiled.statement, values));
  run.inputs = std::move(inputs);
  return run;
}

}  // namespace ll::circuits
