#!/usr/bin/env python3
"""The site of docs/: made in strict mode, looked at in a browser as its readers do.   docs_site.py SOURCE_FOLDER DEPS_FOLDER [SCREENSHOTS]

Nothing in it comes from a network. Headless Chromium opens every page from the disk, as wide as a desk and as a phone, in light and in dark: no message
on the console, nothing wider than the window, every picture there; and the search finds what stands on the pages. Exit 77: no MkDocs or no Chromium.
"""
import html
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SKIP = 77
# Opens the pages one after the other in a frame, as Chromium has no window as narrow as a phone, and keeps what it sees in an attribute.
PROBE = """<!doctype html><title>probe</title><body style="margin:0"><iframe id="frame" style="border:0;width:%(width)dpx;height:900px"></iframe><script>
const pages = %(pages)s, words = %(words)s, seen = [], frame = document.getElementById("frame");
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const load = (page) => new Promise((done) => { frame.onload = done; frame.src = page; });
(async () => {
  for (const page of pages) {
    await load(page);
    await pause(200);
    const root = frame.contentDocument, view = frame.contentWindow;
    const wide = [...root.querySelectorAll("article *")].filter((e) => e.getBoundingClientRect().right > view.innerWidth + 1
      && !e.closest("pre, figure.picture, .md-typeset__scrollwrap, .md-typeset__table, table"));
    seen.push({ page, width: root.documentElement.scrollWidth, window: view.innerWidth, title: root.querySelector("article h1")?.textContent || "",
      wide: wide.slice(0, 3).map((e) => `${e.tagName} ${e.textContent.slice(0, 60)}`),
      images: [...root.images].filter((i) => !i.complete || !i.naturalWidth).map((i) => i.src),
      pictures: root.querySelectorAll("figure.picture svg").length,
      ground: view.getComputedStyle(root.body).backgroundColor });
  }
  const found = {};
  for (const word of words) {
    await load("index.html");
    const root = frame.contentDocument, field = root.querySelector(".md-search__input");
    field.focus();
    field.value = word;
    field.dispatchEvent(new Event("keyup", { bubbles: true }));
    field.dispatchEvent(new Event("input", { bubbles: true }));
    for (let n = 0; n < 50 && !root.querySelector(".md-search-result__link"); ++n) await pause(100);
    found[word] = [...root.querySelectorAll(".md-search-result__link")].map((a) => a.getAttribute("href"));
  }
  document.body.setAttribute("data-probe", JSON.stringify({ seen, found }));
})();
</script></body>"""


def browser() -> str | None:
    return next((name for name in ("chromium", "chromium-browser", "google-chrome") if shutil.which(name)), None)


def chromium(program: str, page: pathlib.Path, width: int, height: int, *more: str) -> tuple[str, list[str]]:
    """The page after its scripts have run, and what the console said."""
    with tempfile.TemporaryDirectory() as profile:
        run = subprocess.run([program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-background-networking",
                              "--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--allow-file-access-from-files",
                              "--virtual-time-budget=120000", f"--user-data-dir={profile}", f"--window-size={width},{height}", *more, page.as_uri()],
                             capture_output=True, text=True, timeout=240, check=True)
    return run.stdout, [line for line in run.stderr.splitlines() if "CONSOLE" in line]


def build(source: pathlib.Path, deps: pathlib.Path, to: pathlib.Path) -> subprocess.CompletedProcess:
    return subprocess.run([source / "docs" / "build.sh", to], env=os.environ | {"LATENTLEDGER_DEPS": str(deps)}, capture_output=True, text=True, check=False)


