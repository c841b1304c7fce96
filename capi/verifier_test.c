/* The C API as a C program uses it: every function, every refusal, bytes changed by the thousand, threads.
 *   latentledger_verifier_test VK_JSON PROOF_JSON OTHER_VK_JSON RAW FOLDER
 * FOLDER holds NAME_vk.json and NAME_proof.json of the other statements. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <latentledger_verifier.h>

#define EXPECT(condition)                                                      \
  do {                                                                         \
    if (!(condition)) {                                                        \
      fprintf(stderr, "%s:%d: expected %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                                 \
    }                                                                          \
  } while (0)

typedef struct text {
  char* data;
  size_t size;
} text;

static text read_all(const char* path) {
  FILE* file = fopen(path, "rb");
  text out = {NULL, 0};
  EXPECT(file != NULL);
  EXPECT(fseek(file, 0, SEEK_END) == 0);
  out.size = (size_t)ftell(file);
  rewind(file);
  out.data = malloc(out.size);
  EXPECT(out.data != NULL && fread(out.data, 1, out.size, file) == out.size);
  fclose(file);
  return out;
}

/* 1 accepted, 0 refused, -1 an error. The input is copied to a block of exactly its size: a sanitizer sees over-reads.
 */
static int verify(const latentledger_key* key, const char* data, size_t size) {
  char* copy = malloc(size > 0 ? size : 1);
  latentledger_result* result = NULL;
  latentledger_error error;
  EXPECT(copy != NULL);
  memcpy(copy, data, size);
  latentledger_status status = latentledger_verify(key, copy, size, &result, &error);
  free(copy);
  EXPECT(status == error.status);
  EXPECT((status == LATENTLEDGER_OK) == (result != NULL));
  EXPECT((status == LATENTLEDGER_OK) == (error.message[0] == '\0'));
  if (result == NULL) return -1;
  int accepted = latentledger_result_accepted(result);
  EXPECT((accepted == 1) == (latentledger_result_reason(result)[0] == '\0'));
  latentledger_result_free(result);
  return accepted;
}

static latentledger_key* read_key(text vk) {
  latentledger_key* key = NULL;
  latentledger_error error;
  EXPECT(latentledger_key_read(vk.data, vk.size, &key, &error) == LATENTLEDGER_OK && key != NULL);
  EXPECT(error.status == LATENTLEDGER_OK && error.message[0] == '\0');
  return key;
}

static void what_a_key_says(const latentledger_key* key) {
  EXPECT(latentledger_verifier_abi() == LATENTLEDGER_VERIFIER_ABI && strlen(latentledger_version()) >= 5);
  EXPECT(strcmp(latentledger_key_statement(key), "update") == 0);
  EXPECT(strlen(latentledger_key_digest(key)) == 64 && strlen(latentledger_key_vhat_digest(key)) == 64);
  EXPECT(latentledger_key_accounts(key) == 2 && latentledger_key_dims(key) == 8 &&
         latentledger_key_transfers(key) == 2);
  EXPECT(latentledger_key_proof_bytes(key) == 928 && latentledger_key_k(key) >= 4);
  EXPECT(latentledger_key_srs_standing(key) == LATENTLEDGER_SRS_TEST_ONLY);
  EXPECT(strcmp(latentledger_key_srs_name(key), "seed 7") == 0);
}

static void vectors_of_a_result(const latentledger_key* key, text proof) {
  latentledger_result* result = NULL;
  EXPECT(latentledger_verify(key, proof.data, proof.size, &result, NULL) == LATENTLEDGER_OK);
  EXPECT(latentledger_result_accepted(result) == 1);
  size_t counts[3];
  const int64_t* prev = latentledger_result_vector(result, LATENTLEDGER_PREV, &counts[0]);
  const int64_t* delta = latentledger_result_vector(result, LATENTLEDGER_DELTA, &counts[1]);
  const int64_t* next = latentledger_result_vector(result, LATENTLEDGER_NEW, &counts[2]);
  EXPECT(counts[0] == 8 && counts[1] == 8 && counts[2] == 8);
  EXPECT(prev[0] == 100 && prev[4] == 7 && delta[0] == 7 && delta[4] == -7);
  for (int i = 0; i < 8; ++i) EXPECT(next[i] == prev[i] + delta[i]);
  EXPECT(latentledger_result_vector(result, (latentledger_vector)3, &counts[0]) == NULL && counts[0] == 0);
  latentledger_result_free(result);
}

