#include "capi/latentledger_verifier.h"

#include <algorithm>
#include <cstring>

#include "artefacts/chain_files.hpp"
#include "artefacts/private_files.hpp"
#include "artefacts/verify.hpp"

struct latentledger_key {
  ll::artefacts::VkFile file;
  std::string digest;
};

struct latentledger_result {
  ll::halo2::VerifyResult answer;
  ll::circuits::UpdateStatement statement;  ///< empty vectors where the statement has none
  std::vector<std::int64_t> embedding;
  std::string before, after;  ///< states, as hex
};

namespace {

using ll::ErrorCode;

latentledger_status told(latentledger_error* error, latentledger_status status, std::string_view message) noexcept {
  if (error != nullptr) {
    const std::size_t size = std::min(message.size(), sizeof error->message - 1);
    error->status = status;
    std::memcpy(error->message, message.data(), size);
    error->message[size] = '\0';
  }
  return status;
}

latentledger_status status_of(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::mismatch:
    case ErrorCode::srs:
      return LATENTLEDGER_MISMATCH;
    case ErrorCode::malformed:
      return LATENTLEDGER_MALFORMED;
    case ErrorCode::memory:
      return LATENTLEDGER_OUT_OF_MEMORY;
    case ErrorCode::invalid_argument:
      return LATENTLEDGER_INVALID_ARGUMENT;
    default:
      return LATENTLEDGER_INTERNAL;
  }
}

/// Runs `body`, which fills *out; nothing is thrown out of here.
template <class T, class Body>
latentledger_status guarded(T** out, latentledger_error* error, Body&& body) noexcept {
  if (out == nullptr) return told(error, LATENTLEDGER_INVALID_ARGUMENT, "there is no place for the result: NULL");
  *out = nullptr;
  try {
    *out = body().release();
    return told(error, LATENTLEDGER_OK, "");
  } catch (const ll::Error& wrong) {
    return told(error, status_of(wrong.code()), wrong.message());
  } catch (const std::bad_alloc&) {
    return told(error, LATENTLEDGER_OUT_OF_MEMORY, "out of memory");
  } catch (const std::exception& wrong) {
    return told(error, LATENTLEDGER_INTERNAL, wrong.what());
  } catch (...) {
    return told(error, LATENTLEDGER_INTERNAL, "unknown exception");
  }
}

std::string_view text_of(const void* data, std::size_t size, const char* name) {
  LL_CHECK(data != nullptr || size == 0, "{} is NULL", name);
  return {static_cast<const char*>(data), size};
}

/// Field elements as they lie in memory, column after column.
ll::halo2::Instances read_instances(const std::uint8_t* bytes, const std::size_t* rows, std::size_t columns) {
  LL_CHECK(columns == 0 || rows != nullptr, "rows is NULL");
  ll::halo2::Instances instances;
  std::size_t at = 0;
  for (std::size_t c = 0; c < columns; ++c) {
    instances.emplace_back();
    for (std::size_t row = 0; row < rows[c]; ++row, at += ll::halo2::Fr::kBytes) {
      LL_CHECK(bytes != nullptr, "instances is NULL");
      std::array<std::uint8_t, ll::halo2::Fr::kBytes> word;
      std::memcpy(word.data(), bytes + at, word.size());
      const auto value = ll::halo2::Fr::from_bytes_le(word);
      if (!value) throw ll::malformed("instances: column {}, row {}: not below the field's order", c, row);
      instances.back().push_back(*value);
    }
  }
  return instances;
}

/// A proof of `update` or `delta`.
std::unique_ptr<latentledger_result> verify_public(const latentledger_key& key, std::string_view text) {
  auto file = ll::artefacts::decode_proof_file(text, "proof.json", key.file.shape, key.digest,
                                               key.file.key.cs.proof_bytes(), key.file.statement)
                  .value_or_throw();
  auto made = std::make_unique<latentledger_result>();
  made->answer = ll::artefacts::verify(key.file, file);
  made->statement = std::move(file.statement);
  return made;
}

/// A proof about states behind commitments, which are points of the proof itself.
std::unique_ptr<latentledger_result> verify_private(const latentledger_key& key, std::string_view text) {
  using ll::artefacts::state_name;
  auto file = ll::artefacts::decode_private_proof_file(text, "proof.json", key.file).value_or_throw();
  const ll::halo2::Instances instances = ll::artefacts::instances_of(file);
  auto made = std::make_unique<latentledger_result>();
  made->answer = ll::halo2::verify_proof(key.file.params(), key.file.key, {&instances, 1}, file.proof);
  made->embedding = std::move(file.embedding);
  if (!made->answer.accepted) return made;  // its points need not be any
  if (file.statement == ll::circuits::kUpdatePrivate) {
    const auto states = ll::circuits::states_of_update(file.proof).value_or_throw();
    made->before = state_name(states.before);
    made->after = state_name(states.after);
  } else {
    made->after = state_name(ll::circuits::state_of_opening(file.proof).value_or_throw());
  }
  return made;
}

}  // namespace

