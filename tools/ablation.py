#!/usr/bin/env python3
"""The ablation of docs/training.md: variants of T_theta trained with one budget, as a table and plots.

    ablation.py LATENTLEDGER [--out FOLDER] [--docs docs] [--only NAME ...] [-- TRAIN OPTIONS]

Every variant is `latentledger train` with the same options (behind --, default: the command's own) and a change of its
own; runs that are already in FOLDER are not repeated. Writes DOCS/training-ablation.csv, DOCS/figures/ablation-loss.svg (held-out
loss against the step), ablation-size.svg (condition for other numbers of accounts, one set of weights) and
ablation-gains.svg (the coefficients that each layer learned). Needs gnuplot.
"""
import argparse
import csv
import json
import pathlib
import resource
import subprocess
import sys

NEWTON = ["--start-a", "1.5", "--start-g", "0.5", "--rotary-heads", "0"]
SIZES = [16, 32, 64, 256]
VARIANTS = {
    "T_theta": ["--sizes", *map(str, SIZES)],
    "no rotary head": ["--rotary-heads", "0"],
    "all heads rotary": ["--rotary-heads", "8"],
    "gains fixed at Newton-Schulz": [*NEWTON, "--gain-rate", "0"],
    "Newton-Schulz, nothing trained": [*NEWTON, "--steps", "0"],
    "softmax attention": ["--architecture", "softmax"],
}
COLUMNS = ["variant", "parameters", "sets", "loss", "condition", "max_cosine", "processor_minutes"]


def folder_name(name):
    return "".join(c if c.isalnum() else "-" for c in name)


def run(binary, folder, options):
    """Result of one training run and its processor time in seconds; taken from `folder` where it is already there."""
    kept = folder / "result.json"
    if not kept.exists():
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([binary, "--workdir", folder / "none", "train", "-o", folder, "--json", "--progress", "none", *options],
                              stdout=subprocess.PIPE, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        result = json.loads(done.stdout)["result"]
        result["processor_seconds"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        kept.write_text(json.dumps(result))
    return json.loads(kept.read_text())


def worst(qualities):
    return {key: max(q[key] for q in qualities) for key in ("loss", "condition", "max_cosine")}


def plot(svg, script):
    head = "set terminal svg size 900,420 font 'Helvetica,14' background rgb 'white'\nset border 3 lc rgb '#666666'\n" \
           "set tics nomirror\nset grid ytics lc rgb '#dddddd'\n"
    subprocess.run(["gnuplot"], input=head + f"set output '{svg}'\n" + script, text=True, check=True)


def block(name, lines):
    return f"${name} << EOD\n" + "\n".join(lines) + "\nEOD\n"


def loss_curves(svg, runs, out):
    script, curves = "set logscale y\nset format y '10^{%T}'\nset xlabel 'step'\nset ylabel '||VV^T - I||^2 / N, worst held-out set'\n", []
    for i, name in enumerate(name for name in runs if runs[name]["steps"] > 0):
        with open(out / folder_name(name) / "metrics.csv") as file:
            rows = [row for row in csv.DictReader(file) if row["heldout"]]
        script += block(f"d{i}", [f"{row['step']} {row['heldout']}" for row in rows])
        curves.append(f"$d{i} with lines lw 2 title '{name}' noenhanced")
    gaussian = next(iter(runs.values()))["gaussian"]["loss"]
    plot(svg, script + f"plot {gaussian} with lines dt 2 lc rgb '#888888' title 'random Gaussian directions', " + ", ".join(curves) + "\n")


def size_plot(svg, reference, accounts):
    points = [(int(q["name"]), q) for q in reference["sizes"]] + [(accounts, worst(reference["heldout"]["sets"]))]
    lines = [f"{n} {q['condition'] - 1} {q['max_cosine']}" for n, q in sorted(points, key=lambda point: point[0])]
    plot(svg, block("d", lines) + "set logscale xy\nset xlabel 'accounts N'\nset xtics (16, 32, 64, 128, 256)\nset format y '10^{%T}'\n"
         "plot $d using 1:2 with linespoints pt 7 lw 2 title 'condition of V, less 1', "
         "$d using 1:3 with linespoints pt 5 lw 2 title 'largest |cosine|'\n")


def gain_plot(svg, gains):
    lines = [f"{layer} {row[0]} {sum(row[1:]) / len(row[1:])} {row[1]}" for layer, row in enumerate(gains, 1)]
    plot(svg, block("d", lines) + "set xlabel 'layer'\nset xtics 1\nset ylabel 'coefficient'\n"
         "plot $d using 1:2 with linespoints pt 7 lw 2 title 'a', $d using 1:3 with linespoints pt 5 lw 2 title 'mean of the g_h', "
         "$d using 1:4 with linespoints pt 9 lw 2 title 'g of the rotary head', 1.5 with lines dt 2 lc rgb '#888888' title 'Newton-Schulz: a = 1.5', "
         "0.5 with lines dt 3 lc rgb '#888888' title 'g = 0.5'\n")


def main():
    arguments = sys.argv[1:]
    split = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("ablation"))
    parser.add_argument("--docs", type=pathlib.Path, default=pathlib.Path("docs"))
    parser.add_argument("--only", nargs="+", choices=VARIANTS)
    given = parser.parse_args(arguments[:split])
    shared = arguments[split + 1:]

    runs = {}
    for name, change in VARIANTS.items():
        if given.only and name not in given.only:
            continue
        runs[name] = run(given.binary, given.out / folder_name(name), [*shared, *change])
        print(name, worst(runs[name]["heldout"]["sets"]), flush=True)
    reference = next(iter(runs.values()))
    table = [{"variant": label, **{key: reference[entry][key] for key in ("loss", "condition", "max_cosine")}}
             for label, entry in (("random Gaussian directions", "gaussian"), ("T_theta before training", "untrained"),
                                  ("the same, Loewdin-orthogonalised", "loewdin"))]
    table += [{"variant": name, "parameters": r["parameters"], "sets": r["steps"] * r["sets_per_step"],
               "processor_minutes": round(r["processor_seconds"] / 60, 2), **worst(r["heldout"]["sets"])} for name, r in runs.items()]
    table += [{"variant": f"T_theta, {q['name']} accounts", **{key: q[key] for key in ("loss", "condition", "max_cosine")}}
              for q in reference["sizes"]]
    (given.docs / "figures").mkdir(parents=True, exist_ok=True)
    with open(given.docs / "training-ablation.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: f"{value:.6g}" if isinstance(value, float) else value for key, value in row.items()} for row in table)
    loss_curves(given.docs / "figures/ablation-loss.svg", runs, given.out)
    if "T_theta" in runs:
        size_plot(given.docs / "figures/ablation-size.svg", runs["T_theta"], 128)
        gain_plot(given.docs / "figures/ablation-gains.svg", runs["T_theta"]["gains"])


main()
