#!/usr/bin/env python3
"""An auditor who keeps one vector instead of a ledger, and an operator who tries to cheat.

The operator has the ledger and proves its settlements in batches, two days of them. The auditor (audit.py, a program of its own) has a
verifying key, the state it kept, and the proofs that it is handed; never a transfer, a balance or V^.

examples:
  run.py                               bundled transfers, public vectors
  run.py --private                     states are commitments of 32 bytes
  run.py --data transfers.csv.gz       your own transfers, in any layout of `latentledger data import`
"""
import json
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from shared import Command, Options, Unexpected, embedding, expect, fingerprint, new_folder, plus, public, rows_of, say, size, told_by, vhat, write  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
BATCHES = 3  # proofs a day


def audit(ll: Command, *proofs: pathlib.Path) -> tuple[bool, str]:
    """The auditor looks at proofs: whether it takes them all, and its last words."""
    run = subprocess.run([sys.executable, HERE / "audit.py", "--binary", ll.binary, "--keep", "auditor", *proofs], cwd=ll.folder,
                         capture_output=True, text=True, check=False)
    if run.returncode not in (0, 3, 4) or run.stderr:
        raise Unexpected(f"audit.py: exit {run.returncode}: {run.stdout + run.stderr}")
    return run.returncode == 0, run.stdout.strip().split("\n")[-1]


def refused(ll: Command, what: str, why: str, *proofs: pathlib.Path) -> None:
    """The auditor must refuse, for this reason, and keep what it has."""
    state = (ll.folder / "auditor/state.bin").read_bytes()
    taken, words = audit(ll, *proofs)
    expect(not taken, f"{what}: the auditor did NOT refuse it")
    expect(why in words, f'{what}: not refused because "{why}" but: {words}')
    expect((ll.folder / "auditor/state.bin").read_bytes() == state, f"{what}: refused, but the auditor's state has changed")
    say("", words)


def without_a_settlement(ll: Command, proof: pathlib.Path, gone: dict[str, str], to: pathlib.Path) -> None:
    """The proof of a batch, its vectors made those of the batch without one settlement."""
    _, directions = vhat(ll.folder / "keys/vhat.safetensors")
    sent, received = directions[int(gone["sender"])], directions[int(gone["receiver"])]
    back = [int(gone["amount"]) * (s - r) for s, r in zip(sent, received)]
    changed = json.loads(proof.read_text())
    for name in ("delta", "new"):
        changed["public"][name] = plus(changed["public"][name], back)
    write(to, json.dumps(changed).encode())


def altered(proof: pathlib.Path, private: bool, to: pathlib.Path) -> str:
    """One number of the new vector raised by 1, in `delta` too, so that they still add up; in private mode one bit of the proof."""
    changed = json.loads(proof.read_text())
    if private:
        at = len(changed["proof"]) - 2 * (64 + 20)  # in the last of the evaluations, which stand before two points
        changed["proof"] = changed["proof"][:at] + f"{int(changed['proof'][at], 16) ^ 1:x}" + changed["proof"][at + 1:]
    else:
        for name in ("delta", "new"):
            changed["public"][name][100] += 1
    write(to, json.dumps(changed).encode())
    return "one bit of the first proof changed" if private else "one of the 512 numbers raised by 1"