const char* latentledger_version(void) { return LL_VERSION; }
int latentledger_verifier_abi(void) { return LATENTLEDGER_VERIFIER_ABI; }

latentledger_status latentledger_key_read(const void* vk_json, size_t size, latentledger_key** key,
                                          latentledger_error* error) {
  return guarded(key, error, [&] {
    auto made = std::make_unique<latentledger_key>();
    made->file = ll::artefacts::decode_vk_file(text_of(vk_json, size, "vk_json"), "vk.json").value_or_throw();
    made->digest = made->file.key.digest();
    return made;
  });
}

void latentledger_key_free(latentledger_key* key) { delete key; }

const char* latentledger_key_statement(const latentledger_key* key) { return key->file.statement.c_str(); }
const char* latentledger_key_digest(const latentledger_key* key) { return key->digest.c_str(); }
const char* latentledger_key_vhat_digest(const latentledger_key* key) { return key->file.vhat_digest.c_str(); }
uint64_t latentledger_key_accounts(const latentledger_key* key) { return key->file.shape.encoder.accounts; }
uint64_t latentledger_key_dims(const latentledger_key* key) { return key->file.shape.vector_size(); }
uint64_t latentledger_key_transfers(const latentledger_key* key) { return key->file.shape.transfers; }
uint64_t latentledger_key_proof_bytes(const latentledger_key* key) { return key->file.key.cs.proof_bytes(); }
unsigned latentledger_key_k(const latentledger_key* key) { return key->file.key.k; }
const char* latentledger_key_srs_name(const latentledger_key* key) { return key->file.srs_origin.name.c_str(); }

latentledger_standing latentledger_key_srs_standing(const latentledger_key* key) {
  switch (key->file.srs_origin.standing) {
    case ll::artefacts::Standing::ceremony:
      return LATENTLEDGER_SRS_CEREMONY;
    case ll::artefacts::Standing::simulated:
      return LATENTLEDGER_SRS_SIMULATED;
    case ll::artefacts::Standing::test_only:
      return LATENTLEDGER_SRS_TEST_ONLY;
    case ll::artefacts::Standing::unknown:
      break;
  }
  return LATENTLEDGER_SRS_UNKNOWN;
}

latentledger_status latentledger_verify(const latentledger_key* key, const void* proof_json, size_t size,
                                        latentledger_result** result, latentledger_error* error) {
  return guarded(result, error, [&] {
    LL_CHECK(key != nullptr, "key is NULL");
    const std::string_view text = text_of(proof_json, size, "proof_json");
    return ll::artefacts::about_private_states(key->file.statement) ? verify_private(*key, text)
                                                                    : verify_public(*key, text);
  });
}

latentledger_status latentledger_verify_raw(const latentledger_key* key, const uint8_t* instances, const size_t* rows,
                                            size_t columns, const uint8_t* proof, size_t proof_size,
                                            latentledger_result** result, latentledger_error* error) {
  return guarded(result, error, [&] {
    LL_CHECK(key != nullptr, "key is NULL");
    LL_CHECK(proof != nullptr || proof_size == 0, "proof is NULL");
    const ll::halo2::Instances inputs[] = {read_instances(instances, rows, columns)};
    auto made = std::make_unique<latentledger_result>();
    made->answer = ll::halo2::verify_proof(key->file.params(), key->file.key, inputs, {proof, proof_size});
    return made;
  });
}

void latentledger_result_free(latentledger_result* result) { delete result; }

int latentledger_result_accepted(const latentledger_result* result) { return result->answer.accepted ? 1 : 0; }
const char* latentledger_result_reason(const latentledger_result* result) { return result->answer.reason.c_str(); }

const int64_t* latentledger_result_vector(const latentledger_result* result, latentledger_vector which, size_t* count) {
  const auto& statement = result->statement;
  const std::vector<std::int64_t>* const vectors[] = {&statement.prev, &statement.delta, &statement.next,
                                                      &result->embedding};
  const bool known = which >= LATENTLEDGER_PREV && which <= LATENTLEDGER_EMBEDDING && !vectors[which]->empty();
  if (count != nullptr) *count = known ? vectors[which]->size() : 0;
  return known ? vectors[which]->data() : nullptr;
}

const char* latentledger_result_state(const latentledger_result* result, latentledger_state which) {
  const std::string& state = which == LATENTLEDGER_STATE_BEFORE ? result->before : result->after;
  const bool known = which == LATENTLEDGER_STATE_BEFORE || which == LATENTLEDGER_STATE_AFTER;
  return known && !state.empty() ? state.c_str() : nullptr;
}
