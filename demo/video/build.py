#!/usr/bin/env python3
"""Renders the video that script.toml describes: build.sh [--scene NAME]... [--draft] [--binary FILE] [-o FOLDER]

    demo/video/build.sh                        out/video/latentledger.mp4, with .srt, .vtt and transcript.md
    demo/video/build.sh --scene speed          one scene: out/video/latentledger-speed.mp4
    demo/video/build.sh --draft                a short training, few pictures a second: a look in a minute or two
    demo/video/build.sh --estimate             only what the script says, with its figures, and how long that is

Recordings, speech and scenes are kept in out/video/work by the hash of what they are made of: a run that was cut short goes on, and a change
renders what it touches. Needs ./setup.sh --with-video and build/release/latentledger.
"""
import argparse
import hashlib
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import wave

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))
import captions as captions_  # noqa: E402
import figures as figures_  # noqa: E402
import speech  # noqa: E402

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

WIDTH, HEIGHT, STAGE = 1920, 1080, 930  # below the stage: the bar of the captions
RATE = 25
LEAD, SENTENCE, BEAT, TAIL = 0.45, 0.25, 0.45, 0.45  # seconds of silence: before a scene, after a sentence, a beat, a scene
MOTION = 0.8
FADE = 0.3
SAMPLES = speech.RATE // RATE
SPOKEN = 15.1  # characters of speech a second, for --estimate


class BuildError(Exception):
    """Something that is missing or does not fit."""


class Progress:
    """One line that changes on a terminal; a line a step where it is piped."""

    def __init__(self):
        self.terminal, self.step, self.begun = sys.stderr.isatty(), None, time.monotonic()

    def __call__(self, step: str, detail: str = "") -> None:
        if self.terminal:
            print(f"\r\x1b[K[{time.monotonic() - self.begun:5.0f} s] {step} {detail}", end="", file=sys.stderr, flush=True)
        elif step != self.step:
            print(f"[{time.monotonic() - self.begun:5.0f} s] {step}", file=sys.stderr, flush=True)
        self.step = step

    def end(self) -> None:
        if self.terminal:
            print(file=sys.stderr)


def digest(*parts) -> str:
    h = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else json.dumps(part, sort_keys=True, ensure_ascii=False).encode()
        h.update(len(data).to_bytes(8, "little") + data)
    return h.hexdigest()[:16]


def palette(css: str) -> dict[str, str]:
    """The dark colours of the report's style sheet."""
    dark = re.search(r"prefers-color-scheme: dark\)\s*\{\s*:root\s*\{(.*?)\}", css, re.DOTALL)
    colours = dict(re.findall(r"--([a-z]+):\s*(#[0-9a-f]{6})", dark[1])) if dark else {}
    lacking = [name for name in ("ink", "soft", "paper", "panel", "line", "one", "two", "three", "alarm", "high") if name not in colours]
    if lacking:
        raise BuildError(f"demo/report/report.css: no dark colour --{lacking[0]}")
    return colours


def ffmpeg(*arguments, capture: bool = False) -> str:
    command = ["ffmpeg", "-hide_banner", "-nostdin", "-y", *(() if capture else ("-loglevel", "error")), *map(str, arguments)]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        raise BuildError(f"ffmpeg failed: {run.stderr.strip()[-600:]}")
    return run.stderr


