#!/usr/bin/env bash
# Installs everything LatentLedger needs to build and to test. Idempotent: a second when nothing is missing.
#
#   ./setup.sh                        install what is missing
#   ./setup.sh --check                only tell what is missing (exit 1 if anything is)
#   ./setup.sh --with-interop         also what the tests against other implementations need (docs/interop.md)
#   ./setup.sh --with-bench           also Rust halo2 as fast as it builds, which `latentledger bench` compares with
#   ./setup.sh --with-browser         also Chromium, in which the test of report.html reads it
#   ./setup.sh --with-docs            also what makes and checks the site of docs/, the technical summary and the slides
#   ./setup.sh --with-packaging       also what packages are made and tested with: dpkg-dev, lintian, mandoc, zsh, fish, CycloneDX
#   ./setup.sh --with-video           also what renders the video (demo/video): ffmpeg, Chromium, a speech program with its voice
#   ./setup.sh --with-ezkl            also EZKL, to measure it beside us (tools/compare_ezkl.py)
#   ./setup.sh --with-lint            also linters of shell, Python and the Dockerfile (tools/lint.sh)
#   ./setup.sh --with-fuzz            also clang with libFuzzer, for the preset fuzz (nightly.sh)
#   ./setup.sh --with-emulator        also an emulated CPU with AVX-512 and a Linux kernel for it (docs/kernels-emulated.md)
#   ./setup.sh --with-torch-from DIR  use another libtorch (for example a CUDA build) instead of the pinned one
#
# Debian 12, Ubuntu 22.04 and 24.04 (apt; root or sudo), macOS 14+ (Homebrew).
# Libraries that the distributions lack come as pinned wheels into .deps/ (LATENTLEDGER_DEPS overrides the folder).
set -euo pipefail
cd "$(dirname "$0")"
deps=${LATENTLEDGER_DEPS:-$PWD/.deps}
check=0
with_interop=0
with_bench=0
with_fuzz=0
with_emulator=0
with_browser=0
with_docs=0
with_packaging=0
with_video=0
with_ezkl=0
with_lint=0
torch_from=
while [ $# -gt 0 ]; do
  case "$1" in
    --check) check=1 ;;
    --with-interop) with_interop=1 ;;
    --with-bench) with_bench=1 ;;
    --with-fuzz) with_fuzz=1 ;;
    --with-emulator) with_emulator=1 ;;
    --with-browser) with_browser=1 ;;
    --with-docs) with_docs=1 with_browser=1 ;;
    --with-packaging) with_packaging=1 ;;
    --with-video) with_video=1 with_browser=1 ;;
    --with-ezkl) with_ezkl=1 ;;
    --with-lint) with_lint=1 ;;
    --with-torch-from) torch_from=${2:?--with-torch-from needs a folder}; shift ;;
    -h | --help) sed -n '2,19p' "$0" | cut -c3-; exit 0 ;;
    *) echo "setup.sh: unknown option $1 (see --help)" >&2; exit 2 ;;
  esac
  shift
done

say() { echo "setup: $*" >&2; }
missing=0
need() { # records that something is missing; in --check mode nothing is installed
  missing=1
  say "missing: $*"
}

apt_packages=(
  g++ cmake ninja-build mold ccache git ca-certificates             # toolchain
  python3 python3-dev python3-pip python3-venv                      # fetches the wheels, runs the reference programs
  libgtest-dev libgmock-dev libbenchmark-dev                        # tests and benchmarks
  libcli11-dev nlohmann-json3-dev libfmt-dev                        # command line, JSON, formatting
  libsodium-dev libcrypto++-dev libtbb-dev zlib1g-dev               # hashes, Keccak, threads, gzip
  libzstd-dev                                                       # .zst files
  gnuplot-nox                                                       # SVG plots
  libprotobuf-dev protobuf-compiler                                 # reading ONNX models
)
brew_packages=(cmake ninja ccache python@3.12 googletest google-benchmark cli11 nlohmann-json fmt libsodium cryptopp tbb zstd
  gnuplot pytorch apache-arrow protobuf)

# The newest clang of the distribution that is known to build the fuzzers, with its sanitizer runtimes.
fuzz_packages() {
  local version
  for version in 18 16; do
    if apt-cache show "libclang-rt-$version-dev" >/dev/null 2>&1; then
      echo "clang-$version" "libclang-rt-$version-dev"
      return
    fi
  done
  say "this distribution has neither clang 16 nor 18 for --with-fuzz"
  exit 1
}

