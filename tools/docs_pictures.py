#!/usr/bin/env python3
"""The pictures of docs/pictures/: docs_pictures.py FOLDER

SVG without fonts or files from elsewhere, in light and in dark. Sizes of proofs come from circuits/costs.csv, the points of transfer.svg are reckoned
from its balances. The same tree gives the same bytes; a test compares (tests/e2e_docs.py).
"""
import csv
import html
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Colours of light and dark; site.css sets the same names where a reader has chosen one of the two by hand.
STYLE = """
.ll-picture{--ink:#1c2430;--soft:#5a6675;--line:#8b97a6;--card:#f6f8fa;--edge:#c9d1da;--one:#3b5bdb;--two:#0b7a55;--three:#b4540a;--wire:#f1eefc;--paper:none}
@media (prefers-color-scheme:dark){.ll-picture{--ink:#e4e9f0;--soft:#a3afbf;--line:#78869a;--card:#222a36;--edge:#465264;--one:#8aa2ff;--two:#4cc79a;--three:#f0a35e;--wire:#2a2740}}
.ll-picture text{font:15px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--ink)}
.ll-picture .b{font-weight:600}.ll-picture .s{font-size:13px;fill:var(--soft)}.ll-picture .h{font-size:17px;font-weight:600}
.ll-picture .m{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:14px}
.ll-picture .one{fill:var(--one)}.ll-picture .two{fill:var(--two)}.ll-picture .three{fill:var(--three)}
.ll-picture .card{fill:var(--card);stroke:var(--edge)}.ll-picture .wire{fill:var(--wire);stroke:var(--edge);stroke-dasharray:5 4}
.ll-picture .e-one{stroke:var(--one);stroke-width:2}.ll-picture .e-two{stroke:var(--two);stroke-width:2}.ll-picture .e-three{stroke:var(--three);stroke-width:2}
.ll-picture .l{stroke:var(--line);stroke-width:1.6;fill:none}.ll-picture .t{fill:var(--line);stroke:none}
.ll-picture .dash{stroke-dasharray:5 4}
"""


class Drawing:
    """Boxes, arrows and texts; a text that does not fit its box is an error."""

    def __init__(self, name: str, width: int, height: int, title: str, told: str) -> None:
        self.name, self.width, self.height = name, width, height
        self.parts = [f'<title id="{name}-t">{html.escape(title)}</title>', f'<desc id="{name}-d">{html.escape(told)}</desc>']

    def text(self, x: float, y: float, text: str, kind: str = "", anchor: str = "start", room: float = 0) -> None:
        size = 13 if "s" in kind.split() else 17 if "h" in kind.split() else 14 if "m" in kind.split() else 15
        wide = len(text) * size * (0.61 if "m" in kind.split() else 0.5)
        assert not room or wide <= room, f"{self.name}: {text!r} takes {wide:.0f} of {room:.0f}"
        left = x - {"start": 0, "middle": wide / 2, "end": wide}[anchor]
        assert left >= -6 and left + wide <= self.width + 12, f"{self.name}: {text!r} leaves the picture"
        self.parts.append(f'<text x="{x:g}" y="{y:g}"' + (f' class="{kind}"' if kind else "") + (f' text-anchor="{anchor}"' if anchor != "start" else "")
                          + f">{html.escape(text)}</text>")

    def rect(self, x: float, y: float, w: float, h: float, kind: str = "card", radius: int = 7, more: str = "") -> None:
        self.parts.append(f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="{radius}" class="{kind}"{more}/>')

    def box(self, x: float, y: float, w: float, h: float, lines: list[tuple[str, str]], kind: str = "", anchor: str = "middle") -> None:
        self.rect(x, y, w, h, f"card {kind}".strip())
        step = 20
        top = y + (h - step * (len(lines) - 1)) / 2 + 5
        for n, (text, form) in enumerate(lines):
            self.text(x + (w / 2 if anchor == "middle" else 12), top + n * step, text, form, anchor, w - 14)

    def arrow(self, *points: tuple[float, float], kind: str = "l") -> None:
        (ax, ay), (bx, by) = points[-2:]
        length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
        ux, uy = (bx - ax) / length, (by - ay) / length
        line = [*points[:-1], (bx - 8 * ux, by - 8 * uy)]
        self.parts.append(f'<path class="{kind}" d="M' + " L".join(f"{x:.1f} {y:.1f}" for x, y in line) + '"/>')
        tip = [(bx, by), (bx - 10 * ux - 4.5 * uy, by - 10 * uy + 4.5 * ux), (bx - 10 * ux + 4.5 * uy, by - 10 * uy - 4.5 * ux)]
        tone = {"e-one": "one", "e-two": "two", "e-three": "three"}.get(kind.split()[0], "t")
        self.parts.append(f'<path class="{tone}" d="M' + " L".join(f"{x:.1f} {y:.1f}" for x, y in tip) + ' Z"/>')

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str = "l") -> None:
        self.parts.append(f'<path class="{kind}" d="M{x1:g} {y1:g} L{x2:g} {y2:g}"/>')

    def chips(self, x: float, y: float, w: float, items: list[tuple[str, str]]) -> None:
        """Small boxes one below the other, centred on y."""
        top = y - (len(items) * 32 - 6) / 2
        for n, (text, tone) in enumerate(items):
            self.rect(x, top + n * 32, w, 26, f"card {tone}".strip(), 13)
            self.text(x + w / 2, top + n * 32 + 18, text, "s", "middle", w - 12)

    def svg(self) -> str:
        style = STYLE.replace("\n", "")
        return (f'<!-- Made by tools/docs_pictures.py. -->\n<svg xmlns="http://www.w3.org/2000/svg" class="ll-picture" viewBox="0 0 {self.width} {self.height}"'
                f' width="{self.width}" height="{self.height}" role="img" aria-labelledby="{self.name}-t {self.name}-d">\n<style>{style}</style>\n'
                + "\n".join(self.parts) + "\n</svg>\n")


