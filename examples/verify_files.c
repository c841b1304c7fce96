/* Verifies a proof with the C API:   verify_files VK_JSON PROOF_JSON     exit 0 accepted, 3 refused, 4 not readable */
#include <inttypes.h>
#include <latentledger_verifier.h>
#include <stdio.h>
#include <stdlib.h>

static char* read_all(const char* path, size_t* size) {
  FILE* file = fopen(path, "rb");
  char* data = NULL;
  long end;
  if (file == NULL) return NULL;
  if (fseek(file, 0, SEEK_END) == 0 && (end = ftell(file)) >= 0) {
    rewind(file);
    *size = (size_t)end;
    data = malloc(*size + 1);
    if (data != NULL && fread(data, 1, *size, file) != *size) {
      free(data);
      data = NULL;
    }
  }
  fclose(file);
  return data;
}

int main(int argc, char** argv) {
  latentledger_error error = {LATENTLEDGER_INVALID_ARGUMENT, "usage: verify_files VK_JSON PROOF_JSON"};
  latentledger_key* key = NULL;
  latentledger_result* result = NULL;
  size_t vk_size = 0, proof_size = 0, count = 0;
  char* vk = argc == 3 ? read_all(argv[1], &vk_size) : NULL;
  char* proof = argc == 3 ? read_all(argv[2], &proof_size) : NULL;
  int status = 4;
  if (vk != NULL && proof != NULL && latentledger_key_read(vk, vk_size, &key, &error) == LATENTLEDGER_OK &&
      latentledger_verify(key, proof, proof_size, &result, &error) == LATENTLEDGER_OK) {
    const int64_t* delta = latentledger_result_vector(result, LATENTLEDGER_DELTA, &count);
    const char* after = latentledger_result_state(result, LATENTLEDGER_STATE_AFTER);
    status = latentledger_result_accepted(result) ? 0 : 3;
    printf("%s %s\n", status == 0 ? "accepted" : "refused", latentledger_result_reason(result));
    printf("key %s, `%s`, at most %" PRIu64 " transfers\n", latentledger_key_digest(key),
           latentledger_key_statement(key), latentledger_key_transfers(key));
    if (delta != NULL) printf("delta = %" PRId64 ", ... (%zu entries)\n", delta[0], count);
    if (after != NULL) printf("state %s\n", after);
    if (latentledger_key_srs_standing(key) != LATENTLEDGER_SRS_CEREMONY) puts("warning: the SRS is of no ceremony");
  } else {
    fprintf(stderr, "error: %s\n", error.message);
  }
  latentledger_result_free(result);
  latentledger_key_free(key);
  free(vk);
  free(proof);
  return status;
}
