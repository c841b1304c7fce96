#pragma once
#include "artefacts/json_reader.hpp"
#include "circuits/compiled_model.hpp"

namespace ll::artefacts {

inline constexpr std::uint64_t kModelFileVersion = 1;

/// settings.json of one model: what it leaves open. docs/formats/compiled-circuit.md.
struct ModelSettingsFile {
  std::string model_sha256;
  model::ProgramSettings settings;
};
std::string encode_model_settings(const ModelSettingsFile& file);
Result<ModelSettingsFile> decode_model_settings(std::string_view text, const std::string& name);

/// What the public numbers mean, as compiled circuits and keys hold it.
Json description_json(const circuits::ModelDescription& description);
circuits::ModelDescription read_description(const JsonReader& reader);
/// SHA-256 of it and of the compiled circuit's digest: part of every verifying key (circuits/affine_circuit.hpp).
Digest32 description_digest(const circuits::ModelDescription& description, const std::string& circuit_digest);

/// compiled.json: a model's circuit as data, a pure function of model and settings.
struct CompiledFile {
  circuits::CompiledModel compiled;
  std::string digest;  ///< SHA-256 of the file's content, hex
};
/// With its digest; sets the statement's description.
CompiledFile compiled_file(circuits::CompiledModel compiled);
std::string encode_compiled(const CompiledFile& file);
Result<CompiledFile> decode_compiled(std::string_view text, const std::string& name);

/// witness.json: the integers of one run. Secret where an input is private.
struct WitnessFile {
  std::string circuit_digest;
  circuits::ModelValues values;
};
std::string encode_model_witness(const WitnessFile& file, const circuits::ModelDescription& description);
/// For this circuit; Error{mismatch} that names both digests for another one's.
Result<WitnessFile> decode_model_witness(std::string_view text, const std::string& name, const CompiledFile& circuit);

/// input.json: {"input name": numbers, as one list or nested as the tensor's shape}. Integers are taken exactly or
/// refused; numbers of float inputs times 2^frac_bits, halves to even.
struct ModelInputs {
  std::vector<std::vector<i128>> integers;
  std::vector<std::vector<double>> reals;
  double largest_rounding = 0;
};
/// What to read: name, type and shape of each input are the model's, frac_bits the settings'.
ModelInputs read_model_inputs(std::string_view text, const std::string& name,
                              const std::vector<circuits::ModelDescription::Input>& inputs);

/// Values by name: public inputs (or all), and outputs that have entries.
Json values_json(const circuits::ModelDescription& description, const circuits::ModelValues& values, bool all_inputs);
circuits::ModelValues read_values(const JsonReader& reader, const circuits::ModelDescription& description,
                                  bool all_inputs);

}  // namespace ll::artefacts
