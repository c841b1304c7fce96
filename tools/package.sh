#!/usr/bin/env bash
# The packages of this tree: .deb files and a tarball with their SHA-256, in out/packages/ (docs/packages.md).
#
#   ./setup.sh --with-packaging && tools/package.sh
set -euo pipefail
cd "$(dirname "$0")/.."
deps=${LATENTLEDGER_DEPS:-$PWD/.deps}
build=${1:-build/release}
cmake --preset release >/dev/null
cmake --build "$build" >&2
tools/package_documents.sh "$build" "$deps" "$build/package/documents"
rm -rf out/packages && mkdir -p out/packages
for generator in DEB TGZ; do
  (cd "$build" && cpack -G "$generator" -B "$OLDPWD/out/packages" >cpack.log 2>&1) || { tail -n 30 "$build/cpack.log" >&2; exit 1; }
done
rm -rf out/packages/_CPack_Packages
cp "$build/package/documents/sbom.cdx.json" out/packages/
ls -l out/packages
