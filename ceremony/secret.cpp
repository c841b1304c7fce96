#include "ceremony/secret.hpp"

#include <chrono>
#include <cstring>
#include <utility>

#include <sodium.h>

#include "base/files.hpp"
#include "base/hash.hpp"

namespace ll::ceremony {
namespace {

/// libsodium's BLAKE2b, wiped after use.
class WipedHash {
 public:
  WipedHash() { crypto_generichash_init(&state_, nullptr, 0, 64); }
  WipedHash(const WipedHash&) = delete;
  WipedHash& operator=(const WipedHash&) = delete;
  ~WipedHash() { sodium_memzero(&state_, sizeof state_); }
  void update(std::span<const std::uint8_t> bytes) { crypto_generichash_update(&state_, bytes.data(), bytes.size()); }
  void finish(std::uint8_t* out) { crypto_generichash_final(&state_, out, 64); }

 private:
  crypto_generichash_state state_;
};

}  // namespace

LockedBytes::LockedBytes(std::size_t size) : data_(nullptr), size_(size) {
  if (sodium_init() < 0) throw Error(ErrorCode::io, "libsodium cannot start");
  data_ = static_cast<std::uint8_t*>(sodium_malloc(size));
  if (data_ == nullptr) throw Error(ErrorCode::memory, "no locked memory for a secret (ulimit -l?)");
  sodium_memzero(data_, size_);
}

LockedBytes::LockedBytes(LockedBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

LockedBytes::~LockedBytes() {
  if (data_ != nullptr) sodium_free(data_);  // zeroes
}

void check_factor(const Fr& factor) {
  LL_CHECK(!factor.is_zero() && factor != Fr::one(), "ceremony: a secret of 0 or 1 contributes nothing");
}

SecretFactor::SecretFactor(const Fr& value) : memory_(sizeof(Fr)) {
  check_factor(value);
  std::memcpy(memory_.span().data(), &value, sizeof value);
}

EntropyPool::EntropyPool(std::span<const std::uint8_t, 64> seed) : state_(64) { absorb(0, seed); }

void EntropyPool::absorb(std::uint8_t tag, std::span<const std::uint8_t> bytes) {
  WipedHash hash;
  hash.update(state_.span());
  hash.update(std::span(&tag, 1));
  hash.update(bytes);
  hash.finish(state_.span().data());
}

void EntropyPool::add_text(std::string_view text) {
  absorb(1, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

void EntropyPool::add_file(const std::filesystem::path& file) { absorb(2, MappedFile(file).bytes()); }

SecretFactor EntropyPool::factor(std::string_view label) const {
  LockedBytes digest(64);
  for (std::uint8_t attempt = 0;; ++attempt) {
    WipedHash hash;
    hash.update(state_.span());
    const std::uint8_t tag = 3;
    hash.update(std::span(&tag, 1));
    hash.update({reinterpret_cast<const std::uint8_t*>(label.data()), label.size()});
    hash.update(std::span(&attempt, 1));
    hash.finish(digest.span().data());
    Fr value = Fr::from_uniform_bytes(std::as_const(digest).span().first<64>());
    const bool useless = value.is_zero() || value == Fr::one();
    if (useless) continue;
    SecretFactor out(value);
    sodium_memzero(&value, sizeof value);
    return out;
  }
}

LockedBytes EntropyPool::fresh_seed() {
  LockedBytes seed(64);
  WipedHash jitter;
  for (int i = 0; i < 4096; ++i) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    jitter.update({reinterpret_cast<const std::uint8_t*>(&now), sizeof now});
  }
  LockedBytes kernel(64);
  OsRng().fill(kernel.span());
  jitter.update(kernel.span());
  jitter.finish(seed.span().data());
  return seed;
}

}  // namespace ll::ceremony