static void wrong_arguments(const latentledger_key* key, const latentledger_key* other, text vk, text proof) {
  latentledger_key* made = (latentledger_key*)key;
  latentledger_result* result = (latentledger_result*)vk.data;
  latentledger_error error;
  EXPECT(latentledger_key_read(NULL, 5, &made, &error) == LATENTLEDGER_INVALID_ARGUMENT && made == NULL);
  EXPECT(strstr(error.message, "NULL") != NULL);
  EXPECT(latentledger_key_read(vk.data, vk.size, NULL, &error) == LATENTLEDGER_INVALID_ARGUMENT);
  EXPECT(latentledger_key_read("", 0, &made, &error) == LATENTLEDGER_MALFORMED);
  EXPECT(latentledger_key_read(proof.data, proof.size, &made, &error) == LATENTLEDGER_MALFORMED);
  EXPECT(latentledger_key_read("{\"format\":1}", 12, &made, NULL) == LATENTLEDGER_MALFORMED);
  EXPECT(latentledger_verify(NULL, proof.data, proof.size, &result, &error) == LATENTLEDGER_INVALID_ARGUMENT);
  EXPECT(result == NULL);
  EXPECT(latentledger_verify(key, NULL, 1, &result, &error) == LATENTLEDGER_INVALID_ARGUMENT);
  EXPECT(latentledger_verify(key, vk.data, vk.size, &result, &error) == LATENTLEDGER_MALFORMED);
  EXPECT(latentledger_verify(other, proof.data, proof.size, &result, &error) == LATENTLEDGER_MISMATCH);
  EXPECT(strstr(error.message, latentledger_key_digest(key)) && strstr(error.message, latentledger_key_digest(other)));
  latentledger_key_free(NULL);
  latentledger_result_free(NULL);
}

static int verify_raw(const latentledger_key* key, const uint8_t* instances, const size_t* rows, size_t columns,
                      const uint8_t* proof, size_t size) {
  latentledger_result* result = NULL;
  latentledger_error error;
  if (latentledger_verify_raw(key, instances, rows, columns, proof, size, &result, &error) != LATENTLEDGER_OK) {
    EXPECT(result == NULL && error.message[0] != '\0');
    return -1;
  }
  int accepted = latentledger_result_accepted(result);
  EXPECT(latentledger_result_vector(result, LATENTLEDGER_PREV, NULL) == NULL);
  latentledger_result_free(result);
  return accepted;
}

static void bare_proofs(const latentledger_key* key, text raw) {
  const size_t rows[] = {2, 2, 2}, fewer[] = {2, 2, 1}, none[] = {0, 0, 0};
  uint8_t *bytes = (uint8_t*)raw.data, *proof = bytes + 6 * 32;
  const size_t size = raw.size - 6 * 32;
  EXPECT(verify_raw(key, bytes, rows, 3, proof, size) == 1);
  EXPECT(verify_raw(key, bytes, fewer, 3, proof, size) == 0);
  EXPECT(verify_raw(key, bytes, none, 3, proof, size) == 0);
  EXPECT(verify_raw(key, bytes, rows, 2, proof, size) == 0);
  EXPECT(verify_raw(key, NULL, NULL, 0, proof, size) == 0);
  EXPECT(verify_raw(key, NULL, rows, 3, proof, size) == -1);
  EXPECT(verify_raw(key, bytes, NULL, 3, proof, size) == -1);
  EXPECT(verify_raw(key, bytes, rows, 3, NULL, 0) == 0);
  EXPECT(verify_raw(key, bytes, rows, 3, NULL, size) == -1);
  for (size_t cut = 0; cut < size; cut += 31) EXPECT(verify_raw(key, bytes, rows, 3, proof, cut) == 0);
  for (size_t at = 0; at < raw.size; at += 13) {
    bytes[at] ^= 4;
    EXPECT(verify_raw(key, bytes, rows, 3, proof, size) != 1);
    bytes[at] ^= 4;
  }
  memset(bytes, 0xff, 32); /* not below the field's order */
  EXPECT(verify_raw(key, bytes, rows, 3, proof, size) == -1);
}

