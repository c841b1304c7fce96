#!/usr/bin/env python3
"""The slides in a real browser: slides.py SOURCE_FOLDER REPORT.json DEPS_FOLDER

Built, loaded by headless Chromium from a file, slide by slide: no message on the console, nothing from outside the page, 12 to 16 slides with notes, no
slide larger than its frame, no picture that is broken, the report's figures; the PDF has a page a slide. A placeholder that nothing fills fails the build.
"""
import html
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SKIP = 77
PROBE = """<script>
Reveal.on("ready", () => {
  const probe = [];
  for (let slide = 0; slide < Reveal.getTotalSlides(); ++slide) {
    Reveal.slide(slide);
    const section = Reveal.getCurrentSlide(), frame = section.getBoundingClientRect(), scale = Reveal.getScale();
    const past = [...section.querySelectorAll("*")].filter((e) => !e.closest("aside"))
      .map((e) => { const box = e.getBoundingClientRect(); return [e, (box.right - frame.left) / scale, (box.bottom - frame.top) / scale]; });
    probe.push({ title: section.querySelector("h1, h2")?.textContent, height: section.scrollHeight, width: section.scrollWidth,
      right: Math.max(...past.map((p) => p[1])), bottom: Math.max(...past.map((p) => p[2])),
      clipped: [...section.querySelectorAll("pre, code, td")].filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0).map((e) => e.textContent.slice(0, 40)),
      images: [...section.querySelectorAll("img")].map((e) => [e.alt.length, e.naturalWidth, e.getBoundingClientRect().width / scale]),
      notes: (Reveal.getSlideNotes(section) || "").length, text: section.innerText });
  }
  document.documentElement.setAttribute("data-probe", JSON.stringify(probe));
});
</script></body>"""


def browser():
    return next((name for name in ("chromium", "chromium-browser", "google-chrome") if shutil.which(name)), None)


def build(source, python, report, out, *more):
    return subprocess.run([python, source / "demo" / "slides" / "build.py", "--report", report, "-o", out, *more], capture_output=True, text=True, timeout=400, check=False)


def load(program, page):
    """What the probe found, and what the console said."""
    with tempfile.TemporaryDirectory() as profile:
        command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                   "--enable-logging=stderr", "--virtual-time-budget=8000", f"--user-data-dir={profile}", "--window-size=1280,800", "--dump-dom", page.as_uri()]
        run = subprocess.run(command, capture_output=True, text=True, timeout=180, check=True)
    found = re.search(r'data-probe="([^"]*)"', run.stdout)
    return json.loads(html.unescape(found[1])) if found else None, [line for line in run.stderr.splitlines() if "CONSOLE" in line]


def with_probe(page):
    """The speaker view's script holds a page of its own, so the last end of the body counts."""
    return PROBE.join(page.rsplit("</body>", 1))


def check(slides, console):
    assert not console, console
    assert slides and 12 <= len(slides) <= 16, slides and len(slides)
    for number, slide in enumerate(slides, 1):
        where = f"slide {number} ({slide['title']})"
        assert slide["title"], where
        assert slide["height"] <= 720 and slide["width"] <= 1280, (where, slide["height"], slide["width"])
        assert slide["right"] <= 1280 - 20 and slide["bottom"] <= 720 - 10, (where, slide["right"], slide["bottom"])
        assert not slide["clipped"], (where, slide["clipped"])
        assert all(alt > 20 and natural > 50 and shown > 200 for alt, natural, shown in slide["images"]), (where, slide["images"])
        assert slide["notes"] > 3, where
        assert "{{" not in slide["text"], where


def main():
    source, report_file, deps = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
    python, program = deps / "paper-venv" / "bin" / "python", browser()
    for there, what in ((python.exists(), "Typst compiler"), ((deps / "reveal" / "reveal.js").exists(), "reveal.js"), (program, "Chromium")):
        if not there:
            print(f"SKIPPED: no {what} here (./setup.sh --with-docs)")
            sys.exit(SKIP)
    report = json.loads(report_file.read_text())
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        run = build(source, python, report_file, work / "slides")
        assert run.returncode == 0 and not run.stderr, run.stderr
        page = (work / "slides" / "index.html").read_text()
        assert len(page) < 3 << 20, len(page)
        outside = re.findall(r"""<(?:link|script|img|iframe)[^>]*(?:src|href)\s*=\s*["'](?!data:)[^"']*|url\((?!data:|["']?data:)[^)]*\)|@import [^;]*""", re.sub(r"<script>.*?</script>", "", page, flags=re.S))
        assert not outside, outside[:5]
        probed = work / "probed.html"
        probed.write_text(with_probe(page))
        slides, console = load(program, probed)
        check(slides, console)
        print(f"ok  {len(slides)} slides, none larger than its frame, silent console, notes on each")

        text = " ".join(slide["text"] for slide in slides).replace("\N{NO-BREAK SPACE}", " ")
        bench = {row["name"]: row for row in json.loads((source / "docs" / "benchmarks" / "xeon-ifma.json").read_text())["result"]["results"]}
        for figure in (f"{report['setup']['proof_bytes']} bytes", f"{report['train']['parameters']:,}", f"{report['train']['steps']:,} steps", report["setup"]["vk_digest"][:16],
                       f"{bench['circuit_update']['peer_value'] / bench['circuit_update']['value']:.2g} times", f"{bench['prove_256']['value'] * 1e3:.3g} ms"):
            assert figure in text, figure
        assert sum(len(slide["images"]) for slide in slides) == 5
        print("ok  figures are the report's and the benchmarks'")

        pages = int(subprocess.run([python, "-c", "import pypdf, sys; print(len(pypdf.PdfReader(sys.argv[1]).pages))", work / "slides" / "latentledger.pdf"],
                                   capture_output=True, text=True, check=True).stdout)
        assert pages == len(slides), (pages, len(slides))
        print(f"ok  PDF of {pages} pages")

        run = build(source, python, report_file, work / "again", "--no-pdf")
        assert run.returncode == 0 and (work / "again" / "index.html").read_text() == page, "two builds from one report differ"
        original = (source / "demo" / "slides" / "slides.md").read_text()
        for wrong, named in (("{{no_such_figure}}", "no_such_figure"), ("{{chart:none}}", "chart:none"), ("{{batch", "does not end")):
            (work / "wrong.md").write_text(f"{original}\n{wrong}\n")
            run = build(source, python, report_file, work / "wrong", "--no-pdf", "--slides", work / "wrong.md")
            assert run.returncode == 1 and run.stderr.count("\n") == 1 and named in run.stderr and f"line {len(original.splitlines()) + 2}" in run.stderr, run.stderr
            assert not (work / "wrong" / "index.html").exists()
        print("ok  the same bytes again; a placeholder that nothing fills fails the build")

        # The test can fail: a slide with too much on it, an error in a script.
        for change in (("## The problem", "## The problem\n\n" + "- more\n" * 30), ("Reveal.initialize", "missing(); Reveal.initialize")):
            probed.write_text(with_probe(page.replace(*change)))
            try:
                check(*load(program, probed))
            except AssertionError:
                continue
            sys.exit(f"slides that are broken passed: {change[0]}")
        print("ok  a slide that overflows and an error in a script are noticed")


if __name__ == "__main__":
    main()
