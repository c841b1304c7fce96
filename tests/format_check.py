#!/usr/bin/env python3
"""Fails when a C++ file of the project is not formatted as .clang-format says.

    format_check.py SOURCE_FOLDER CLANG_FORMAT
"""
import pathlib
import subprocess
import sys

root, clang_format = pathlib.Path(sys.argv[1]), sys.argv[2]
folders = ["base", "algebra", "halo2", "gadgets", "model", "ledger", "circuits", "artefacts", "capi", "training", "cli", "bench", "demo", "tests", "examples", "python"]
files = [str(f) for folder in folders for f in sorted((root / folder).rglob("*.[ch]pp"))]
sys.exit(subprocess.run([clang_format, "--dry-run", "--Werror", *files], check=False).returncode)
