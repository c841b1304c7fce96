#!/usr/bin/env bash
# What stands beside the program in its packages: manual pages, completions, changelog, bill of materials.
#
#   tools/package_documents.sh BUILD_FOLDER DEPS_FOLDER OUTPUT_FOLDER
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)
build=$1 deps=$2 out=$3
python=$deps/packaging-venv/bin/python
[ -x "$python" ] || { echo "package_documents: no $python: run ./setup.sh --with-packaging" >&2; exit 1; }
mkdir -p "$out"
rm -rf "$out/man1"
python3 "$source/tools/man_pages.py" "$build/latentledger" "$out/man1"
gzip -9n "$out"/man1/*.1
gzip -9nc "$source/docs/changelog.md" >"$out/changelog.gz"
gzip -9nc "$source/cmake/packages/changelog.Debian" >"$out/changelog.Debian.gz"
"$build/latentledger" completion bash >"$out/latentledger.bash"
"$build/latentledger" completion zsh >"$out/_latentledger"
"$build/latentledger" completion fish >"$out/latentledger.fish"
"$python" "$source/tools/sbom.py" "$build" "$source" "$out/sbom.cdx.json"
