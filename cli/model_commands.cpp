// Verbs `inspect`, `gen-settings`, `calibrate-settings`, `compile-circuit`, `gen-witness`: ONNX models as circuits.
#include "cli/model_commands.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/ranges.h>

#include "artefacts/vk_file.hpp"
#include "base/files.hpp"
#include "circuits/affine_circuit.hpp"
#include "cli/application.hpp"
#include "cli/encoder_folder.hpp"
#include "cli/ledger_folder.hpp"
#include "cli/model_calibration.hpp"
#include "model/onnx_reader.hpp"

namespace ll::cli {

namespace fs = std::filesystem;

model::Graph load_model(Session& session, const fs::path& path) {
  session.input(path, "an ONNX model; `export-onnx` writes the encoder's");
  auto graph = model::read_onnx(read_file(path));
  if (!graph) throw graph.error().at(path.string());
  return std::move(graph).value();
}

artefacts::CompiledFile load_compiled(Session& session, const fs::path& path) {
  session.input(path, "make it with `compile-circuit`");
  return artefacts::decode_compiled(read_text(path), path.string()).value_or_throw();
}

std::string input_text(const circuits::ModelDescription::Input& input) {
  const model::InputSetting& s = input.setting;
  return fmt::format("{} {} {}, each {} to {}{}", s.name, model::to_string(input.type), model::to_string(input.shape),
                     model::to_string(s.low()), model::to_string(s.high()),
                     s.frac_bits == 0 ? "" : fmt::format(" over 2^{}", s.frac_bits));
}

std::string output_text(const circuits::ModelDescription::Output& output) {
  return fmt::format("{} {} {}{}{}", output.name, model::to_string(output.type), model::to_string(output.shape),
                     output.scale.is_one() ? "" : ", integers over " + output.scale.to_string(),
                     output.same_as ? ": the integers of " + *output.same_as : "");
}

namespace {

/// "name=12" as name and number.
std::pair<std::string, std::size_t> parse_choice(const std::string& option, const std::string& text) {
  const std::size_t equals = text.rfind('=');
  std::size_t number = 0;
  const std::string digits = equals == text.npos ? "" : text.substr(equals + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  LL_CHECK(error == std::errc{} && end == digits.data() + digits.size() && !digits.empty(),
           "{} {}: NAME=NUMBER is expected", option, text);
  return {text.substr(0, equals), number};
}

Json table_of(const circuits::ModelDescription& description) {
  const Json json = artefacts::description_json(description);
  return {{"inputs", json["inputs"]}, {"outputs", json["outputs"]}};
}

struct ModelArguments {
  fs::path model, settings, data, output, circuit;
  std::vector<std::string> is_public, is_unsigned, bits, extents, outputs;
  std::optional<unsigned> frac_bits;
  double max_abs_error = 1e-3;
  fs::path ledger;
  std::size_t from = 0;
};

fs::path model_path(const ModelArguments& arguments, const Session& session) {
  return session.path_or(arguments.model, "encoder/encoder.onnx");
}

std::string settings_text(const model::ProgramSettings& settings) {
  std::string text;
  for (const auto& input : settings.inputs)
    text += fmt::format("input             {}: {}, {} bits {} sign, {} of them fractional\n", input.name,
                        input.is_public ? "public" : "private", input.bits, input.is_signed ? "with" : "without",
                        input.frac_bits);
  for (const auto& [symbol, extent] : settings.extents)
    text += fmt::format("extent            {} = {}\n", symbol, extent);
  text += fmt::format("weights           exact, else {} fractional bits\noutputs           {}\n",
                      settings.weight_frac_bits, fmt::join(settings.outputs, ", "));
  return text;
}

Outcome save_settings(const model::Graph& graph, const model::ProgramSettings& settings, const fs::path& file,
                      Session& session) {
  const std::string text = artefacts::encode_model_settings({graph.sha256, settings});
  write_text(file, text);
  session.output("settings", file);
  const auto bytes = ByteSpan(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  const std::string digest = to_hex(sha256(bytes));
  return {.result = {{"model_sha256", graph.sha256}, {"settings_sha256", digest}},
          .text = settings_text(settings) +
                  fmt::format("model             {}\nsettings          {}\nwritten to        {}\n", graph.sha256,
                              digest, file.string())};
}

Outcome gen_settings(const ModelArguments& arguments, Session& session) {
  const model::Graph graph = load_model(session, model_path(arguments, session));
  model::ProgramSettings settings = model::default_settings(graph);
  const auto input = [&](const std::string& option, const std::string& name) -> model::InputSetting& {
    const auto found = std::ranges::find(settings.inputs, name, &model::InputSetting::name);
    LL_CHECK(found != settings.inputs.end(), "{} {}: the model has no such input", option, name);
    return *found;
  };
  for (const auto& name : arguments.is_public) input("--public", name).is_public = true;
  for (const auto& name : arguments.is_unsigned) input("--unsigned", name).is_signed = false;
  for (const auto& text : arguments.bits) {
    const auto [name, bits] = parse_choice("--bits", text);
    LL_CHECK(bits >= 1 && bits <= 64, "--bits {}: 1 to 64 is expected", text);
    input("--bits", name).bits = static_cast<unsigned>(bits + bits % 2);
    if (bits % 2 != 0)
      session.note(fmt::format("--bits {}: ranges have an even number of bits: {} it is", text, bits + 1));
  }
  for (const auto& text : arguments.extents) {
    const auto [symbol, extent] = parse_choice("--extent", text);
    LL_CHECK(settings.extents.contains(symbol) && extent >= 1, "--extent {}: no input has such a dimension", text);
    settings.extents[symbol] = extent;
  }
  if (arguments.frac_bits) {
    settings.weight_frac_bits = *arguments.frac_bits;
    for (std::size_t i = 0; i < settings.inputs.size(); ++i)
      if (model::is_real(graph.inputs[i].type)) settings.inputs[i].frac_bits = *arguments.frac_bits;
  }
  if (!arguments.outputs.empty()) settings.outputs = arguments.outputs;
  model::check(settings, graph);
  return save_settings(graph, settings, session.path_or(arguments.output, "onnx/settings.json"), session);
}

/// Settings from a file of this model.
model::ProgramSettings load_settings(const model::Graph& graph, const fs::path& path, Session& session) {
  session.input(path, "make it with `gen-settings`");
  auto file = artefacts::decode_model_settings(read_text(path), path.string()).value_or_throw();
  if (file.model_sha256 != graph.sha256)
    throw Error(
        ErrorCode::mismatch,
        fmt::format("{}: of the model {}, the model given is {}", path.string(), file.model_sha256, graph.sha256),
        path.string(), "make it with `gen-settings` for this model");
  return std::move(file.settings);
}

Outcome calibrate_settings(const ModelArguments& arguments, Session& session) {
  const model::Graph graph = load_model(session, model_path(arguments, session));
  const model::ProgramSettings declared =
      arguments.settings.empty() ? model::default_settings(graph) : load_settings(graph, arguments.settings, session);
  session.input(arguments.data, "numbers for each input: {\"input name\": [...]}");
  const Calibration calibration =
      calibrate(graph, declared, read_text(arguments.data), arguments.data.string(), arguments.max_abs_error);
  Json rows = Json::array();
  std::string text =
      fmt::format("{:<10}{:>6}{:>8}{:>4}{:>8}{:>12}  {}\n", "ranges", "bits", "weights", "k", "proof", "max error", "");
  for (std::size_t i = 0; i < calibration.candidates.size(); ++i) {
    const CalibrationCandidate& c = calibration.candidates[i];
    unsigned bits = 0;
    for (const auto& input : c.settings.inputs) bits = std::max(bits, input.bits);
    rows.push_back({{"ranges", c.bits},
                    {"largest_input_bits", bits},
                    {"frac_bits", c.settings.weight_frac_bits},
                    {"k", c.k == 0 ? Json() : Json(c.k)},
                    {"proof_bytes", c.k == 0 ? Json() : Json(c.proof_bytes)},
                    {"max_abs_error", c.k == 0 ? Json() : Json(c.max_abs_error)},
                    {"failure", c.failure.empty() ? Json() : Json(c.failure)}});
    const std::string verdict = !c.failure.empty() ? c.failure : i == calibration.chosen ? "<- chosen" : "would do";
    text += fmt::format("{:<10}{:>6}{:>8}{:>4}{:>8}{:>12.3g}  {}\n", c.bits, bits, c.settings.weight_frac_bits, c.k,
                        c.proof_bytes, c.max_abs_error, verdict);
  }
  if (!calibration.chosen)
    return {.result = {{"candidates", std::move(rows)}, {"chosen", nullptr}},
            .text = text + "no candidate will do: nothing written\n",
            .exit = ExitCode::unsatisfied};
  Outcome saved = save_settings(graph, calibration.candidates[*calibration.chosen].settings,
                                session.path_or(arguments.output, "onnx/settings.json"), session);
  saved.result["candidates"] = std::move(rows);
  saved.result["chosen"] = *calibration.chosen;
  saved.text = text + saved.text;
  return saved;
}

/// What a compiled circuit is, for `compile-circuit` and `inspect`.
struct CircuitFigures {
  Json json;
  std::string text;
};
CircuitFigures figures_of(const circuits::CompiledModel& compiled) {
  circuits::AffineCircuit circuit(compiled.statement);
  halo2::ConstraintSystem cs;
  circuit.configure(cs);
  Json json = {{"k", circuit.k()}, {"rows", circuit.layout().used_rows}};
  json.update(artefacts::circuit_json(cs));
  json["public_words"] = circuit.layout().words;
  json["private_values"] = compiled.statement.values.size();
  return {json, fmt::format("circuit           k = {} ({} rows), {} advice and {} fixed columns, proofs of {} bytes\n",
                            circuit.k(), circuit.layout().used_rows, cs.advice_columns(), cs.fixed_columns(),
                            cs.proof_bytes())};
}

Outcome compile_circuit(const ModelArguments& arguments, Session& session) {
  const model::Graph graph = load_model(session, model_path(arguments, session));
  const model::ProgramSettings settings =
      load_settings(graph, session.path_or(arguments.settings, "onnx/settings.json"), session);
  const artefacts::CompiledFile file = artefacts::compiled_file(circuits::compile_model(graph, settings));
  session.check_stop();
  const fs::path path = session.path_or(arguments.output, "onnx/compiled.json");
  write_text(path, artefacts::encode_compiled(file));
  session.output("circuit", path);
  CircuitFigures figures = figures_of(file.compiled);
  const double rounding = model::IntegerProgram(graph, settings).largest_rounding();
  Json result = {{"statement", "onnx"}, {"model_sha256", graph.sha256}, {"circuit_digest", file.digest}};
  result.update(figures.json);
  result["entry_bits"] = file.compiled.description.entry_bits;
  result["largest_weight_rounding"] = rounding;
  result.update(table_of(file.compiled.description));
  std::string text = figures.text;
  for (const auto& input : file.compiled.description.inputs)
    text +=
        fmt::format("{}  {}\n", input.setting.is_public ? "public input    " : "private input   ", input_text(input));
  for (const auto& output : file.compiled.description.outputs)
    text += fmt::format("output            {}\n", output_text(output));
  text += rounding == 0 ? std::string("weights           exact\n")
                        : fmt::format("weights           rounded by at most {:.3g}\n", rounding);
  return {.result = std::move(result),
          .text = text + fmt::format("model             {}\ncircuit           {}\nwritten to        {}\n", graph.sha256,
                                     file.digest, path.string())};
}

Outcome inspect(const ModelArguments& arguments, Session& session) {
  const model::Graph graph = load_model(session, model_path(arguments, session));
  Json nodes = Json::array(), inputs = Json::array(), outputs = Json::array();
  std::string text =
      fmt::format("model             {} (producer {}, operator set {})\n", graph.sha256, graph.producer, graph.opset);
  const auto dims = [](const model::GraphValue& value) {
    Json list = Json::array();
    for (const auto& dim : value.dims) list.push_back(dim.extent ? Json(*dim.extent) : Json(dim.symbol));
    return list;
  };
  const auto list = [&](const char* role, const std::vector<model::GraphValue>& values, Json& out) {
    for (const auto& value : values) {
      out.push_back({{"name", value.name}, {"type", model::to_string(value.type)}, {"shape", dims(value)}});
      text += fmt::format("{:<18}{} {} {}\n", role, value.name, model::to_string(value.type), dims(value).dump());
    }
  };
  list("input", graph.inputs, inputs);
  list("output", graph.outputs, outputs);
  std::size_t missing = 0;
  for (const model::GraphNode& node : graph.nodes) {
    const bool known = node.op == "Constant" || model::find_operator(node.op) != nullptr;
    missing += known ? 0 : 1;
    nodes.push_back({{"name", node.name},
                     {"operator", node.op},
                     {"supported", known},
                     {"needs", known ? Json() : Json(model::what_would_be_needed(node.op))}});
    text += fmt::format("node              {} ({}){}\n", node.name, node.op,
                        known ? "" : fmt::format(": NOT supported, needs {}", model::what_would_be_needed(node.op)));
  }
  Json circuit, refusal;
  try {
    const CircuitFigures figures = figures_of(circuits::compile_model(graph, model::default_settings(graph)));
    circuit = figures.json;
    text += figures.text;
  } catch (const Error& error) {
    refusal = error.message();
    text += fmt::format("not compiled      {}\n", error.message());
  }
  return {.result = {{"model_sha256", graph.sha256},
                     {"producer", graph.producer},
                     {"opset", graph.opset},
                     {"inputs", std::move(inputs)},
                     {"outputs", std::move(outputs)},
                     {"nodes", std::move(nodes)},
                     {"unsupported", missing},
                     {"circuit", std::move(circuit)},
                     {"refusal", std::move(refusal)}},
          .text = std::move(text)};
}

/// The balances of a ledger before transfer `from`, as the input of its exported encoder.
artefacts::ModelInputs ledger_inputs(const ModelArguments& arguments, const circuits::ModelDescription& description,
                                     Session& session) {
  LL_CHECK(description.inputs.size() == 1, "--data: a model with one input, the balances, is expected");
  const ledger::Dataset data = load_ether_ledger(session, arguments.ledger);
  artefacts::ModelInputs inputs;
  const std::size_t slots = description.inputs[0].elements();
  const std::vector<std::uint32_t> balances = data.units_before(arguments.from);
  LL_CHECK(balances.size() <= slots, "--data: the ledger has {} accounts, the model takes {}", balances.size(), slots);
  inputs.integers.emplace_back(balances.begin(), balances.end());
  inputs.integers[0].resize(slots);
  for (const i128 balance : inputs.integers[0]) {
    if (inputs.reals.empty()) inputs.reals.emplace_back();
    inputs.reals[0].push_back(static_cast<double>(balance));
  }
  return inputs;
}

Outcome gen_witness(const ModelArguments& arguments, Session& session) {
  const artefacts::CompiledFile circuit =
      load_compiled(session, session.path_or(arguments.circuit, "onnx/compiled.json"));
  const circuits::ModelDescription& description = circuit.compiled.description;
  LL_CHECK(arguments.data.empty() != arguments.ledger.empty(), "one of --input and --data is expected");
  artefacts::ModelInputs inputs;
  if (arguments.ledger.empty()) {
    session.input(arguments.data, "numbers for each input: {\"input name\": [...]}");
    inputs = artefacts::read_model_inputs(read_text(arguments.data), arguments.data.string(), description.inputs);
  } else {
    inputs = ledger_inputs(arguments, description, session);
  }
  const artefacts::WitnessFile witness{circuit.digest, circuits::run_compiled(circuit.compiled, inputs.integers)};
  Json fidelity;
  std::string text;
  if (!arguments.model.empty()) {
    const model::Graph graph = load_model(session, arguments.model);
    if (graph.sha256 != description.model_sha256)
      throw Error(ErrorCode::mismatch, fmt::format("{}: has SHA-256 {}, the circuit was compiled from {}",
                                                   arguments.model.string(), graph.sha256, description.model_sha256));
    model::ProgramSettings settings{description.extents, {}, description.weight_frac_bits, {}};
    for (const auto& input : description.inputs) settings.inputs.push_back(input.setting);
    for (const auto& output : description.outputs) settings.outputs.push_back(output.name);
    const model::IntegerProgram program(graph, settings);
    const auto integers = program.run(inputs.integers);
    const auto reals = program.run_real(inputs.reals);
    fidelity = Json::array();
    for (std::size_t o = 0; o < integers.size(); ++o) {
      const auto& output = description.outputs[o];
      if (!output.same_as && integers[o] != witness.values.outputs[o])
        throw std::logic_error(fmt::format("output {}: the circuit and the reference differ", output.name));
      double error = 0;
      for (std::size_t e = 0; e < integers[o].size(); ++e)
        error =
            std::max(error, std::abs(static_cast<double>(integers[o][e]) / output.scale.denominator() - reals[o][e]));
      fidelity.push_back(
          {{"output", output.name}, {"circuit_equals_reference", true}, {"float64_max_abs_error", error}});
      text += fmt::format("{:<18}the circuit's integers are the reference's; float64 differs by at most {:.3g}\n",
                          output.name, error);
    }
  }
  const fs::path path = session.path_or(arguments.output, "onnx/witness.json");
  PendingFile pending(path);
  FileWriter writer(pending.path(), FileWriter::Mode::create, /*secret=*/true);
  const std::string encoded = artefacts::encode_model_witness(witness, description);
  writer.write(ByteSpan(reinterpret_cast<const std::uint8_t*>(encoded.data()), encoded.size()));
  writer.finish();
  pending.commit();
  session.output("witness", path);
  return {.result = {{"circuit_digest", circuit.digest},
                     {"values", circuit.compiled.statement.values.size()},
                     {"largest_input_rounding", inputs.largest_rounding},
                     {"fidelity", std::move(fidelity)}},
          .text = text + fmt::format("inputs            {} integers, {}\ncircuit           {}\nwritten to        {} "
                                     "(secret: readable by you alone)\n",
                                     circuit.compiled.statement.values.size(),
                                     inputs.largest_rounding == 0
                                         ? std::string("exact")
                                         : fmt::format("rounded by at most {:.3g}", inputs.largest_rounding),
                                     circuit.digest, path.string())};
}

}  // namespace

void add_model_commands(Application& application) {
  CLI::App& root = application.root();
  const auto add = [&](const char* name, const char* description, const char* example, auto run) {
    auto arguments = std::make_shared<ModelArguments>();
    CLI::App& verb = application.verb(root, name, description, example,
                                      [arguments, run](Session& session) { return run(*arguments, session); });
    return std::pair<CLI::App*, ModelArguments*>(&verb, arguments.get());
  };
  const auto add_model = [](CLI::App* verb, ModelArguments* to) {
    verb->add_option("model", to->model, "ONNX file [WORKDIR/encoder/encoder.onnx]");
  };
  const char* const kModel = "latentledger-work/encoder/encoder.onnx";

  auto [inspected, inspect_to] = add("inspect", "What an ONNX model holds, node by node, and whether it compiles",
                                     fmt::format("inspect {}", kModel).c_str(), inspect);
  add_model(inspected, inspect_to);

  auto [generated, generate_to] =
      add("gen-settings", "What a model leaves open: ranges and visibility of inputs, extents, outputs to prove",
          fmt::format("gen-settings {}", kModel).c_str(), gen_settings);
  add_model(generated, generate_to);
  generated->add_option("--public", generate_to->is_public, "Inputs that the proof shows [none]");
  generated->add_option("--unsigned", generate_to->is_unsigned, "Inputs without negative numbers");
  generated->add_option("--bits", generate_to->bits, "NAME=BITS: range of an input [its type's; floats 32]");
  generated->add_option("--extent", generate_to->extents, "SYMBOL=N: a dimension that the model leaves open [1]");
  generated->add_option("--prove", generate_to->outputs, "Outputs that are proved [all]");
  generated->add_option("--frac-bits", generate_to->frac_bits, "Fractional bits of float inputs and weights [14]")
      ->check(CLI::Range(0, 62));
  generated->add_option("-o,--output", generate_to->output, "File to write [WORKDIR/onnx/settings.json]");

  auto [calibrated, calibrate_to] =
      add("calibrate-settings", "Tries fractional bits and ranges on data and says why each would do or not",
          "calibrate-settings model.onnx --data input.json --max-abs-error 1e-3", calibrate_settings);
  add_model(calibrated, calibrate_to);
  calibrated->add_option("--data", calibrate_to->data, "Numbers for each input: {\"name\": [...]}")->required();
  calibrated->add_option("--settings", calibrate_to->settings, "Settings to start from [those of gen-settings]");
  calibrated->add_option("--max-abs-error", calibrate_to->max_abs_error, "Largest error of an output that will do")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  calibrated->add_option("-o,--output", calibrate_to->output, "File to write [WORKDIR/onnx/settings.json]");

  auto [compiled, compile_to] = add("compile-circuit", "An ONNX model of linear operators as a circuit, exactly",
                                    fmt::format("compile-circuit {}", kModel).c_str(), compile_circuit);
  add_model(compiled, compile_to);
  compiled->add_option("--settings", compile_to->settings, "Settings [WORKDIR/onnx/settings.json]");
  compiled->add_option("-o,--output", compile_to->output, "File to write [WORKDIR/onnx/compiled.json]");

  auto [witnessed, witness_to] = add("gen-witness", "Runs a compiled circuit's integers on given inputs",
                                     "gen-witness --data latentledger-work/ledger", gen_witness);
  witnessed->add_option("--circuit", witness_to->circuit, "Compiled circuit [WORKDIR/onnx/compiled.json]");
  witnessed->add_option("--input", witness_to->data, "Numbers for each input: {\"name\": [...]}");
  witnessed->add_option("--data", witness_to->ledger,
                        "A ledger's balances as the encoder's input, in place of --input");
  witnessed->add_option("--from", witness_to->from, "With --data: before this transfer")->capture_default_str();
  witnessed->add_option("--model", witness_to->model, "The ONNX model: also runs it node by node and compares");
  witnessed->add_option("-o,--output", witness_to->output, "File to write, secret [WORKDIR/onnx/witness.json]");
}

}  // namespace ll::cli
