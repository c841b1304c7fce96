#!/usr/bin/env python3
"""Builds the slides: out/slides/index.html (one file, works without a network) and out/slides/latentledger.pdf.

    demo/slides/build.py                                         from out/demo/report.json; runs `latentledger demo` first if there is none
    demo/slides/build.py --report RUN/report.json -o talk        from another run, into another folder
    demo/slides/build.py --no-pdf                                without a browser

Needs reveal.js, the Typst compiler (charts) and Chromium (PDF): ./setup.sh --with-docs. slides.md holds {{name}} for a figure of tools/figures.py and
{{chart:name}} for a chart of docs/summary/charts.typ; a name that is not there fails the build. Keys in the browser: S speaker notes, F full screen,
Esc overview.
"""
from __future__ import annotations

import argparse
import base64
import html
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
sys.dont_write_bytecode = True
import figures  # noqa: E402

SUMMARY = figures.module_at(ROOT / "docs" / "summary" / "build.py", "summary_build")
HERE = pathlib.Path(__file__).resolve().parent
REVEAL = SUMMARY.DEPS / "reveal"
CHARTS = {
    "idea": "the vector before plus a multiple of a difference of two directions is the vector after",
    "training": "loss by training step, of each step and of the worst held-out set",
    "errors": "share of transfers by decade of their additive error: integers exactly 0, float64 and float32 rounding",
    "times": "how many times as fast as Rust halo2, for three circuits, MSM and NTT, on each machine",
    "sizes": "time of one proof against the number of constraints, ours and Rust halo2, on each machine",
}
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>LatentLedger</title><meta name="viewport" content="width=device-width, initial-scale=1">
<style>%(styles)s</style></head>
<body><div class="reveal"><div class="slides"><section data-markdown data-separator="^\\n---\\n$" data-separator-notes="^Note:"><textarea data-template>
%(markdown)s
</textarea></section></div></div>
%(scripts)s
<script>
Reveal.initialize({ width: 1280, height: 720, margin: 0.03, center: false, hash: true, slideNumber: "c/t", controls: false, transition: "none",
  pdfSeparateFragments: false, plugins: [RevealMarkdown, RevealNotes] });
</script></body></html>
"""


def chart(typst, inputs: dict[str, str], name: str) -> str:
    svg = SUMMARY.compiled(typst, HERE / "chart.typ", inputs | {"chart": name}, "svg")
    data = base64.b64encode(svg if isinstance(svg, bytes) else svg.encode()).decode()
    return f'<img class="chart{" wide" if name == "idea" else ""}" alt="{html.escape(CHARTS[name])}" src="data:image/svg+xml;base64,{data}">'


def filled(source: pathlib.Path, text: dict[str, str], draw) -> str:
    """slides.md with every placeholder replaced."""
    lines = []
    for number, line in enumerate(source.read_text(encoding="utf-8").splitlines(), 1):

        def value(match: re.Match) -> str:
            name = match[1].strip()
            if name.startswith("chart:"):
                if name[6:] not in CHARTS:
                    raise figures.FigureError(f"{source.name}, line {number}: no chart {{{{{name}}}}}; there are {', '.join(CHARTS)}")
                return draw(name[6:])
            if name not in text:
                raise figures.FigureError(f"{source.name}, line {number}: no figure {{{{{name}}}}}; tools/figures.py lists those there are")
            return html.escape(text[name], quote=False)

        line = re.sub(r"\{\{([^{}]*)\}\}", value, line)
        if "{{" in line or "}}" in line:
            raise figures.FigureError(f"{source.name}, line {number}: a placeholder that does not end: {line.strip()[:60]}")
        lines.append(line)
    return "\n".join(lines)


def part(name: str) -> str:
    path = REVEAL / name
    if not path.exists():
        raise figures.FigureError(f"{path}: no such file; ./setup.sh --with-docs installs reveal.js")
    return path.read_text(encoding="utf-8")


def page(markdown: str) -> str:
    # The map of a style sheet would be looked for beside the page.
    styles = "\n".join([re.sub(r"/\*# sourceMappingURL=.*?\*/", "", part(name)) for name in ("reset.css", "reveal.css", "white.css")] + [(HERE / "slides.css").read_text(encoding="utf-8")])
    scripts = "\n".join("<script>%s</script>" % re.sub(r"//# sourceMappingURL=.*", "", part(name)).replace("</script", "<\\/script") for name in ("reveal.js", "markdown.js", "notes.js"))
    return PAGE % {"styles": styles, "markdown": html.escape(markdown, quote=False), "scripts": scripts}


def browser() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if shutil.which(name):
            return name
    raise figures.FigureError("no Chromium for the PDF: ./setup.sh --with-docs installs it; --no-pdf does without")


def printed(index: pathlib.Path) -> bytes:
    """The slides as Chromium prints them, a page each. The dates that it writes are made all the same."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "slides.pdf"
        # reveal.js lays pages out over several frames, and a browser without a window draws none before it prints.
        paged = pathlib.Path(folder) / "slides.html"
        paged.write_text(index.read_text(encoding="utf-8").replace("<head>", "<head><script>requestAnimationFrame = (then) => setTimeout(then, 0);</script>", 1), encoding="utf-8")
        command = [browser(), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                   f"--user-data-dir={folder}/profile", "--virtual-time-budget=20000", "--no-pdf-header-footer", f"--print-to-pdf={out}", f"{paged.as_uri()}?print-pdf"]
        run = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
        if run.returncode != 0 or not out.exists():
            raise figures.FigureError(f"{command[0]} printed no PDF (exit code {run.returncode}): {run.stderr.strip()[-300:]}")
        return re.sub(rb"/(CreationDate|ModDate) \(D:\d{14}", rb"/\1 (D:19700101000000", out.read_bytes())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--report", type=pathlib.Path, help="report.json of a `latentledger demo` run [out/demo/report.json]")
    parser.add_argument("--latentledger", type=pathlib.Path, default=ROOT / "build" / "release" / "latentledger", help="the binary, to run the demonstration with")
    parser.add_argument("--slides", type=pathlib.Path, default=HERE / "slides.md", help="the text [demo/slides/slides.md]")
    parser.add_argument("-o", "--output", type=pathlib.Path, default=ROOT / "out" / "slides", help="folder to write")
    parser.add_argument("--no-pdf", action="store_true", help="write index.html only")
    arguments = parser.parse_args()
    try:
        typst = SUMMARY.typst_module()
        report = figures.report_or_demo(arguments.report or ROOT / "out" / "demo" / "report.json", arguments.latentledger, given=arguments.report is not None)
        collected = figures.collect(report)
        inputs = {"figures": json.dumps(collected, ensure_ascii=False, sort_keys=True)}
        markdown = filled(arguments.slides, collected["text"], lambda name: chart(typst, inputs, name))
        index = arguments.output / "index.html"
        figures.write_whole(index, page(markdown).encode())
        print(index, flush=True)
        if not arguments.no_pdf:
            figures.write_whole(arguments.output / "latentledger.pdf", printed(index))
            print(arguments.output / "latentledger.pdf")
    except (figures.FigureError, OSError) as error:
        sys.exit(f"demo/slides/build.py: {error}")


if __name__ == "__main__":
    main()