class Video:
    def __init__(self, arguments):
        self.draft, self.out = arguments.draft, arguments.output.resolve()
        self.work = self.out / "work"
        self.work.mkdir(parents=True, exist_ok=True)
        self.progress = Progress()
        self.script = self.read_script(arguments.script)
        self.scenes = {scene["name"]: scene for scene in self.script["scene"]}
        for name in arguments.scene:
            if name not in self.scenes:
                raise BuildError(f"--scene {name}: there is no such scene; there are {', '.join(self.scenes)}")
        for scene in self.scenes.values():
            scene["beat"] = scene["beat"][:arguments.beats]
        self.chosen = [scene for scene in self.script["scene"] if not arguments.scene or scene["name"] in arguments.scene]
        self.whole = not arguments.scene and not arguments.beats
        self.binary = arguments.binary.resolve()
        if not self.binary.is_file():
            raise BuildError(f"{arguments.binary} is not there: cmake --preset release && cmake --build --preset release --target latentledger")
        self.colours = palette((ROOT / "demo/report/report.css").read_text())
        self.narrator = None
        self.deps = arguments.deps
        self.browser = None
        self.recordings = {recording["name"]: recording for recording in self.script["recording"]}
        recorder = (HERE / "terminal.py").read_text().split("class Cast")[0]  # what makes a recording, not what draws it
        self.run = self.work / f"run-{digest(hashlib.sha256(self.binary.read_bytes()).hexdigest(), self.script['recording'], recorder, self.draft)}"
        demo = self.run / "out" / "demo"
        benchmark = {name: (lambda files=files: figures_.benchmarks(ROOT / "docs/benchmarks", files)) for name, files in self.script["benchmarks"].items()}
        self.figures = figures_.Figures({
            "report": lambda: self.file("demo", demo / "report.json"),
            "keys": lambda: self.file("demo", demo / "keys/vk.json"),
            "private": lambda: self.file("private", demo / "keys-update-private/vk.json"),
            "chain": lambda: self.file("private", demo / "chain/chain.json"),
            "audit": self.audit,
            **benchmark,
        })

    @staticmethod
    def read_script(path: pathlib.Path) -> dict:
        try:
            return tomllib.loads(path.read_text())
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise BuildError(f"{path}: cannot be read ({error})") from error

    # --- what is measured ---

    def file(self, recording: str, path: pathlib.Path) -> dict:
        self.record(recording)
        return figures_.read(path)

    def record(self, name: str) -> pathlib.Path:
        """The recording, made if it is not there. All of them run in one folder, after the demo."""
        import terminal
        cast = self.run / f"{name}.cast"
        if cast.exists():
            return cast
        if name != "demo":
            self.record("demo")
        recording = self.recordings[name]
        self.run.mkdir(parents=True, exist_ok=True)
        for created in recording.get("creates", []):
            shutil.rmtree(self.run / created, ignore_errors=True)
        commands = recording["draft"] if self.draft and "draft" in recording else recording["commands"]
        environment = {"PATH": f"{self.binary.parent}:{os.environ['PATH']}"}
        step = f"recording {name}"
        self.progress(step)
        terminal.record(commands, recording.get("exits", [0] * len(commands)), recording.get("clear", False), self.run, environment, cast, lambda detail: self.progress(step, detail))
        return cast

    def audit(self) -> dict:
        """Balances and net flows out of the proof file and V^ alone, as docs/statements.md says; compared with what the run knows."""
        import numpy
        demo = self.run / "out" / "demo"
        report = self.figures.value("report")
        public = figures_.read(demo / "proof/proof.json")["public"]
        raw = (demo / "keys/vhat.safetensors").read_bytes()
        size = int.from_bytes(raw[:8], "little")
        head = json.loads(raw[8:8 + size])["vhat"]
        begin, end = head["data_offsets"]
        v = numpy.frombuffer(raw[8 + size + begin:8 + size + end], dtype="<i2").reshape(head["shape"]).astype(numpy.float64)

        def solve(vector: list) -> list[int]:
            return [int(x) for x in numpy.rint(numpy.linalg.solve(v @ v.T, v @ numpy.array(vector, dtype=numpy.float64)))]

        balances, flows = solve(public["prev"]), solve(public["delta"])
        before, after = report["charts"]["state"]["before"], report["charts"]["state"]["after"]
        return {"accounts": len(before), "balances": balances, "equal": sum(a == b for a, b in zip(balances, before)),
                "flows_equal": sum(f == b - a for f, a, b in zip(flows, before, after))}

    def data(self) -> str:
        """What the pages draw, as a script."""
        report, speed = self.figures.value("report"), {}
        for name in self.script["benchmarks"]:
            row = self.figures.value(f"{name}.circuit_update")
            speed[name] = {"ours": row["value"], "peer": row["peer_value"]}
        public = figures_.read(self.run / "out/demo/proof/proof.json")["public"]
        audit = self.figures.value("audit")
        data = {"training": report["charts"]["training"], "errors": report["charts"]["errors"], "accounts": report["data"]["accounts"],
                "dims": len(public["prev"]), "vector": public["prev"], "speed": speed, "audit": {"balances": audit["balances"]}}
        return f"const DATA = {json.dumps(data)}, COLOURS = {json.dumps(self.colours)};"

    # --- what is said ---

    def sentences(self, beat: dict) -> list[tuple[str, str]]:
        """(shown, spoken) of each sentence of a beat."""
        result = []
        for sentence in re.split(r"(?<=[.?!])\s+", beat["say"].strip()):
            shown, said = self.figures.fill(sentence)
            result.append((shown, speech.speakable(said, self.script["say"])))
        return result

    def estimate(self) -> float:
        """Seconds of the chosen scenes, without the narrator."""
        total = 0.0
        for scene in self.chosen:
            total += LEAD + TAIL
            for beat in scene["beat"]:
                said = self.sentences(beat)
                total += sum(len(text) / SPOKEN + SENTENCE for _, text in said) + BEAT - SENTENCE + beat.get("hold", 0)
        return total

    def narrate(self, scene: dict) -> dict:
        """Sounds with their times, captions, and how many frames each beat takes."""
        if self.narrator is None:
            video = self.script["video"]
            self.narrator = speech.Narrator(self.deps / "video-voice", video["voice"], video["speed"], self.work / "speech")
        now, sounds, captions, frames = LEAD, [], [], []
        for number, beat in enumerate(scene["beat"]):
            begin = 0.0 if number == 0 else now
            for shown, said in self.sentences(beat):
                self.progress(f"speech of {scene['name']}", shown[:60])
                path, seconds = self.narrator.say(said)
                sounds.append((path, now))
                captions += captions_.split(shown, now, now + seconds)
                now += seconds + SENTENCE
            now += BEAT - SENTENCE + beat.get("hold", 0) + (TAIL if number == len(scene["beat"]) - 1 else 0)
            count = max(1, math.ceil((now - begin) * RATE - 1e-6))
            frames.append(count)
            now = begin + count / RATE
        return {"sounds": sounds, "captions": captions, "frames": frames}

    @staticmethod
    def write_sound(narration: dict, path: pathlib.Path) -> None:
        whole = bytearray(2 * SAMPLES * sum(narration["frames"]))
        for sound, at in narration["sounds"]:
            with wave.open(str(sound)) as file:
                data = file.readframes(file.getnframes())
            begin = 2 * round(at * speech.RATE)
            whole[begin:begin + len(data)] = data
        with wave.open(str(path), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(speech.RATE)
            out.writeframes(bytes(whole))

    # --- what is shown ---

    def chromium(self):
        if self.browser is None:
            import browser
            self.browser = browser.Browser(WIDTH, STAGE)
        return self.browser

    def page_text(self, scene: dict) -> str:
        pages = HERE / "pages"
        body, _ = self.figures.fill((pages / f"{scene['name']}.html").read_text())
        root = ":root{" + "".join(f"--{name}:{value};" for name, value in self.colours.items()) + "}"
        scripts = "".join(f"<script>{text}</script>" for text in (self.data(), (pages / "stage.js").read_text()))
        scripts += f"<script>{(pages / 'chart.js').read_text()}</script>"
        return f"<!doctype html><meta charset=utf-8><style>{root}\n{(pages / 'stage.css').read_text()}</style>{scripts}{body}"

    def motion(self, scene: dict, narration: dict, folder: pathlib.Path, draw) -> list[tuple[pathlib.Path, float]]:
        """Pictures of beats that move and then stand: draw(beat, t) shows the moment t, from 0 to 1."""
        chromium, shown = self.chromium(), []
        rate = 5 if self.draft else RATE
        for number, (beat, frames) in enumerate(zip(scene["beat"], narration["frames"])):
            moving = min(frames / RATE, beat.get("motion", MOTION))
            steps = max(1, round(moving * rate))
            for i in range(steps):
                self.progress(f"pictures of {scene['name']}", f"beat {number + 1}/{len(scene['beat'])} {i + 1}/{steps}")
                draw(number, (i + 1) / steps)
                path = folder / f"{len(shown):05}.png"
                chromium.picture(path)
                shown.append((path, 1 / rate if i < steps - 1 else frames / RATE - (steps - 1) / rate))
        return shown

    def page(self, scene: dict, narration: dict, folder: pathlib.Path):
        page = folder / "page.html"
        page.write_text(self.page_text(scene))
        chromium = self.chromium()
        chromium.size(WIDTH, STAGE)
        chromium.load(page)
        return self.motion(scene, narration, folder, lambda beat, t: chromium.run(f"show({beat}, {t})"))

    def report(self, scene: dict, narration: dict, folder: pathlib.Path):
        chromium = self.chromium()
        chromium.size(WIDTH // 2, STAGE // 2, 2.0)
        chromium.load(self.run / "out/demo/report.html")
        places = [0.0]
        most = chromium.run("document.documentElement.scrollHeight - innerHeight")
        for number, beat in enumerate(scene["beat"]):
            to = json.dumps(beat["to"])
            # 50 pixels above what is named, or its middle where it is taller than the window.
            top = 0 if beat["to"] == "top" else chromium.run(
                f"(() => {{ const b = document.getElementById({to})?.getBoundingClientRect();"
                " return b ? b.top + scrollY + Math.max(-50, (b.height - innerHeight) / 2) : null; })()")
            if top is None:  # another page than the script was written for
                print(f"\nvideo: report.html has no #{beat['to']}: scrolled in even steps", file=sys.stderr)
                top = most * number / (len(scene["beat"]) - 1)
            places.append(min(max(0, top), most))
        for beat in scene["beat"]:
            beat.setdefault("motion", 1.4)

        def draw(beat: int, t: float) -> None:
            y = places[beat] + (places[beat + 1] - places[beat]) * t * t * (3 - 2 * t)
            chromium.run(f"scrollTo(0, {y}), new Promise((done) => requestAnimationFrame(() => done(true)))")

        return self.motion(scene, narration, folder, draw)

    def terminal(self, scene: dict, narration: dict, folder: pathlib.Path):
        import terminal
        cast = terminal.Cast(self.record(scene["recording"]))
        stages = cast.stage_ends(self.figures.value("report.stages")) if scene["recording"] == "demo" else {}
        spans, last = [], 0.0
        for beat, frames in zip(scene["beat"], narration["frames"]):
            until = beat["until"]
            end = cast.length if until == "end" else stages.get(until) if isinstance(until, str) else cast.marks.get(f"end {until}")
            if end is None:
                raise BuildError(f"scene {scene['name']}: until = {until!r} is neither a stage of the run ({', '.join(stages)}) nor a command's number")
            last = max(last, end)
            spans.append((last, frames / RATE))
        self.progress(f"pictures of {scene['name']}")
        return terminal.frames(cast, spans, self.colours, (WIDTH, STAGE), 5 if self.draft else RATE, folder)

    def render(self, scene: dict) -> tuple[pathlib.Path, pathlib.Path, dict]:
        """A scene's pictures with captions, its sound, its narration."""
        narration = self.narrate(scene)
        kind = scene["kind"]
        parts = {"page": lambda: self.page_text(scene).encode(), "report": lambda: (self.run / "out/demo/report.html").read_bytes(),
                 "terminal": lambda: self.record(scene["recording"]).read_bytes()}
        if kind not in parts:
            raise BuildError(f"scene {scene['name']}: kind {kind!r} is none of {', '.join(parts)}")
        if kind == "report":
            self.record("demo")
        code = b"".join((HERE / f"{name}.py").read_bytes() for name in ("build", "browser", "terminal", "captions"))
        key = digest(code, scene, narration["captions"], narration["frames"], [str(s) for s in narration["sounds"]], self.colours, self.draft, parts[kind]())
        video, sound = self.work / f"{scene['name']}-{key}.mp4", self.work / f"{scene['name']}-{key}.wav"
        if video.exists() and sound.exists():
            return video, sound, narration
        folder = self.work / f"{scene['name']}.tmp"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        pictures = getattr(self, kind)(scene, narration, folder)
        self.progress(f"encoding {scene['name']}")
        lines = "".join(f"file '{path.name}'\nduration {seconds:.6f}\n" for path, seconds in pictures)
        (folder / "list.txt").write_text(f"ffconcat version 1.0\n{lines}file '{pictures[-1][0].name}'\n")
        (folder / "captions.ass").write_text(captions_.ass(narration["captions"], WIDTH, HEIGHT, HEIGHT - STAGE, self.colours["ink"]))
        paper, panel = self.colours["paper"].replace("#", "0x"), self.colours["panel"].replace("#", "0x")
        frames = sum(narration["frames"])
        filters = (f"scale={WIDTH}:{STAGE}:flags=lanczos:out_color_matrix=bt709:out_range=tv,format=yuv420p,pad={WIDTH}:{HEIGHT}:0:0:color={panel},fps={RATE},"
                   f"fade=in:d={FADE}:color={paper},fade=out:st={frames / RATE - FADE}:d={FADE}:color={paper},"
                   f"ass={folder / 'captions.ass'},format=yuv420p")
        temporary = folder / "scene.mp4"
        ffmpeg("-f", "concat", "-safe", "0", "-i", folder / "list.txt", "-vf", filters, "-frames:v", frames, "-r", RATE, "-an", "-pix_fmt", "yuv420p", "-c:v", "libx264",
               "-preset", "ultrafast" if self.draft else "veryfast", "-crf", 26 if self.draft else 19, "-tune", "animation", "-g", 5 * RATE,
               "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv", "-video_track_timescale", 12800,
               "-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1", temporary)
        self.write_sound(narration, folder / "scene.wav")
        (folder / "scene.wav").rename(sound)
        temporary.rename(video)
        shutil.rmtree(folder)
        return video, sound, narration

    # --- the whole ---

    def build(self) -> pathlib.Path:
        name = "latentledger" + ("" if self.whole else "-" + "-".join(scene["name"] for scene in self.chosen)) + ("-draft" if self.draft else "")
        estimate = self.estimate()  # every placeholder is filled before anything is rendered
        video = self.script["video"]
        parts, captions, begin, begins = [], [], 0.0, []
        for scene in self.chosen:
            picture, sound, narration = self.render(scene)
            parts.append((picture, sound))
            begins.append(begin)
            captions += [(begin + start, begin + end, text) for start, end, text in narration["captions"]]
            begin += sum(narration["frames"]) / RATE
        if self.whole and not 60 * video["minimum_minutes"] <= begin <= 60 * video["maximum_minutes"]:
            raise BuildError(f"the video would take {begin / 60:.1f} minutes, not {video['minimum_minutes']} to {video['maximum_minutes']} (estimated: {estimate / 60:.1f})")
        self.progress("joining")
        together = self.work / f"{name}.tmp"
        shutil.rmtree(together, ignore_errors=True)
        together.mkdir()
        (together / "list.txt").write_text("ffconcat version 1.0\n" + "".join(f"file '{picture}'\n" for picture, _ in parts))
        sound = together / "sound.wav"
        with wave.open(str(sound), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(speech.RATE)
            for _, part in parts:
                with wave.open(str(part)) as file:
                    out.writeframes(file.readframes(file.getnframes()))
        files = {ending: together / f"{name}.{ending}" for ending in ("srt", "vtt")}
        files["srt"].write_text(captions_.srt(captions))
        files["vtt"].write_text(captions_.vtt(captions))
        files["transcript.md"] = together / f"{name}.transcript.md"
        files["transcript.md"].write_text(self.transcript(begins, begin))
        files["mp4"] = together / f"{name}.mp4"
        # Loudness in two passes (EBU R128): measured, then moved as a whole, so that nothing pumps.
        target = "loudnorm=I=-16:TP=-1.5:LRA=11"
        measured = json.loads(re.search(r"\{[^{}]*\}\s*$", ffmpeg("-i", sound, "-af", f"{target}:print_format=json", "-f", "null", "-", capture=True))[0])
        second = ":".join([target, *(f"measured_{key}={measured['input_' + key.lower()]}" for key in ("I", "TP", "LRA", "thresh")),
                           f"offset={measured['target_offset']}", "linear=true"])
        ffmpeg("-f", "concat", "-safe", "0", "-i", together / "list.txt", "-i", sound, "-i", files["srt"], "-map", "0:v", "-map", "1:a", "-map", "2:s",
               "-c:v", "copy", "-af", second, "-ar", 48000, "-ac", 1, "-c:a", "aac", "-b:a", "128k", "-c:s", "mov_text", "-metadata:s:s:0", "language=eng",
               "-metadata:s:a:0", "language=eng", "-disposition:s:0", "0", "-metadata", "title=LatentLedger: a ledger whose whole state is one vector",
               "-fflags", "+bitexact", "-movflags", "+faststart", files["mp4"])
        for ending, path in files.items():
            path.replace(self.out / f"{name}.{ending}")
        shutil.rmtree(together)
        return self.out / f"{name}.mp4"

    def transcript(self, begins: list[float], end: float) -> str:
        lines = ["# LatentLedger: transcript of the video", "", f"{captions_.clock(end, '.')[3:8]} minutes. Made by demo/video/build.sh from demo/video/script.toml.", ""]
        for scene, begin in zip(self.chosen, begins):
            lines += [f"## {captions_.clock(begin, '.')[3:8]} {scene['name']}", "", f"*On screen: {scene['screen']}*", ""]
            lines += [" ".join(shown for shown, _ in self.sentences(beat)) for beat in scene["beat"]] + [""]
        lines += ["## Figures", "", "| figure | shown |", "|---|---|"]
        lines += [f"| `{path}` | {shown} |" for path, shown in sorted(self.figures.used.items())]
        return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="build.sh", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scene", action="append", default=[], metavar="NAME", help="only this scene (again and again)")
    parser.add_argument("--draft", action="store_true", help="quick: a short training, few pictures a second")
    parser.add_argument("--beats", type=int, metavar="N", help="only the first N beats of each scene")
    parser.add_argument("--script", type=pathlib.Path, default=HERE / "script.toml", metavar="FILE", help="[demo/video/script.toml]")
    parser.add_argument("--estimate", action="store_true", help="print what is said and how long it takes; render nothing")
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/latentledger", metavar="FILE", help="[build/release/latentledger]")
    parser.add_argument("--deps", type=pathlib.Path, default=pathlib.Path(os.environ.get("LATENTLEDGER_DEPS", ROOT / ".deps")), help=argparse.SUPPRESS)
    parser.add_argument("-o", "--output", type=pathlib.Path, default=ROOT / "out/video", metavar="FOLDER", help="[out/video]")
    arguments = parser.parse_args()
    # What the user has set for the command is not part of the film.
    for name in [name for name in os.environ if name.startswith("LATENTLEDGER_")]:
        del os.environ[name]
    video = None
    try:
        if shutil.which("ffmpeg") is None:
            raise BuildError("no ffmpeg here (./setup.sh --with-video)")
        video = Video(arguments)
        if arguments.estimate:
            seconds = video.estimate()
            video.progress.end()
            for scene in video.chosen:
                print(f"{scene['name']}: " + " ".join(shown for beat in scene["beat"] for shown, _ in video.sentences(beat)))
            print(f"{seconds:.0f} s")
            return 0
        path = video.build()
        video.progress.end()
        print(f"{path}  {path.stat().st_size / 1e6:.1f} MB, {time.monotonic() - video.progress.begun:.0f} s")
        return 0
    except KeyboardInterrupt:
        print("\nvideo: interrupted; what is done is kept in out/video/work", file=sys.stderr)
        return 130
    except Exception as error:
        known = (BuildError, figures_.FigureError, speech.SpeechError)
        if not isinstance(error, known) and type(error).__name__ not in ("BrowserError", "RecordingError"):
            raise
        print(f"\nvideo: {error}", file=sys.stderr)
        return 2
    finally:
        if video is not None and video.browser is not None:
            video.browser.close()


if __name__ == "__main__":
    sys.exit(main())
