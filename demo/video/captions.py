"""Captions: sentences cut into lines that can be read, in times that do not overlap; as SubRip, WebVTT, and ASS for the picture."""
import re

LINE = 66             # characters of a line in the picture
MOST = 2 * LINE - 12  # characters of one caption: two lines, wherever the break falls


def split(text: str, begin: float, end: float) -> list[tuple[float, float, str]]:
    """A sentence as captions of at most two lines; each has its share of the time by its length. Cut behind a comma or colon where that leaves no scrap."""
    pieces = max(1, -(-len(text) // MOST))
    parts, rest = [], text
    while pieces > 1:
        aim = len(rest) / pieces
        breaks = [m.end() for m in re.finditer(r"\s+", rest) if 12 <= m.end() <= MOST and len(rest) - m.end() <= MOST * (pieces - 1)]
        if not breaks:
            break
        cut = min(breaks, key=lambda at: abs(at - aim) - (25 if rest[:at].rstrip()[-1] in ",;:" else 0))
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:]
        pieces -= 1
    parts.append(rest)
    total, result, now = sum(map(len, parts)), [], begin
    for part in parts:
        until = now + (end - begin) * len(part) / total
        result.append((round(now, 3), round(until, 3), part))
        now = until
    return result


def lines(text: str) -> str:
    """The text in one line, or in two of about the same length."""
    if len(text) <= LINE:
        return text
    breaks = [m.start() for m in re.finditer(r" ", text)]
    at = min(breaks, key=lambda i: abs(i - len(text) / 2))
    return text[:at] + "\n" + text[at + 1:]


def clock(seconds: float, point: str) -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3600000:02}:{ms // 60000 % 60:02}:{ms // 1000 % 60:02}{point}{ms % 1000:03}"


def srt(captions: list[tuple[float, float, str]]) -> str:
    return "".join(f"{i}\n{clock(a, ',')} --> {clock(b, ',')}\n{lines(text)}\n\n" for i, (a, b, text) in enumerate(captions, 1))


def vtt(captions: list[tuple[float, float, str]]) -> str:
    return "WEBVTT\n\n" + "".join(f"{clock(a, '.')} --> {clock(b, '.')}\n{lines(text)}\n\n" for a, b, text in captions)


def ass(captions: list[tuple[float, float, str]], width: int, height: int, bar: int, ink: str) -> str:
    """In the bar at the bottom, in its middle."""
    colour = f"&H00{ink[5:7]}{ink[3:5]}{ink[1:3]}"
    head = (f"[Script Info]\nScriptType: v4.00+\nPlayResX: {width}\nPlayResY: {height}\nWrapStyle: 2\n\n[V4+ Styles]\n"
            "Format: Name, Fontname, Fontsize, PrimaryColour, OutlineColour, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV\n"
            f"Style: bar,DejaVu Sans,46,{colour},&H00000000,1,0,0,5,40,40,0\n\n[Events]\nFormat: Layer, Start, End, Style, Text\n")
    middle = f"{{\\pos({width // 2},{height - bar // 2})}}"
    events = "".join(f"Dialogue: 0,{clock(a, '.')[1:-1]},{clock(b, '.')[1:-1]},bar,{middle}{lines(text)}\n".replace(lines(text), lines(text).replace("\n", "\\N"))
                     for a, b, text in captions)
    return head + events