/* A generator of one's own: the same bytes everywhere. */
static uint32_t next_random(uint64_t* state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(*state >> 33);
}

static void changed_bytes(const latentledger_key* key, text vk, text proof) {
  uint64_t random = 20260101;
  int refused = 0, errors = 0;
  for (int i = 0; i < 4000; ++i) {
    text* which = i % 2 == 0 ? &vk : &proof;
    text changed = {malloc(which->size), which->size};
    EXPECT(changed.data != NULL);
    memcpy(changed.data, which->data, which->size);
    const uint32_t kind = next_random(&random) % 8;
    const size_t count = kind < 5 ? 1 : 1 + next_random(&random) % 20;
    for (size_t c = 0; c < count; ++c)
      changed.data[next_random(&random) % changed.size] ^= (char)(1u << next_random(&random) % 8);
    if (kind == 7) changed.size = next_random(&random) % changed.size;
    if (which == &vk) {
      latentledger_key* made = NULL;
      if (latentledger_key_read(changed.data, changed.size, &made, NULL) == LATENTLEDGER_OK)
        EXPECT(strcmp(latentledger_key_digest(made), latentledger_key_digest(key)) == 0); /* white space only */
      latentledger_key_free(made);
    } else {
      const int answer = verify(key, changed.data, changed.size);
      refused += answer == 0;
      errors += answer == -1;
      EXPECT(answer != 1 || memcmp(changed.data, proof.data, changed.size - 1) == 0); /* the line end */
    }
    free(changed.data);
  }
  printf("4000 changed files: %d proofs refused, %d not read\n", refused, errors);
  EXPECT(refused > 100 && errors > 100);
}

typedef struct job {
  const latentledger_key* key;
  text proof;
  int accepted;
} job;

static void* verify_often(void* argument) {
  job* mine = argument;
  for (int i = 0; i < 20; ++i) mine->accepted += verify(mine->key, mine->proof.data, mine->proof.size) == 1;
  return NULL;
}

static void threads_share_a_key(const latentledger_key* key, text proof) {
  pthread_t threads[4];
  job jobs[4];
  for (int i = 0; i < 4; ++i) {
    jobs[i] = (job){key, proof, 0};
    EXPECT(pthread_create(&threads[i], NULL, verify_often, &jobs[i]) == 0);
  }
  for (int i = 0; i < 4; ++i) {
    EXPECT(pthread_join(threads[i], NULL) == 0);
    EXPECT(jobs[i].accepted == 20);
  }
}

static text read_in(const char* folder, const char* statement, const char* rest) {
  char path[4096];
  EXPECT(snprintf(path, sizeof path, "%s/%s_%s.json", folder, statement, rest) < (int)sizeof path);
  return read_all(path);
}

/* One statement: its proof is accepted, has the vectors whose bits are set in `has` and no other, and is refused when a
 * byte of it changes. *state gets the states it is about, or empty texts. */