install_apt() {
  local absent=() p
  # shellcheck disable=SC2207  # package names hold no spaces
  [ $with_fuzz = 0 ] || apt_packages+=($(fuzz_packages))
  # Ubuntu's package is a door to a snap, which no container has: there a browser of one's own.
  if [ $with_browser = 1 ] && ! command -v google-chrome >/dev/null; then apt_packages+=(chromium); fi
  # Debian 12 and Ubuntu 24.04 have Node.js 18; one of the user's own goes before.
  if [ $((with_interop + with_docs + with_video)) != 0 ] && ! command -v npm >/dev/null; then apt_packages+=(npm); fi
  [ $with_packaging = 0 ] || apt_packages+=(dpkg-dev file lintian mandoc zsh fish)
  [ $with_video = 0 ] || apt_packages+=(ffmpeg fonts-dejavu-core fonts-inconsolata)
  [ $with_emulator = 0 ] || apt_packages+=(bochs bochs-term bochsbios isolinux syslinux-common xorriso)
  for p in "${apt_packages[@]}"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || absent+=("$p")
  done
  [ ${#absent[@]} -gt 0 ] || return 0
  need "${absent[*]}"
  [ $check = 0 ] || return 0
  local sudo=
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { say "needs root or sudo to install: ${absent[*]}"; exit 1; }
    sudo=sudo
  fi
  say "installing ${#absent[@]} packages by apt, a minute or two; log: $deps/apt.log"
  $sudo apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -q --no-install-recommends "${absent[@]}" >"$deps/apt.log" 2>&1 \
    || { tail -n 20 "$deps/apt.log" >&2; say "apt-get failed, see $deps/apt.log"; exit 1; }
}

install_brew() {
  command -v brew >/dev/null || { say "needs Homebrew (https://brew.sh)"; exit 1; }
  local absent=() p
  for p in "${brew_packages[@]}"; do brew list --versions "$p" >/dev/null 2>&1 || absent+=("$p"); done
  [ ${#absent[@]} -gt 0 ] || return 0
  need "${absent[*]}"
  [ $check = 1 ] || brew install -q "${absent[@]}"
}

stamp_of() { sha256sum "$@" 2>/dev/null | sha256sum | cut -c1-16 || shasum -a 256 "$@" | shasum -a 256 | cut -c1-16; }

# libtorch and Arrow out of their wheels: libraries and headers only, in the layout their run paths expect.
install_wheels() {
  local stamp; stamp=$(stamp_of tools/libraries.lock tools/unpack_wheels.py)
  [ "$(cat "$deps/libraries.stamp" 2>/dev/null)" = "$stamp" ] && return 0
  need "libtorch and Arrow in $deps"
  [ $check = 0 ] || return 0
  local wheels=$deps/wheels platforms=() i
  for i in $(seq 17 28); do platforms+=(--platform "manylinux_2_${i}_x86_64"); done
  rm -rf "$wheels" && mkdir -p "$wheels"
  python3 -m pip download -q --disable-pip-version-check --require-hashes --no-deps --only-binary=:all: \
    --implementation cp --python-version 3.11 --abi cp311 --abi none \
    "${platforms[@]}" --platform manylinux2014_x86_64 -r tools/libraries.lock -d "$wheels"
  python3 tools/unpack_wheels.py "$wheels" "$deps"
  rm -rf "$wheels"
  echo "$stamp" >"$deps/libraries.stamp"
}

# D3, which draws the charts of report.html, out of a wheel that carries it.
install_d3() {
  local stamp; stamp=$(stamp_of tools/report.lock)
  [ "$(cat "$deps/d3/stamp" 2>/dev/null)" = "$stamp" ] && return 0
  need "D3 in $deps/d3"
  [ $check = 0 ] || return 0
  rm -rf "$deps/d3" && mkdir -p "$deps/d3"
  python3 -m pip download -q --disable-pip-version-check --require-hashes --no-deps --only-binary=:all: -r tools/report.lock -d "$deps/d3"
  python3 -c 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read("mpld3/js/d3.v5.min.js"))' "$deps"/d3/*.whl \
    >"$deps/d3/d3.min.js"
  rm -f "$deps"/d3/*.whl
  echo "$stamp" >"$deps/d3/stamp"
}

# The Typst compiler with what reads PDF files, for the technical summary and the charts of the slides.
install_paper() {
  local stamp; stamp=$(stamp_of tools/paper.lock)
  [ "$(cat "$deps/paper-venv/stamp" 2>/dev/null)" = "$stamp" ] && return 0
  need "the Typst compiler in $deps/paper-venv"
  [ $check = 0 ] || return 0
  rm -rf "$deps/paper-venv" && python3 -m venv "$deps/paper-venv"
  "$deps/paper-venv/bin/pip" install -q --disable-pip-version-check --only-binary=:all: --require-hashes --no-deps -r tools/paper.lock
  echo "$stamp" >"$deps/paper-venv/stamp"
}

# reveal.js out of a wheel that carries it, for the slides.
install_reveal() {
  local stamp; stamp=$(stamp_of tools/slides.lock)
  [ "$(cat "$deps/reveal/stamp" 2>/dev/null)" = "$stamp" ] && return 0
  need "reveal.js in $deps/reveal"
  [ $check = 0 ] || return 0
  rm -rf "$deps/reveal" && mkdir -p "$deps/reveal"
  python3 -m pip download -q --disable-pip-version-check --require-hashes --no-deps --only-binary=:all: --python-version 3.13 \
    -r tools/slides.lock -d "$deps/reveal"
  python3 - "$deps"/reveal/*.whl "$deps/reveal" <<'END'
import pathlib, sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
for name in ("LICENSE", "dist/reset.css", "dist/reveal.css", "dist/theme/white.css", "dist/reveal.js", "dist/plugin/markdown.js", "dist/plugin/notes.js"):
    (pathlib.Path(sys.argv[2]) / name.rsplit("/", 1)[-1]).write_bytes(wheel.read("mkslides/assets/reveal.js/" + name))
END
  rm -f "$deps"/reveal/*.whl
  echo "$stamp" >"$deps/reveal/stamp"
}

install_python_tests() {
  local stamp; stamp=$(stamp_of tools/python-tests.lock tools/python-build.lock)
  [ "$(cat "$deps/venv/stamp" 2>/dev/null)" = "$stamp" ] && return 0
  need "Python reference programs in $deps/venv"
  [ $check = 0 ] || return 0
  rm -rf "$deps/venv" && python3 -m venv "$deps/venv"
  "$deps/venv/bin/pip" install -q --disable-pip-version-check --only-binary=:all: -r tools/python-tests.lock
  "$deps/venv/bin/pip" install -q --disable-pip-version-check --only-binary=:all: --require-hashes --no-deps \
    -r tools/python-build.lock
  echo "$stamp" >"$deps/venv/stamp"
}

# Python programs in an environment of their own: install_venv NAME LOCK, into $deps/NAME.
install_venv() {
  local to=$deps/$1 lock=$2 stamp; stamp=$(stamp_of "$lock")
  [ "$(cat "$to/stamp" 2>/dev/null)" = "$stamp" ] && return 0
  need "Python programs in $to"
  [ $check = 0 ] || return 0
  rm -rf "$to" && python3 -m venv "$to"
  "$to/bin/pip" install -q --disable-pip-version-check --only-binary=:all: --require-hashes --no-deps -r "$lock"
  echo "$stamp" >"$to/stamp"
}

# Rust with the crates of tests/interop/crates.lock, built once into $deps/interop: for the tests, or with --fastest for the bench.
install_interop_rust() {
  local how=${1:-} name=stamp stamp
  stamp=$(stamp_of tests/interop/crates.lock tests/interop/Cargo.toml)
  if [ -n "$how" ]; then
    name=stamp.fastest
    stamp=$(stamp_of tests/interop/crates.lock tests/interop/Cargo.toml tests/interop/src/*.rs)
  fi
  if command -v cargo >/dev/null && [ "$(cat "$deps/interop/$name" 2>/dev/null)" = "$stamp" ]; then return 0; fi
  need "halo2-axiom in $deps/interop ${how:+(fully optimised)}"
  [ $check = 0 ] || return 0
  if ! command -v cargo >/dev/null; then
    if [ "$(uname -s)" = Darwin ]; then
      brew install -q rust
    elif apt-cache policy rustup 2>/dev/null | grep -q "Candidate: [0-9]"; then # Ubuntu 24.04 has it; Debian 12's own rustc is too old
      apt_packages=(rustup)
      install_apt
      rustup toolchain install stable --profile minimal >"$deps/rustup.log" 2>&1 || { tail "$deps/rustup.log" >&2; exit 1; }
    else
      say "needs cargo and rustc 1.85.1 or newer, this distribution has none: install it from rustup.rs, then run this again"
      exit 1
    fi
  fi
  # shellcheck disable=SC2086  # one word, or none
  python3 tests/interop/build.py $how "$deps/interop" >/dev/null
  echo "$stamp" >"$deps/interop/$name"
}

# A Linux kernel for the emulator, unpacked and not installed: this machine's own boot is not touched.
install_emulator_kernel() {
  local to=$deps/emulator package
  ls "$to"/boot/vmlinuz-* >/dev/null 2>&1 && return 0
  need "a Linux kernel in $to"
  [ $check = 0 ] || return 0
  package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
  [ -n "$package" ] || { say "--with-emulator needs the package linux-image-cloud-amd64 (Debian)"; exit 1; }
  rm -rf "$to" && mkdir -p "$to"
  (cd "$to" && apt-get download -q "$package" >apt.log 2>&1 && dpkg-deb --fsys-tarfile ./*.deb | tar -x --wildcards './boot/vmlinuz-*') \
    || { tail -n 20 "$to/apt.log" >&2; say "no kernel, see $to/apt.log"; exit 1; }
  rm -f "$to"/*.deb
}

# npm packages, pinned by version and by the hash of every one: install_npm NAME FOLDER, into $deps/NAME.
install_npm() {
  local to=$deps/$1 from=$2 stamp
  stamp=$(stamp_of "$from/package.json" "$from/package-lock.json")
  [ "$(cat "$to/stamp" 2>/dev/null)" = "$stamp" ] && return 0
  need "npm packages of $from in $to"
  [ $check = 0 ] || return 0
  command -v npm >/dev/null || { say "needs Node.js 18 or newer with npm"; exit 1; }
  rm -rf "$to" && mkdir -p "$to" && cp "$from/package.json" "$from/package-lock.json" "$to/"
  (cd "$to" && npm ci --ignore-scripts --no-audit --no-fund --silent)
  echo "$stamp" >"$to/stamp"
}

# The narrator and the painter of the video: programs in a venv, a model in parts and its voices out of packages that carry them.
install_video() {
  local stamp to=$deps/video-voice
  stamp=$(stamp_of tools/video.lock tools/video-voice.lock tools/video_voice.py)
  [ "$(cat "$to/stamp" 2>/dev/null)" = "$stamp" ] && return 0
  need "the video's narrator and programs in $deps/video-voice and $deps/video-venv"
  [ $check = 0 ] || return 0
  [ "$(uname -s)" = Linux ] || { say "--with-video is pinned for Linux on x86_64"; exit 1; }
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { say "--with-video needs Python 3.11 or newer (Debian 12, Ubuntu 24.04)"; exit 1; }
  command -v npm >/dev/null || { say "--with-video needs npm (Node.js), which fetches the voices"; exit 1; }
  rm -rf "$to" "$deps/video-venv" && mkdir -p "$to/packages"
  python3 -m venv "$deps/video-venv"
  "$deps/video-venv/bin/pip" install -q --disable-pip-version-check --only-binary=:all: --require-hashes --no-deps -r tools/video.lock
  python3 -m pip download -q --disable-pip-version-check --require-hashes --no-deps --only-binary=:all: -r tools/video-voice.lock -d "$to/packages"
  (cd "$to/packages" && npm pack --silent kokoro-js@1.2.1 >/dev/null)
  "$deps/video-venv/bin/python" tools/video_voice.py "$to/packages" "$to"
  rm -rf "$to/packages"
  echo "$stamp" >"$to/stamp"
}

mkdir -p "$deps"
case "$(uname -s)" in
  Linux)
    command -v apt-get >/dev/null || { say "this distribution has no apt: install the packages listed in setup.sh by hand"; exit 1; }
    install_apt
    [ "$(uname -m)" = x86_64 ] || { say "the pinned wheels are for x86_64; give --with-torch-from and an Arrow of your own"; exit 1; }
    install_wheels
    ;;
  Darwin) install_brew ;;
  *) say "unsupported system $(uname -s): Debian 12, Ubuntu 22.04/24.04 or macOS 14+"; exit 1 ;;
esac
install_d3
install_python_tests
[ $with_docs = 0 ] || install_paper
[ $with_docs = 0 ] || install_reveal
[ $with_interop = 0 ] || install_interop_rust
[ $with_bench = 0 ] || install_interop_rust --fastest
[ $with_interop = 0 ] || install_npm interop-node tests/interop/snarkjs
[ $with_emulator = 0 ] || install_emulator_kernel
# MkDocs, and the worker that lets its search run on plain files.
[ $with_docs = 0 ] || install_venv docs-venv tools/docs.lock
[ $with_docs = 0 ] || install_npm docs-search tools/docs-search
[ $with_packaging = 0 ] || install_venv packaging-venv tools/packaging.lock
[ $with_video = 0 ] || install_video
[ $with_lint = 0 ] || install_venv lint-venv tools/lint.lock
[ $with_ezkl = 0 ] || install_venv ezkl-venv tools/ezkl.lock
if [ -n "$torch_from" ]; then
  [ -f "$torch_from/include/torch/csrc/api/include/torch/torch.h" ] || { say "$torch_from is not a libtorch folder (no torch.h)"; exit 1; }
  ln -sfn "$(cd "$torch_from" && pwd)" "$deps/torch-user"
fi
[ $check = 0 ] || exit $missing
[ $missing = 0 ] || say "done"