def costs() -> dict[str, dict[str, str]]:
    with open(ROOT / "circuits" / "costs.csv", newline="", encoding="utf-8") as file:
        return {row["statement"]: row for row in csv.DictReader(file)}


def state_vector() -> Drawing:
    d = Drawing("state-vector", 860, 330, "What a state vector is",
                "The ids of the accounts go through a network and give a matrix V, a row of 512 numbers an account. The balances weigh the rows; their sum is the state vector.")
    rows = ["0x3f…a1", "0x71…0c", "0x9b…e4", "…", "0xe0…57"]
    d.text(70, 28, "account ids", "b", "middle")
    d.text(225, 28, "network T", "b", "middle")
    d.text(455, 28, "V: one row an account", "b", "middle")
    d.text(725, 28, "balances", "b", "middle")
    tones = [5, 2, 7, 0, 3, 8, 1, 6, 4, 9, 2, 7, 5, 3]
    for n, row in enumerate(rows):
        y = 46 + n * 36
        d.text(70, y + 19, row, "m s", "middle")
        if row == "…":
            d.text(455, y + 19, "…", "", "middle")
            d.text(725, y + 19, "…", "", "middle")
            continue
        for k in range(14):
            d.rect(315 + k * 20, y, 18, 26, "one", 2, f' fill-opacity="{0.12 + 0.085 * ((tones[k] * (n + 3) + 3 * n) % 10):.2f}"')
        d.text(636, y + 19, "×", "b", "middle")
        d.box(665, y, 120, 26, [((f"b{'₁₂₃ₙ'[min(n, 3)]}"), "b")])
    d.box(160, 100, 130, 76, [("reads ids alone,", "s"), ("never balances", "s")], "e-two")
    d.arrow((122, 138), (158, 138))
    d.arrow((290, 138), (312, 138))
    d.line(310, 228, 790, 228)
    d.text(260, 268, "sum = state vector", "b", "middle", 240)
    for k in range(14):
        d.rect(400 + k * 20, 250, 18, 26, "three", 2, f' fill-opacity="{0.2 + 0.08 * ((tones[k] * 3 + k) % 10):.2f}"')
    d.text(700, 268, "512 integers", "s")
    d.text(430, 312, "E(S) = b₁ v₁ + b₂ v₂ + … + bₙ vₙ", "b", "middle")
    return d


