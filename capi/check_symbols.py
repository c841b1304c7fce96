#!/usr/bin/env python3
"""The shared library exports what its header declares, and nothing else; it needs the C library and nothing of ours.

    check_symbols.py LIBRARY HEADER
"""
import pathlib
import re
import subprocess
import sys

library, header = sys.argv[1:]
# A declaration starts with LATENTLEDGER_API; its name is the first word before a parenthesis.
declared = set()
for part in pathlib.Path(header).read_text(encoding="utf-8").split("\nLATENTLEDGER_API ")[1:]:
    declared.add(re.search(r"(\w+)\(", part).group(1))
lines = subprocess.run(["nm", "-D", "--defined-only", library], check=True, capture_output=True, text=True).stdout.split("\n")
exported = {line.split()[-1] for line in lines if line and line.split()[-2] != "A"}
exported = {name.split("@")[0] for name in exported if "@" in name or not name.startswith("LATENTLEDGER_")}
versions = {line.split()[-1].split("@")[-1] for line in lines if "latentledger_" in line}
needed = re.findall(r"NEEDED.*\[(.*)\]", subprocess.run(["readelf", "-d", library], check=True, capture_output=True, text=True).stdout)
problems = []
if exported != declared or not declared:
    problems.append(f"exported but not declared: {exported - declared}; declared but not exported: {declared - exported}")
if versions != {"LATENTLEDGER_VERIFIER_1", "LATENTLEDGER_VERIFIER_2"}:
    problems.append(f"symbol versions {versions}")
foreign = [name for name in needed if re.match(r"lib(torch|c10|arrow|parquet|tbb|gomp|cuda)", name)]
if foreign:
    problems.append(f"needs {foreign}")
print("\n".join(problems) if problems else f"{len(exported)} functions exported; needs {', '.join(needed)}")
sys.exit(1 if problems else 0)
