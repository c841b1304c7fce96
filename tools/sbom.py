#!/usr/bin/env python3
"""The bill of materials of the packages, in CycloneDX 1.6: every library that travels in them or that they link, with its version, licence
and, where it is pinned, hash.

    tools/sbom.py BUILD_FOLDER SOURCE_FOLDER OUTPUT.json     (Python of $DEPS/packaging-venv: ./setup.sh --with-packaging)

What the programs link is read out of them (their NEEDED entries), not out of a list: a library that this file knows no licence of is an
error. The same inputs give the same bytes: no time, and a serial number out of the content.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import uuid

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

PROGRAMS = ["latentledger", "liblatentledger_onnx.so", "liblatentledger_parquet.so", "liblatentledger_sequences.so", "liblatentledger_torch.so"]
LICENCES = {
    "torch": "BSD-3-Clause", "pyarrow": "Apache-2.0", "nvidia-cuda-runtime": "LicenseRef-NVIDIA-CUDA-EULA",
    "nvidia-cuda-cupti": "LicenseRef-NVIDIA-CUDA-EULA", "mpld3": "BSD-3-Clause", "d3": "BSD-3-Clause",
    "libc6": "LGPL-2.1-or-later", "libstdc++6": "GPL-3.0-or-later WITH GCC-exception-3.1", "libgcc-s1": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libfmt": "MIT", "libsodium": "ISC", "libtbb": "Apache-2.0", "libcrypto++": "BSL-1.0", "zlib1g": "Zlib", "libzstd1": "BSD-3-Clause",
    "libprotobuf-lite": "BSD-3-Clause",
    # header-only: compiled in
    "libcli11-dev": "BSD-3-Clause", "nlohmann-json3-dev": "MIT",
}
HEADERS_ONLY = ["libcli11-dev", "nlohmann-json3-dev"]


def licence_of(package):
    for name in sorted(LICENCES, key=len, reverse=True):
        if package.startswith(name):
            return LicenseExpression(LICENCES[name])
    sys.exit(f"sbom: no licence is known for the library package {package}: add it to {pathlib.Path(__file__).name}")


def output_of(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def wheels(lock):
    for line in lock.read_text().splitlines():
        if found := re.match(r"([\w.-]+)==(\S+) --hash=sha256:(\w+)", line):
            yield found.groups()


def wheel_components(source):
    for lock in ("tools/libraries.lock", "tools/report.lock"):
        for name, version, digest in wheels(source / lock):
            yield Component(name=name, version=version, type=ComponentType.LIBRARY, bom_ref=f"pypi/{name}@{version}",
                            purl=PackageURL("pypi", name=name, version=version), licenses=[licence_of(name)],
                            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)])


def linked_packages(build):
    """Packages of the distribution whose libraries the programs name; those out of wheels stand beside the programs."""
    needed = set()
    for program in PROGRAMS:
        needed |= set(re.findall(r"NEEDED.*\[(.+)\]", output_of("readelf", "-d", str(build / program))))
    own = re.compile(r"libtorch|libc10|libarrow|libparquet|ld-linux")
    cache = output_of("/sbin/ldconfig", "-p")
    packages = set(HEADERS_ONLY)
    for library in sorted(needed):
        if own.match(library):
            continue
        path = re.search(rf"^\s*{re.escape(library)} .*=> (\S+)$", cache, re.M)
        if path is None:
            sys.exit(f"sbom: the linker does not find {library}")
        real = pathlib.Path(path[1]).resolve()
        for place in (path[1], str(real), "/usr" + path[1], str(real).removeprefix("/usr")):
            found = subprocess.run(["dpkg-query", "-S", place], capture_output=True, text=True, check=False)
            if found.returncode == 0:
                packages.add(found.stdout.split(":")[0])
                break
        else:
            sys.exit(f"sbom: no package owns {path[1]}")
    return sorted(packages)


def package_components(build):
    system = dict(line.split("=", 1) for line in pathlib.Path("/etc/os-release").read_text().splitlines() if "=" in line)
    distribution = system["ID"].strip('"')
    for package in linked_packages(build):
        version = output_of("dpkg-query", "-W", "-f=${Version}", package)
        yield Component(name=package, version=version, type=ComponentType.LIBRARY, bom_ref=f"deb/{package}@{version}",
                        purl=PackageURL("deb", distribution, package, version), licenses=[licence_of(package)])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("build", "source", "output"):
        parser.add_argument(name, type=pathlib.Path)
    arguments = parser.parse_args()
    version = output_of(str(arguments.build / "latentledger"), "--version").split()[-1]
    bom = Bom()
    bom.metadata.timestamp = None
    bom.metadata.component = Component(name="latentledger", version=version, type=ComponentType.APPLICATION, bom_ref=f"latentledger@{version}",
                                       licenses=[LicenseExpression("MIT")])
    libraries = [*wheel_components(arguments.source), *package_components(arguments.build)]
    for component in libraries:
        bom.components.add(component)
    bom.register_dependency(bom.metadata.component, libraries)
    content = "".join(sorted(f"{component.purl}\n" for component in libraries)) + version
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, content)
    text = JsonV1Dot6(bom).output_as_string(indent=2)
    document = json.loads(text)
    document["metadata"].pop("timestamp", None)
    text = json.dumps(document, indent=2) + "\n"
    if problem := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        sys.exit(f"sbom: not CycloneDX 1.6: {problem}")
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    part = arguments.output.with_suffix(".part")
    part.write_text(text)
    part.rename(arguments.output)


if __name__ == "__main__":
    main()
