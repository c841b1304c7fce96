#!/usr/bin/env python3
"""docs/benchmarks.md out of what `latentledger bench --json` and tools/profile_proof.sh have printed.

    write_benchmarks.py RESULT.json... > docs/benchmarks.md
    write_benchmarks.py --check docs/benchmarks.md RESULT.json...    exit 1 when the page is not what these files give

Files of one machine, kernels and number of threads make one section; a row that several of them hold is taken from the last by name.
docs/benchmarks/notes.md, written by hand, ends the page: what the figures mean, what would be next.
"""
import json
import pathlib
import re
import sys

INTRODUCTION = """# Benchmarks

Written by `tools/write_benchmarks.py docs/benchmarks/*.json > docs/benchmarks.md` from what these commands printed; a test holds it to
them.

<!-- not run: half an hour of measurements, on a machine that does nothing else -->
```sh
./setup.sh --with-bench                                    # Rust halo2, fully optimised, to compare with
latentledger bench --full --json > docs/benchmarks/MACHINE.json     # --data FOLDER: real transfers, and their whole chain
latentledger bench --filter '^size_' --json > docs/benchmarks/MACHINE-sizes.json
tools/profile_proof.sh build/release/latentledger > docs/benchmarks/MACHINE-profile.json
```

- **ours, peer**: medians. Where there is a peer, its runs alternate with ours, with as many threads.
- **ratio**: ours / the peer's; below 1 we are faster. **goal** "x 0.2": a goal for the ratio.
- **limit**: what the arithmetic alone would take on two cores with AVX-512 IFMA, if nothing else did (products counted, 3.4 ns each).
  **above it**: ours / limit.
- **spread**: (slowest - fastest) / median of our runs. A large one says that the machine had other work.
- **peer**: the unmodified crate halo2-axiom 0.5.3 with its assembly, `opt-level = 3`, link-time optimisation, for the machine's own processor. It
  gets the very circuit and witness as data (docs/formats/circuit.md); its key must have our key's digest, our verifier accepts its proof and it
  accepts ours, or there is no figure. Time that it spends in interpreting the witness's rules is not counted. MSM and NTT are those of
  halo2curves; of the two NTTs in its crates the faster counts.
- **size_N M**: constraints as the field counts them, rows times gates: 2^k rows, each of four gates of degree 2 to 5 over six advice
  columns, three copied (`bench/gate_circuit.hpp`).
"""


def figure(value):
    """Three significant digits."""
    if value is None:
        return ""
    if value == 0:
        return "0"
    digits = 2
    scaled = abs(value)
    while scaled >= 10:
        scaled, digits = scaled / 10, digits - 1
    while scaled < 1:
        scaled, digits = scaled * 10, digits + 1
    return f"{value:,.{max(digits, 0)}f}"


def size(value):
    if value is None:
        return ""
    return f"{value / 2**30:.2f} GiB" if value >= 2**30 else f"{value / 2**20:.0f} MiB"


def goal(row):
    parts = []
    if row["goal"] is not None:
        parts.append(("≥ " if row["more_is_better"] else "≤ ") + figure(row["goal"]))
    if row["goal_ratio"] is not None:
        parts.append("x " + figure(row["goal_ratio"]))
    if row["goal_bytes"] is not None:
        parts.append("≤ " + size(row["goal_bytes"]))
    return ", ".join(parts)


def table(columns, rows):
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    return "\n".join(lines + ["| " + " | ".join(cells) + " |" for cells in rows]) + "\n"


def main_table(rows):
    cells = []
    for row in rows:
        unit = row["unit"]
        limit = row["limit"]
        cells.append([
            f"`{row['name']}`", row["what"], f"{figure(row['value'])} {unit}",
            "" if row["peer_value"] is None else f"{figure(row['peer_value'])} {unit}", figure(row["ratio"]), goal(row),
            figure(row["wish"]), {True: "yes", False: "no", None: ""}[row["met"]], figure(limit),
            "" if limit is None else f"{row['value'] / limit:.1f} x", figure(row["cpu_seconds"]), size(row["peak_rss_bytes"]),
            f"{row['runs']}, {row['spread']:.0%}",
        ])
    return table(["row", "what", "ours", "peer", "ratio", "goal", "wish", "met", "limit", "above it", "CPU, s", "peak memory",
                  "runs, spread"], cells)