def transfer() -> Drawing:
    before, amount = (5, 2), 3
    after = (before[0] - amount, before[1] + amount)
    supply = sum(before)
    d = Drawing("transfer", 760, 400, "A transfer is the addition of a vector",
                f"Two accounts as two directions. From the state ({before[0]}, {before[1]}) a transfer of {amount} from A to B adds {amount} times (v_B - v_A) "
                f"and leads to ({after[0]}, {after[1]}), on the line of equal supply.")
    ox, oy, unit = 60, 350, 44

    def at(a, b):
        return ox + a * unit, oy - b * unit

    d.arrow((ox, oy), (ox + 7.6 * unit, oy))
    d.arrow((ox, oy), (ox, oy - 7.6 * unit))
    d.text(ox + 7.6 * unit + 8, oy + 5, "v_A", "b")
    d.text(ox - 12, oy - 7.6 * unit + 4, "v_B", "b", "end")
    d.line(*at(supply, 0), *at(0, supply), "l dash")
    d.text(*[c + s for c, s in zip(at(1.2, supply - 1.2), (10, -4))], f"supply {supply}: every state lies here", "s")
    d.arrow(at(0, 0), at(*before), kind="e-one")
    d.arrow(at(0, 0), at(*after), kind="e-two")
    d.arrow(at(*before), at(*after), kind="e-three")
    bx, by = at(*before)
    ax, ay = at(*after)
    d.text(bx + 12, by + 6, f"E(before) = {before[0]} v_A + {before[1]} v_B", "one")
    d.text(ax + 26, ay - 6, f"E(after) = {after[0]} v_A + {after[1]} v_B", "two")
    d.text((ax + bx) / 2 + 14, (ay + by) / 2 + 4, f"delta = {amount} (v_B - v_A)", "three b")
    d.text(520, 250, f"A pays B {amount}.", "b")
    d.text(520, 274, "delta depends on sender,", "s")
    d.text(520, 292, "receiver and amount alone,", "s")
    d.text(520, 310, "not on any balance.", "s")
    return d


def pipeline(cost: dict) -> Drawing:
    update = cost["update"]
    d = Drawing("pipeline", 1080, 300, "From account ids to a verified proof",
                "Ids go through the encoder and give V; V is rounded to integers; with the balances it gives the state vector; the integers stand in the circuit; "
                "transfers are its witness; the prover makes a proof and the verifier checks it.")
    xs, w = [20, 200, 380, 560, 740, 920], 140
    tops = [[("account ids", "b"), ("up to 128", "s")], [("encoder T", "b"), ("libtorch, float32", "s")], [("V", "b"), ("128 × 512, real", "s")],
            [("V^", "b"), ("int16, public", "s")], [("circuit", "b"), (f"2^{update['k']} rows, fixed", "s")], [("keys", "b"), ("vk.json", "s")]]
    for x, lines, kind in zip(xs, tops, ("", "e-two", "e-two", "e-one", "e-one", "e-one")):
        d.box(x, 40, w, 64, lines, kind)
    for n, label in enumerate(("", "", "round", "constants", "keygen")):
        d.arrow((xs[n] + w, 72), (xs[n + 1] - 2, 72))
        if label:
            d.text(xs[n] + w + 20, 30, label, "s", "middle")
    lower = [None, None, [("balances b", "b"), ("of a ledger", "s")], [("E(S) = b V^", "b"), ("512 integers", "s")],
             [("witness", "b"), ("up to 256 transfers", "s")], [("proof", "b"), (f"{update['proof_bytes']} bytes", "s")]]
    for x, lines, kind in zip(xs, lower, ("", "", "", "e-three", "", "e-three")):
        if lines:
            d.box(x, 180, w, 64, lines, kind)
    d.arrow((xs[2] + w, 212), (xs[3] - 2, 212))
    d.arrow((xs[3] + w / 2, 104), (xs[3] + w / 2, 178))
    d.arrow((xs[3] + w, 212), (xs[4] - 2, 212))
    d.arrow((xs[4] + w, 212), (xs[5] - 2, 212))
    d.arrow((xs[4] + w / 2, 104), (xs[4] + w / 2, 178))
    d.arrow((xs[5] + w / 2, 104), (xs[5] + w / 2, 178))
    d.text(xs[4] + w / 2 + 8, 146, "gates", "s")
    d.text(xs[5] + w / 2 + 8, 146, "prover", "s")
    d.text(20, 200, "train", "m two")
    d.text(20, 220, "once, for any account set", "s")
    d.text(540, 284, "Everything right of V^ is integers: the same bits on every machine, no tolerance.", "s", "middle")
    return d


