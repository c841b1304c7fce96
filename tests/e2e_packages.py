#!/usr/bin/env python3
"""The package `latentledger` as its users meet it: made by CPack, looked at by lintian, unpacked into a folder of its own, run there.
(All packages, installed by apt in a bare Debian: tests/packages_in_clean_root.sh.)

    e2e_packages.py BUILD_FOLDER SOURCE_FOLDER DEPS_FOLDER       (exit 77: what ./setup.sh --with-packaging installs is not here)
"""
import gzip
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from command import Command, run_all

BUILD, SOURCE, DEPS = (pathlib.Path(p).resolve() for p in sys.argv[1:4])
WORK = pathlib.Path(tempfile.mkdtemp(prefix="ll_e2e_packages_"))
DOCUMENTS = BUILD / "package" / "documents"
ROOT = WORK / "root"  # where the package is unpacked


def call(*words, code=0, **options):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, check=False, timeout=600, **options)
    assert done.returncode == code, f"{' '.join(map(str, words))}\nexit {done.returncode}, {code} expected\n{(done.stdout + done.stderr)[-4000:]}"
    return done.stdout


def documents_are_made():
    call(SOURCE / "tools" / "package_documents.sh", BUILD, DEPS, DOCUMENTS)
    first = (DOCUMENTS / "sbom.cdx.json").read_bytes()
    call(DEPS / "packaging-venv/bin/python", SOURCE / "tools/sbom.py", BUILD, SOURCE, WORK / "again.json")
    assert (WORK / "again.json").read_bytes() == first, "two runs, two bills of materials"


def manual_pages_are_clean():
    pages = sorted((DOCUMENTS / "man1").glob("*.1.gz"))
    plain = []
    for page in pages:
        plain.append(WORK / page.name.removesuffix(".gz"))
        plain[-1].write_bytes(gzip.decompress(page.read_bytes()))
    assert len(pages) >= 40 and WORK / "latentledger-data-import.1" in plain
    assert call("mandoc", "-T", "lint", "-W", "warning", *plain) == ""
    text = re.sub(r".\x08", "", call("mandoc", "-T", "ascii", WORK / "latentledger-prove.1"))
    assert "--max-memory" in text and "LATENTLEDGER_PROVE_COUNT" in text and "latentledger prove --from 0 --count 256" in text, text


def bill_of_materials_has_every_library():
    bom = json.loads((DOCUMENTS / "sbom.cdx.json").read_text())
    names = {component["name"]: component for component in bom["components"]}
    for lock in ("libraries.lock", "report.lock"):
        for name, version, digest in re.findall(r"^([\w-]+)==(\S+) --hash=sha256:(\w+)", (SOURCE / "tools" / lock).read_text(), re.M):
            assert names[name]["version"] == version and names[name]["hashes"][0]["content"] == digest, names[name]
    for library in ("libc6", "libsodium23", "libfmt9", "libtbb12", "zlib1g", "nlohmann-json3-dev"):
        if library in ("libfmt9", "libtbb12"):  # the number is the distribution's
            library = next(name for name in names if name.startswith(library.rstrip("0123456789")))
        assert names[library]["licenses"], library


def the_package_is_made_and_unpacked():
    call("cpack", "-G", "DEB", "-D", "CPACK_COMPONENTS_ALL=command", "-D", "CPACK_DEBIAN_COMPRESSION_TYPE=gzip", "-B", WORK / "made", cwd=BUILD)
    package = next((WORK / "made").glob("latentledger_*.deb"))
    # Private libraries out of wheels are not stripped and carry others inside; an installed README names no bug number.
    call("lintian", "--fail-on", "error", "--suppress-tags", "embedded-library,unstripped-binary-or-object", package)
    depends = call("dpkg-deb", "-f", package, "Depends")
    assert "libsodium23" in depends and "gnuplot-nox" in depends and "torch" not in depends, depends
    call("dpkg-deb", "-x", package, ROOT)
    for name in ("usr/share/man/man1/latentledger-verify.1.gz", "usr/share/bash-completion/completions/latentledger",
                 "usr/share/zsh/vendor-completions/_latentledger", "usr/share/fish/vendor_completions.d/latentledger.fish",
                 "usr/share/doc/latentledger/copyright", "usr/share/doc/latentledger/sbom.cdx.json"):
        assert (ROOT / name).is_file(), name


def nothing_of_it_looks_outside():
    for file in (ROOT / "usr/lib/latentledger").iterdir():
        paths = re.findall(r"(?:RUNPATH|RPATH).*\[(.*)\]", call("readelf", "-d", file))
        assert all(path in ("$ORIGIN", "") for path in paths), f"{file.name}: {paths}"


def it_proves_and_verifies_where_it_is():
    ll = Command(ROOT / "usr/bin/latentledger", WORK / "user")
    told = ll.json("data", "import")
    assert all(str(ROOT) in path for path in told["inputs"]), told["inputs"]
    encoder = ROOT / "usr/share/latentledger/demo/encoder/encoder_final.safetensors"
    error = ll.json("setup", "--encoder", encoder, code=2)  # runs the encoder: libtorch
    assert "latentledger-training" in error["hint"], error
    Command(BUILD / "latentledger", ll.folder).json("setup", "--encoder", encoder)
    ll.json("prove")
    assert ll.json("verify")["result"]["accepted"]
    assert ll.json("srs", "info", ROOT / "usr/share/latentledger/srs/simulated-14.srs")["result"]["standing"] == "simulated"


needed = ["cpack", "lintian", "mandoc", "dpkg-shlibdeps", DEPS / "packaging-venv/bin/python"]
absent = [str(tool) for tool in needed if shutil.which(tool) is None]
if absent:
    print(f"SKIPPED: no {', '.join(absent)}: ./setup.sh --with-packaging installs them")
    sys.exit(77)
run_all([documents_are_made, manual_pages_are_clean, bill_of_materials_has_every_library, the_package_is_made_and_unpacked,
         nothing_of_it_looks_outside, it_proves_and_verifies_where_it_is])
shutil.rmtree(WORK)
