#!/usr/bin/env python3
"""Two sequencers whose deltas add up in any order, and what still needs an agreed order.

Both start from one state E and know nothing of each other. An account sends through one of them only (even slots: A, odd slots: B), and a
sequencer takes a transfer only if E and what it has itself taken so far pay for it; everything else waits. So no order of the two can
overdraw. Then somebody breaks that rule, and it shows what a proof says and what it does not.

examples:
  run.py
  run.py --data transfers.csv.gz       your own transfers, in any layout of `latentledger data import`
"""
import array
import json
import operator
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from shared import Command, Options, Vector, embedding, expect, new_folder, plus, public, rows_of, say, told_by, vhat, write  # noqa: E402

SHARE = 256  # transfers of a sequencer at most: what one proof holds
Transfer = tuple[int, int, int]  # sender and receiver by slot, units


def shares(balances: list[int], transfers: list[Transfer]) -> tuple[list[Transfer], list[Transfer], list[Transfer]]:
    """What A takes, what B takes, and what waits. Once a transfer of an account waits, its later ones wait too: then the rest is valid behind."""
    own, taken, rest, waits = [list(balances), list(balances)], ([], []), [], set()
    for sender, receiver, amount in transfers:
        at = sender % 2
        if sender in waits or own[at][sender] < amount or len(taken[at]) == SHARE:
            waits.add(sender)
            rest.append((sender, receiver, amount))
            continue
        own[at][sender] -= amount
        own[at][receiver] += amount
        taken[at].append((sender, receiver, amount))
    return *taken, rest


def replayed(ll: Command, name: str, addresses: list[str], transfers: list[Transfer]) -> dict:
    """A ledger of these transfers in this order, from the same start balances; its figures."""
    rows = (f"{addresses[s]},{addresses[r]},{amount},{n}\n" for n, (s, r, amount) in enumerate(transfers))
    write(ll.folder / f"{name}.csv", ("from,to,value,block_number\n" + "".join(rows)).encode())
    return ll("data", "import", f"{name}.csv", "--choose", "list", "--list", "accounts.txt", "--start-balances", "start.json", "--unit", 1, "-o", name)


def state_after(ll: Command, name: str, count: int, encoder: pathlib.Path) -> Vector:
    """The program's own embedding of the balances after `count` transfers."""
    ll("data", "simulate", "--data", name, "--every", count, "--encoder", encoder, "--embedding", "columns", "-o", f"{name}-states.csv")
    row = next(row for row in rows_of(ll.folder / f"{name}-states.csv") if int(row["index"]) == count)
    return [int(value) for column, value in row.items() if column.startswith("embedding_")]


def in_float32(start: list[int], directions: list[Vector], transfers: list[Transfer]) -> array.array:
    """E plus the deltas one by one, each sum rounded to float32."""
    state = array.array("f", (number / 2**46 for number in embedding(start, directions)))
    for sender, receiver, amount in transfers:
        delta = array.array("f", (amount * (r - s) / 2**46 for s, r in zip(directions[sender], directions[receiver])))
        state = array.array("f", map(operator.add, state, delta))
    return state


def accepted(ll: Command, proof: str, keys: str = "keys") -> dict[str, Vector]:
    """The vectors of a proof that the verifier accepts."""
    why = ll.verify(keys, f"{proof}/proof.json")
    expect(why is None, f"{proof}/proof.json is refused: {why}")
    return public(ll.folder / proof / "proof.json")


