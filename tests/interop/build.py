#!/usr/bin/env python3
"""Builds the Rust side of the interop test from exactly the crates in crates.lock.

    build.py TARGET_FOLDER [--offline]   builds; prints the program's path
    build.py --fastest TARGET_FOLDER [--offline]
                                         the same for `latentledger bench`: fully optimised, field products in assembly, for
                                         this machine's processor
    build.py --check                     Cargo.lock names the crates of crates.lock, no other
    build.py --update-lock               takes cargo's present choice into crates.lock, after a change of Cargo.toml

crates.lock has a line a crate: name, version, SHA-256. The source of each is what this machine's cargo takes for its default
registry: Cargo.lock is written from both, and cargo verifies the hashes.
"""
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
LOCK, CARGO_LOCK = HERE / "crates.lock", HERE / "Cargo.lock"
OWN = "latentledger-interop"
LEAST_RUST = (1, 85, 1)  # halo2-axiom 0.5.3 asks for it


def fail(text):
    sys.exit(f"interop: {text}")


def cargo(*arguments, folder=HERE):
    done = subprocess.run(["cargo", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        fail(f"cargo {' '.join(arguments)} failed:\n{done.stderr[-4000:]}")
    return done.stdout


def expect_rust():
    if not shutil.which("cargo"):
        fail("cargo is not there: ./setup.sh --with-interop")
    version = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"rustc (\d+)\.(\d+)\.(\d+)", version)
    if not found or tuple(map(int, found.groups())) < LEAST_RUST:
        fail(f"rustc {'.'.join(map(str, LEAST_RUST))} or newer is needed, found {version.strip() or 'none'}")


def packages(text):
    """Name, version, source, checksum of each package of a Cargo.lock but our own."""
    for block in text.split("[[package]]")[1:]:
        fields = dict(re.findall(r'^(\w+) = "(.*)"$', block, re.M))
        if fields["name"] != OWN:
            yield fields["name"], fields["version"], fields.get("source", ""), fields.get("checksum", "")


def locked():
    return [tuple(line.split()) for line in LOCK.read_text().splitlines() if not line.startswith("#")]


def is_locked():
    if not CARGO_LOCK.exists():
        return False
    return sorted((n, v, c) for n, v, _, c in packages(CARGO_LOCK.read_text())) == sorted(locked())


def default_source(offline):
    """What cargo writes as the source of a crate of its default registry, from a crate with one dependency."""
    name, version, _ = locked()[0]
    with tempfile.TemporaryDirectory() as folder:
        crate = pathlib.Path(folder)
        (crate / "src").mkdir()
        (crate / "src" / "lib.rs").touch()
        (crate / "Cargo.toml").write_text(
            f'[package]\nname = "asks"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\n{name} = "={version}"\n')
        cargo("generate-lockfile", *offline, folder=crate)
        return next(source for n, _, source, _ in packages((crate / "Cargo.lock").read_text()) if n == name)


def write_cargo_lock(offline):
    if is_locked():
        return
    source = default_source(offline)
    blocks = [f'[[package]]\nname = "{n}"\nversion = "{v}"\nsource = "{source}"\nchecksum = "{c}"\n' for n, v, c in locked()]
    CARGO_LOCK.write_text("version = 4\n\n" + "\n".join(blocks))
    cargo("metadata", "--format-version", "1", *offline)  # adds our own package and who depends on whom
    if not is_locked():
        fail("cargo takes other crates than crates.lock names; after a change of Cargo.toml: build.py --update-lock")


def update_lock():
    cargo("generate-lockfile")
    lines = [f"{n} {v} {c}\n" for n, v, _, c in sorted(packages(CARGO_LOCK.read_text()))]
    LOCK.write_text("# Crates of the interop test: name, version, SHA-256 (tests/interop/build.py).\n" + "".join(lines))


def main():
    arguments = sys.argv[1:]
    if arguments == ["--update-lock"]:
        return update_lock()
    if arguments == ["--check"]:
        if not is_locked():
            fail("Cargo.lock and crates.lock differ")
        print(f"{len(locked())} crates, exactly those of crates.lock")
        return None
    expect_rust()
    offline = ["--offline"] if "--offline" in arguments else []
    fastest = "--fastest" in arguments
    target = pathlib.Path(next(a for a in arguments if not a.startswith("--"))).resolve()
    write_cargo_lock(offline)
    how = ["--release"]
    if fastest:
        how = ["--profile", "fastest"]
        if platform.machine() in ("x86_64", "AMD64"):
            how += ["--features", "asm"]
        os.environ["RUSTFLAGS"] = "-C target-cpu=native"
    cargo("build", *how, "--locked", *offline, "--target-dir", str(target))
    print(target / ("fastest" if fastest else "release") / OWN)
    return None


if __name__ == "__main__":
    main()
