#include "base/module.hpp"

#include <string>

#include <dlfcn.h>

#include "base/error.hpp"

namespace ll {

const void* module_entry(const char* file, const char* entry) {
#ifdef __APPLE__
  const std::string path = std::string("@rpath/") + file;
#else
  const std::string path = file;
#endif
  void* const library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* const symbol = library == nullptr ? nullptr : ::dlsym(library, entry);
  if (symbol == nullptr) {
    const char* told = ::dlerror();
    throw Error(ErrorCode::io, fmt::format("cannot load {}: {}", file, told == nullptr ? "no reason given" : told),
                file,
                "it belongs beside the program: run ./setup.sh and build again; of the packages, latentledger-training "
                "brings it");
  }
  return reinterpret_cast<const void* (*)()>(symbol)();
}

}  // namespace ll
