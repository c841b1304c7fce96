#!/usr/bin/env python3
"""Builds the technical summary: out/docs/latentledger-summary.pdf.

    docs/summary/build.py                                        from out/demo/report.json; runs `latentledger demo` first if there is none
    docs/summary/build.py --report RUN/report.json               from another run
    docs/summary/build.py --png out/docs/pages                   also each page as a picture

Needs the Typst compiler (./setup.sh --with-docs). The same report and benchmarks give the same bytes: fonts are those of the compiler, and the file
holds no date. Every figure comes from tools/figures.py.
"""
from __future__ import annotations

import argparse
import json
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
sys.dont_write_bytecode = True
import figures  # noqa: E402

DEPS = pathlib.Path(os.environ.get("LATENTLEDGER_DEPS", ROOT / ".deps"))


def typst_module():
    """The compiler of ./setup.sh --with-docs, in whatever Python this runs."""
    try:
        import typst
    except ImportError:
        python = DEPS / "paper-venv" / "bin" / "python"
        if pathlib.Path(sys.prefix) == python.parent.parent or not python.exists():
            raise figures.FigureError("no Typst compiler: ./setup.sh --with-docs installs it") from None
        os.execv(python, [str(python), *sys.argv])
    return typst


def compiled(typst, source: pathlib.Path, inputs: dict[str, str], kind: str = "pdf", **more):
    """The document; a warning of the compiler is an error."""
    try:
        content, warnings = typst.compile_with_warnings(str(source), root=str(ROOT), ignore_system_fonts=True, sys_inputs=inputs, format=kind, **more)
    except typst.TypstError as error:
        raise figures.FigureError(f"{source.relative_to(ROOT)}: {error.diagnostic or error.message}") from None
    if warnings:
        raise figures.FigureError("\n".join(f"{source.relative_to(ROOT)}: warning: {warning.message}" for warning in warnings))
    return content


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--report", type=pathlib.Path, help="report.json of a `latentledger demo` run [out/demo/report.json]")
    parser.add_argument("--latentledger", type=pathlib.Path, default=ROOT / "build" / "release" / "latentledger", help="the binary, to run the demonstration with")
    parser.add_argument("-o", "--output", type=pathlib.Path, default=ROOT / "out" / "docs" / "latentledger-summary.pdf", help="file to write")
    parser.add_argument("--png", type=pathlib.Path, metavar="FOLDER", help="also write page-1.png, page-2.png, ...")
    arguments = parser.parse_args()
    try:
        typst = typst_module()
        report = figures.report_or_demo(arguments.report or ROOT / "out" / "demo" / "report.json", arguments.latentledger, given=arguments.report is not None)
        inputs = {"figures": json.dumps(figures.collect(report), ensure_ascii=False, sort_keys=True)}
        source = ROOT / "docs" / "summary" / "summary.typ"
        figures.write_whole(arguments.output, compiled(typst, source, inputs, timestamp=0))
        print(arguments.output)
        if arguments.png:
            pages = compiled(typst, source, inputs, "png", ppi=110.0)
            for number, page in enumerate(pages if isinstance(pages, list) else [pages], 1):
                figures.write_whole(arguments.png / f"page-{number}.png", page)
                print(arguments.png / f"page-{number}.png")
    except (figures.FigureError, OSError) as error:
        sys.exit(f"docs/summary/build.py: {error}")


if __name__ == "__main__":
    main()
