#!/usr/bin/env python3
"""Every figure of the technical summary and of the slides, out of the files that hold it.

    figures.py [--report out/demo/report.json] > figures.json     what docs/summary and demo/slides are built from

Sources: report.json of a `latentledger demo` run, docs/benchmarks/*.json, circuits/costs.csv, docs/training-ablation.csv,
demo/encoder/MODEL_CARD.md. Nothing is
computed from a number that is written here but sizes that are definitions (DEFINED). "text" holds each figure as it is printed, by name; the rest is
data for tables and charts. A key that a file lacks is an error that names file and key.
"""
from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import math
import pathlib
import re
import subprocess
import sys
import tempfile
import types
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parent.parent
PASSES = ("float32", "float64", "quantised")
SPACE = "\N{NO-BREAK SPACE}"
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

# Definitions, not results: the statement's sizes, the field's order, and the size of the encoder that is next.
DEFINED = {"accounts": 128, "dims": 512, "words": 128, "batch": 256, "next_layers": 24, "next_constraints": 7_900_000}
FIELD_ORDER = 0x30644E72E131A029B85045B68181585D2833E84879B9709143E1F593F0000001
SHORT = {"circuit_update": "256 transfers, k = 14", "circuit_gates_16": "six columns, k = 16", "circuit_gates_18": "six columns, k = 18", "msm_17": "MSM, 2¹⁷",
         "ntt_17": "NTT, 2¹⁷"}


class FigureError(Exception):
    """What is missing, where, and what was expected."""


class Source:
    """A JSON file whose keys are there or named as missing."""

    def __init__(self, path: pathlib.Path, made_by: str):
        self.path, self.made_by = path, made_by
        try:
            self.data = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise FigureError(f"{path}: no such file; make it with `{made_by}`") from None
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise FigureError(f"{path}: not JSON ({error}); make it with `{made_by}`") from None

    def __call__(self, key: str, kind: type | tuple[type, ...] = (int, float)) -> Any:
        value, seen = self.data, []
        for part in key.split("."):
            seen.append(part)
            if not isinstance(value, dict) or part not in value:
                raise FigureError(f"{self.path}: no key \"{'.'.join(seen)}\" (needed: {key}); expected what `{self.made_by}` writes")
            value = value[part]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise FigureError(f"{self.path}: \"{key}\" is {json.dumps(value)[:60]}; expected {name_of(kind)}")
        return value


def name_of(kind: type | tuple[type, ...]) -> str:
    names = {int: "an integer", float: "a number", str: "a string", bool: "true or false", list: "a list", dict: "an object"}
    return "a number" if isinstance(kind, tuple) else names[kind]


def digits(value: float, significant: int = 3) -> str:
    """So many significant digits, thousands with commas: 0.0353, 3.53, 353, 3,530."""
    if value == 0:
        return "0"
    places = significant - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    places = significant - 1 - math.floor(math.log10(abs(rounded)))
    return f"{rounded:,.{max(places, 0)}f}"


def scientific(value: float, significant: int = 2) -> str:
    """2.2·10⁻⁸; 0 stays 0; between 0.01 and 1000 as a plain number."""
    if value == 0:
        return "0"
    if 0.01 <= abs(value) < 1000:
        return digits(value, significant)
    mantissa, exponent = f"{value:.{significant - 1}e}".split("e")
    return f"{mantissa}·10{str(int(exponent)).translate(SUPERSCRIPT)}"


def duration(seconds: float) -> str:
    if seconds < 1:
        return f"{digits(seconds * 1e3)}{SPACE}ms"
    if seconds < 120:
        return f"{digits(seconds)}{SPACE}s"
    return f"{round(seconds) // 60}{SPACE}min {round(seconds) % 60}{SPACE}s"


def memory(size: float) -> str:
    return f"{digits(size / 2**30)}{SPACE}GiB" if size >= 2**30 else f"{digits(size / 2**20)}{SPACE}MiB"


def seconds_of(value: float, unit: str) -> float:
    return value * {"min": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}[unit]


def below(bound: float) -> str:
    """The exponent e of the smallest 2^-e above bound / r."""
    return str(math.floor(math.log2(FIELD_ORDER) - math.log2(bound)))


