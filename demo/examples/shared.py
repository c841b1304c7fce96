"""What the three examples share: their options, calls of `latentledger --json`, its files as Python integers. Standard library only."""
import argparse
import array
import csv
import hashlib
import json
import operator
import os
import pathlib
import shutil
import subprocess
import sys
import textwrap

TREE = pathlib.Path(__file__).resolve().parents[2]
MADE = ".made-by-an-example"  # in a folder that the next run may empty
Vector = list[int]


class Unexpected(Exception):
    """Something is not as this example tells it: the message says what."""


class Options(argparse.ArgumentParser):
    """The options that every example has."""

    def __init__(self, document: str, name: str) -> None:
        super().__init__(description=document, formatter_class=argparse.RawDescriptionHelpFormatter)
        self.add_argument("--binary", help="the command [build/release/latentledger of this tree, else `latentledger` on PATH]")
        self.add_argument("--encoder", type=pathlib.Path, default=TREE / "demo/encoder/encoder_final.safetensors",
                          help="trained encoder, a folder of `latentledger train` or its file [demo/encoder of this tree]")
        self.add_argument("-o", "--output", type=pathlib.Path, default=pathlib.Path("out/examples") / name, help="folder to work in [%(default)s]")


class Command:
    """The `latentledger` binary, run in one folder; each call gives the one JSON object that it prints."""

    def __init__(self, binary: str | None, folder: pathlib.Path) -> None:
        built = TREE / "build/release/latentledger"
        found = shutil.which(binary or (built if built.is_file() else "latentledger"))
        if not found:
            raise Unexpected(f"{binary or 'latentledger'} is not there: build it (README.md) or name it with --binary FILE")
        self.binary, self.folder = os.path.abspath(found), folder
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("LATENTLEDGER_") or k == "LATENTLEDGER_KERNELS"}

    def told(self, *words: object) -> tuple[int, dict]:
        """The exit code, and the JSON object of stdout."""
        terminal = sys.stderr.isatty()
        if terminal:
            print(f"... {' '.join(map(str, words[:2]))[:60]}", end="\r", file=sys.stderr, flush=True)
        run = subprocess.run([self.binary, *map(str, words), "--json", "--quiet"], cwd=self.folder, env=self.environment,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if terminal:
            print("\033[K", end="", file=sys.stderr, flush=True)
        try:
            return run.returncode, json.loads(run.stdout)
        except ValueError:
            raise Unexpected(f"`latentledger {words[0]}` printed no JSON (exit {run.returncode}): {(run.stdout + run.stderr).strip()[-500:]}") from None

    def __call__(self, *words: object, code: int = 0) -> dict:
        """The result of a verb that must end with this exit code; of one that must fail, its error."""
        ended, told = self.told(*words)
        if ended != code:
            why = told.get("message") or (told.get("result") or {}).get("reason") or "it was accepted"
            raise Unexpected(f"`latentledger {' '.join(map(str, words))}`: exit {ended}, expected {code}: {why}")
        return told if code or not told["ok"] else told["result"] | {"elapsed_ms": told["elapsed_ms"]}

    def verify(self, keys: str, proof: str) -> str | None:
        """Why the verifier refuses a proof; None when it accepts."""
        code, told = self.told("verify", "--vk", f"{keys}/vk.json", "--proof", proof)
        if code == 0 and told["ok"] and told["result"]["accepted"]:
            return None
        return told["result"]["reason"] if told["ok"] else told["message"]

    def ledger(self, data: pathlib.Path | None, name: str = "ledger") -> dict:
        """A ledger in the folder: of the bundled transfers, of a file of transfers, or a copy of a ledger; its figures."""
        if data and data.is_dir():
            shutil.copytree(data, self.folder / name)
        else:
            self("data", "import", *([data.resolve()] if data else []), "-o", name)
        return self("data", "info", name)


def new_folder(folder: pathlib.Path) -> pathlib.Path:
    """An empty folder; one that an example has made before is emptied, any other that holds something is refused."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())) and not (folder / MADE).is_file():
        raise Unexpected(f"{folder} was not made by this example and is not empty: name another folder with -o")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MADE).touch()
    return folder.resolve()


def rows_of(path: pathlib.Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(path: pathlib.Path, data: bytes) -> None:
    """Under a temporary name first, so that nothing is ever half-written."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    os.replace(part, path)


def public(path: pathlib.Path) -> dict[str, Vector]:
    """The public vectors of a proof."""
    return json.loads(path.read_text(encoding="utf-8"))["public"]


def vhat(path: pathlib.Path) -> tuple[list[int], list[Vector]]:
    """Account ids and V^ by slot, from vhat.safetensors (docs/formats/encoder-files.md)."""
    data = path.read_bytes()
    begin = 8 + int.from_bytes(data[:8], "little")
    head = json.loads(data[8:begin])

    def tensor(name: str, kind: str) -> array.array:
        first, last = head[name]["data_offsets"]
        values = array.array(kind, data[begin + first:begin + last])
        if sys.byteorder == "big":
            values.byteswap()
        return values

    numbers, dims = tensor("vhat", "h"), head["vhat"]["shape"][1]
    return list(tensor("ids", "I")), [list(numbers[i:i + dims]) for i in range(0, len(numbers), dims)]


def embedding(balances: list[int], directions: list[Vector]) -> Vector:
    """E(b) = sum of b_i V^_i, in integers."""
    return [sum(map(operator.mul, balances, column)) for column in zip(*directions)]


def plus(*vectors: Vector) -> Vector:
    return [sum(numbers) for numbers in zip(*vectors)]


def fingerprint(vector: Vector) -> str:
    """SHA-256 of a vector as chain.json has it (docs/formats/chain-files.md)."""
    return hashlib.sha256("".join(f"{number}\n" for number in vector).encode()).hexdigest()


def size(*paths: pathlib.Path) -> int:
    return sum(path.stat().st_size for path in paths)


def expect(holds: bool, what: str) -> None:
    if not holds:
        raise Unexpected(what)


def say(label: str, text: str = "") -> None:
    """A line of the story: a label, then text that is wrapped beside it."""
    lines = textwrap.wrap(text, 74, break_on_hyphens=False) or [""]
    print(f"{label:<12}{lines[0]}".rstrip(), *(f"{'':<12}{line}" for line in lines[1:]), sep="\n", flush=True)


def told_by(story) -> None:
    """Runs an example; what is not as told ends it with exit 1."""
    try:
        story()
    except Unexpected as fault:
        sys.exit(f"error: {fault}")
    except KeyboardInterrupt:
        sys.exit(130)
