#!/usr/bin/env bash
# The site of docs/, in out/docs/site/ (or the folder given): docs/build.sh [FOLDER]. Open index.html there; no server, no network.
# A broken link, a page that the navigation lacks, and any other warning fail. Needs ./setup.sh --with-docs.
set -euo pipefail
site=${1:-}
case "$site" in "" | /*) ;; *) site=$PWD/$site ;; esac
cd "$(dirname "$0")/.."
site=${site:-$PWD/out/docs/site}
deps=${LATENTLEDGER_DEPS:-$PWD/.deps}
[ -x "$deps/docs-venv/bin/mkdocs" ] && [ -d "$deps/docs-search/node_modules" ] || { echo "docs/build.sh: no MkDocs in $deps/docs-venv: ./setup.sh --with-docs" >&2; exit 1; }
mkdir -p "$(dirname "$site")"
work=$(mktemp -d "$site.part.XXXXXX")
trap 'rm -rf "$work"' EXIT
# SOURCE_DATE_EPOCH: the same pages give the same bytes, whatever the day.
SOURCE_DATE_EPOCH=0 NO_MKDOCS_2_WARNING=1 PYTHONDONTWRITEBYTECODE=1 LATENTLEDGER_DEPS="$deps" \
  "$deps/docs-venv/bin/mkdocs" build --strict --config-file mkdocs.yml --site-dir "$work/site" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
rm -f "$work"/site/sitemap.xml*
rm -rf "$site"
mv "$work/site" "$site"
echo "$site/index.html"
