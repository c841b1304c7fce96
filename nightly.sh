#!/usr/bin/env bash
# What is too long for test.sh: every unit and proof test under AddressSanitizer and UndefinedBehaviorSanitizer, every
# fuzz target for 30 seconds (FUZZ_SECONDS overrides), two scenes of the video. Inputs that break something are left in build/fuzz/fuzz-work.
set -euo pipefail
cd "$(dirname "$0")"
./setup.sh --with-interop --with-fuzz --with-video
cmake --preset nightly >/dev/null
cmake --build --preset nightly
ctest --preset nightly "$@"
clang=$(command -v clang++-18 || command -v clang++-16 || true)
cmake --preset fuzz ${clang:+-DCMAKE_CXX_COMPILER="$clang"} ${FUZZ_SECONDS:+-DLL_FUZZ_SECONDS="$FUZZ_SECONDS"} >/dev/null
cmake --build --preset fuzz
ctest --preset fuzz
# The CPU with AVX-512 that this machine may lack, emulated: there if ./setup.sh --with-emulator was run.
if command -v bochs-bin >/dev/null; then
  g++ -O2 -std=c++20 -mavx512f -mavx512ifma tests/emulated/cpu_probe.cpp -o build/cpu_probe
  tests/emulated/run_in_emulator.py build/cpu_probe
fi
# Two scenes of the video.
cmake --preset release >/dev/null
cmake --build --preset release --target latentledger
python3 tests/video_scene.py build/release/latentledger "${LATENTLEDGER_DEPS:-.deps}"
