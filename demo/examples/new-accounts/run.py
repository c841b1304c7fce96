#!/usr/bin/env python3
"""Accounts that the encoder has never seen: keys for them without any training.

The frozen encoder is a network from account ids to directions V. For each set of accounts: keys, a proof, its verification; and how good V
is, beside random directions, from the integers in vhat.safetensors: largest cosine between two accounts, and condition (largest
singular value of V by the smallest; 1 is orthonormal).

examples:
  run.py                                           three generated ledgers of 128 accounts each
  run.py --sets 10
  run.py --data mine.csv.gz --data others.parquet  your own, in any layout of `latentledger data import`
"""
import hashlib
import math
import operator
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from shared import Command, Options, expect, new_folder, say, told_by, vhat  # noqa: E402

FIRST_SEED = 101
Matrix = list[list[float]]


def positive(matrix: Matrix, sign: int, shift: float) -> bool:
    """Whether sign (matrix - shift I) is positive definite: whether it has a Cholesky factor."""
    factor: Matrix = []
    for i, row in enumerate(matrix):
        line: list[float] = []
        for j in range(i):
            line.append((sign * row[j] - sum(map(operator.mul, line, factor[j]))) / factor[j][j])
        rest = sign * (row[i] - shift) - sum(map(operator.mul, line, line))
        if rest <= 0:
            return False
        factor.append([*line, math.sqrt(rest)])
    return True


def eigenvalue(matrix: Matrix, sign: int, low: float, high: float) -> float:
    """The smallest (sign 1) or largest (sign -1) eigenvalue, by bisection to 8 digits."""
    while high - low > 1e-8 * high:
        middle = (low + high) / 2
        if positive(matrix, sign, middle) == (sign == 1):
            low = middle
        else:
            high = middle
    return high


def quality(directions: Matrix) -> tuple[float, float]:
    """Condition of the directions, and the largest cosine between two of them."""
    scale = max(abs(x) for row in directions for x in row)
    rows = [[x / scale for x in row] for row in directions]
    gram = [[sum(map(operator.mul, a, b)) for b in rows[:i + 1]] for i, a in enumerate(rows)]  # the lower half
    lengths = [math.sqrt(gram[i][i]) for i in range(len(gram))]
    cosine = max(abs(gram[i][j]) / lengths[i] / lengths[j] for i in range(len(gram)) for j in range(i))
    spread = [sum(abs(x) for x in gram[i][:i]) + sum(abs(gram[j][i]) for j in range(i + 1, len(gram))) for i in range(len(gram))]
    high = max(gram[i][i] + spread[i] for i in range(len(gram))) * 1.0001  # Gershgorin: no eigenvalue beyond
    low = max(0.0, min(gram[i][i] - spread[i] for i in range(len(gram))) * 0.9999)
    return math.sqrt(eigenvalue(gram, -1, low, high) / eigenvalue(gram, 1, low, high)), cosine


def main() -> None:
    options = Options(__doc__, "new-accounts")
    options.add_argument("--sets", type=int, default=3, help="generated ledgers, of seeds 101, 102, ... [3; with --data none]")
    options.add_argument("--data", type=pathlib.Path, action="append", help="file of transfers, or a ledger's folder; again for several")
    given = options.parse_args()
    encoder, folder = given.encoder.resolve(), new_folder(given.output)
    ll = Command(given.binary, folder)
    file = encoder / "encoder.safetensors" if encoder.is_dir() else encoder
    expect(file.is_file(), f"{file} is not there")

    print("New accounts, one encoder")
    print()
    say("encoder", f"{file.name}, SHA-256 {hashlib.sha256(file.read_bytes()).hexdigest()[:16]}...; nothing below trains it")
    names = [path.name.split(".")[0] for path in given.data or []] or [f"seed {FIRST_SEED + n}" for n in range(given.sets)]
    expect(bool(names), "--sets 0 leaves nothing to do")
    print()
    print(f"{'accounts':<14}{'first id':<12}{'keys':>8}{'proof':>9}{'verify':>10}{'condition':>12}{'largest cosine':>17}")
    seen, qualities, read_back, gaussian, standing = set(), [], [], [], ""
    for number, name in enumerate(names):
        ledger = f"set-{number}/ledger"
        if given.data:
            figures = ll.ledger(given.data[number], ledger)
        else:
            ll("data", "generate", "--profile", "ethereum", "--seed", FIRST_SEED + number, "--transfers", 1000, "-o", ledger)
            figures = ll("data", "info", ledger)
        keys, proof = f"set-{number}/keys", f"set-{number}/proof"
        setup = ll("setup", "--statement", "update", "--encoder", encoder, "--data", ledger, "-o", keys)
        count = min(256, figures["unit_transfers"])
        proved = ll("prove", "--keys", keys, "--data", ledger, "--count", count, "-o", proof)
        verified = ll("verify", "--vk", f"{keys}/vk.json", "--proof", f"{proof}/proof.json")
        expect(verified["accepted"], f"{name}: the proof is refused")
        ids, directions = vhat(folder / keys / "vhat.safetensors")
        qualities.append(quality(directions))
        ids = ids[:figures["accounts"]]
        expect(bool(given.data) or not seen & set(ids), f"{name}: an account of an earlier set")
        seen |= set(ids)
        evaluated = ll("evaluate", "--encoder", encoder, "--data", ledger, "--transfers", count, "--recover", 100, "-o", f"set-{number}/evaluation")
        expect(evaluated["passes"]["quantised"]["max_abs"] == 0, f"{name}: E(S) + delta is not E(S after)")
        read_back.append(evaluated["recovery"]["cases"]["ledger"])
        gaussian.append(evaluated["recovery"]["gaussian"]["best_step"])
        standing = f"{setup['srs']['name']} ({setup['srs']['standing']})"
        condition, cosine = qualities[-1]
        print(f"{name[:13]:<14}{ids[0]:<12}{setup['elapsed_ms'] / 1000:>6.1f} s{proved['elapsed_ms'] / 1000:>7.1f} s"
              f"{verified['verify_ms']:>7.1f} ms{condition:>12.4f}{cosine:>17.1e}", flush=True)
    chance = random.Random(1)
    dims = len(directions[0])
    by_chance = quality([[chance.gauss(0, 1) for _ in range(dims)] for _ in directions])
    print(f"{'random':<14}{f'{len(directions)} Gaussian directions':<39}{by_chance[0]:>12.4f}{by_chance[1]:>17.1e}")
    worst = max(condition for condition, _ in qualities), max(cosine for _, cosine in qualities)
    expect(worst[0] < by_chance[0] and worst[1] < by_chance[1], "random directions are no worse than the encoder's")

    print()
    say("keys", f"with the encoder's run on {'the' if len(names) == 1 else 'each'} set in it, no step of training; SRS: {standing}")
    say("additive", "E(S) + delta = E(S after) for every transfer proved: error 0 in integers")
    states, back = sum(case["states"] for case in read_back), sum(case["recovered"] for case in read_back)
    expect(states == back, f"{states - back} of {states} states were not read back from their embedding")
    say("read back", f"{back} of {states} states from their embedding, in at most {max(case['max_steps'] for case in read_back)} steps of one product with V each; "
                     f"random directions need {max(case['max_steps'] for case in gaussian)} at their best step")
    if len(names) > 1:
        why = ll.verify("set-0/keys", "set-1/proof/proof.json")
        expect(why is not None, "a proof of other accounts was NOT refused")
        say("kept apart", f"a proof of {names[1]} under the key of {names[0]}: refused, {why.replace('set-1/proof/', '')}")


if __name__ == "__main__":
    told_by(main)
