#include "circuits/statements.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/random.hpp"

namespace ll::circuits {
namespace {

/// A full batch around all slots, with amounts of every length.
UpdateWitness sample_batch(const UpdateShape& shape) {
  UpdateWitness witness;
  const auto slots = static_cast<std::uint32_t>(shape.encoder.accounts);
  const u128 largest = largest_balance(shape);
  witness.balances.assign(slots, largest / 2);
  for (std::uint32_t t = 0; t < shape.transfers; ++t) {
    // Each slot sends and receives in turn, so no balance wanders off.
    const u128 amount = 1 + ((largest / 4) >> (t / slots % (shape.balance_bits() - 2)));
    witness.transfers.push_back({t % slots, (t + 1) % slots, amount});
  }
  return witness;
}

/// Any V^ with entries all over the range: what is fixed by it looks as it does with a trained one.
model::QuantizedEncoder sample_encoder(const model::EncoderShape& shape) {
  SeededRng rng(1);
  const std::uint64_t bound = std::uint64_t{1} << shape.v_frac_bits;
  std::vector<std::uint32_t> ids(shape.accounts);
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<std::uint32_t>(i);
  std::vector<std::int16_t> vhat(shape.accounts * shape.dims);
  for (auto& entry : vhat)
    entry = static_cast<std::int16_t>(static_cast<std::int64_t>(rng.below(2 * bound + 1)) -
                                      static_cast<std::int64_t>(bound));
  return model::QuantizedEncoder(shape, std::move(ids), std::move(vhat));
}

Error no_statement(std::string_view name) {
  return Error(ErrorCode::invalid_argument, fmt::format("there is no statement \"{}\"", name));
}

void check_one_transfer(const UpdateShape& shape) {
  const UpdateShape one{.encoder = shape.encoder, .transfers = 1};
  LL_CHECK(shape == one, "delta: one transfer, one limb, one column and no range of balances expected");
}

template <class Circuit>
StatementCircuit with_k(std::unique_ptr<Circuit> circuit) {
  const unsigned k = circuit->k();
  return {std::move(circuit), k};
}

std::size_t rows_of(const UpdateLayout& layout) { return layout.used_rows; }
std::size_t rows_of(const DeltaLayout& layout) { return layout.used_rows; }
std::size_t rows_of(const PrivateLayout& layout) { return layout.state_rows(); }

template <class Circuit>
SampleStatement sample(std::unique_ptr<Circuit> circuit, halo2::Instances instances) {
  SampleStatement sample;
  sample.instances = std::move(instances);
  sample.k = circuit->k();
  sample.rows = rows_of(circuit->layout());
  sample.circuit = std::move(circuit);
  return sample;
}

}  // namespace

const std::vector<std::string>& statement_names() {
  static const std::vector<std::string> names{kUpdate, kUpdatePrivate, kGenesis, kOpen, kDelta};
  return names;
}

model::QuantizedEncoder placeholder_encoder(const model::EncoderShape& shape) {
  std::vector<std::uint32_t> ids(shape.accounts);
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<std::uint32_t>(i);
  // An entry of its own an account, in a word of its own as long as there are words: both V^ and W^ are parts of
  // permuted identities, which have full rank.
  std::vector<std::int16_t> vhat(shape.accounts * shape.dims);
  const std::size_t words = shape.dims / kEntriesPerWord;
  for (std::size_t i = 0; i < shape.accounts; ++i) vhat[i * shape.dims + kEntriesPerWord * (i % words) + i / words] = 1;
  return model::QuantizedEncoder(shape, std::move(ids), std::move(vhat));
}

StatementCircuit statement_circuit(std::string_view name, const UpdateShape& shape) {
  if (name == kUpdate) return with_k(std::make_unique<UpdateCircuit>(shape));
  if (name == kUpdatePrivate) return with_k(std::make_unique<PrivateUpdateCircuit>(shape));
  if (name == kGenesis) return with_k(std::make_unique<StateOpeningCircuit>(OpeningKind::genesis, shape));
  if (name == kOpen) return with_k(std::make_unique<StateOpeningCircuit>(OpeningKind::open, shape));
  if (name != kDelta) throw no_statement(name);
  check_one_transfer(shape);
  return with_k(std::make_unique<DeltaCircuit>(shape.encoder));
}

StatementCircuit statement_circuit(std::string_view name, const UpdateShape& shape,
                                   const model::QuantizedEncoder& encoder) {
  if (name == kUpdate) return with_k(std::make_unique<UpdateCircuit>(shape, encoder));
  if (name == kUpdatePrivate) return with_k(std::make_unique<PrivateUpdateCircuit>(shape));
  if (name == kGenesis) return with_k(std::make_unique<StateOpeningCircuit>(OpeningKind::genesis, shape, encoder));
  if (name == kOpen) return with_k(std::make_unique<StateOpeningCircuit>(OpeningKind::open, shape, encoder));
  if (name != kDelta) throw no_statement(name);
  check_one_transfer(shape);
  LL_CHECK(encoder.shape() == shape.encoder, "delta: the encoder has another shape than the statement");
  return with_k(std::make_unique<DeltaCircuit>(encoder));
}

SampleStatement sample_statement(std::string_view name, const UpdateShape& shape) {
  if (std::ranges::count(statement_names(), name) == 0) throw no_statement(name);
  if (name == kDelta) {
    check_delta_shape(shape.encoder);
    const model::QuantizedEncoder any = sample_encoder(shape.encoder);
    const auto last = static_cast<std::uint32_t>(shape.encoder.accounts - 1);
    const std::uint64_t largest = (std::uint64_t{1} << shape.encoder.balance_bits) - 1;
    const DeltaTrace trace = trace_delta(any, {0, last, largest});
    return sample(std::make_unique<DeltaCircuit>(any, trace), trace.instances());
  }
  check(shape);
  const model::QuantizedEncoder encoder = sample_encoder(shape.encoder);
  if (name == kUpdate) {
    UpdateTrace trace = trace_update(shape, encoder, sample_batch(shape));
    halo2::Instances instances = trace.instances();
    return sample(std::make_unique<UpdateCircuit>(shape, encoder, std::move(trace)), std::move(instances));
  }
  const UpdateWitness batch = sample_batch(shape);
  SeededRng rng(2);
  const PrivateState state = PrivateState::fresh(batch.balances, rng);
  if (name == kUpdatePrivate) {
    PrivateTrace trace = trace_private_update(shape, state, batch.transfers, rng);
    return sample(std::make_unique<PrivateUpdateCircuit>(shape, std::move(trace)), {});
  }
  OpeningTrace trace = trace_opening(shape, encoder, state);
  halo2::Instances instances = trace.instances();
  const OpeningKind kind = name == kGenesis ? OpeningKind::genesis : OpeningKind::open;
  return sample(std::make_unique<StateOpeningCircuit>(kind, shape, encoder, std::move(trace)), std::move(instances));
}

}  // namespace ll::circuits
