#!/usr/bin/env python3
"""report.html of a real run, in a real browser: e2e_report.py FOLDER_OF_A_DEMO [SCREENSHOTS]

Headless Chromium loads the page in light, in dark and as wide as a phone: no message on its console, every chart has marks, every figure is what
report.json says, nothing is wider than the window, everything has a name for a screen reader. SCREENSHOTS: a folder for pictures of the page.
"""
import html.parser
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SKIP = 77
CHARTS = {"chart-state-before": "rect", "chart-state-after": "rect", "chart-transfers": "path", "chart-training": "path", "chart-errors": "rect",
          "chart-stages": "rect", "chart-peers": "rect"}
# Chromium has no window as narrow as a phone, but a frame may be: the page in it is then shown as if it were the whole document.
FRAME = """<!doctype html><body style="margin:0"><iframe id="frame" style="border:0;width:%dpx;height:%dpx"></iframe><script>
const frame = document.getElementById("frame"), whole = %s;
if (whole) frame.addEventListener("load", () => setTimeout(() => {
  const page = frame.contentDocument.documentElement;
  document.documentElement.setAttribute("data-probe", page.getAttribute("data-probe"));
  document.documentElement.innerHTML = page.innerHTML;
}, 1000));
frame.srcdoc = %s;
</script></body>"""
# What the page cannot say about itself: how wide it is, what the keyboard does, and which errors nobody caught.
PROBE = """<script>
addEventListener("load", () => {
  const probe = { width: document.documentElement.scrollWidth, window: innerWidth, keys: [] };
  const cells = document.querySelectorAll("#chart-state-after .cell");
  cells[0].focus();
  for (const key of ["ArrowRight", "ArrowRight", "ArrowLeft"]) {
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    probe.keys.push([...cells].indexOf(document.activeElement));
  }
  probe.wide = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll, .formula"))
    .map((e) => `${e.tagName} ${e.closest("[id]")?.id} ${e.textContent.slice(0, 40)}`).slice(0, 5);
  probe.reading = document.querySelector("#chart-state-after .reading").textContent;
  document.documentElement.setAttribute("data-probe", JSON.stringify(probe));
});
</script>"""


class Page(html.parser.HTMLParser):
    """Elements with their attributes and text, charts with their marks."""

    VOID = {"meta", "link", "br", "hr", "img", "input"}

    def __init__(self, text):
        super().__init__()
        self.stack, self.figures, self.marks, self.images, self.tables, self.probe = [], [], {}, [], 0, None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        if "data-probe" in a:
            self.probe = json.loads(a["data-probe"])
        if "data-figure" in a:
            self.figures.append([a["data-figure"], a.get("data-value"), ""])
        if tag == "svg":
            self.images.append(a)
        if tag == "table":
            self.tables += 1
        for open_tag, open_attributes, _ in self.stack:
            if open_attributes.get("id") in CHARTS and tag == CHARTS[open_attributes["id"]]:
                self.marks[open_attributes["id"]] = self.marks.get(open_attributes["id"], 0) + 1
        if tag not in self.VOID:
            self.stack.append((tag, a, len(self.figures) - 1 if "data-figure" in a else None))

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, data):
        for _, _, figure in self.stack:
            if figure is not None:
                self.figures[figure][2] += data


def browser():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if shutil.which(name):
            return name
    return None


def load(program, page, width, height, *more, screenshot=None):
    """The page after its scripts have run, and what the console said."""
    with tempfile.TemporaryDirectory() as profile:
        command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr", "--virtual-time-budget=5000",
                   f"--user-data-dir={profile}", f"--window-size={width},{height}", *more]
        command += [f"--screenshot={screenshot}"] if screenshot else ["--dump-dom"]
        run = subprocess.run([*command, page.as_uri()], capture_output=True, text=True, timeout=120, check=True)
    return run.stdout, [line for line in run.stderr.splitlines() if "CONSOLE" in line]


def framed(page, width, height, whole):
    out = page.with_name(f"{page.stem}-{width}.html")
    text = json.dumps(page.read_text()).replace("</", "<\\/")
    out.write_text(FRAME % (width, height, str(whole).lower(), text))
    return out


def value_at(report, path):
    for key in path.split("."):
        report = report[key]
    return report


def shown_number(text):
    """The number in a text of the page."""
    match = re.search(r"[−-]?[\d,]+(\.\d+)?(e[+−-]?\d+)?", text)
    return float(match[0].replace(",", "").replace("−", "-")) if match else None


def check_page(dom, console, report, width):
    assert not console, console
    page = Page(dom)
    for chart in CHARTS:
        assert page.marks.get(chart, 0) > 0, f"{chart} is empty"
    assert page.marks["chart-state-after"] == len(report["charts"]["state"]["after"])
    assert len(page.images) == len(CHARTS), len(page.images)
    assert all(len(image.get("aria-label", "")) > 20 for image in page.images), page.images
    assert len(page.figures) > 35, len(page.figures)
    for path, value, text in page.figures:
        expected = value_at(report, path)
        assert value == str(expected) or float(value) == float(expected), (path, value, expected)
        number = shown_number(text)
        if isinstance(expected, (int, float)) and "min" not in text and "MiB" not in text:
            scale = 1000 if path.endswith("_ms") and text.endswith(" s") else 1
            assert abs(number * scale - expected) <= 0.06 * abs(expected), (path, text, expected)
    probe = page.probe
    assert probe["width"] <= probe["window"] == width and not probe["wide"], probe
    assert probe["keys"] == [1, 2, 1] and probe["reading"].startswith("Account 1:"), probe


def main():
    told = pathlib.Path(sys.argv[1]).resolve()
    pictures = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
    program = browser()
    if program is None:
        print("SKIPPED: no Chromium here (./setup.sh --with-browser)")
        sys.exit(SKIP)
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        page, report = told / "report.html", json.loads((told / "report.json").read_text())
        text = page.read_text()
        assert len(text) < 2 << 20, len(text)
        outside = re.findall(r"""(?:src|href)\s*=\s*["'](?!#)[^"']*|url\([^)]*\)|@import""", text.split('<script id="report"')[0])
        assert not outside, outside
        probed = work / "probed.html"
        probed.write_text(text.replace("</body>", PROBE + "</body>"))
        for name, width, height, more in (("light", 1200, 900, ()), ("dark", 1200, 900, ("--blink-settings=preferredColorScheme=0",)), ("phone", 390, 844, ())):
            check_page(*load(program, framed(probed, width, height, True), max(width, 500), height, *more), report, width)
            print(f"ok  {name}", flush=True)
            if pictures:
                pictures.mkdir(parents=True, exist_ok=True)
                tall = 5200 if width > 400 else 6600
                load(program, framed(page, width, tall, False), max(width, 500), tall, *more, screenshot=pictures.resolve() / f"{name}.png")
        # The test can fail: a page whose charts are not drawn, or whose report is another one's.
        broken = work / "broken.html"
        broken.write_text(probed.read_text().replace("\n  transfersChart();", "\n  missing();"))
        try:
            check_page(*load(program, broken, 1200, 900), report, 1200)
        except (AssertionError, KeyError, TypeError):
            print("ok  a page with an error in its script is noticed")
        else:
            sys.exit("a page whose charts are missing passed")


if __name__ == "__main__":
    main()
