"""Real commands in a pseudo-terminal: recorded with their times as an asciicast (version 2), and drawn into pictures.

The recording knows nothing of what a command prints. Where it is shown faster than it was, the picture says how much.
"""
import bisect
import fcntl
import json
import os
import pathlib
import pty
import signal
import struct
import termios
import time

import pyte
from PIL import Image, ImageDraw, ImageFont

COLUMNS, ROWS = 118, 24
FONT_SIZE, LINE = 30, 36
LEFT, TOP, BAR = 72, 56, 44  # of the text; height of the bar above it
FONTS = "/usr/share/fonts/truetype"
TYPING = 0.03                # seconds a character of a command, which nobody types


class RecordingError(Exception):
    """A command did not end as the script says."""


def record(commands: list[str], exits: list[int], clear: bool, folder: pathlib.Path, environment: dict[str, str], to: pathlib.Path, progress) -> None:
    """Runs the commands one after the other in the folder, each on a clear screen or below the one before; the cast has a marker "end N" after command N (from 1)."""
    events: list[list] = []
    now = 0.0

    def event(kind: str, data: str) -> None:
        events.append([round(now, 6), kind, data])

    for number, command in enumerate(commands, 1):
        if clear and number > 1:
            event("o", "\x1b[2J\x1b[H")
        event("o", "\x1b[1;32m$\x1b[0m ")
        for character in command:
            now += TYPING
            event("o", character)
        now += 0.4
        event("o", "\r\n")
        event("m", f"start {number}")
        begin, offset = time.monotonic(), now
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(folder)
            os.environ.update(environment, TERM="xterm-256color", COLUMNS=str(COLUMNS), LINES=str(ROWS))
            os.environ.pop("NO_COLOR", None)
            os.execvp("/bin/sh", ["/bin/sh", "-c", f"sleep 0.05; exec {command}"])  # the sleep: the size below is set first
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        pending = b""
        try:
            while True:
                try:
                    data = os.read(terminal, 65536)
                except OSError:  # Linux: the last process has closed its side
                    break
                if not data:
                    break
                now = offset + time.monotonic() - begin
                pending += data
                text = pending.decode("utf-8", "ignore")  # a character that is cut waits for its rest
                whole = text.encode()
                if pending.startswith(whole):
                    pending = pending[len(whole):]
                else:
                    text, pending = pending.decode("utf-8", "replace"), b""
                event("o", text)
                progress(f"{command.split()[1]} {time.monotonic() - begin:.0f} s")
        except BaseException:
            os.kill(pid, signal.SIGTERM)
            raise
        finally:
            os.close(terminal)
            _, status = os.waitpid(pid, 0)
        now = offset + time.monotonic() - begin
        code = os.waitstatus_to_exitcode(status)
        if code != exits[number - 1]:
            kept = to.with_suffix(".failed")
            kept.write_text("".join(data for _, kind, data in events if kind == "o"))
            raise RecordingError(f"`{command}` ended with {code}, expected {exits[number - 1]}; what it printed is in {kept}")
        event("m", f"end {number}")
        now += 0.3
    header = {"version": 2, "width": COLUMNS, "height": ROWS, "env": {"TERM": "xterm-256color"}}
    lines = "".join(json.dumps(line) + "\n" for line in [header, *events])
    temporary = to.with_suffix(".tmp")
    temporary.write_text(lines)
    temporary.rename(to)


class Cast:
    """A recording, and the times at which its parts end."""

    def __init__(self, path: pathlib.Path):
        lines = [json.loads(line) for line in path.read_text().splitlines()[1:]]
        self.output = [(time_, data) for time_, kind, data in lines if kind == "o"]
        self.marks = {data: time_ for time_, kind, data in lines if kind == "m"}
        self.times = [time_ for time_, _ in self.output]
        self.length = max(time_ for time_, _, _ in lines)

    def stage_ends(self, stages: list[dict]) -> dict[str, float]:
        """When the stages of report.json ended: their times end to end, moved so that each end falls on something being printed.

        The command prints a stage when it is over, whatever it prints; so this needs no word of it."""
        start, end = self.marks["start 1"], self.marks["end 1"]
        ends, total = [], start
        for stage in stages:
            total += stage["ms"] / 1000
            ends.append(total)
        printed = [t for t in self.times if start <= t <= end]
        if not printed or not ends:
            return {}

        def nearest(t: float) -> float:
            i = bisect.bisect_left(printed, t)
            return min(printed[max(0, i - 1):i + 1], key=lambda p: abs(p - t))

        shifts = [p - ends[-1] for p in printed if -0.01 <= p - ends[-1] <= 1.0] or [0.0]
        shift = min(shifts, key=lambda s: sum(min(0.2, abs(nearest(e + s) - (e + s))) for e in ends))
        return {stage["name"]: nearest(e + shift) for stage, e in zip(stages, ends)}


