#pragma once
#include <span>

#include "circuits/private_update.hpp"
#include "circuits/state_opening.hpp"
#include "halo2/verifier.hpp"

namespace ll::circuits {

/// A proof that starts a chain, or looks at its end.
struct OpeningProof {
  const halo2::VerifyingKey& key;
  halo2::Instances instances;
  ByteSpan proof;
};

/// Checks that `updates`, in this order, lead from the state of `genesis` on: every proof holds, and each one's state
/// before is the state that the one before ended in, compared as decoded points. All keys must be of one SRS, that of
/// `params`, and one k; the caller answers for that the keys are those of the statements. `last`, if given, must be a
/// proof of `open` about the last state. Without `genesis` (nullptr) only the links are checked: then nothing says that
/// the balances before the first batch are in range. The reason names the first proof that fails or does not link, by
/// `names` where given, one for each update. The proofs are checked with all threads.
halo2::VerifyResult verify_private_chain(const halo2::VerifierParams& params, const OpeningProof* genesis,
                                         const halo2::VerifyingKey& update_key, std::span<const ByteSpan> updates,
                                         const OpeningProof* last = nullptr, std::span<const std::string> names = {});

}  // namespace ll::circuits