def of_report(path: pathlib.Path) -> tuple[dict[str, str], dict[str, Any]]:
    report = Source(path, "latentledger demo")
    text = {
        "version": report("software_version", str), "cores": str(report("cores")),
        "data_rows": f"{report('data.rows'):,}", "data_kept": f"{report('data.kept'):,}", "data_transfers": f"{report('data.transfers'):,}",
        "parameters": f"{report('train.parameters'):,}", "train_steps": f"{report('train.steps'):,}", "train_sets": str(report("train.sets_per_step")),
        "train_time": duration(report("train.seconds")), "loss_first": scientific(report("train.loss_first")), "loss_last": scientific(report("train.loss_last")),
        "condition": digits(report("train.heldout.condition"), 4), "cosine": scientific(report("train.heldout.max_cosine")),
        "gauss_condition": digits(report("train.gaussian.condition")), "gauss_cosine": scientific(report("train.gaussian.max_cosine")),
        "untrained_condition": digits(report("train.untrained.condition")),
        "evaluated": f"{report('evaluate.transfers'):,}", "evaluated_real": f"{report('evaluate.real'):,}", "evaluated_generated": f"{report('evaluate.generated'):,}",
        "recovery_states": f"{report('evaluate.recovery.states'):,}", "recovered": f"{report('evaluate.recovery.recovered'):,}",
        "recovery_steps": digits(report("evaluate.recovery.mean_steps"), 2), "recovery_most": str(report("evaluate.recovery.max_steps")),
        "gauss_states": str(report("evaluate.recovery.gaussian.best_step.states")), "gauss_recovered": str(report("evaluate.recovery.gaussian.best_step.recovered")),
        "gauss_plain": str(report("evaluate.recovery.gaussian.plain_step.recovered")),
        "gauss_steps": digits(report("evaluate.recovery.gaussian.best_step.mean_steps"), 2),
        "k": str(report("setup.k")), "advice": str(report("setup.advice_columns")), "fixed": str(report("setup.fixed_columns")), "degree": str(report("setup.degree")),
        "lookups": str(report("setup.lookups")), "proof_bytes": f"{report('setup.proof_bytes'):,}", "keygen_time": duration(report("setup.keygen_ms") / 1e3),
        "srs_standing": report("setup.srs.standing", str), "srs_name": report("setup.srs.name", str), "vk_digest": report("setup.vk_digest", str),
        "vk_short": report("setup.vk_digest", str)[:16],
        "proved": str(report("prove.transfers")), "prove_time": duration(report("prove.prove_ms") / 1e3), "verify_time": duration(report("verify.verify_ms") / 1e3),
        "accepted": "accepted" if report("verify.accepted", bool) else "refused",
        "overdraft": report("overdraft_message", str),
    }
    for lie in ("tampered_proof", "tampered_public_input", "overdrawing_batch"):
        text[lie] = "refused" if report(f"refused.{lie}", bool) else "accepted"
    passes = []
    for name in PASSES:
        at = f"evaluate.passes.{name}"
        row = {"pass": name, "max": scientific(report(f"{at}.max_abs")), "mean": scientific(report(f"{at}.mean_abs")), "p99": scientific(report(f"{at}.p99")),
               "zeros": f"{report(f'{at}.zeros'):,}", "drift": scientific(report(f"evaluate.drift.{name}"))}
        passes.append(row)
        text |= {f"{name}_{key}": value for key, value in row.items() if key != "pass"}
    sets = []
    for row in report("train.heldout.sets", list):
        sets.append({"name": row["name"], "condition": digits(row["condition"], 4), "cosine": scientific(row["max_cosine"]), "loss": scientific(row["loss"])})
        text |= {f"set_{row['name']}_{key}": sets[-1][key] for key in ("condition", "cosine", "loss")}
    curve = report("charts.training", list)
    noise = report("evaluate.recovery.noise", list)
    borne = [row["amplitude"] for row in noise if row["uniform"] == row["gaussian"] == row["states"]]
    text["noise_borne"] = scientific(max(borne)) if borne else "0"
    text["heldout_sets"] = str(len(sets))
    stages = report("stages", list)
    text["demo_time"] = duration(sum(stage["ms"] for stage in stages) / 1e3)
    text["demo_memory"] = memory(max(stage["peak_rss_bytes"] for stage in stages))
    data = {
        "passes": passes, "sets": sets,
        "training": {"loss": [[row["step"], row["loss"]] for row in curve if row.get("loss")], "heldout": [[row["step"], row["heldout"]] for row in curve if row.get("heldout")]},
        "errors": {"first_decade": report("charts.errors.first_decade"), **{name: report(f"charts.errors.passes.{name}", list) for name in PASSES}},
    }
    return text, data


