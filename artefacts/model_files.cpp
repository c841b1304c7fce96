#include "artefacts/model_files.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.hpp"

namespace ll::artefacts {
namespace {

using circuits::AffineStatement;
using circuits::ModelDescription;
using circuits::ModelValues;

constexpr const char* kSettingsFormat = "latentledger-model-settings";
constexpr const char* kCompiledFormat = "latentledger-compiled-circuit";
constexpr const char* kWitnessFormat = "latentledger-model-witness";
constexpr std::size_t kMostNames = 4096;
constexpr int kMostLevels = 12;

Json input_json(const model::InputSetting& input) {
  return {{"name", input.name},
          {"visibility", input.is_public ? "public" : "private"},
          {"signed", input.is_signed},
          {"bits", input.bits},
          {"frac_bits", input.frac_bits}};
}

model::InputSetting read_input(const JsonReader& reader) {
  model::InputSetting input;
  input.name = reader.at("name").text();
  const std::string visibility = reader.at("visibility").text();
  if (visibility != "public" && visibility != "private")
    throw reader.at("visibility").wrong("\"private\" or \"public\" is expected");
  input.is_public = visibility == "public";
  input.is_signed = reader.at("signed").boolean();
  input.bits = static_cast<unsigned>(reader.at("bits").number(2, 64));
  if (input.bits % 2 != 0) throw reader.at("bits").wrong("an even number is expected");
  input.frac_bits = static_cast<unsigned>(reader.at("frac_bits").number(0, 62));
  return input;
}

std::map<std::string, std::size_t> read_extents(const JsonReader& reader) {
  std::map<std::string, std::size_t> extents;
  for (const std::string& key : reader.keys(kMostNames)) extents[key] = reader.at(key).number(1, model::kMostElements);
  return extents;
}

Json extents_json(const std::map<std::string, std::size_t>& extents) {
  Json object = Json::object();
  for (const auto& [symbol, extent] : extents) object[symbol] = extent;
  return object;
}

model::ElementType read_type(const JsonReader& reader) {
  const std::string name = reader.text();
  for (int number = 1; number <= 13; ++number) {
    const auto type = static_cast<model::ElementType>(number);
    if (number != 8 && number != 10 && name == model::to_string(type)) return type;
  }
  throw reader.wrong("a type of elements is expected");
}

model::Shape read_shape(const JsonReader& reader) {
  model::Shape shape;
  for (const JsonReader& extent : reader.list(64)) shape.push_back(extent.number(1, model::kMostElements));
  (void)model::element_count(shape);
  return shape;
}

template <class Read>
auto caught(Read&& read) -> Result<decltype(read())> {
  try {
    return read();
  } catch (const Error& error) {
    return error;
  }
}

Json settings_json(const ModelSettingsFile& file) {
  Json inputs = Json::array();
  for (const auto& input : file.settings.inputs) inputs.push_back(input_json(input));
  return {{"format", kSettingsFormat},         {"schema_version", kModelFileVersion},
          {"model_sha256", file.model_sha256}, {"extents", extents_json(file.settings.extents)},
          {"inputs", std::move(inputs)},       {"weight_frac_bits", file.settings.weight_frac_bits},
          {"outputs", file.settings.outputs}};
}

Json compiled_json(const CompiledFile& file) {
  Json columns = Json::array();
  for (const auto& value : file.compiled.statement.values) {
    Json entries = Json::array(), factors = Json::array();
    for (const auto& term : value.terms) {
      entries.push_back(term.entry);
      factors.push_back(integer_json(term.factor));
    }
    columns.push_back({{"name", value.name}, {"bits", value.bits}, {"entries", entries}, {"factors", factors}});
  }
  return {{"format", kCompiledFormat},
          {"schema_version", kModelFileVersion},
          {"description", description_json(file.compiled.description)},
          {"constants", integers_json(file.compiled.statement.constants)},
          {"columns", std::move(columns)},
          {"digest", file.digest}};
}

/// The statement agrees with its description: as many values and entries, the ranges, public inputs repeated.
void check_agreement(const circuits::CompiledModel& compiled, const std::string& name) {
  const ModelDescription& description = compiled.description;
  const AffineStatement& statement = compiled.statement;
  const auto refuse = [&](std::string_view what) { throw malformed("{}: {}", name, what); };
  std::size_t value = 0, repeated = 0;
  std::vector<std::optional<std::size_t>> entry_of;  // of each value: where it is repeated, if its input is public
  for (const auto& input : description.inputs) {
    for (std::size_t e = 0; e < input.elements(); ++e, ++value) {
      if (value >= statement.values.size() || statement.values[value].bits != input.setting.bits)
        refuse("columns do not agree with the inputs");
      if (input.setting.is_public && statement.constants[repeated] != input.setting.low())
        refuse("a public input's constant is not its lowest value");
      entry_of.push_back(input.setting.is_public ? std::optional(repeated++) : std::nullopt);
    }
  }
  if (value != statement.values.size()) refuse("columns are not as many as the elements of the inputs");
  for (std::size_t j = 0; j < value; ++j) {
    const auto& terms = statement.values[j].terms;
    const auto early = std::ranges::count_if(terms, [&](const auto& term) { return term.entry < repeated; });
    const bool itself = entry_of[j] && early == 1 && terms.front().entry == *entry_of[j] && terms.front().factor == 1;
    if (entry_of[j] ? !itself : early != 0) refuse("a public input is not repeated as it is");
  }
  if (description.entry_bits != statement.entry_bits()) refuse("entry_bits is not what the columns give");
}

/// Elements of nested lists in order, with the shape they have or one flat list.
void flatten(const nlohmann::json& value, const model::Shape& shape, std::size_t axis, const std::string& place,
             std::vector<const nlohmann::json*>& out) {
  if (axis == shape.size()) {
    out.push_back(&value);
    return;
  }
  if (!value.is_array() || value.size() != shape[axis])
    throw malformed("{}: a list of {} is expected, found {}", place, shape[axis], shown_json(value));
  for (std::size_t i = 0; i < value.size(); ++i)
    flatten(value[i], shape, axis + 1, fmt::format("{}[{}]", place, i), out);
}

}  // namespace

std::string encode_model_settings(const ModelSettingsFile& file) { return settings_json(file).dump(2) + "\n"; }

Result<ModelSettingsFile> decode_model_settings(std::string_view text, const std::string& name) {
  return caught([&] {
    const nlohmann::json value = parse_json_object(text, name, kMostLevels);
    const JsonReader reader(value, name);
    expect_format(reader, kSettingsFormat, kModelFileVersion, name);
    ModelSettingsFile file;
    file.model_sha256 = reader.at("model_sha256").hex(32);
    file.settings.extents = read_extents(reader.at("extents"));
    for (const JsonReader& input : reader.at("inputs").list(kMostNames))
      file.settings.inputs.push_back(read_input(input));
    file.settings.weight_frac_bits = static_cast<unsigned>(reader.at("weight_frac_bits").number(0, 62));
    for (const JsonReader& output : reader.at("outputs").list(kMostNames))
      file.settings.outputs.push_back(output.text());
    expect_rewritten(value, settings_json(file), name);
    return file;
  });
}

Json description_json(const ModelDescription& description) {
  Json inputs = Json::array(), outputs = Json::array();
  for (const auto& input : description.inputs) {
    Json object = input_json(input.setting);
    object["type"] = model::to_string(input.type);
    object["shape"] = input.shape;
    inputs.push_back(std::move(object));
  }
  for (const auto& output : description.outputs) {
    outputs.push_back({{"name", output.name},
                       {"type", model::to_string(output.type)},
                       {"shape", output.shape},
                       {"scale_shift", output.scale.shift},
                       {"scale_odd", output.scale.odd},
                       {"same_as", output.same_as ? Json(*output.same_as) : Json()}});
  }
  return {{"model_sha256", description.model_sha256},
          {"extents", extents_json(description.extents)},
          {"weight_frac_bits", description.weight_frac_bits},
          {"inputs", std::move(inputs)},
          {"outputs", std::move(outputs)},
          {"entry_bits", description.entry_bits}};
}

ModelDescription read_description(const JsonReader& reader) {
  ModelDescription description;
  description.model_sha256 = reader.at("model_sha256").hex(32);
  description.extents = read_extents(reader.at("extents"));
  description.weight_frac_bits = static_cast<unsigned>(reader.at("weight_frac_bits").number(0, 62));
  std::size_t elements = 0;
  const auto count = [&](const JsonReader& at, const model::Shape& shape) {
    elements += model::element_count(shape);
    if (elements > model::kMostElements) throw at.wrong("fewer elements of inputs and outputs are expected");
  };
  for (const JsonReader& input : reader.at("inputs").list(kMostNames)) {
    description.inputs.push_back({read_input(input), read_type(input.at("type")), read_shape(input.at("shape"))});
    count(input.at("shape"), description.inputs.back().shape);
  }
  for (const JsonReader& item : reader.at("outputs").list(kMostNames)) {
    ModelDescription::Output output{item.at("name").text(),
                                    read_type(item.at("type")),
                                    read_shape(item.at("shape")),
                                    {static_cast<unsigned>(item.at("scale_shift").number(0, 512)),
                                     item.at("scale_odd").number(1, std::uint64_t{1} << 62)},
                                    std::nullopt};
    count(item.at("shape"), output.shape);
    if (!item.at("same_as").value().is_null()) {
      output.same_as = item.at("same_as").text();
      const auto earlier = std::ranges::find(description.outputs, *output.same_as, &ModelDescription::Output::name);
      if (earlier == description.outputs.end() || earlier->same_as || earlier->elements() != output.elements())
        throw item.at("same_as").wrong("an earlier output of as many elements is expected");
    }
    description.outputs.push_back(std::move(output));
  }
  std::set<std::string> names;
  for (const auto& input : description.inputs) names.insert(input.setting.name);
  for (const auto& output : description.outputs) names.insert(output.name);
  if (names.size() != description.inputs.size() + description.outputs.size())
    throw reader.wrong("inputs and outputs of different names are expected");
  description.entry_bits = static_cast<unsigned>(reader.at("entry_bits").number(1, 120));
  if (description.entries() == 0) throw reader.wrong("a public entry is expected");
  return description;
}

Digest32 description_digest(const ModelDescription& description, const std::string& circuit_digest) {
  const Json both = {{"description", description_json(description)}, {"circuit_digest", circuit_digest}};
  const auto digest = from_hex(digest_without(nlohmann::json(both), ""));
  Digest32 result{};
  std::ranges::copy(*digest, result.begin());
  return result;
}

CompiledFile compiled_file(circuits::CompiledModel compiled) {
  CompiledFile file{std::move(compiled), {}};
  file.digest = digest_without(nlohmann::json(compiled_json(file)), "digest");
  file.compiled.statement.description = description_digest(file.compiled.description, file.digest);
  return file;
}

std::string encode_compiled(const CompiledFile& file) { return compiled_json(file).dump() + "\n"; }

Result<CompiledFile> decode_compiled(std::string_view text, const std::string& name) {
  return caught([&] {
    const nlohmann::json value = parse_json_object(text, name, kMostLevels);
    const JsonReader reader(value, name);
    expect_format(reader, kCompiledFormat, kModelFileVersion, name);
    CompiledFile file;
    file.digest = reader.at("digest").hex(32);
    const std::string derived = digest_without(value, "digest");
    if (derived != file.digest)
      throw Error(ErrorCode::mismatch,
                  fmt::format("{}: was edited: digest is {}, its content gives {}", name, file.digest, derived));
    circuits::CompiledModel& compiled = file.compiled;
    compiled.description = read_description(reader.at("description"));
    AffineStatement& statement = compiled.statement;
    statement.constants = reader.at("constants").integers(compiled.description.entries());
    for (const JsonReader& column : reader.at("columns").list(model::kMostElements)) {
      AffineStatement::Value entry{
          column.at("name").text(), static_cast<unsigned>(column.at("bits").number(2, 64)), {}};
      const auto entries = column.at("entries").list(statement.constants.size());
      const auto factors = column.at("factors").integers(entries.size());
      for (std::size_t i = 0; i < entries.size(); ++i)
        entry.terms.push_back(
            {static_cast<std::uint32_t>(entries[i].number(0, statement.constants.size() - 1)), factors[i]});
      statement.values.push_back(std::move(entry));
    }
    try {
      circuits::check(statement);
    } catch (const Error& error) {
      throw malformed("{}: {}", name, error.message());
    }
    check_agreement(compiled, name);
    statement.description = description_digest(compiled.description, file.digest);
    expect_rewritten(value, compiled_json(file), name);
    return file;
  });
}

Json values_json(const ModelDescription& description, const ModelValues& values, bool all_inputs) {
  Json inputs = Json::object(), outputs = Json::object();
  for (std::size_t i = 0; i < description.inputs.size(); ++i) {
    const auto& setting = description.inputs[i].setting;
    if (all_inputs || setting.is_public) inputs[setting.name] = integers_json(values.inputs[i]);
  }
  for (std::size_t o = 0; o < description.outputs.size(); ++o)
    if (!description.outputs[o].same_as) outputs[description.outputs[o].name] = integers_json(values.outputs[o]);
  return {{"inputs", std::move(inputs)}, {"outputs", std::move(outputs)}};
}

ModelValues read_values(const JsonReader& reader, const ModelDescription& description, bool all_inputs) {
  ModelValues values;
  for (const auto& input : description.inputs) {
    const bool read = all_inputs || input.setting.is_public;
    values.inputs.push_back(read ? reader.at("inputs").at(input.setting.name).integers(input.elements())
                                 : std::vector<i128>{});
  }
  for (const auto& output : description.outputs)
    values.outputs.push_back(output.same_as ? std::vector<i128>{}
                                            : reader.at("outputs").at(output.name).integers(output.elements()));
  return values;
}

namespace {

Json witness_json(const WitnessFile& file, const ModelDescription& description) {
  Json json = {
      {"format", kWitnessFormat}, {"schema_version", kModelFileVersion}, {"circuit_digest", file.circuit_digest}};
  json.update(values_json(description, file.values, true));
  return json;
}

}  // namespace

std::string encode_model_witness(const WitnessFile& file, const ModelDescription& description) {
  return witness_json(file, description).dump() + "\n";
}

Result<WitnessFile> decode_model_witness(std::string_view text, const std::string& name, const CompiledFile& circuit) {
  return caught([&] {
    const nlohmann::json value = parse_json_object(text, name, kMostLevels);
    const JsonReader reader(value, name);
    expect_format(reader, kWitnessFormat, kModelFileVersion, name);
    WitnessFile file;
    file.circuit_digest = reader.at("circuit_digest").hex(32);
    if (file.circuit_digest != circuit.digest)
      throw Error(
          ErrorCode::mismatch,
          fmt::format("{}: of the circuit {}, the circuit given is {}", name, file.circuit_digest, circuit.digest),
          name, "make it with `gen-witness` for this circuit");
    const ModelDescription& description = circuit.compiled.description;
    file.values = read_values(reader, description, true);
    expect_rewritten(value, witness_json(file, description), name);
    return file;
  });
}

ModelInputs read_model_inputs(std::string_view text, const std::string& name,
                              const std::vector<ModelDescription::Input>& inputs) {
  const nlohmann::json value = parse_json_object(text, name, 64);
  for (const auto& item : value.items()) {
    const bool known = std::ranges::any_of(inputs, [&](const auto& input) { return input.setting.name == item.key(); });
    if (!known) throw malformed("{}: the model has no input {}", name, shown_json(item.key()));
  }
  ModelInputs result;
  for (const auto& [setting, type, shape] : inputs) {
    const std::string place = name + ": " + setting.name;
    const auto found = value.find(setting.name);
    if (found == value.end()) throw malformed("{}: {} is missing", name, setting.name);
    std::vector<const nlohmann::json*> elements;
    const bool flat = found->is_array() && !found->empty() && !found->front().is_array();
    flatten(*found, flat ? model::Shape{model::element_count(shape)} : shape, 0, place, elements);
    std::vector<i128> integers;
    std::vector<double> reals;
    for (std::size_t e = 0; e < elements.size(); ++e) {
      const nlohmann::json& element = *elements[e];
      const auto integer = integer_from(element);
      const auto refuse = [&](const char* expected) {
        throw malformed("{}: element {}: {}, found {}", place, e, expected, shown_json(element));
      };
      if (integer && (*integer >> 62 == 0 || *integer >> 62 == -1 || !model::is_real(type))) {
        integers.push_back(*integer * (i128{1} << setting.frac_bits));
        reals.push_back(static_cast<double>(*integer));
        continue;
      }
      if (!model::is_real(type)) refuse("an integer is expected (nothing is rounded)");
      if (!element.is_number()) refuse("a number is expected");
      const auto real = element.get<double>();
      const double scaled = std::nearbyint(std::ldexp(real, static_cast<int>(setting.frac_bits)));
      if (!(std::abs(scaled) < 0x1p100)) refuse("a number that fits the settings is expected");
      integers.push_back(static_cast<i128>(scaled));
      reals.push_back(real);
      const double back = std::ldexp(scaled, -static_cast<int>(setting.frac_bits));
      result.largest_rounding = std::max(result.largest_rounding, std::abs(back - real));
    }
    result.integers.push_back(std::move(integers));
    result.reals.push_back(std::move(reals));
  }
  return result;
}

}  // namespace ll::artefacts
