#pragma once
#include <optional>

#include "circuits/affine_statement.hpp"
#include "model/integer_program.hpp"

namespace ll::circuits {

/// What the public numbers of a proof about a model mean: part of its verifying key, by digest.
struct ModelDescription {
  struct Input {
    model::InputSetting setting;
    model::ElementType type = model::ElementType::int64;
    model::Shape shape;
    std::size_t elements() const { return model::element_count(shape); }
    friend bool operator==(const Input&, const Input&) = default;
  };
  struct Output {
    std::string name;
    model::ElementType type = model::ElementType::int64;
    model::Shape shape;
    model::Scale scale;
    std::optional<std::string> same_as;  ///< an earlier output that always has the same integers; it has no entries
    std::size_t elements() const { return model::element_count(shape); }
    friend bool operator==(const Output&, const Output&) = default;
  };
  std::string model_sha256;
  std::map<std::string, std::size_t> extents;
  unsigned weight_frac_bits = 0;
  std::vector<Input> inputs;
  std::vector<Output> outputs;
  unsigned entry_bits = 1;  ///< every public entry is below 2^entry_bits in size

  /// Public entries: the elements of every public input, then those of every output with entries.
  std::size_t entries() const;
  friend bool operator==(const ModelDescription&, const ModelDescription&) = default;
};

/// Integers by tensor: the public ones of a proof, or all of a witness.
struct ModelValues {
  std::vector<std::vector<i128>> inputs;   ///< one list an input; of a proof, empty for private ones
  std::vector<std::vector<i128>> outputs;  ///< one list an output; empty for those with same_as
  friend bool operator==(const ModelValues&, const ModelValues&) = default;
};

/// A model as a circuit: entries = constants + columns · (inputs - their lowest values).
struct CompiledModel {
  ModelDescription description;
  AffineStatement statement;  ///< its `description` is for whoever writes the files to set
};

/// Throws as IntegerProgram and check(AffineStatement) do, and Error{unsatisfied} never.
CompiledModel compile_model(const model::Graph& graph, const model::ProgramSettings& settings);

/// The circuit's private values of these inputs. Throws Error{unsatisfied} that names the element outside its range,
/// Error{invalid_argument} for another number of elements.
std::vector<i128> statement_values(const ModelDescription& description, const std::vector<std::vector<i128>>& inputs);
/// Entries laid end to end. Throws Error{invalid_argument} for other lengths or an entry outside entry_bits.
std::vector<i128> public_entries(const ModelDescription& description, const ModelValues& values);
/// The inverse.
ModelValues public_values(const ModelDescription& description, std::span<const i128> entries);
/// Inputs and outputs of a whole run, by the compiled map.
ModelValues run_compiled(const CompiledModel& compiled, std::vector<std::vector<i128>> inputs);

}  // namespace ll::circuits
