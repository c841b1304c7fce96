#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "circuits/delta.hpp"
#include "circuits/private_update.hpp"
#include "circuits/state_opening.hpp"
#include "circuits/update.hpp"

namespace ll::circuits {

inline constexpr const char* kUpdate = "update";
inline constexpr const char* kUpdatePrivate = "update-private";
inline constexpr const char* kGenesis = "genesis";
inline constexpr const char* kOpen = "open";
inline constexpr const char* kDelta = "delta";

/// Every statement there is, by the name that commands take.
const std::vector<std::string>& statement_names();

/// An encoder of this shape that stands for any other: the shape of a circuit depends on its sizes only.
model::QuantizedEncoder placeholder_encoder(const model::EncoderShape& shape);

/// A statement's circuit as a verifier knows it: by name and shape, without encoder or witness.
struct StatementCircuit {
  std::unique_ptr<halo2::Circuit> circuit;
  unsigned k = 0;
};
/// Throws Error{invalid_argument} for a name that is not one of statement_names(), or a shape that it cannot have.
/// `delta` has shape.transfers = 1.
StatementCircuit statement_circuit(std::string_view name, const UpdateShape& shape);
/// The same with the constants of an encoder: for making its keys. Throws Error{invalid_argument} as the circuits do.
StatementCircuit statement_circuit(std::string_view name, const UpdateShape& shape,
                                   const model::QuantizedEncoder& encoder);

/// A statement with a witness of its own making, for looking at the circuit: drawing, counting, measuring.
struct SampleStatement {
  std::unique_ptr<halo2::Circuit> circuit;
  unsigned k = 0;
  std::size_t rows = 0;             ///< that the circuit uses
  bool compress_selectors = false;  ///< as its keys are made
  halo2::Instances instances;
};

/// The statement `name` of this size, with a full batch of honest transfers (`delta`: one). Throws
/// Error{invalid_argument} for a name that is not one of statement_names(), or a shape that it cannot have.
SampleStatement sample_statement(std::string_view name, const UpdateShape& shape);

}  // namespace ll::circuits