static void statement_of(const char* folder, const char* name, unsigned has, char state[2][65]) {
  text vk = read_in(folder, name, "vk"), proof = read_in(folder, name, "proof");
  latentledger_key* key = read_key(vk);
  latentledger_result* result = NULL;
  EXPECT(strcmp(latentledger_key_statement(key), name) == 0);
  EXPECT(latentledger_verify(key, proof.data, proof.size, &result, NULL) == LATENTLEDGER_OK);
  EXPECT(latentledger_result_accepted(result) == 1);
  for (int which = 0; which < 5; ++which) {
    size_t count = 99;
    const int64_t* vector = latentledger_result_vector(result, (latentledger_vector)which, &count);
    EXPECT((vector != NULL) == ((has >> which & 1u) != 0) && count == (vector != NULL ? 8 : 0));
  }
  for (int which = 0; which < 2; ++which) {
    const char* of = latentledger_result_state(result, (latentledger_state)which);
    EXPECT(of == NULL || strlen(of) == 64);
    strcpy(state[which], of != NULL ? of : "");
  }
  EXPECT(latentledger_result_state(result, (latentledger_state)2) == NULL);
  latentledger_result_free(result);
  uint64_t random = 7;
  int refused = 0;
  for (int i = 0; i < 200; ++i) {
    const size_t at = next_random(&random) % (proof.size - 1);
    const char kept = proof.data[at];
    proof.data[at] ^= (char)(1u << next_random(&random) % 8);
    const int answer = verify(key, proof.data, proof.size);
    EXPECT(answer != 1);
    refused += answer == 0;
    proof.data[at] = kept;
  }
  EXPECT(refused > 10 && verify(key, proof.data, proof.size) == 1);
  latentledger_key_free(key);
  free(vk.data);
  free(proof.data);
}

static void every_statement(const char* folder, const latentledger_key* update, text update_proof) {
  char state[2][65], start[2][65], end[2][65];
  statement_of(folder, "delta", 1u << LATENTLEDGER_DELTA, state);
  EXPECT(state[0][0] == '\0' && state[1][0] == '\0');
  statement_of(folder, "genesis", 1u << LATENTLEDGER_EMBEDDING, start);
  statement_of(folder, "update-private", 0, state);
  statement_of(folder, "open", 1u << LATENTLEDGER_EMBEDDING, end);
  /* The chain: from the state of genesis to the one that is opened. */
  EXPECT(start[0][0] == '\0' && strlen(start[1]) == 64 && strcmp(start[1], state[0]) == 0);
  EXPECT(end[0][0] == '\0' && strlen(end[1]) == 64 && strcmp(end[1], state[1]) == 0);
  EXPECT(strcmp(state[0], state[1]) != 0);
  /* Proofs under keys of other statements. */
  text vk = read_in(folder, "genesis", "vk"), open = read_in(folder, "open", "proof");
  text delta = read_in(folder, "delta", "proof");
  latentledger_key* genesis = read_key(vk);
  latentledger_result* result = NULL;
  EXPECT(latentledger_verify(genesis, open.data, open.size, &result, NULL) == LATENTLEDGER_MISMATCH);
  EXPECT(latentledger_verify(genesis, update_proof.data, update_proof.size, &result, NULL) == LATENTLEDGER_MISMATCH);
  EXPECT(latentledger_verify(update, open.data, open.size, &result, NULL) == LATENTLEDGER_MISMATCH);
  EXPECT(latentledger_verify(update, delta.data, delta.size, &result, NULL) == LATENTLEDGER_MISMATCH);
  EXPECT(latentledger_verify(update, update_proof.data, update_proof.size, &result, NULL) == LATENTLEDGER_OK);
  EXPECT(latentledger_result_state(result, LATENTLEDGER_STATE_AFTER) == NULL);
  latentledger_result_free(result);
  latentledger_key_free(genesis);
  free(vk.data);
  free(open.data);
  free(delta.data);
}

int main(int argc, char** argv) {
  EXPECT(argc == 6);
  text vk = read_all(argv[1]), proof = read_all(argv[2]), other_vk = read_all(argv[3]), raw = read_all(argv[4]);
  latentledger_key *key = read_key(vk), *other = read_key(other_vk);
  what_a_key_says(key);
  EXPECT(verify(key, proof.data, proof.size) == 1);
  vectors_of_a_result(key, proof);
  wrong_arguments(key, other, vk, proof);
  bare_proofs(key, raw);
  changed_bytes(key, vk, proof);
  threads_share_a_key(key, proof);
  every_statement(argv[5], key, proof);
  latentledger_key_free(key);
  latentledger_key_free(other);
  free(vk.data);
  free(proof.data);
  free(other_vk.data);
  free(raw.data);
  puts("the C API holds");
  return 0;
}
