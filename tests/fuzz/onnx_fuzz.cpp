// ONNX files and the JSON files about them: refused with a sentence, or read; what is read compiles or says why not,
// runs on zeros, and its files are written back alike.
#include "artefacts/model_files.hpp"
#include "base/error.hpp"
#include "circuits/affine_circuit.hpp"
#include "model/onnx_reader.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace {

using namespace ll;

void compile(const model::Graph& graph) {
  // Large tensors on purpose are for the limits' own tests.
  if (graph.nodes.size() > 6 || graph.inputs.size() > 3) return;
  const model::ProgramSettings settings = model::default_settings(graph);
  const artefacts::CompiledFile file = artefacts::compiled_file(circuits::compile_model(graph, settings));
  if (file.compiled.statement.values.size() > 256 || file.compiled.statement.constants.size() > 1024) return;
  const std::string text = artefacts::encode_compiled(file);
  const auto again = artefacts::decode_compiled(text, "compiled.json");
  fuzz::require(again.ok() && artefacts::encode_compiled(again.value()) == text, "a compiled circuit has one text");
  std::vector<std::vector<i128>> zeros;
  for (const auto& input : file.compiled.description.inputs) zeros.emplace_back(input.elements());
  const auto run = circuits::run_compiled(file.compiled, zeros);
  const auto reference = model::IntegerProgram(graph, settings).run(zeros);
  for (std::size_t o = 0; o < reference.size(); ++o)
    fuzz::require(run.outputs[o].empty() || run.outputs[o] == reference[o], "the map is the program's");
  (void)circuits::AffineCircuit(file.compiled.statement).k();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const unsigned mode = input.byte() % 3;
  const std::string text(reinterpret_cast<const char*>(input.rest().data()), input.rest().size());
  try {
    if (mode == 0) {
      compile(model::read_onnx(input.rest()).value_or_throw());
    } else if (mode == 1) {
      const auto file = artefacts::decode_compiled(text, "compiled.json").value_or_throw();
      const auto again = artefacts::decode_compiled(artefacts::encode_compiled(file), "compiled.json");
      fuzz::require(again.ok() && again.value().digest == file.digest, "a compiled circuit has one text");
    } else {
      const auto file = artefacts::decode_model_settings(text, "settings.json").value_or_throw();
      const auto again = artefacts::decode_model_settings(artefacts::encode_model_settings(file), "settings.json");
      fuzz::require(again.ok() && again.value().settings == file.settings, "settings have one meaning");
    }
  } catch (const Error& error) {
    fuzz::require(!error.message().empty(), "an error has a message");
  }
  return 0;
}
