#!/usr/bin/env python3
"""The installed package as other projects use it: the examples and the C program against a prefix that was moved, the Python
wheel in an environment of its own. Nothing of the source tree is on their search paths.

    e2e_package.py BUILD_FOLDER SOURCE_FOLDER CMAKE PYTHON      (files of the C API's tests in BUILD_FOLDER/capi/files)
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from command import run_all

BUILD, SOURCE = (pathlib.Path(p).resolve() for p in sys.argv[1:3])
CMAKE, PYTHON = sys.argv[3:5]
WORK = pathlib.Path(tempfile.mkdtemp(prefix="ll_e2e_package_"))
PREFIX = WORK / "moved"
FILES = BUILD / "capi" / "files"


def call(*words, code=0, **options):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, check=False, timeout=800, **options)
    text = done.stdout + done.stderr
    assert done.returncode == code, f"{' '.join(map(str, words))}\nexit {done.returncode}, {code} expected\n{text[-4000:]}"
    return text


def configure(folder, name, *defines, code=0):
    return call(CMAKE, "-S", folder, "-B", WORK / name, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={PREFIX}", *defines, code=code)


def install_and_move():
    for component in ("development", "verifier"):
        call(CMAKE, "--install", BUILD, "--component", component, "--prefix", WORK / "first")
    (WORK / "first").rename(PREFIX)
    for path in PREFIX.rglob("*.cmake"):
        text = path.read_text()
        for folder in (SOURCE, WORK / "first"):
            assert str(folder) not in text, f"{path} names {folder}"
        assert not re.search(r"torch|arrow|parquet", text, re.I), f"{path} wants libtorch or Arrow"
    headers = {p.name for p in (PREFIX / "include" / "latentledger").rglob("*.hpp")}
    assert "circuit.hpp" in headers and "test_circuits.hpp" not in headers, headers


def every_component_is_found_alone():
    project = WORK / "probe"
    project.mkdir()
    for component in ("base", "halo2", "artefacts", "verifier", "nonsense", "halo2 VERSION"):
        name, *more = component.split()
        version = "0.2" if more else "0.1"
        (project / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.22)\nproject(Probe LANGUAGES CXX)\n"
            f"find_package(LatentLedger {version} REQUIRED COMPONENTS {name})\n"
            f"if(NOT TARGET LatentLedger::{name})\n  message(FATAL_ERROR \"no target\")\nendif()\n"
            f"message(STATUS \"json ${{nlohmann_json_FOUND}}\")\n")
        shutil.rmtree(WORK / "probe-build", ignore_errors=True)
        text = configure(project, "probe-build", code=1 if more or name == "nonsense" else 0)
        if name == "verifier":
            assert "-- json \n" in text, text  # the C API asks for no other package
        if more:
            assert "0.1.0" in text, text


def examples_prove_and_refuse():
    configure(SOURCE / "examples", "examples", "-DCMAKE_BUILD_TYPE=None", "-DCMAKE_CXX_FLAGS=-O1 -Wall -Wextra",
              "-DCMAKE_C_FLAGS=-std=c11 -Wall -Wextra -Werror -pedantic")
    text = call(CMAKE, "--build", WORK / "examples")
    assert "warning:" not in text, text
    for name in ("fibonacci", "range_check", "poseidon_preimage"):
        lines = call(WORK / "examples" / name).splitlines()
        assert "accepted" in lines[0] and " fails in " in lines[1] and "refused" in lines[3], lines
        source = SOURCE / "examples" / f"{name}.cpp"
        assert len(source.read_text().splitlines()) < 100, source
        needed = call("readelf", "-d", WORK / "examples" / name) if sys.platform == "linux" else ""
        assert not re.search(r"torch|arrow|parquet", needed), needed


def c_program_verifies():
    program = WORK / "examples" / "verify_files"
    assert "accepted" in call(program, FILES / "vk.json", FILES / "proof.json")
    assert "made under the key" in call(program, FILES / "other_vk.json", FILES / "proof.json", code=4)
    lie = json.loads((FILES / "proof.json").read_text())
    lie["public"]["delta"][0] += 1
    (WORK / "lie.json").write_text(json.dumps(lie))
    assert "refused" in call(program, FILES / "vk.json", WORK / "lie.json", code=3)
    call(program, "absent", "absent", code=4)
    by_hand = WORK / "by_hand"
    call("cc", "-std=c11", "-Wall", "-Werror", "-pedantic", SOURCE / "examples" / "verify_files.c", f"-I{PREFIX}/include",
         f"-L{PREFIX}/lib", f"-L{PREFIX}/lib/x86_64-linux-gnu", "-llatentledger_verifier", "-o", by_hand)
    library, = PREFIX.rglob("liblatentledger_verifier.so.1")
    assert "accepted" in call(by_hand, FILES / "vk.json", FILES / "proof.json", env={"LD_LIBRARY_PATH": str(library.parent)})


def wheel_verifies():
    backend = dict(os.environ, PATH=f"{pathlib.Path(PYTHON).parent}:{pathlib.Path(CMAKE).parent}:{os.environ['PATH']}",
                   SKBUILD_BUILD_DIR=str(WORK / "wheel-build"))
    shutil.copytree(SOURCE / "python", WORK / "python")
    call(PYTHON, "-m", "pip", "wheel", WORK / "python", "--no-deps", "--no-build-isolation", "--no-index", "-w", WORK / "wheels",
         "-C", f"cmake.define.CMAKE_PREFIX_PATH={PREFIX}", env=backend)
    wheel, = (WORK / "wheels").glob("latentledger-*.whl")
    call(PYTHON, "-m", "pip", "install", "--no-index", "--no-deps", "--target", WORK / "site", wheel)
    shutil.move(PREFIX, WORK / "gone")  # the wheel stands alone
    alone = dict(os.environ, PYTHONPATH=str(WORK / "site"))
    print(call(PYTHON, SOURCE / "tests" / "python_binding.py", FILES / "vk.json", FILES / "proof.json", FILES / "other_vk.json",
               env=alone, cwd=WORK).strip(), f"({wheel.stat().st_size} bytes)")


if __name__ == "__main__":
    try:
        run_all([install_and_move, every_component_is_found_alone, examples_prove_and_refuse, c_program_verifies, wheel_verifies])
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
