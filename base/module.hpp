#pragma once

namespace ll {

/// What `entry` of the shared library `file` returns. For parts of the program whose libraries take long to load
/// (libtorch: 0.3 s), so that only a run that needs them waits. The library is looked for on the caller's run path,
/// that is beside the program, loaded at the call and never unloaded. Its `entry` is `extern "C" const void* entry()`.
/// Throws Error{io} that names the file and what the loader says.
const void* module_entry(const char* file, const char* entry);

}  // namespace ll
