#pragma once
#include "bench/context.hpp"
#include "halo2/circuit_description.hpp"

namespace ll::bench {

/// One circuit proved by both provers, alternating; the value is seconds a proof. Keys and SRS are at hand. The peer
/// gets the circuit as data, and its key must have our key's digest; its proof must be accepted by our verifier and
/// ours by its: Error{mismatch} otherwise. Time that the peer spends in interpreting the witness's rules is not
/// counted.
Measurement compare_provers(Context& context, int runs, const std::string& name, halo2::Circuit& circuit, unsigned k,
                            bool compress_selectors, const halo2::Instances& instances,
                            const std::function<halo2::WitnessDescription()>& describe_witness);

}  // namespace ll::bench
