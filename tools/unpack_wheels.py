#!/usr/bin/env python3
"""Unpacks the C++ part (shared libraries and headers) of the wheels in tools/libraries.lock.

    unpack_wheels.py WHEEL_FOLDER TARGET_FOLDER

Python modules, CUDA-only libraries and test programs are left out. Licences go to TARGET_FOLDER/licences/NAME, for the packages
that carry the libraries (cmake/LLPackages.cmake). The layout `torch/` beside `nvidia/` is kept, because
libtorch_cpu finds the CUDA runtime through a relative run path.
"""
import pathlib
import re
import shutil
import sys
import zipfile

KEEP = re.compile(
    r"^(torch/lib/(libtorch_cpu|libc10|libgomp|libtorch_global_deps|libshm)[^/]*\.so[^/]*"
    r"|torch/include/.*"
    r"|nvidia/[^/]+/lib/(libcudart|libcupti)[^/]*"
    r"|pyarrow/(libarrow|libparquet)\.so\.\d+"
    r"|pyarrow/include/(arrow|parquet)/.*)$"
)

LICENCE = re.compile(r"^(?P<name>[^/]+?)-[^/]+\.dist-info/(?:licenses/)?(?P<file>(?:.*/)?(?:LICENSE|LICENCE|License|NOTICE|COPYING)[^/]*)$")


def main() -> None:
    wheels, target = map(pathlib.Path, sys.argv[1:3])
    for name in ("torch", "nvidia", "pyarrow", "licences"):
        shutil.rmtree(target / name, ignore_errors=True)
    for wheel in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            members = [m for m in archive.namelist() if KEEP.match(m)]
            if not members:
                sys.exit(f"{wheel.name}: nothing to unpack, its layout changed")
            archive.extractall(target, members)
            for member in archive.namelist():
                if found := LICENCE.match(member):
                    path = target / "licences" / found["name"] / found["file"].replace("/", "-")
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(archive.read(member))


if __name__ == "__main__":
    main()
