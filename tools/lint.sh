#!/usr/bin/env bash
# Everything that is wrong without running anything: formatting, layers, Python, shell, the Dockerfile, the workflows. Seconds.
#
#   ./setup.sh --with-lint && tools/lint.sh
#
# The workflows need actionlint, which no package registry that setup.sh uses carries built: it is run where it is on PATH
# (go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.7), and said to be missing where not.
set -euo pipefail
cd "$(dirname "$0")/.."
deps=${LATENTLEDGER_DEPS:-$PWD/.deps}
[ -x "$deps/lint-venv/bin/ruff" ] || { echo "lint: no $deps/lint-venv: run ./setup.sh --with-lint" >&2; exit 77; }
python3 tests/layer_order.py .
python3 tests/format_check.py . "$deps/venv/bin/clang-format"
mapfile -t python < <(git ls-files '*.py')
"$deps/lint-venv/bin/ruff" check -q --no-cache --select F,E9,PLE "${python[@]}"
mapfile -t shell < <(git ls-files '*.sh' .ci/run)
"$deps/lint-venv/bin/shellcheck" -x "${shell[@]}"
"$deps/lint-venv/bin/hadolint" docker/Dockerfile
if command -v actionlint >/dev/null; then actionlint -shellcheck "$deps/lint-venv/bin/shellcheck"; else echo "lint: actionlint is not here: the workflows were not read" >&2; fi
echo "lint: nothing found"
