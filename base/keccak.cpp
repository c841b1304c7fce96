#include "base/keccak.hpp"

#include <cryptopp/keccak.h>

namespace ll {

struct Keccak256::State {
  CryptoPP::Keccak_256 hash;
};

Keccak256::Keccak256() : state_(std::make_unique<State>()) {}
Keccak256::Keccak256(const Keccak256& other) : state_(std::make_unique<State>(*other.state_)) {}
Keccak256& Keccak256::operator=(const Keccak256& other) {
  if (this != &other) state_ = std::make_unique<State>(*other.state_);
  return *this;
}
Keccak256::Keccak256(Keccak256&&) noexcept = default;
Keccak256& Keccak256::operator=(Keccak256&&) noexcept = default;
Keccak256::~Keccak256() = default;

void Keccak256::update(ByteSpan bytes) { state_->hash.Update(bytes.data(), bytes.size()); }

Digest32 Keccak256::finish() {
  Digest32 digest;
  state_->hash.Final(digest.data());
  return digest;
}

}  // namespace ll