def main() -> None:
    options = Options(__doc__, "auditor")
    options.add_argument("--data", type=pathlib.Path, help="file of transfers, or a ledger's folder [the bundled transfers]")
    options.add_argument("--private", action="store_true", help="hide balances and flows from the auditor too")
    given = options.parse_args()
    encoder, private = given.encoder.resolve(), given.private
    folder = new_folder(given.output)
    ll = Command(given.binary, folder)

    print("An auditor who keeps one vector" if not private else "An auditor who keeps 32 bytes")
    print()
    ledger = ll.ledger(given.data)
    batch = min(256, ledger["unit_transfers"] // (2 * BATCHES))
    expect(batch >= 2, f"two days of {BATCHES} batches need {4 * BATCHES} transfers, the ledger has {ledger['unit_transfers']}")
    day = BATCHES * batch
    say("ledger", f"{ledger['accounts']} accounts, {ledger['unit_transfers']} transfers; a day has {day} of them, in {BATCHES} proofs")

    # The operator: keys, and a chain of proofs over both days.
    statement = "update-private" if private else "update"
    if private:
        ll("setup", "--statement", "genesis", "--encoder", encoder, "--data", "ledger", "-o", "keys-genesis")
    keys = ll("setup", "--statement", statement, "--encoder", encoder, "--data", "ledger", "-o", "keys")
    say("keys", f"in {keys['elapsed_ms'] / 1000:.1f} s; SRS: {keys['srs']['name']} ({keys['srs']['standing']})")
    made = ll("prove-batch", "--keys", "keys", *(["--genesis-keys", "keys-genesis", "--keep-states"] if private else []), "--data", "ledger",
              "--count", 2 * day, "--batch-size", batch, "-o", "chain")
    say("proofs", f"{made['proofs']} of {made['proof_bytes']} bytes in {made['prove_ms'] / 1000:.1f} s")
    chain = [folder / f"chain/proof-{i:06}.json" for i in range(2 * BATCHES)]
    yesterday, today = chain[:BATCHES], chain[BATCHES:]

    # Once, before the first day: both agree on the opening balances. The auditor keeps their state and forgets them.
    balances = [int(row["balance_units"]) for row in rows_of(folder / "ledger/genesis.csv")]
    _, directions = vhat(folder / "keys/vhat.safetensors")
    opening = embedding(balances + [0] * (len(directions) - len(balances)), directions)
    (folder / "auditor").mkdir()
    shutil.copy(folder / "keys/vk.json", folder / "auditor/vk.json")
    if private:
        expect(ll.verify("keys-genesis", "chain/genesis.json") is None, "the proof of the opening state is not accepted")
        expect(public(folder / "chain/genesis.json")["embedding"] == opening, "the opening state is not of the balances agreed on")
        state = ll("verify", "--vk", "keys-genesis/vk.json", "--proof", "chain/genesis.json")["states"][0]
        write(folder / "auditor/state.bin", bytes.fromhex(state))
    else:
        write(folder / "auditor/state.bin", b"".join(number.to_bytes(8, "little", signed=True) for number in opening))
    kept = folder / "auditor/state.bin"
    print()

    taken, words = audit(ll, *yesterday)
    expect(taken, f"yesterday's proofs: {words}")
    say("yesterday", f"{BATCHES} proofs, each accepted and each starting where the one before ended")
    before = kept.read_bytes()

    print()
    say("cheats", "the operator hands over other files in the place of today's")
    # A transfer whose absence changes nothing but itself: the last of today's first batch.
    ll("data", "simulate", "--data", "ledger", "--every", 10**9, "--deltas", "deltas.csv", "-o", "snapshots.csv")
    first = rows_of(folder / "deltas.csv")[day:day + batch]
    (folder / "cheats").mkdir()
    if not private:
        say("1", "one settlement dropped from the first batch, `delta` and `new` put right by hand, the proof kept:")
        without_a_settlement(ll, today[0], first[-1], folder / "cheats/dropped.json")
        refused(ll, "a settlement dropped by hand", "does not hold", folder / "cheats/dropped.json", *today[1:])
    say("1" if private else "2", "the settlement dropped and the first batch proved again, with a proof that holds; the rest of the day as it was:")
    ll("prove", "--keys", "keys", "--data", "ledger", *(["--state", f"chain/secret/state-{BATCHES:06}.json"] if private else []),
       "--from", day, "--count", batch - 1, "-o", "cheats/again")
    refused(ll, "a settlement dropped and proved again", "starts from another", folder / "cheats/again/proof.json", *today[1:])
    say("2" if private else "3", "a proof of yesterday, replayed:")
    refused(ll, "a proof replayed", "starts from another", yesterday[0], *today)
    words = altered(today[0], private, folder / "cheats/altered.json")
    say("3" if private else "4", f"{words}:")
    refused(ll, words, "does not hold", folder / "cheats/altered.json", *today[1:])

    print()
    taken, words = audit(ll, *today)
    expect(taken, f"today's proofs: {words}")
    after = kept.read_bytes()
    expect(after != before, "the auditor's state has not moved")
    listed = json.loads((folder / "chain/chain.json").read_text())["states"]
    numbers = [int.from_bytes(after[i:i + 8], "little", signed=True) for i in range(0, len(after), 8)]
    expect(listed[-1] == (after.hex() if private else fingerprint(numbers)), "the auditor's state is not the operator's")
    if private:
        say("today", f"{BATCHES} proofs accepted; the state at the end of the day is {after.hex()}")
    else:
        say("today", f"{BATCHES} proofs accepted; the vector at the end of the day is ({numbers[0]}, {numbers[1]}, ..., {numbers[-1]}), SHA-256 {fingerprint(numbers)}")

    print()
    tables = [folder / "ledger" / name for name in ("accounts.csv", "genesis.csv", "transfers.parquet")]
    say("kept", f"{size(kept):,} bytes, and a key of {size(folder / 'auditor/vk.json'):,}, however long the history is; the ledger's files have {size(*tables):,} so far "
                f"({len(directions)} balances of 4 bytes alone: {4 * len(directions)})")
    least = f"{made['proof_bytes']} bytes of proof and " + ("its two states are in it" if private else f"{8 * len(opening):,} of `delta`")
    say("read", f"today {size(*today):,} bytes of proof.json, and thrown away; what a batch of {batch} needs at least: {least}")
    say("not said", "that every settlement is there: an operator who leaves one out and proves all that follows again has proved "
                    "another valid day, with another state at its end")


if __name__ == "__main__":
    told_by(main)
