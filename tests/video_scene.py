#!/usr/bin/env python3
"""The video of demo/video, two scenes of it as a draft: video_scene.py LATENTLEDGER DEPS

The title and a terminal are rendered (their first beat) and looked at by ffprobe: codec, size, lengths of picture, sound and narration, loudness; the
captions are read and must not overlap. The whole script must fill its placeholders and be 5 to 8 minutes long; a wrong placeholder is one clear error.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import wave

SKIP = 77
ROOT = pathlib.Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "demo" / "video" / "script.toml"
RATE = 25


def missing(deps):
    if shutil.which("ffmpeg") is None or shutil.which("ffprobe") is None:
        return "no ffmpeg"
    if not (deps / "video-venv" / "bin" / "python").exists() or not (deps / "video-voice" / "kokoro.onnx").exists():
        return "no speech program"
    if not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        return "no Chromium"
    return None


def clock(text):
    hours, minutes, seconds = text.replace(",", ".").split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def check_captions(path, seconds):
    """Times in order, none overlapping, none after the end; lines that fit."""
    blocks = [b for b in re.split(r"\n\n+", path.read_text()) if "-->" in b]
    assert len(blocks) >= 2, path
    last = 0.0
    for block in blocks:
        times, _, text = block[block.index(re.search(r"\d\d:\d\d:\d\d", block)[0]):].partition("\n")
        begin, end = map(clock, times.split(" --> "))
        assert last <= begin < end <= seconds, (path.name, block)
        lines = text.strip().split("\n")
        assert 1 <= len(lines) <= 2 and all(0 < len(line) <= 80 for line in lines), block
        last = end


def probe(path, *arguments):
    return json.loads(subprocess.run(["ffprobe", "-v", "error", "-of", "json", *arguments, path], check=True, capture_output=True, text=True).stdout)


def main():
    latentledger, deps = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    reason = missing(deps)
    if reason:
        print(f"SKIPPED: {reason} here (./setup.sh --with-video)")
        sys.exit(SKIP)
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)

        def build(*arguments):
            return subprocess.run([ROOT / "demo/video/build.sh", "--draft", "--binary", latentledger, "-o", work, *arguments], capture_output=True, text=True,
                                  env=dict(os.environ, LATENTLEDGER_DEPS=str(deps)))

        whole = build("--estimate")
        assert whole.returncode == 0, whole.stderr
        *said, length = whole.stdout.strip().split("\n")
        assert 300 <= int(length.split()[0]) <= 480, length
        assert "{{" not in whole.stdout and len(said) >= 10, whole.stdout
        print(f"ok  every placeholder of {len(said)} scenes is filled; estimated {length}", flush=True)

        wrong = work / "wrong.toml"
        wrong.write_text(SCRIPT.read_text().replace("report.prove.proof_bytes|bytes", "report.prove.proof_bite|bytes"))
        refused = build("--estimate", "--script", wrong)
        errors = [line for line in refused.stderr.splitlines() if line.startswith("video: ")]
        assert refused.returncode == 2 and len(errors) == 1 and "report.prove.proof_bite" in errors[0] and "Traceback" not in refused.stderr, refused.stderr
        print("ok  an unknown placeholder is one error that names it", flush=True)

        made = build("--scene", "title", "--scene", "lies", "--beats", "1")
        assert made.returncode == 0, made.stderr
        video = work / "latentledger-title-lies-draft.mp4"
        streams = {s["codec_type"]: s for s in probe(video, "-show_streams")["streams"]}
        picture, sound = streams["video"], streams["audio"]
        assert (picture["codec_name"], picture["width"], picture["height"], picture["pix_fmt"]) == ("h264", 1920, 1080, "yuv420p"), picture
        assert picture["r_frame_rate"] == f"{RATE}/1" and sound["codec_name"] == "aac" and streams["subtitle"]["codec_name"] == "mov_text", streams
        narration = 0.0
        for name in ("title", "lies"):
            part, = (work / "work").glob(f"{name}-*.wav")
            with wave.open(str(part)) as file:
                narration += file.getnframes() / file.getframerate()
        seconds = float(picture["duration"])
        assert abs(seconds - narration) < 1 / RATE and abs(float(sound["duration"]) - narration) < 0.1, (seconds, sound["duration"], narration)
        print(f"ok  H.264 1920x1080, AAC, as long as its narration: {seconds:.2f} s", flush=True)

        loudness = subprocess.run(["ffmpeg", "-hide_banner", "-i", video, "-af", "volumedetect", "-vn", "-f", "null", "-"], capture_output=True, text=True).stderr
        mean, peak = (float(re.search(rf"{key}_volume: (-?[\d.]+) dB", loudness)[1]) for key in ("mean", "max"))
        assert -30 < mean < -12 and peak < -0.5, (mean, peak)
        for ending in ("srt", "vtt"):
            check_captions(video.with_suffix(f".{ending}"), seconds)
        transcript = video.with_suffix(".transcript.md").read_text()
        assert "{{" not in transcript and "## Figures" in transcript and "LatentLedger" in transcript
        print(f"ok  sound at {mean} dB, peak {peak} dB; captions in order; transcript", flush=True)

        # The recorder needs no word of what the demo prints: the ends of its stages are found by their times.
        cast, = (work / "work").glob("run-*/demo.cast")
        code = ("import sys, json, terminal; c = terminal.Cast(__import__('pathlib').Path(sys.argv[1]));"
                "print(json.dumps(c.stage_ends(json.load(open(sys.argv[2]))['stages'])))")
        report = cast.parent / "out/demo/report.json"
        ends = json.loads(subprocess.run([deps / "video-venv/bin/python", "-c", code, cast, report], cwd=ROOT / "demo/video", check=True, capture_output=True,
                                         text=True).stdout)
        names = [stage["name"] for stage in json.loads(report.read_text())["stages"]]
        assert list(ends) == names and sorted(ends.values()) == list(ends.values()), ends
        print("ok  the stages of the recording are found")


if __name__ == "__main__":
    main()