class Drawing:
    """Pictures of a terminal screen."""

    NAMES = {"black": "paper", "red": "alarm", "green": "three", "brown": "alarm", "yellow": "alarm", "blue": "one", "magenta": "two", "cyan": "high",
             "white": "ink", "default": "ink", "brightblack": "soft", "brightred": "two", "brightgreen": "three", "brightbrown": "alarm",
             "brightyellow": "alarm", "brightblue": "one", "brightmagenta": "two", "brightcyan": "high", "brightwhite": "ink"}

    def __init__(self, colours: dict[str, str], size: tuple[int, int]):
        self.colours, self.size = colours, size
        self.font = ImageFont.truetype(f"{FONTS}/inconsolata/Inconsolata.otf", FONT_SIZE)  # narrow: the command's lines are up to 118 characters long
        self.other = ImageFont.truetype(f"{FONTS}/dejavu/DejaVuSansMono.ttf", FONT_SIZE - 5)  # for what the first has no sign for: bars, frames, ticks
        self.label = ImageFont.truetype(f"{FONTS}/dejavu/DejaVuSans-Bold.ttf", 34)
        self.advance = self.font.getlength("M")

    def colour(self, name: str, otherwise: str) -> str:
        if name == "default":
            return self.colours[otherwise]
        if name in self.NAMES:
            return self.colours[self.NAMES[name]]
        return f"#{name}" if len(name) == 6 else self.colours[otherwise]

    def sign(self, draw: ImageDraw.ImageDraw, c: str, left: float, top: float, colour: str) -> None:
        """A character outside Latin-1; blocks of bars fill their cell, whatever the font says."""
        eighths = {"█": 8, "▉": 7, "▊": 6, "▋": 5, "▌": 4, "▍": 3, "▎": 2, "▏": 1}
        if c in eighths:
            draw.rectangle((left, top + 4, left + self.advance * eighths[c] / 8, top + LINE - 6), fill=colour)
        elif c == "─" or c == "━":
            draw.line((left, top + LINE / 2, left + self.advance, top + LINE / 2), fill=colour, width=2 if c == "─" else 4)
        else:
            draw.text((left + self.advance / 2, top + LINE / 2 - 2), c, font=self.other, fill=colour, anchor="mm")

    def draw(self, screen: pyte.Screen, mark: str | None) -> Image.Image:
        width, height = self.size
        image = Image.new("RGB", self.size, self.colours["paper"])
        draw = ImageDraw.Draw(image)
        draw.rectangle((0, 0, width, BAR), fill=self.colours["panel"])
        for i in range(3):
            draw.ellipse((LEFT + 34 * i, 12, LEFT + 34 * i + 20, 32), fill=self.colours["line"])
        for y in range(ROWS):
            line = screen.buffer[y]
            x = 0
            while x < COLUMNS:  # runs of one look
                cell = line[x]
                look = (cell.fg, cell.bg, cell.bold, cell.reverse)
                text = cell.data
                end = x + 1
                while end < COLUMNS and (line[end].fg, line[end].bg, line[end].bold, line[end].reverse) == look:
                    text += line[end].data
                    end += 1
                front, back = self.colour(cell.fg, "ink"), self.colour(cell.bg, "paper")
                if cell.reverse:
                    front, back = back, front
                left, top = LEFT + x * self.advance, TOP + y * LINE
                if back != self.colours["paper"]:
                    draw.rectangle((left, top, LEFT + end * self.advance, top + LINE), fill=back)
                if text.strip():
                    style = {"fill": front, "stroke_width": 0.6 if cell.bold else 0.2, "stroke_fill": front}
                    draw.text((left, top), "".join(c if ord(c) < 256 else " " for c in text), font=self.font, **style)
                    for i, c in enumerate(text):
                        if ord(c) >= 256:
                            self.sign(draw, c, left + i * self.advance, top, front)
                x = end
        if mark:
            box = draw.textbbox((0, 0), mark, font=self.label)
            left = width - LEFT - (box[2] - box[0]) - 40
            draw.rounded_rectangle((left, 6 + BAR, width - LEFT, 66 + BAR), 12, fill=self.colours["two"])
            draw.text((left + 20, 14 + BAR), mark, font=self.label, fill=self.colours["paper"])
        return image


def frames(cast: Cast, spans: list[tuple[float, float]], colours: dict[str, str], size: tuple[int, int], rate: float, folder: pathlib.Path):
    """(picture, seconds) for spans of (time of the recording to reach, seconds of the video to take for it).

    A span that is longer in the recording than in the video is shown faster, with a mark; a shorter one is shown in its own time and then stands."""
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.Stream(screen)
    drawing = Drawing(colours, size)
    shown: list[list] = []
    fed, begin = 0, 0.0
    for end, seconds in spans:
        moving = seconds - min(1.5, seconds / 3)  # then the result stands for a while
        speed = max(1.0, (end - begin) / moving)
        mark = f"× {speed:.1f}" if speed > 1.05 else None
        count = round(seconds * rate)
        last_mark = None
        for i in range(count):
            at = min(end, begin + (i + 1) / rate * speed)
            if i == count - 1:
                at = end
            upto = bisect.bisect_right(cast.times, at + 1e-9)
            now_mark = mark if at < end else None
            if upto != fed or not shown or now_mark != last_mark:
                for _, data in cast.output[fed:upto]:
                    stream.feed(data)
                fed = max(fed, upto)
                path = folder / f"terminal-{len(shown):05}.png"
                drawing.draw(screen, now_mark).save(path, compress_level=1)
                shown.append([path, 0])
                last_mark = now_mark
            shown[-1][1] += 1
        begin = end
    return [(path, n / rate) for path, n in shown]