def modes(cost: dict) -> Drawing:
    d = Drawing("modes", 900, 370, "Public and private mode: what leaves the prover",
                "In public mode three vectors and a proof leave the prover, and whoever has V solves them for balances and net flows. In private mode only commitments and a proof leave.")
    for n, (name, verb, leaves, seen, tone) in enumerate((
            ("public mode", "update", ["prev, delta, new", "3 × 512 integers", f"proof: {cost['update']['proof_bytes']} bytes"],
             ["start and end balances", "net flow of each account", "hidden: the single transfers"], "e-one"),
            ("private mode", "update-private", ["state before, state after", "32 bytes each, in the proof", f"proof: {cost['update-private']['proof_bytes']} bytes"],
             ["that at most 256 valid transfers", "lead from state to state", "hidden: all balances and flows"], "e-three"))):
        y = 50 + n * 170
        d.text(20, y - 18, name, "h")
        d.text(160, y - 18, f"statement {verb}", "m s")
        d.box(20, y, 230, 96, [("the prover has", "b"), ("balances, transfers", ""), ("V^, keys", "")])
        d.box(335, y, 230, 96, [(leaves[0], "b"), (leaves[1], "s"), (leaves[2], "b")], tone)
        d.box(650, y, 230, 96, [("the verifier learns", "b"), *[(line, "s") for line in seen]])
        d.arrow((250, y + 48), (333, y + 48))
        d.arrow((565, y + 48), (648, y + 48))
    d.text(450, 352, "V^ is public in both modes. In private mode a chain must begin at a genesis whose balances are public.", "s", "middle")
    return d


def chain(cost: dict) -> Drawing:
    d = Drawing("chain", 980, 290, "A chain of proofs over hidden states",
                "genesis shows the start balances and commits to them; each update-private leads from one commitment to the next; open shows the balances of a state again.")
    xs = [20, 270, 520, 770]
    for x, (name, lines) in zip(xs, (("genesis", ["balances public", "and in range"]), ("update-private", ["at most 256", "valid transfers"]),
                                     ("update-private", ["at most 256", "valid transfers"]), ("open", ["balances public", "again, if wanted"]))):
        d.box(x, 40, 190, 96, [(name, "m b"), *[(line, "s") for line in lines], (f"{cost[name]['proof_bytes']} bytes", "s")], "e-one")
    for x, label in zip((240, 490, 740), ("state 0", "state 1", "state 2")):
        d.rect(x - 45, 186, 90, 46, "card e-three", 23)
        d.text(x, 205, label, "b", "middle")
        d.text(x, 223, "32 bytes", "s", "middle")
    for left, x in zip((xs[0], xs[1], xs[2]), (240, 490, 740)):
        d.arrow((left + 120, 136), (x - 32, 188))
        d.arrow((x + 32, 188), (x + 80, 138))
    d.text(490, 268, "A state is one commitment, the same 32 bytes in the proof that ends in it and in the one that begins there.", "s", "middle")
    return d


