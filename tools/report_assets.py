#!/usr/bin/env python3
"""Writes the parts of report.html as C++: page, style, script, D3, and the figures of docs/benchmarks that stand beside a peer's.

    report_assets.py OUT.cpp demo/report D3.min.js docs/benchmarks

Of several machines in docs/benchmarks the one with the most rows beside a peer is taken, at a tie the one with AVX-512.
"""
import json
import pathlib
import sys

SHORT = {"circuit_update": "256 transfers", "circuit_gates_16": "2^16 rows", "circuit_gates_18": "2^18 rows", "msm_17": "MSM", "ntt_17": "NTT"}


def peer_figures(folder):
    machines = {}
    for path in sorted(folder.glob("*.json")):
        result = json.loads(path.read_text())["result"]
        if "results" not in result or not result.get("peer"):
            continue
        key = (result["machine"]["cpu"], result["kernels"], result["threads"])
        found = machines.setdefault(key, {"peer": result["peer"], "rows": {}})
        for row in result["results"]:
            if row["name"] in SHORT and row["peer_value"] is not None:
                found["rows"][row["name"]] = {"name": row["name"], "short": SHORT[row["name"]], "what": row["what"],
                                              "ours": seconds(row["value"], row["unit"]), "peer": seconds(row["peer_value"], row["unit"])}
                found["peer"] = result["peer"]
    key, best = max(machines.items(), key=lambda item: (len(item[1]["rows"]), "ifma" in item[0][1]))
    return {"machine": f"{key[0]}, {key[2]} threads, kernels {key[1]}", "peer": best["peer"],
            "rows": [best["rows"][name] for name in SHORT if name in best["rows"]]}


def seconds(value, unit):
    return value * {"s": 1, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}[unit]


def literal(text):
    """Raw string literals behind each other: a single one may be too long for a compiler."""
    step = 12000
    return "\n".join(f'R"~~~~({text[i:i + step]})~~~~"' for i in range(0, len(text), step))


def main():
    out, report, d3, benchmarks = map(pathlib.Path, sys.argv[1:5])
    parts = {"kReportPage": (report / "page.html").read_text(), "kReportStyle": (report / "report.css").read_text(),
             "kReportScript": (report / "report.js").read_text(), "kD3": d3.read_text(),
             "kPeerFigures": json.dumps(peer_figures(benchmarks))}
    text = '#include "demo/report_assets.hpp"\n\nnamespace ll::demo {\n'
    for name, content in parts.items():
        text += f"\nconst std::string_view {name} =\n{literal(content)};\n"
    out.write_text(text + "\n}  // namespace ll::demo\n")


if __name__ == "__main__":
    main()
