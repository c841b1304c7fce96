#include "base/hash.hpp"

#include <cryptopp/sha.h>
#include <sodium.h>

#include "base/files.hpp"

namespace ll {
namespace {

crypto_generichash_blake2b_state* blake_state(std::array<std::uint8_t, 384>& storage) {
  static_assert(sizeof(crypto_generichash_blake2b_state) <= 384);
  return reinterpret_cast<crypto_generichash_blake2b_state*>(storage.data());
}

}  // namespace

// Crypto++ uses the CPU's SHA instructions where it has them (libsodium does not): five times as fast on whole files.
struct Sha256::State : CryptoPP::SHA256 {};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
void Sha256::update(ByteSpan bytes) { state_->Update(bytes.data(), bytes.size()); }
Digest32 Sha256::finish() {
  Digest32 digest;
  state_->Final(digest.data());
  return digest;
}

Digest32 sha256(ByteSpan bytes) {
  Digest32 digest;
  CryptoPP::SHA256().CalculateDigest(digest.data(), bytes.data(), bytes.size());
  return digest;
}

std::string sha256_file(const std::filesystem::path& path) { return to_hex(sha256(MappedFile(path).bytes())); }

Blake2b::Blake2b(std::span<const std::uint8_t, 16> personalisation) {
  crypto_generichash_blake2b_init_salt_personal(blake_state(state_), nullptr, 0, 64, nullptr, personalisation.data());
}
void Blake2b::update(ByteSpan bytes) {
  crypto_generichash_blake2b_update(blake_state(state_), bytes.data(), bytes.size());
}
Digest64 Blake2b::finish() {
  Digest64 digest;
  crypto_generichash_blake2b_final(blake_state(state_), digest.data(), digest.size());
  return digest;
}

}  // namespace ll
