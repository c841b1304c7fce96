/* LatentLedger: the verifier as a C library.
 *
 * Link with liblatentledger_verifier; needs nothing else of LatentLedger. Plain C11, and C++.
 *
 * Ownership   What a function hands out through a `**` belongs to the caller, who gives it back with the `_free`
 * function of its type; NULL may be freed. Strings and arrays of a handle live as long as the handle. Nothing that the
 *             caller passes in is kept: it may be freed as soon as the call returns.
 * Threads     A handle never changes after it was made: any number of threads may use one at the same time, as long as
 *             none frees it. The library keeps no state between calls and starts no threads.
 * Errors      A proof that is well-formed and false is an answer (LATENTLEDGER_OK, accepted = 0). Everything else that
 *             cannot be answered is a status other than LATENTLEDGER_OK with a message for people, and *out is NULL. No
 *             bytes, whoever made them, crash the library; no exception leaves it.
 * Trust       A verifying key says what was agreed on: take it from somebody you trust. Then look at
 *             latentledger_key_srs_standing, and at the public vectors of the result: they are what was proved.
 */
#ifndef LATENTLEDGER_VERIFIER_H
#define LATENTLEDGER_VERIFIER_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define LATENTLEDGER_API __attribute__((visibility("default")))
#else
#define LATENTLEDGER_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Grows when a function is added; symbols carry the version they came with (LATENTLEDGER_VERIFIER_1, _2). */
#define LATENTLEDGER_VERIFIER_ABI 2

typedef enum latentledger_status {
  LATENTLEDGER_OK = 0,
  LATENTLEDGER_INVALID_ARGUMENT = 1, /* a NULL where none may be, a number out of range */
  LATENTLEDGER_MALFORMED = 2,        /* the bytes are not what their format says */
  LATENTLEDGER_MISMATCH = 3,         /* well-formed, but made for something else: another key, an edited file */
  LATENTLEDGER_OUT_OF_MEMORY = 4,
  LATENTLEDGER_INTERNAL = 5 /* a bug of the library */
} latentledger_status;

/* Filled by every call that is given one, on success too (status 0, empty message); may be NULL. The message is UTF-8,
 * ends with a zero byte, and is cut to fit. */
typedef struct latentledger_error {
  latentledger_status status;
  char message[1024];
} latentledger_error;

/* How far the SRS of a key can be trusted (docs/cli.md). */
typedef enum latentledger_standing {
  LATENTLEDGER_SRS_CEREMONY = 0,  /* a public ceremony with many contributors */
  LATENTLEDGER_SRS_SIMULATED = 1, /* a ceremony acted out on one machine */
  LATENTLEDGER_SRS_TEST_ONLY = 2, /* made by one process, which may be able to forge proofs */
  LATENTLEDGER_SRS_UNKNOWN = 3    /* nobody vouches for it */
} latentledger_standing;

typedef struct latentledger_key latentledger_key;       /* what vk.json says, checked */
typedef struct latentledger_result latentledger_result; /* what came out of one verification */

/* Version of the software, such as "0.1.0"; and LATENTLEDGER_VERIFIER_ABI of the library that is loaded. */
LATENTLEDGER_API const char* latentledger_version(void);
LATENTLEDGER_API int latentledger_verifier_abi(void);

/* Reads the text of a vk.json: `size` bytes, no zero byte needed behind them. Every field is checked. */
LATENTLEDGER_API latentledger_status latentledger_key_read(const void* vk_json, size_t size, latentledger_key** key,
                                                           latentledger_error* error);
LATENTLEDGER_API void latentledger_key_free(latentledger_key* key);

/* Of a key, which must not be NULL. Digests are 64 lower-case hex digits. */
LATENTLEDGER_API const char* latentledger_key_statement(const latentledger_key* key); /* "update", "genesis", ... */
LATENTLEDGER_API const char* latentledger_key_digest(const latentledger_key* key);
LATENTLEDGER_API const char* latentledger_key_vhat_digest(const latentledger_key* key); /* of the encoder V^ */
LATENTLEDGER_API uint64_t latentledger_key_accounts(const latentledger_key* key);
LATENTLEDGER_API uint64_t latentledger_key_dims(const latentledger_key* key);        /* entries of a public vector */
LATENTLEDGER_API uint64_t latentledger_key_transfers(const latentledger_key* key);   /* the most in one batch */
LATENTLEDGER_API uint64_t latentledger_key_proof_bytes(const latentledger_key* key); /* size of every proof */
LATENTLEDGER_API unsigned latentledger_key_k(const latentledger_key* key);           /* log2 of the circuit's rows */
LATENTLEDGER_API latentledger_standing latentledger_key_srs_standing(const latentledger_key* key);
LATENTLEDGER_API const char* latentledger_key_srs_name(const latentledger_key* key); /* may be empty */

/* Checks the text of a proof.json, of whatever statement the key is of. LATENTLEDGER_MISMATCH, naming both digests,
 * when it was made under another one. */
LATENTLEDGER_API latentledger_status latentledger_verify(const latentledger_key* key, const void* proof_json,
                                                         size_t size, latentledger_result** result,
                                                         latentledger_error* error);

/* The same for a bare proof: `columns` columns of public inputs, column c of rows[c] field elements, all one behind the
 * other in `instances`, 32 bytes each, little-endian, below the field's order. (For `update`: prev, delta, new; dims /
 * 4 words each, docs/statements.md.) A wrong number of columns, rows or proof bytes is a proof that is not accepted. */
LATENTLEDGER_API latentledger_status latentledger_verify_raw(const latentledger_key* key, const uint8_t* instances,
                                                             const size_t* rows, size_t columns, const uint8_t* proof,
                                                             size_t proof_size, latentledger_result** result,
                                                             latentledger_error* error);
LATENTLEDGER_API void latentledger_result_free(latentledger_result* result);

/* Of a result, which must not be NULL. */
LATENTLEDGER_API int latentledger_result_accepted(const latentledger_result* result);       /* 1 or 0 */
LATENTLEDGER_API const char* latentledger_result_reason(const latentledger_result* result); /* empty when accepted */

/* The public vectors that the proof is about: *count integers in units of 2^-(v_frac_bits + balance_bits). NULL and 0
 * for a vector that the statement does not have, a result of latentledger_verify_raw, or another value of `which`.
 * `update` has prev, delta and new; `delta` has delta; `genesis` and `open` have the embedding; `update-private` has
 * none. */
typedef enum latentledger_vector {
  LATENTLEDGER_PREV = 0,
  LATENTLEDGER_DELTA = 1,
  LATENTLEDGER_NEW = 2,
  LATENTLEDGER_EMBEDDING = 3
} latentledger_vector;
LATENTLEDGER_API const int64_t* latentledger_result_vector(const latentledger_result* result, latentledger_vector which,
                                                           size_t* count);

/* The hidden states that an accepted proof is about: the commitment as 64 lower-case hex digits, one text a state, so
 * equal texts are equal states. `update-private` leads from BEFORE to AFTER; `genesis` and `open` are about AFTER.
 * A chain holds when each proof is accepted and starts from the state that the one before ended in, from a `genesis`
 * on. NULL for other statements and for proofs that are refused. Since ABI 2. */
typedef enum latentledger_state { LATENTLEDGER_STATE_BEFORE = 0, LATENTLEDGER_STATE_AFTER = 1 } latentledger_state;
LATENTLEDGER_API const char* latentledger_result_state(const latentledger_result* result, latentledger_state which);

#ifdef __cplusplus
}
#endif
#endif