def machines(folder: pathlib.Path) -> list[dict[str, Any]]:
    """One entry a machine with its kernels, full runs only; a row that several files hold is the last's by name (as in tools/write_benchmarks.py)."""
    found: dict[tuple, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.json")):
        source = Source(path, "latentledger bench --json")
        if source.data.get("result", {}).get("quick"):
            continue
        cpu, family = source("result.machine.cpu", str), source("result.machine.family", str)
        key = (cpu, family, source("result.machine.model", str), source("result.machine.cores"), source("result.kernels", str), source("result.threads"))
        entry = found.setdefault(key, {"cpu": re.sub(r"\(R\)|Processor", "", cpu).strip(), "family": family, "model": key[2], "cores": key[3], "kernels": key[4],
                                       "threads": key[5], "compiler": source("result.compiler", str), "memory": memory(source("result.machine.memory_bytes")),
                                       "peer": None, "rows": {}, "profile": None})
        entry["peer"] = source.data["result"].get("peer") or entry["peer"]
        if "profile" in source.data["result"]:
            entry["profile"] = {"samples": f"{source('result.profile.samples'):,}", "shares": sorted(source("result.profile.shares", dict).items(), key=lambda part: -part[1])}
        for row in source("result.results", list):
            entry["rows"][row["name"]] = row
    found = {key: entry for key, entry in found.items() if entry["rows"]}
    if not found:
        raise FigureError(f"{folder}: no JSON file of `latentledger bench --json`")
    for entry in found.values():
        words = entry["cpu"].split()
        entry["short"] = next((word for word in words if word in ("Xeon", "EPYC", "Ryzen", "Core")), words[0])
        entry["label"] = f"{entry['cpu']} (family {entry['family']}, model {entry['model']}), {entry['cores']} cores, kernels {entry['kernels']}"
        entry["peers"] = [{"name": name, "short": SHORT[name], "ours": row_seconds(entry, name), "peer": seconds_of(row["peer_value"], row["unit"]),
                           "ours_text": duration(row_seconds(entry, name)), "peer_text": duration(seconds_of(row["peer_value"], row["unit"])),
                           "times": row["peer_value"] / row["value"], "times_text": digits(row["peer_value"] / row["value"], 2)}
                          for name in SHORT if (row := entry["rows"].get(name)) and row["peer_value"] is not None]
        entry["sizes"] = [{"name": row["name"], "constraints": row["constraints"], "constraints_text": f"{row['constraints']:,}", "k": row["k"], "runs": row["runs"], "ours": row["value"],
                           "ours_text": duration(row["value"]), "cpu": row["cpu_seconds"], "memory": row["peak_rss_bytes"], "memory_text": memory(row["peak_rss_bytes"]),
                           "peer": row["peer_value"], "peer_text": "–" if row["peer_value"] is None else duration(row["peer_value"]),
                           "times_text": "–" if row["peer_value"] is None else digits(row["peer_value"] / row["value"], 2)}
                          for row in sorted((row for row in entry["rows"].values() if re.match(r"size_\d+M$", row["name"])), key=lambda row: row["constraints"])]
    return sorted(found.values(), key=lambda entry: (-("ifma" in entry["kernels"]), -len(entry["peers"]), entry["label"]))


def row_seconds(machine: dict[str, Any], name: str) -> float:
    row = machine["rows"].get(name)
    if row is None:
        raise FigureError(f"docs/benchmarks: no row {name} of {machine['label']}; measure it with `latentledger bench --only {name} --json`")
    return seconds_of(row["value"], row["unit"])


def next_encoder(machine: dict[str, Any]) -> dict[str, str]:
    """What DEFINED's constraints would cost on a machine: a straight line in log-log coordinates between the two measured sizes around them, and the measured size
    with as many rows as the circuit must have, a power of two."""
    wanted, sizes = DEFINED["next_constraints"], machine["sizes"]
    under = [size for size in sizes if size["constraints"] <= wanted]
    over = [size for size in sizes if size["constraints"] >= wanted]
    if not under or not over:
        raise FigureError(f"docs/benchmarks: {machine['label']} has no rows size_NM on both sides of {wanted:,} constraints; measure them with `latentledger bench --sizes --json`")
    low, high = under[-1], over[0]
    share = math.log(wanted / low["constraints"]) / math.log(high["constraints"] / low["constraints"])

    def between(key: str) -> float | None:
        if low[key] is None or high[key] is None:
            return None
        return math.exp(math.log(low[key]) * (1 - share) + math.log(high[key]) * share)

    peer = between("peer")
    return {"ours": duration(between("ours")), "memory": memory(between("memory")), "peer": "–" if peer is None else duration(peer), "padded": high["ours_text"],
            "padded_memory": high["memory_text"], "padded_k": str(high["k"]), "low": low["constraints_text"], "high": high["constraints_text"],
            "exponent": digits(math.log(high["ours"] / low["ours"]) / math.log(high["constraints"] / low["constraints"]), 3)}


def of_benchmarks(folder: pathlib.Path) -> tuple[dict[str, str], list[dict[str, Any]]]:
    found = machines(folder)
    text: dict[str, str] = {}
    for prefix, machine in zip(("main", "second"), found):
        text |= {f"{prefix}_machine": machine["label"], f"{prefix}_short": machine["short"], f"{prefix}_cores": str(machine["cores"]), f"{prefix}_peer": machine["peer"] or "no peer"}
        for peer in machine["peers"]:
            text |= {f"{prefix}_{peer['name']}_ours": peer["ours_text"], f"{prefix}_{peer['name']}_peer": peer["peer_text"], f"{prefix}_{peer['name']}_times": peer["times_text"]}
        for size in machine["sizes"]:
            text |= {f"{prefix}_{size['name']}_ours": size["ours_text"], f"{prefix}_{size['name']}_peer": size["peer_text"], f"{prefix}_{size['name']}_times": size["times_text"],
                     f"{prefix}_{size['name']}_memory": size["memory_text"]}
        for name, row in machine["rows"].items():
            if row["unit"] in ("s", "ms", "min") and name not in SHORT and not name.startswith("size_"):
                text[f"{prefix}_{name}"] = duration(row_seconds(machine, name))
                text[f"{prefix}_{name}_memory"] = memory(row["peak_rss_bytes"])
        if chain := re.search(r"N3: (\d+) of them", machine["rows"].get("chain", {}).get("what", "")):
            text[f"{prefix}_chain_proofs"] = chain[1]
        machine["next"] = next_encoder(machine)
        text |= {f"{prefix}_next_{key}": value for key, value in machine["next"].items()}
    for machine in found:
        machine["texts"] = {name: duration(row_seconds(machine, name)) for name, row in machine["rows"].items() if row["unit"] in ("s", "ms", "min")}
        del machine["rows"]
    return text, found


def table(path: pathlib.Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def costs(path: pathlib.Path) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Sizes of the circuits, by the names of circuits/costs.csv; as text for the words: cost_update_exact_wei_proof_bytes."""
    rows, text = {}, {}
    for row in table(path):
        rows[row["statement"]] = {key: f"{int(value):,}" for key, value in row.items() if key != "statement"}
        name = re.sub(r"\W+", "_", row["statement"])
        text |= {f"cost_{name}_{key}": value for key, value in rows[row["statement"]].items()}
    return text, rows


def frozen(path: pathlib.Path) -> dict[str, str]:
    """The frozen encoder's last validation, as tools/freeze_encoder.py wrote it down."""
    numbers = re.search(r"Last validation in metrics\.csv: step (\d+), heldout (\S+), condition (\S+), max_cosine (\S+), seconds", path.read_text(encoding="utf-8"))
    if numbers is None:
        raise FigureError(f"{path}: no line \"Last validation in metrics.csv: ...\"; expected what tools/freeze_encoder.py writes")
    return {"frozen_steps": numbers[1], "frozen_loss": scientific(float(numbers[2])), "frozen_condition": digits(float(numbers[3]), 5),
            "frozen_cosine": scientific(float(numbers[4]))}


def bounds() -> dict[str, str]:
    """Errors of the argument, from the sizes: exponents e with bound < 2^-e."""
    tuples = 2 * DEFINED["batch"] + DEFINED["accounts"]
    memory_degree, encoder_degree = 2 * tuples, DEFINED["words"] - 1 + 2
    # y: twelve constraints in powers of y. x: both sides of the quotient identity have degree below 5 * 2^14. SHPLONK: its quotient at u, below 2^14 plus the number of
    # points, and fewer than 64 polynomials combined with y' and v; together below 2 * 2^14.
    y_degree, x_degree, opening_degree = 11, 5 * 2**14, 2 * 2**14
    total = memory_degree + encoder_degree + y_degree + x_degree + opening_degree
    queries = 100
    return {"tuples": str(tuples), "memory_degree": f"{memory_degree:,}", "memory_error": below(memory_degree), "encoder_degree": str(encoder_degree),
            "encoder_error": below(encoder_degree), "x_error": below(x_degree), "delta_error": below(104), "total_error": below(total), "queries": str(queries),
            "queries_error": str(int(below(total)) - queries)}


def collect(report: pathlib.Path, root: pathlib.Path = ROOT) -> dict[str, Any]:
    report_text, data = of_report(report)
    bench_text, found = of_benchmarks(root / "docs" / "benchmarks")
    cost_text, cost_rows = costs(root / "circuits" / "costs.csv")
    ablation = [{"variant": row["variant"].replace("T_theta", "Tθ").replace("Loewdin", "Löwdin"),
                 "parameters": f"{int(row['parameters']) / 1e6:.2f}{SPACE}M" if row["parameters"] else "–", "loss": scientific(float(row["loss"])),
                 "condition": digits(float(row["condition"]), 4) if float(row["condition"]) < 100 else scientific(float(row["condition"])),
                 "cosine": scientific(float(row["max_cosine"])), "minutes": row["processor_minutes"] or "–"} for row in table(root / "docs" / "training-ablation.csv")]
    text = {key: f"{value:,}" for key, value in DEFINED.items()} | {"next_constraints": f"{DEFINED['next_constraints'] / 1e6:.1f} million"}
    text["peer"] = (found[0]["peer"] or "no peer").replace(", asm", " with its assembly")
    text["ablation_sets"] = next(f"{int(row['sets']):,}" for row in table(root / "docs" / "training-ablation.csv") if row["variant"] == "T_theta")
    for row in ablation:
        name = re.sub(r"\W+", "_", row["variant"].replace("Tθ", "T_theta").replace("ö", "oe"))
        text |= {f"ablation_{name}_{key}": row[key] for key in ("parameters", "loss", "condition", "cosine")}
    card = frozen(root / "demo" / "encoder" / "MODEL_CARD.md")
    return {"text": text | report_text | bench_text | cost_text | card | bounds(), **data, "machines": found, "costs": cost_rows, "ablation": ablation}


def report_or_demo(report: pathlib.Path, binary: pathlib.Path, *, given: bool) -> pathlib.Path:
    """The report; where none was named and none is there, the demonstration is run first."""
    if report.exists() or given:
        return report
    if not binary.exists():
        raise FigureError(f"{report}: no such file, and {binary}, which would make it, is not built; give --report FILE, or build first")
    print(f"no {report} yet: running `latentledger demo` (about a minute)", file=sys.stderr, flush=True)
    try:
        subprocess.run([binary, "demo", "-o", report.parent, "--no-open", "-q"], check=True, stdout=subprocess.DEVNULL)
    except subprocess.CalledProcessError as error:
        raise FigureError(f"`{binary} demo` ended with exit code {error.returncode}") from None
    return report


def module_at(path: pathlib.Path, name: str) -> types.ModuleType:
    """A script as a module."""
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write_whole(path: pathlib.Path, content: bytes) -> None:
    """To a temporary name beside it, then renamed: no reader sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as stream:
        stream.write(content)
    pathlib.Path(stream.name).chmod(0o644)
    pathlib.Path(stream.name).replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--report", type=pathlib.Path, default=ROOT / "out" / "demo" / "report.json", help="report.json of a `latentledger demo` run")
    try:
        json.dump(collect(parser.parse_args().report), sys.stdout, ensure_ascii=False, indent=1)
    except FigureError as error:
        sys.exit(f"figures.py: {error}")


if __name__ == "__main__":
    main()
