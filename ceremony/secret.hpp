#pragma once
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "algebra/fr.hpp"
#include "base/random.hpp"

namespace ll::ceremony {

using algebra::Fr;

/// Memory of the operating system that is locked (never swapped), guarded, and zeroed when freed: for what nobody may
/// ever learn. (libsodium's sodium_malloc.)
class LockedBytes {
 public:
  explicit LockedBytes(std::size_t size);
  LockedBytes(const LockedBytes&) = delete;
  LockedBytes& operator=(const LockedBytes&) = delete;
  LockedBytes(LockedBytes&& other) noexcept;
  LockedBytes& operator=(LockedBytes&&) = delete;
  ~LockedBytes();
  std::span<std::uint8_t> span() noexcept { return {data_, size_}; }
  std::span<const std::uint8_t> span() const noexcept { return {data_, size_}; }

 private:
  std::uint8_t* data_;
  std::size_t size_;
};

/// A factor that a contributor multiplies a trapdoor with: never 0 or 1, in locked memory, zeroed when it goes.
class SecretFactor {
 public:
  explicit SecretFactor(const Fr& value);
  const Fr& value() const noexcept { return *reinterpret_cast<const Fr*>(memory_.span().data()); }

 private:
  LockedBytes memory_;
};

/// What a contributor's secrets are drawn from: BLAKE2b over 64 bytes of the operating system's randomness (mixed with
/// the jitter of the processor's clock), the contributor's text and files. As good as the best of them.
class EntropyPool {
 public:
  /// `seed`: 64 bytes of `system`, or those of a resume file.
  explicit EntropyPool(std::span<const std::uint8_t, 64> seed);
  void add_text(std::string_view text);
  /// Any size; read through the page cache. Throws Error{io}.
  void add_file(const std::filesystem::path& file);
  /// Secret number `index`: the same for the same pool. Draws again on 0 and 1 (odds of 2^-253).
  SecretFactor factor(std::string_view label) const;
  /// 64 bytes for the operating system's part: from the kernel, xored with a hash of clock jitter.
  static LockedBytes fresh_seed();

 private:
  LockedBytes state_;  ///< 64 bytes, replaced by BLAKE2b(state | tag | length | input) at each addition
  void absorb(std::uint8_t tag, std::span<const std::uint8_t> bytes);
};

/// Throws Error{invalid_argument} for 0 and 1: factors with which a contribution contributes nothing.
void check_factor(const Fr& factor);

}  // namespace ll::ceremony