def main() -> None:
    options = Options(__doc__, "sequencers")
    options.add_argument("--data", type=pathlib.Path, help="file of transfers, or a ledger's folder [the bundled transfers]")
    given = options.parse_args()
    encoder, folder = given.encoder.resolve(), new_folder(given.output)
    ll = Command(given.binary, folder)

    print("Two sequencers, one vector")
    print()
    ledger = ll.ledger(given.data)
    ll("data", "simulate", "--data", "ledger", "--every", 10**9, "--deltas", "deltas.csv", "-o", "snapshots.csv")
    transfers = [(int(row["sender"]), int(row["receiver"]), int(row["amount"])) for row in rows_of(folder / "deltas.csv")]
    start = [int(row["balance_units"]) for row in rows_of(folder / "ledger/genesis.csv")]
    addresses = [row["address"] for row in rows_of(folder / "ledger/accounts.csv")]
    of_a, of_b, rest = shares(start, transfers)
    expect(bool(of_a and of_b), "one of the two sequencers has no transfer that the start balances pay for")
    say("transfers", f"{len(transfers)} among {ledger['accounts']} accounts: A takes {len(of_a)}, B takes {len(of_b)}, {len(rest)} wait for both")
    # The two orders as ledgers of their own, of the same accounts and start balances, one unit as one wei.
    write(folder / "accounts.txt", "".join(f"{address}\n" for address in addresses).encode())
    write(folder / "start.json", json.dumps({address: {"balance": str(units)} for address, units in zip(addresses, start)}).encode())
    orders = {"AB": replayed(ll, "AB", addresses, of_a + of_b + rest), "BA": replayed(ll, "BA", addresses, of_b + of_a + rest)}
    keys = ll("setup", "--statement", "update", "--encoder", encoder, "--data", "ledger", "-o", "keys")
    ll("setup", "--statement", "delta", "--encoder", encoder, "--data", "ledger", "-o", "keys-delta")
    say("keys", f"of `update` and `delta`; SRS: {keys['srs']['name']} ({keys['srs']['standing']})")
    ids, directions = vhat(folder / "keys/vhat.safetensors")
    start += [0] * (len(ids) - len(start))

    def prove(name: str, data: str, begin: int, count: int) -> dict[str, Vector]:
        ll("prove", "--keys", "keys", "--data", data, "--from", begin, "--count", count, "-o", name)
        return accepted(ll, name)

    print()
    say("apart", "each proves its own share from E, with a proof of `update`:")
    a, b = prove("a-alone", "AB", 0, len(of_a)), prove("b-alone", "BA", 0, len(of_b))
    state = embedding(start, directions)
    expect(a["prev"] == b["prev"] == state, "the two proofs do not start from E")
    for name, vectors in (("A", a), ("B", b)):
        say("", f"{name}: accepted, E -> E + d{name}, d{name} = ({vectors['delta'][0]}, {vectors['delta'][1]}, ..., {vectors['delta'][-1]})")

    print()
    together = plus(state, a["delta"], b["delta"])
    expect(together == plus(state, b["delta"], a["delta"]), "E + dA + dB is not E + dB + dA")
    both = len(of_a) + len(of_b)
    for name in orders:
        expect(state_after(ll, name, both, encoder) == together, f"the ledger replayed in the order {name} has another vector")
    say("together", f"E + dA + dB = E + dB + dA = the embedding of the ledger replayed A then B = B then A: {len(together)} of {len(together)} integers equal")
    hashes = {order["final_state_hash"] for order in orders.values()} | {ledger["final_state_hash"]}
    expect(len(hashes) == 1, "the three orders end in different balances")
    say("", f"with the {len(rest)} that waited, both orders and the ledger's own end in one state: hash {hashes.pop()[:16]}...")
    floats = [in_float32(start, directions, order) for order in (of_a + of_b, of_b + of_a)]
    differ = sum(x != y for x, y in zip(*floats))
    say("", f"for contrast, the same {both} deltas added up in float32: the two orders differ in {differ} of {len(together)} numbers")

    print()
    say("chained", "who checks a chain wants each proof to start where the last ended, so the second proves again from there:")
    for order, first, second, begin, count in (("AB", a, b, len(of_a), len(of_b)), ("BA", b, a, len(of_b), len(of_a))):
        vectors = prove(f"{order[1].lower()}-after-{order[0].lower()}", order, begin, count)
        expect(vectors["prev"] == first["new"] and vectors["delta"] == second["delta"] and vectors["new"] == together, f"the chain {order} does not fit")
        say("", f"{order[0]} then {order[1]}: accepted; the delta of {order[1]} is the one it had alone, and the end the same")

    print()
    rich = max(range(len(addresses)), key=lambda slot: start[slot])
    first, second = [slot for slot in range(len(addresses)) if slot != rich][:2]
    say("conflict", f"now the account in slot {rich} pays its whole {start[rich]} units twice: to slot {first} through A, to slot {second} through B")
    lines = {"a": f"{ids[rich]},{ids[first]},{start[rich]}\n", "b": f"{ids[rich]},{ids[second]},{start[rich]}\n"}
    for name, parts in {"a": "a", "b": "b", "ab": "ab", "ba": "ba"}.items():
        write(folder / f"twice-{name}.csv", ("sender,receiver,amount\n" + "".join(lines[part] for part in parts)).encode())
    found = []
    for name, receiver in (("a", first), ("b", second)):
        ll("prove", "--keys", "keys-delta", "--data", "ledger", "--sender", ids[rich], "--receiver", ids[receiver], "--amount", start[rich], "-o", f"twice-{name}-delta")
        ll("prove", "--keys", "keys", "--data", "ledger", "--batch", f"twice-{name}.csv", "-o", f"twice-{name}")
        found.append(accepted(ll, f"twice-{name}"))
        expect(accepted(ll, f"twice-{name}-delta", "keys-delta")["delta"] == found[-1]["delta"], "`delta` and `update` disagree")
    say("`delta`", "both accepted: it says that a vector is the delta of some transfer, and nothing of balances")
    say("`update`", "both accepted, each from E: either payment alone is valid. The sums agree as well, E + dA + dB = E + dB + dA, "
                    "but no balances of 0 or more have this vector")
    for name, order in (("ab", "A then B"), ("ba", "B then A")):
        told = ll("prove", "--keys", "keys", "--data", "ledger", "--batch", f"twice-{name}.csv", "-o", f"twice-{name}", code=5)
        expect("overdraft" in told["message"], f"refused, but for another reason: {told['message']}")
        say(order, f"no proof can be made: {told['message'].split(';')[0]}")
    expect(found[1]["prev"] != found[0]["new"], "the second payment's proof starts where the first ended")
    say("", "and B's proof from E does not start at E + dA: a verifier of the chain refuses it")

    print()
    changed = json.loads((folder / "b-alone/proof.json").read_text())
    for name in ("delta", "new"):
        changed["public"][name][0] += 1
    (folder / "altered").mkdir()
    write(folder / "altered/proof.json", json.dumps(changed).encode())
    why = ll.verify("keys", "altered/proof.json")
    expect(why is not None, "B's delta with one unit more in one number was NOT refused")
    say("altered", f"dB with one more in one number: refused, {why}")
    say("so", "sums need no order. Validity is of a state: two proofs from E are valid in every order if no account sends through both, "
              "and that no proof shows; a chain in an agreed order needs no such promise")


if __name__ == "__main__":
    told_by(main)
