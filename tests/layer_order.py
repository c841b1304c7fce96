#!/usr/bin/env python3
"""Holds the order of the layers: reads every #include "folder/..." and refuses one that points upwards.

    layer_order.py SOURCE_FOLDER

USES names what a folder may include directly; what those include comes with it.
"""
import pathlib
import re
import sys

USES = {
    "base": [],
    "algebra": ["base"],
    "halo2": ["algebra"],
    "ceremony": ["halo2"],
    "gadgets": ["halo2"],
    "model": ["base"],
    "ledger": ["base"],
    "circuits": ["gadgets", "model", "ledger"],
    "artefacts": ["circuits"],
    "capi": ["artefacts"],
    "training": ["ledger", "model"],
    "cli": ["artefacts", "ceremony", "training"],
    "bench": ["cli"],
    "demo": ["bench"],
}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)
TORCH_ONLY_IN = {"training"}


def closure(folder: str) -> set[str]:
    reached = {folder}
    for below in USES[folder]:
        reached |= closure(below)
    return reached


def violations(root: pathlib.Path) -> list[str]:
    found = []
    for folder in USES:
        allowed = closure(folder)
        for path in sorted((root / folder).rglob("*.*")):
            if path.suffix not in (".hpp", ".cpp", ".h", ".c"):
                continue
            text = path.read_text(encoding="utf-8")
            for quote, target in INCLUDE.findall(text):
                where = f"{path.relative_to(root)}: includes {target}"
                top = target.split("/")[0]
                if quote == '"' and "/" not in target:
                    found.append(f"{where}: name the folder, as in \"{folder}/{target}\"")
                elif quote == '"' and top not in USES:
                    found.append(f"{where}: {top} is no layer of this project")
                elif quote == '"' and top not in allowed:
                    found.append(f"{where}: {folder}/ may use {', '.join(sorted(allowed))}")
                elif quote == "<" and top in ("torch", "ATen", "c10") and folder not in TORCH_ONLY_IN:
                    found.append(f"{where}: libtorch stays inside training/")
    return found


if __name__ == "__main__":
    root = pathlib.Path(sys.argv[1])
    wrong = violations(root)
    print("\n".join(wrong) if wrong else f"layer order holds for {len(USES)} folders")
    sys.exit(1 if wrong else 0)
