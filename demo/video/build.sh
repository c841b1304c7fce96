#!/usr/bin/env bash
# Renders the video: demo/video/build.sh [--scene NAME] [--draft] (see --help, and README.md here).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
deps=${LATENTLEDGER_DEPS:-$here/../../.deps}
python=$deps/video-venv/bin/python
[ -x "$python" ] || { echo "video: no $python: run ./setup.sh --with-video" >&2; exit 2; }
exec "$python" "$here/build.py" --deps "$deps" "$@"