def bytes_of(folder: pathlib.Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def nothing_comes_from_a_network(site: pathlib.Path) -> None:
    for page in site.rglob("*.html"):
        for tag in re.findall(r"<(?:script|link|img|iframe|source|use)\b[^>]*>", page.read_text(encoding="utf-8")):
            assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", tag), (page, tag)
    for sheet in site.rglob("*.css"):
        assert not re.search(r"url\(\s*[\"']?(?:https?:)?//|@import", sheet.read_text(encoding="utf-8")), sheet
    print("ok  nothing comes from a network")


def a_broken_link_fails(source: pathlib.Path, deps: pathlib.Path, work: pathlib.Path) -> None:
    tree = work / "tree"
    tree.mkdir()
    for entry in source.iterdir():
        if entry.name in ("docs", "tools", "mkdocs.yml"):
            (shutil.copytree if entry.is_dir() else shutil.copy)(entry, tree / entry.name)
        elif entry.name not in ("build", "out", ".git", ".deps"):
            (tree / entry.name).symlink_to(entry)
    for text, why in (("[gone](gone.md)", "gone.md"), ("[gone](../tools/gone.py)", "gone.py"), ("[gone](faq.md#gone)", "#gone")):
        page = tree / "docs" / "glossary.md"
        page.write_text((source / "docs" / "glossary.md").read_text(encoding="utf-8") + f"\n{text}\n", encoding="utf-8")
        run = build(tree, deps, work / "broken")
        assert run.returncode != 0 and why in run.stderr and not (work / "broken").exists(), run
    print("ok  a broken link fails, inside docs/, out of it, and to a heading")


def looked_at(program: str, site: pathlib.Path, width: int, *more: str) -> dict:
    pages = sorted(str(path.relative_to(site)) for path in site.rglob("*.html") if path.name not in ("404.html", "probe.html"))
    probe = site / "probe.html"
    probe.write_text(PROBE % {"width": width, "pages": json.dumps(pages), "words": json.dumps(["overdraft", "SHPLONK"])}, encoding="utf-8")
    dom, console = chromium(program, probe, max(width, 500), 900, *more, "--dump-dom")
    probe.unlink()
    assert not console, console[:5]
    match = re.search(r'data-probe="([^"]*)"', dom)
    assert match, "the pages were not all opened in time"
    result = json.loads(html.unescape(match[1]))
    assert [entry["page"] for entry in result["seen"]] == pages
    for entry in result["seen"]:
        assert entry["title"] and entry["window"] == width and entry["width"] <= width and not entry["wide"] and not entry["images"], entry
    assert sum(entry["pictures"] for entry in result["seen"]) >= 6
    for word, links in result["found"].items():
        assert links, f"the search finds no {word}"
    return result


def main() -> None:
    source, deps = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    pictures = pathlib.Path(sys.argv[3]).resolve() if len(sys.argv) > 3 else None
    if not (deps / "docs-venv" / "bin" / "mkdocs").exists() or not (deps / "docs-search" / "node_modules").exists():
        print("SKIPPED: no MkDocs here (./setup.sh --with-docs)")
        sys.exit(SKIP)
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        site = work / "site"
        run = build(source, deps, site)
        assert run.returncode == 0, run.stdout + run.stderr
        print("ok  made in strict mode")
        assert build(source, deps, work / "again").returncode == 0 and bytes_of(site) == bytes_of(work / "again"), "two builds differ"
        print("ok  made again, the same bytes")
        nothing_comes_from_a_network(site)
        a_broken_link_fails(source, deps, work)
        program = browser()
        if program is None:
            print("SKIPPED: no Chromium here (./setup.sh --with-browser)")
            sys.exit(SKIP)
        grounds = set()
        for name, width, more in (("desk, light", 1280, ()), ("phone, dark", 390, ("--blink-settings=preferredColorScheme=0",))):
            result = looked_at(program, site, width, *more)
            grounds.add(result["seen"][0]["ground"])
            print(f"ok  {name}: {len(result['seen'])} pages; search: {', '.join(f'{word} {len(links)}' for word, links in result['found'].items())}")
        assert len(grounds) == 2, grounds
        if pictures:
            pictures.mkdir(parents=True, exist_ok=True)
            for page in ("index", "concepts", "quick-start", "byte-orders", "cli-reference", "training"):
                for name, more in (("light", ()), ("dark", ("--blink-settings=preferredColorScheme=0",))):
                    chromium(program, site / f"{page}.html", 1280, 1600, *more, f"--screenshot={pictures / f'{page}-{name}.png'}")


if __name__ == "__main__":
    main()