def architecture(cost: dict) -> Drawing:
    d = Drawing("architecture", 1200, 750, "LatentLedger: data, training, evaluation, setup, prove, verify",
                "Five steps on the side of whoever runs the ledger, with what each reads and writes and the libraries it uses; vk.json and proof.json cross to the verifier.")
    rows = [  # y, verb, our libraries, others, inputs, outputs
        (110, "data import", "ledger/", "Arrow, zlib, zstd", [("tables: CSV, Parquet,", ""), ("JSON-RPC blocks", "")], [("ledger", "e-two"), ("exact wei, 32-bit units", "")]),
        (220, "train", "training/  model/", "libtorch", [("account ids", "")], [("encoder T", "e-one"), ("V^: 128 × 512 int16", "e-one")]),
        (330, "evaluate", "training/  model/", "libtorch, oneTBB", [("encoder T", "e-one"), ("ledger", "e-two")], [("additive error in", ""), ("float32, float64, integers", "")]),
        (440, "setup", "circuits/  gadgets/  halo2/", "libsodium, Crypto++", [("V^", "e-one"), ("SRS of a ceremony", "")], [("keys", "e-three"), ("vk.json", "e-three")]),
        (550, "prove", "circuits/  halo2/  algebra/", "oneTBB", [("keys, V^", "e-three"), ("ledger: transfers", "e-two")], [("proof.json", "e-three")]),
    ]
    d.text(120, 34, "reads", "h", "middle")
    d.text(385, 34, "whoever runs the ledger", "h", "middle")
    d.text(655, 34, "writes", "h", "middle")
    d.text(885, 34, "over the wire", "h", "middle")
    d.text(1090, 34, "verifier", "h", "middle")
    d.rect(780, 56, 210, 570, "wire", 10)
    for y, verb, ours, others, inputs, outputs in rows:
        d.box(255, y - 42, 260, 84, [(f"latentledger {verb}", "m b"), (ours, ""), (others, "s")])
        d.chips(20, y, 200, inputs)
        d.chips(550, y, 210, outputs)
        d.arrow((220, y), (253, y))
        d.arrow((515, y), (548, y))
    update, private = cost["update"]["proof_bytes"], cost["update-private"]["proof_bytes"]
    d.text(885, 420, "vk.json, once", "b", "middle", 200)
    d.text(885, 476, "the statement, the accounts,", "s", "middle", 200)
    d.text(885, 494, "V^ by its digest", "s", "middle", 200)
    d.text(885, 527, "proof.json, each batch", "b", "middle", 200)
    d.text(885, 578, f"public: 3 vectors, {update} bytes", "s", "middle", 204)
    d.text(885, 596, f"private: {private} bytes,", "s", "middle", 200)
    d.text(885, 614, "states inside", "s", "middle", 200)
    d.arrow((760, 456), (1008, 456), kind="e-three")
    d.arrow((760, 550), (1008, 550), kind="e-three")
    d.box(1010, 430, 170, 146, [("latentledger", "m b"), ("verify", "m b"), ("artefacts/  halo2/", ""), ("also in C and Python:", "s"), ("capi/, a wheel", "s")])
    d.arrow((1095, 430), (1095, 366))
    d.box(1010, 300, 170, 64, [("accepted, or", "b"), ("refused and why", "b")], "e-two")
    for n, line in enumerate(("what never crosses:", "transfers, weights, the SRS;", "in private mode after genesis", "also balances and flows")):
        d.text(885, 96 + 18 * n, line, "s", "middle", 200)
    d.rect(20, 652, 1160, 78)
    d.text(600, 680, "base/  ·  algebra/: BN254 fields, curves, pairing, NTT, MSM (AVX-512 IFMA, mulx or portable)  ·  halo2/: PLONKish, KZG  ·  ceremony/: the SRS", "", "middle", 1150)
    d.text(600, 708, "Each folder is one library that uses only those below it. libtorch never reaches the prover, halo2 never reaches the trainer: model/ is what they share.", "s", "middle", 1150)
    return d


def main(arguments: list[str]) -> None:
    if len(arguments) != 1 or arguments[0].startswith("-"):
        sys.exit(__doc__.strip())
    folder, cost = pathlib.Path(arguments[0]), costs()
    folder.mkdir(parents=True, exist_ok=True)
    for drawing in (state_vector(), transfer(), pipeline(cost), modes(cost), chain(cost), architecture(cost)):
        part = folder / f"{drawing.name}.svg.part"
        part.write_text(drawing.svg(), encoding="utf-8")
        part.rename(folder / f"{drawing.name}.svg")


if __name__ == "__main__":
    main(sys.argv[1:])
