#pragma once
#include <cstdint>

namespace ll::training {

/// One transfer between two slots of the account set, in integer units of the circuit.
struct SlotTransfer {
  std::uint32_t sender_slot = 0, receiver_slot = 0;
  std::uint64_t amount = 0;
};

}  // namespace ll::training
