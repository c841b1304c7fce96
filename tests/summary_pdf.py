#!/usr/bin/env python3
"""The technical summary: summary_pdf.py SOURCE_FOLDER REPORT.json DEPS_FOLDER

Built twice from one report: four to six pages, no warning of the compiler, the same bytes, every key figure as the report and the benchmarks have it, no
page that is empty. A report without a key is refused by one line that names file and key.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

SKIP = 77
MACHINES = {"xeon-ifma.json": ("circuit_update", "circuit_gates_18", "msm_17"), "xeon-ifma-long.json": ("size_8M",)}


def build(source, python, report, out):
    return subprocess.run([python, source / "docs" / "summary" / "build.py", "--report", report, "-o", out], capture_output=True, text=True, timeout=300, check=False)


def three(value):
    """Three significant digits, found by another way than tools/figures.py finds them."""
    text = f"{value:#.3g}"
    return f"{float(text):,.0f}" if "e" in text or text.endswith(".") else text


def power(value):
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}·10{''.join(dict(zip('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))[digit] for digit in str(int(exponent)))}"


def expected(source, report):
    """Key figures as they must stand in the text."""
    train, passes = report["train"], report["evaluate"]["passes"]
    found = {
        "parameters": f"{train['parameters']:,} parameters", "steps": f"{train['steps']:,} steps", "transfers": f"{report['evaluate']['transfers']:,} transfers",
        "bytes": f"{report['setup']['proof_bytes']} bytes", "float32 largest": power(passes["float32"]["max_abs"]), "float64 mean": power(passes["float64"]["mean_abs"]),
        "worst condition": f"condition {train['heldout']['condition']:.4g}" if train["heldout"]["condition"] < 1000 else "condition",
        "prove": f"{three(report['prove']['prove_ms'])} ms" if report["prove"]["prove_ms"] < 1000 else f"{three(report['prove']['prove_ms'] / 1e3)} s",
        "verify": f"{three(report['verify']['verify_ms'])} ms", "key": report["setup"]["vk_digest"][:16], "batch proved": f"{report['prove']['transfers']} transfers",
    }
    for file, names in MACHINES.items():
        rows = {row["name"]: row for row in json.loads((source / "docs" / "benchmarks" / file).read_text())["result"]["results"]}
        for name in names:
            row = rows[name]
            for side in ("value", "peer_value"):
                seconds = row[side] * {"s": 1, "ms": 1e-3}[row["unit"]]
                found[f"{name} {side}"] = f"{three(seconds * 1e3)} ms" if seconds < 1 else f"{three(seconds)} s"
    return found


def main():
    source, report_file, deps = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
    python = deps / "paper-venv" / "bin" / "python"
    if not python.exists():
        print(f"SKIPPED: no Typst compiler in {deps / 'paper-venv'} (./setup.sh --with-docs)")
        sys.exit(SKIP)
    report = json.loads(report_file.read_text())
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        for name in ("first.pdf", "again.pdf"):
            run = build(source, python, report_file, work / name)
            assert run.returncode == 0 and not run.stderr, run.stderr
        assert (work / "first.pdf").read_bytes() == (work / "again.pdf").read_bytes(), "two builds from one report differ"
        print("ok  the same bytes, no warning")

        read = "import json, pypdf, sys; print(json.dumps([page.extract_text() for page in pypdf.PdfReader(sys.argv[1]).pages]))"
        pages = json.loads(subprocess.run([python, "-c", read, work / "first.pdf"], capture_output=True, text=True, check=True).stdout)
        assert 4 <= len(pages) <= 6, f"{len(pages)} pages"
        assert all(len(page) > 800 for page in pages), [len(page) for page in pages]
        print(f"ok  {len(pages)} pages")

        text = re.sub(r"\s+", " ", " ".join(pages).replace("\N{NO-BREAK SPACE}", " "))
        for name, figure in expected(source, report).items():
            assert figure in text, f"{name}: {figure} is not in the text"
        for word in ("Theorem 1", "Theorem 2", "Theorem 3", "2019/953", "2020/081", "Figure 5", "Table 6", "References"):
            assert word in text, word
        assert not re.search(r"#f\.|\bnone\b\)|/tmp/|/home/", text)
        print(f"ok  {len(expected(source, report))} figures are the report's and the benchmarks'")

        for key in ("train.heldout.condition", "evaluate.passes.float64.max_abs", "charts.errors.first_decade", "setup.vk_digest"):
            broken = json.loads(json.dumps(report))
            at = broken
            for part in key.split(".")[:-1]:
                at = at[part]
            del at[key.split(".")[-1]]
            (work / "broken.json").write_text(json.dumps(broken))
            run = build(source, python, work / "broken.json", work / "broken.pdf")
            assert run.returncode == 1 and run.stderr.count("\n") == 1 and key in run.stderr and "broken.json" in run.stderr, run.stderr
            assert not (work / "broken.pdf").exists()
        (work / "broken.json").write_text("{")
        for name in ("broken.json", "absent.json"):
            run = build(source, python, work / name, work / "broken.pdf")
            assert run.returncode == 1 and run.stderr.count("\n") == 1 and name in run.stderr, run.stderr
        broken = json.loads(json.dumps(report))
        broken["setup"]["k"] = "fourteen"
        (work / "broken.json").write_text(json.dumps(broken))
        run = build(source, python, work / "broken.json", work / "broken.pdf")
        assert run.returncode == 1 and "a number" in run.stderr and "setup.k" in run.stderr, run.stderr
        print("ok  a key that is missing, a value of another kind, a broken file: one line each")


if __name__ == "__main__":
    main()
