#pragma once
#include <map>
#include <optional>

#include "model/operators.hpp"

namespace ll::model {

/// How one input of a model becomes integers.
struct InputSetting {
  std::string name;
  bool is_public = false;
  bool is_signed = false;  ///< integers of [-2^(bits-1), 2^(bits-1)), else [0, 2^bits)
  unsigned bits = 32;      ///< even, 2 to 64: the circuit's ranges have digits of two bits
  unsigned frac_bits = 0;  ///< fixed point of an input of floats; 0 for integers
  i128 low() const noexcept { return is_signed ? -(i128{1} << (bits - 1)) : i128{0}; }
  i128 high() const noexcept { return low() + (i128{1} << bits) - 1; }
  friend bool operator==(const InputSetting&, const InputSetting&) = default;
};

/// What a model leaves open.
struct ProgramSettings {
  std::map<std::string, std::size_t> extents;  ///< of symbolic dimensions: {"batch": 1}
  std::vector<InputSetting> inputs;            ///< one for each input, in the model's order
  unsigned weight_frac_bits = 0;               ///< for constants that are no short binary fractions
  std::vector<std::string> outputs;            ///< those that are proved, in this order
  friend bool operator==(const ProgramSettings&, const ProgramSettings&) = default;
};

/// Throws Error{mismatch} or Error{malformed} that names what does not belong to this model.
void check(const ProgramSettings& settings, const Graph& graph);
/// Settings that fit any data: every input private, of its type's width; our own exported encoder's says its balances'.
/// Real inputs and weights get 14 fractional bits. A pure function of the model.
ProgramSettings default_settings(const Graph& graph);

/// One tensor of a program.
struct ProgramTensor {
  std::string name;
  ElementType type = ElementType::int64;
  Shape shape;
  Scale scale;
  std::vector<Interval> bounds;  ///< of each element
};

/// One node as executed: outputs[i] = maps[i](inputs laid end to end).
struct ProgramStep {
  std::string node, op;
  std::vector<std::size_t> inputs, outputs;  ///< tensors
  std::vector<LinearMap> maps;
  double largest_rounding = 0;  ///< of the node's constants
};

/// A sum of constant times element of the model's inputs (laid end to end, in order), and a constant.
struct AffineForm {
  struct Term {
    std::uint32_t input;
    i128 factor;
    friend bool operator==(const Term&, const Term&) = default;
  };
  std::vector<Term> terms;  ///< by input, none twice, no factor zero
  i128 constant = 0;
  friend bool operator==(const AffineForm&, const AffineForm&) = default;
};

/// A model in integers, node by node: the reference that a circuit must equal. Nodes of constants only are computed
/// beforehand, in float64 or int64.
class IntegerProgram {
 public:
  /// Throws Error{malformed} that names node, operator and shapes for what is not supported, an integer that could
  /// overflow its type, or bounds that leave the range of exact arithmetic.
  IntegerProgram(const Graph& graph, const ProgramSettings& settings);

  const ProgramSettings& settings() const noexcept { return settings_; }
  const std::vector<ProgramStep>& steps() const noexcept { return steps_; }
  std::size_t inputs() const noexcept { return settings_.inputs.size(); }
  const ProgramTensor& input(std::size_t i) const { return tensors_[i]; }
  std::size_t outputs() const noexcept { return outputs_.size(); }
  const ProgramTensor& output(std::size_t i) const { return tensors_[outputs_[i]]; }
  std::size_t input_elements() const;
  double largest_rounding() const;

  /// Integers of every chosen output for integers of every input. Throws Error{unsatisfied} that names an input
  /// element outside its range.
  std::vector<std::vector<i128>> run(const std::vector<std::vector<i128>>& inputs) const;
  /// The same in float64 with the weights as the model has them.
  std::vector<std::vector<double>> run_real(const std::vector<std::vector<double>>& inputs) const;
  /// Every element of a chosen output as a form over the inputs' elements. Throws Error{memory} above kMostTerms.
  std::vector<std::vector<AffineForm>> forms() const;

 private:
  void add_node(const Graph& graph, const GraphNode& node);
  ConstantTensor folded(const GraphNode& node, std::size_t output, const Lowered& lowered,
                        const ConstantTensor& source) const;

  ProgramSettings settings_;
  std::vector<ProgramTensor> tensors_;  ///< inputs first
  std::vector<ProgramStep> steps_;
  std::vector<std::size_t> outputs_;
  std::map<std::string, std::size_t> tensor_of_;
  std::map<std::string, ConstantTensor> constant_of_;
};

}  // namespace ll::model