def size_table(rows):
    cells = []
    for row in sorted(rows, key=lambda sized: sized["constraints"]):
        cells.append([
            f"{row['constraints']:,}", str(row["k"]), f"{figure(row['value'])} s", f"{figure(row['cpu_seconds'])} s",
            size(row["peak_rss_bytes"]), "" if row["peer_value"] is None else f"{figure(row['peer_value'])} s",
            "" if row["peer_cpu_seconds"] is None else f"{figure(row['peer_cpu_seconds'])} s", size(row["peer_peak_rss_bytes"]),
            figure(row["ratio"]),
        ])
    return table(["constraints", "k", "ours", "its CPU", "peak memory", "peer", "its CPU", "peak memory", "ratio"], cells)


def profile_table(profile):
    shares = profile["shares"]
    told = (f"{profile['samples']:,} samples of {profile['of']}, {figure(profile['cpu_seconds_sampled'])} s of processor time a proof while sampled. A "
            "sample counts for the innermost function that has a name of its own: a transform that the quotient asks for is a transform.\n\n")
    return told + table(["part", "share"], [[name, f"{share:.1%}"] for name, share in shares.items()])


def section(results):
    head = results[-1]
    machine = head["machine"]
    rows, profile = {}, None
    for result in results:
        for row in result["results"]:
            rows[row["name"]] = row
        profile = result.get("profile", profile)
    commits = list(dict.fromkeys(str(result["commit"]) for result in results))
    family = f" (family {machine['family']}, model {machine['model']})" if machine["family"] else ""
    out = [f"## {machine['cpu']}{family}, {machine['cores']} cores, kernels {head['kernels']}\n",
           f"{size(machine['memory_bytes'])}, {', '.join(machine['instructions']) or 'no vector extensions'}; {machine['system']}; "
           f"{head['compiler']}; {head['threads']} threads; commit {', '.join(commits)}.\n"]
    if any(result.get("quick") for result in results):
        out.append("Of `bench --quick`: one run a row. For figures to quote, run it without.\n")
    sizes = [row for row in rows.values() if re.match(r"size_\d+M$", row["name"])]
    measured = [row for row in rows.values() if row not in sizes]
    if measured:
        out.append(main_table(measured))
    if sizes:
        out.append("### Constraints, time and memory\n")
        out.append(size_table(sizes))
    if profile:
        out.append("### Where the time of a proof of 256 transfers goes\n")
        out.append(profile_table(profile))
    return "\n".join(out)


def page(files):
    sections = {}
    for file in files:
        with open(file, encoding="utf-8") as stream:
            result = json.load(stream)["result"]
        key = (result["machine"]["cpu"], result["machine"]["family"], result["machine"]["model"], result["machine"]["cores"],
               result["kernels"], result["threads"])
        sections.setdefault(key, []).append(result)
    notes = pathlib.Path(__file__).resolve().parent.parent / "docs" / "benchmarks" / "notes.md"
    parts = [INTRODUCTION, *(section(results) for results in sections.values())]
    if notes.exists():
        parts.append(notes.read_text(encoding="utf-8"))
    return "\n".join(parts)


def main():
    arguments = sys.argv[1:]
    check = arguments[1] if arguments[:1] == ["--check"] and len(arguments) > 2 else None
    files = arguments[2:] if check else arguments
    if not files or (arguments[0].startswith("--") and not check):
        sys.exit(__doc__)
    text = page(sorted(files))
    if check is None:
        sys.stdout.write(text)
    elif pathlib.Path(check).read_text(encoding="utf-8") != text:
        sys.exit(f"{check} is not what tools/write_benchmarks.py makes of {len(files)} files: write it again")
    else:
        print(f"{check} is what {len(files)} files give")


if __name__ == "__main__":
    main()
