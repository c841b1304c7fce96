// The C API as Python sees it; latentledger/__init__.py gives it its shape.
#include <memory>
#include <stdexcept>
#include <string>

#include <latentledger_verifier.h>
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

namespace nb = nanobind;

namespace {

struct KeyFree {
  void operator()(latentledger_key* key) const { latentledger_key_free(key); }
};
struct ResultFree {
  void operator()(latentledger_result* result) const { latentledger_result_free(result); }
};

/// Python's latentledger.VerifierError(status, message).
[[noreturn]] void raise(const latentledger_error& error) {
  const nb::object type = nb::module_::import_("latentledger").attr("VerifierError");
  const nb::object made =
      type(static_cast<int>(error.status), nb::bytes(error.message).attr("decode")("utf-8", "replace"));
  PyErr_SetObject(type.ptr(), made.ptr());
  throw nb::python_error();
}

nb::list vector_of(const latentledger_result* result, latentledger_vector which) {
  std::size_t count = 0;
  const std::int64_t* const data = latentledger_result_vector(result, which, &count);
  nb::list list;
  for (std::size_t i = 0; i < count; ++i) list.append(nb::int_(data[i]));
  return list;
}

nb::object state_of(const latentledger_result* result, latentledger_state which) {
  const char* const state = latentledger_result_state(result, which);
  return state == nullptr ? nb::none() : nb::object(nb::str(state));
}

class Key {
 public:
  explicit Key(const nb::bytes& text) {
    latentledger_key* key = nullptr;
    latentledger_error error;
    const void* const data = text.c_str();
    const std::size_t size = text.size();
    latentledger_status status;
    {
      const nb::gil_scoped_release unlocked;
      status = latentledger_key_read(data, size, &key, &error);
    }
    if (status != LATENTLEDGER_OK) raise(error);
    key_.reset(key);
  }

  /// (accepted, reason, prev, delta, new, embedding, state before, state)
  nb::tuple verify(const nb::bytes& proof) const {
    latentledger_result* made = nullptr;
    latentledger_error error;
    const void* const data = proof.c_str();
    const std::size_t size = proof.size();
    latentledger_status status;
    {
      const nb::gil_scoped_release unlocked;
      status = latentledger_verify(key_.get(), data, size, &made, &error);
    }
    if (status != LATENTLEDGER_OK) raise(error);
    const std::unique_ptr<latentledger_result, ResultFree> result(made);
    return nb::make_tuple(latentledger_result_accepted(made) == 1, latentledger_result_reason(made),
                          vector_of(made, LATENTLEDGER_PREV), vector_of(made, LATENTLEDGER_DELTA),
                          vector_of(made, LATENTLEDGER_NEW), vector_of(made, LATENTLEDGER_EMBEDDING),
                          state_of(made, LATENTLEDGER_STATE_BEFORE), state_of(made, LATENTLEDGER_STATE_AFTER));
  }

  nb::dict facts() const {
    const latentledger_key* const key = key_.get();
    static constexpr const char* kStandings[] = {"ceremony", "simulated", "test-only", "unknown"};
    nb::dict facts;
    facts["statement"] = latentledger_key_statement(key);
    facts["digest"] = latentledger_key_digest(key);
    facts["vhat_digest"] = latentledger_key_vhat_digest(key);
    facts["accounts"] = latentledger_key_accounts(key);
    facts["dims"] = latentledger_key_dims(key);
    facts["transfers"] = latentledger_key_transfers(key);
    facts["proof_bytes"] = latentledger_key_proof_bytes(key);
    facts["k"] = latentledger_key_k(key);
    facts["srs_standing"] = kStandings[latentledger_key_srs_standing(key)];
    facts["srs_name"] = latentledger_key_srs_name(key);
    return facts;
  }

 private:
  std::unique_ptr<latentledger_key, KeyFree> key_;
};

}  // namespace

NB_MODULE(_native, module) {
  module.def("version", [] { return std::string(latentledger_version()); });
  nb::class_<Key>(module, "Key")
      .def(nb::init<const nb::bytes&>(), nb::arg("vk_json"))
      .def("verify", &Key::verify, nb::arg("proof_json"))
      .def("facts", &Key::facts);
}
