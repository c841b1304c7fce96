"""Figures of the video: {{source.path|format}} in a text becomes what a run or a benchmark measured.

Each format gives a figure twice, as it is shown ("1.6 ms") and as it is spoken ("1 point 6 milliseconds"). A figure that is not there, and a
format that is not known, is an error that names the placeholder.
"""
import json
import pathlib
import re

PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}")
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class FigureError(Exception):
    """A placeholder that cannot be filled."""


def rounded(value: float, digits: int = 2) -> str:
    """The value to so many significant digits, without an exponent and without losing digits before the point: 148.5 -> 149, 1.58 -> 1.6."""
    if value == 0:
        return "0"
    places = max(0, digits - 1 - int(f"{value:e}".split("e")[1]))
    return f"{value:,.{places}f}"


def spoken(text: str) -> str:
    """Digits as a speech program reads them: 1.05 -> 1 point 0 5; 100,000 -> 100000."""
    text = text.replace(",", "")
    return re.sub(r"(\d+)\.(\d+)", lambda m: f"{m[1]} point {' '.join(m[2])}", text)


def unit(text: str, short: str, long: str) -> tuple[str, str]:
    return f"{text} {short}".strip(), f"{spoken(text)} {long[:-1] if text == '1' and long.endswith('s') else long}".strip()


def milliseconds(value: float) -> tuple[str, str]:
    if value >= 1000:
        return seconds(value / 1000)
    return unit(rounded(value, 3 if value >= 100 else 2), "ms", "milliseconds")


def seconds(value: float) -> tuple[str, str]:
    return unit(rounded(value), "s", "seconds")


def scientific(value: float) -> tuple[str, str]:
    if value == 0:
        return "0", "zero"
    mantissa, exponent = f"{value:.1e}".split("e")
    power = int(exponent)
    sign = "minus " if power < 0 else ""
    return f"{mantissa} × 10{str(power).translate(SUPERSCRIPTS)}", f"{spoken(mantissa)} times ten to the {sign}{abs(power)}"


def factor(value: float) -> tuple[str, str]:
    text = rounded(1 / value)
    return text, spoken(text)


def millions(value: float) -> tuple[str, str]:
    text = rounded(value / 1e6)
    return f"{text} million", f"{spoken(text)} million"


def fixed(places: int):
    return lambda value: (f"{value:.{places}f}", spoken(f"{value:.{places}f}"))


FORMATS = {
    "count": lambda value: (f"{int(value):,}", str(int(value))),
    "bytes": lambda value: unit(f"{int(value):,}", "bytes", "bytes"),
    "hexbytes": lambda value: unit(str(len(value) // 2), "bytes", "bytes"),
    "ms": milliseconds,
    "seconds": seconds,
    "sci": scientific,
    "factor": factor,
    "times": lambda value: tuple(f"{text} times" for text in factor(value)),
    "millions": millions,
    "fixed1": fixed(1), "fixed2": fixed(2), "fixed3": fixed(3),
    "tail": lambda value: FORMATS["count"](int(value.rsplit("_", 1)[1])),  # prove_65536 -> 65,536
    "superscript": lambda value: (str(int(value)).translate(SUPERSCRIPTS), f"to the {int(value)}"),
    "cpu": lambda value: (re.sub(r"\(R\)| Processor", "", value),) * 2,
    "text": lambda value: (str(value), str(value)),
}


class Figures:
    """Named sources of figures (or what reads them); a placeholder's path is a source's name and keys from there on."""

    def __init__(self, sources: dict):
        self.sources = sources
        self.used: dict[str, str] = {}

    def value(self, path: str):
        here = self.sources
        for key in path.split("."):
            if here is self.sources and callable(here.get(key)):
                here[key] = here[key]()  # read when first asked for
            if isinstance(here, list) and key.isdigit() and int(key) < len(here):
                here = here[int(key)]
            elif isinstance(here, dict) and key in here:
                here = here[key]
            else:
                have = ", ".join(sorted(here)) if isinstance(here, dict) else type(here).__name__
                raise FigureError(f"no figure {path!r}: {key!r} is not among {have[:300]}")
        return here

    def fill(self, text: str) -> tuple[str, str]:
        """The text as shown and as spoken."""
        both = ["", ""]
        position = 0
        for match in PLACEHOLDER.finditer(text):
            path, _, name = match[1].partition("|")
            value = self.value(path.strip())
            make = FORMATS.get(name.strip() or "text")
            if make is None:
                raise FigureError(f"{match[0]}: no format {name!r}; there are {', '.join(sorted(FORMATS))}")
            try:
                forms = make(value)
            except (TypeError, ValueError, ZeroDivisionError) as error:
                raise FigureError(f"{match[0]}: the value {value!r} has no form {name!r} ({error})") from error
            self.used[path.strip()] = forms[0]
            for i in (0, 1):
                both[i] += text[position:match.start()] + forms[i]
            position = match.end()
        return both[0] + text[position:], both[1] + text[position:]


def read(path: pathlib.Path) -> dict:
    """A JSON file, or one clear error."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise FigureError(f"{path}: cannot be read ({error})") from error


def benchmarks(folder: pathlib.Path, names: list[str]) -> dict:
    """Rows of several files of `latentledger bench --json` by name, and the machine of the first. A row with a peer has its ratio ours / peer's."""
    result: dict = {}
    for name in names:
        file = read(folder / f"{name}.json")["result"]
        result.setdefault("machine", file["machine"])
        result.setdefault("peer", file["peer"])
        for row in file["results"]:
            result.setdefault(row["name"], row)
    return result
