#!/usr/bin/env python3
"""Every block of commands in README.md, CONTRIBUTING.md, SECURITY.md, demo/examples/README.md and docs/ is run, page by page.

    e2e_docs.py BINARY SOURCE_FOLDER [PYTHON] [PAGE...]

A block is a fence. ```sh and ```python are run in order, each page in a fresh folder, `latentledger` on the PATH; PYTHON has numpy.
Marks are HTML comments right above a fence:

    <!-- not run: REASON -->          printed with its reason, and counted
    <!-- run with: NAME=VALUE ... --> variables of the block, such as LATENTLEDGER_TRAIN_STEPS=8
    <!-- run as: COMMANDS -->         other commands in the place of these
    <!-- first: COMMANDS -->          commands before it, which prepare what the page takes for granted
    <!-- needs: FILE ... -->          inputs that this test makes (INPUTS below), or links to files of the source folder
    <!-- output -->                   above ```text: what the block before printed; "…" stands for anything

Run or not, each command must be one: verbs and options are those of `latentledger help --json`, scripts and presets exist. That is
also asked of `latentledger ...` in the middle of a sentence. A block that is no fence, or a command in a fence of another kind, fails.
"""
import concurrent.futures
import gzip
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time

LANGUAGES = {"sh", "text", "python", "cpp", "c", "cmake", "json", "toml"}
MARKS = ("not run", "run with", "run as", "first", "needs", "output")
COMMAND = re.compile(r"^\s*(\$ |\./|latentledger |cmake --|ctest |docker |pip |npm |python3? |apt-get |tools/\S+ |tests/\S+\.(py|sh) |build/release/)")
SECONDS = 240  # of one block


class Block:
    """One fence: where it stands, its marks and its text."""

    def __init__(self, line: int, language: str, marks: dict[str, str], text: str) -> None:
        self.line, self.language, self.marks, self.text = line, language, marks, text


class Page:
    """The fences of a page, and what is wrong with them."""

    def __init__(self, path: pathlib.Path, name: str) -> None:
        self.name, self.blocks, self.faults = name, [], []
        lines = path.read_text(encoding="utf-8").split("\n")
        prose, marks, i = [], {}, 0
        while i < len(lines):
            line = lines[i]
            if line.lstrip().startswith("<!--"):
                begin = i
                while "-->" not in lines[i]:
                    i += 1
                    if i == len(lines):
                        self.fault(begin, "a comment without an end")
                        return
                self.mark(begin, "\n".join(lines[begin:i + 1]), marks)
            elif fence := re.match(r"^(\s*)(```+|~~~+)\s*(\S*)\s*$", line):
                begin, end = i, i + 1
                while end < len(lines) and not lines[end].strip() == fence[2]:
                    end += 1
                if end == len(lines):
                    self.fault(begin, "a fence without an end")
                    return
                self.fence(begin, fence[3], marks, lines[begin + 1:end])
                marks, i = {}, end
            elif line.strip():
                if marks:
                    self.fault(i, f"marks without a fence below them: {', '.join(marks)}")
                    marks = {}
                if line.startswith(("    ", "\t")) and not lines[i - 1].strip() and i:
                    self.fault(i, "an indented block: make it a fence, ```sh when it is commands, ```text when not")
                prose.append((i, line))
            i += 1
        self.prose = prose

    def fault(self, index: int, text: str) -> None:
        self.faults.append(f"{self.name}:{index + 1}: {text}")

    def mark(self, index: int, comment: str, marks: dict[str, str]) -> None:
        text = comment.strip().removeprefix("<!--").removesuffix("-->").strip()
        name, colon, value = text.partition(":")
        if name in MARKS and (colon or name == "output"):
            if name in marks or (colon and not value.strip()):
                self.fault(index, f'the mark "{name}" stands twice or is empty')
            marks[name] = value.strip()
        elif re.match(r"(not |run|first|need|output|skip)", text):
            self.fault(index, f'"{text[:40]}" is no mark; marks are {", ".join(MARKS)}')

    def fence(self, index: int, language: str, marks: dict[str, str], body: list[str]) -> None:
        if language not in LANGUAGES:
            self.fault(index, f'a fence of kind "{language}"; kinds are {", ".join(sorted(LANGUAGES))}')
        if language not in ("sh", "python"):
            self.faults += [f"{self.name}:{index + 2 + n}: a command in a fence of kind {language}: {line.strip()}"
                            for n, line in enumerate(body) if COMMAND.match(line)]
        allowed = {"sh": set(MARKS) - {"output"}, "python": set(MARKS) - {"output", "run as"}, "text": {"output"}}.get(language, set())
        if stray := set(marks) - allowed:
            self.fault(index, f"marks that a fence of kind {language} does not have: {', '.join(stray)}")
        self.blocks.append(Block(index + 1, language, marks, "\n".join(body)))


def commands_of(text: str) -> list[list[str]]:
    """The simple commands of a script, as words."""
    out = []
    for line in text.replace("\\\n", " ").split("\n"):
        if line.strip() == "...":
            continue
        lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|<>()")
        lexer.whitespace_split, lexer.commenters = True, "#"
        words = []
        try:
            for word in lexer:
                if word in (";", "&&", "||", "|", "&", "(", ")"):
                    out.append(words)
                    words = []
                else:
                    words.append(word)
        except ValueError:  # a quotation over several lines: bash will judge it
            continue
        out.append(words)
    named = re.compile(r"^[A-Z_][A-Z0-9_]*=")
    out = [[word for n, word in enumerate(words) if n or not named.match(word)] for words in out]
    return [words for words in out if words]


class Checker:
    """Whether a command is one that exists."""

    def __init__(self, binary: pathlib.Path, source: pathlib.Path) -> None:
        self.source = source
        self.tree = json.loads(subprocess.run([binary, "help", "--json"], capture_output=True, text=True, check=True).stdout)["result"]
        presets = json.loads((source / "CMakePresets.json").read_text())
        self.presets = {preset["name"] for kind in ("configurePresets", "buildPresets", "testPresets") for preset in presets.get(kind, [])}

    def refusal(self, words: list[str]) -> str | None:
        program = words[0]
        if program == "latentledger" or "latentledger" in words[1:] and program in ("torchrun", "mpirun"):
            return self.of_ours(words[words.index("latentledger") + 1:])
        script = self.source / program
        if program.startswith(("./", "tools/", "tests/")) and not program.startswith("./latentledger"):
            if not script.is_file():
                return f"{program} is not there"
            text = script.read_text(encoding="utf-8", errors="replace")
            if gone := [word for word in words[1:] if re.match(r"--[a-z]", word) and word.split("=")[0] not in text and program == "./setup.sh"]:
                return f"{program} knows no {gone[0]}"
        if program in ("cmake", "ctest") and "--preset" in words:
            preset = words[words.index("--preset") + 1]
            if preset not in self.presets:
                return f"no preset {preset}"
        return None

    def of_ours(self, words: list[str]) -> str | None:
        verb, options = self.tree, {name: option for option in self.tree["options"] for name in option["names"]}
        for word in words:
            name = word.split("=")[0]
            if re.match(r"--?[a-z]", name):
                if name not in options:
                    return f"`{verb['name'] or 'latentledger'}` has no option {name}"
            elif verb["verbs"] and verb is not None and re.match(r"^[a-z-]+$", word):
                inner = [v for v in verb["verbs"] if v["name"].split()[-1] == word]
                if inner:
                    verb = inner[0]
                    options = options | {n: option for option in verb["options"] for n in option["names"]}
                elif verb is self.tree or not verb["positionals"]:
                    if not any(word in (o["choices"] or []) for o in options.values()):
                        return f"no verb {word} in `{verb['name'] or 'latentledger'}`"
        return None


ACCOUNTS = [f"0x{i:040x}" for i in range(1, 9)]


def transfers(header: str, row) -> str:
    return header + "\n" + "".join(row(n, ACCOUNTS[n % 7], ACCOUNTS[(n * 3 + 1) % 7 if n % 7 != (n * 3 + 1) % 7 else 7]) + "\n" for n in range(60))


def tokens(folder: pathlib.Path) -> None:
    contracts = (("0xdac17f958d2ee523a2206206994597c13d831ec7", "USDT", 6), ("0x6b175474e89094c44da98b954eedeac495271d0f", "DAI", 18))
    header = "blockNumber,transactionIndex,hash,from,to,value,contractAddress,tokenSymbol,tokenDecimal"
    text = transfers(header, lambda n, a, b: "{0},0,0x{0:064x},{1},{2},{3},{4},{5},{6}".format(
        n, a, b, (n + 1) * 10 ** (contracts[n % 2][2] - 2), *contracts[n % 2]))
    (folder / "tokentx.csv.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


def blocks(folder: pathlib.Path) -> None:
    rows = [{"number": hex(n), "transactions": [{"hash": f"0x{n + 1000:064x}", "from": ACCOUNTS[n % 7], "to": ACCOUNTS[(n + 1) % 7], "value": hex(10**18 + n),
                                                "input": "0x", "transactionIndex": "0x0", "blockNumber": hex(n)}]} for n in range(60)]
    text = json.dumps(rows).encode()
    # One Zstandard frame of one raw block (RFC 8878, 3.1.1), as Python has no compressor for it.
    (folder / "blocks.json.zst").write_bytes(b"\x28\xb5\x2f\xfd\xa0" + len(text).to_bytes(4, "little") + (1 | len(text) << 3).to_bytes(3, "little") + text)


def etherscan(folder: pathlib.Path) -> None:
    text = transfers("blockNumber,transactionIndex,hash,from,to,value,input,isError",
                     lambda n, a, b: f"{n},0,0x{n:064x},{a},{b},{10**18 + n},0x,0")
    (folder / "txlist.csv.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


def selection(folder: pathlib.Path) -> None:
    (folder / "history.csv").write_text(transfers("from,to,value,block_number", lambda n, a, b: f"{a},{b},{10**18 + n},{n}"))


def unknown(folder: pathlib.Path) -> None:
    (folder / "transfers.parquet").write_text(transfers("payer,payee,amount_wei,height", lambda n, a, b: f"{a},{b},{10**18 + n},{n}"))


class Runner:
    """Runs the blocks of pages."""

    def __init__(self, binary: pathlib.Path, source: pathlib.Path, python: str, work: pathlib.Path) -> None:
        self.binary, self.source, self.python, self.work = binary, source, python, work
        self.lock, self.made = threading.Lock(), set()
        (work / "bin").mkdir()
        (work / "bin" / "latentledger").symlink_to(binary)
        self.inputs = {"transactions.csv.gz": lambda to: shutil.copy(source / "demo/data/synthetic_transactions.csv.gz", to / "transactions.csv.gz"),
                       # What a table is, is told by its bytes and not by its name: this one is CSV.
                       "transfers.parquet": unknown,
                       "blocks.json.zst": blocks, "txlist.csv.gz": etherscan, "tokentx.csv.gz": tokens, "history.csv": selection,
                       "latentledger-work/ledger": lambda to: self.shared("ledger", to), "latentledger-work/encoder": lambda to: self.shared("encoder", to)}

    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("LATENTLEDGER_")}
        return kept | {"PATH": f"{self.work / 'bin'}{os.pathsep}{os.environ['PATH']}", "SOURCE": str(self.source), "PYTHON": self.python, "NO_COLOR": "1"}

    def shared(self, name: str, to: pathlib.Path) -> None:
        """The bundled ledger and a network of a few steps: made once, a copy for each page that wants it."""
        with self.lock:
            for verb in (["data", "import"], ["train", "--brief", "--steps", "4"]):
                folder = "ledger" if verb[0] == "data" else "encoder"
                if folder not in self.made:
                    subprocess.run([self.binary, *verb, "-q"], cwd=self.work, env=self.environment(), check=True, capture_output=True)
                    self.made.add(folder)
        (to / "latentledger-work").mkdir(exist_ok=True)
        shutil.copytree(self.work / "latentledger-work" / name, to / "latentledger-work" / name)

    def provide(self, name: str, folder: pathlib.Path) -> None:
        if name in self.inputs:
            self.inputs[name](folder)
        else:
            target = self.binary.parent if name == "build/release" else self.source / name
            assert target.exists(), f"{name} is no input of this test and no file of the source folder"
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to(target)

    def page(self, page: Page) -> tuple[list[str], list[str]]:
        """What was run, one line a block; and what went wrong."""
        folder = self.work / "pages" / page.name.replace("/", "+")
        folder.mkdir(parents=True)
        done, printed = [], None
        for block in page.blocks:
            place = f"{page.name}:{block.line}"
            if "output" in block.marks:
                pattern = ".*?".join(re.escape(part) for part in block.text.strip().split("…"))
                if printed is None:
                    return done, [f"{place}: an output, and no block above it was run"]
                if not re.search(pattern, printed, re.DOTALL):
                    return done, [f"{place}: this is not what the block before printed, which is\n{printed}"]
                done.append(f"ok  {place}  the output above it")
                continue
            if block.language not in ("sh", "python") or "not run" in block.marks:
                printed = None
                continue
            begin = time.monotonic()
            try:
                for name in block.marks.get("needs", "").split():
                    self.provide(name, folder)
                variables = self.environment() | dict(pair.split("=", 1) for pair in shlex.split(block.marks.get("run with", "")))
                if "first" in block.marks:
                    self.run(["bash", "-euo", "pipefail", "-c", block.marks["first"]], folder, variables)
                text = block.marks.get("run as", block.text)
                printed = self.run(["bash", "-euo", "pipefail", "-c", text] if block.language == "sh" else [self.python, "-c", text], folder, variables)
            except (AssertionError, subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
                return done, [f"{place}: {error}"]
            how = "as marked" if "run as" in block.marks else "with " + block.marks["run with"] if "run with" in block.marks else ""
            done.append(f"ok  {place}  {time.monotonic() - begin:.1f} s  {how}".rstrip())
        return done, []

    @staticmethod
    def run(command: list[str], folder: pathlib.Path, variables: dict[str, str]) -> str:
        run = subprocess.run(command, cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             timeout=SECONDS, check=False)
        assert run.returncode == 0, f"exit {run.returncode} of\n{command[-1]}\n{run.stdout[-3000:]}"
        return run.stdout


def pages_of(source: pathlib.Path) -> list[Page]:
    paths = [source / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "demo/examples/README.md")] + sorted((source / "docs").rglob("*.md"))
    return [Page(path, str(path.relative_to(source))) for path in paths]


def faults_of(page: Page, checker: Checker) -> list[str]:
    faults = list(page.faults)
    for block in page.blocks:
        if block.language == "sh":
            faults += [f"{page.name}:{block.line}: {why} ({' '.join(words)})" for words in commands_of(block.text) if (why := checker.refusal(words))]
    for index, line in getattr(page, "prose", []):
        for code in re.findall(r"`(latentledger [^`]*)`", line):
            faults += [f"{page.name}:{index + 1}: {why} (`{code}`)" for words in commands_of(code) if words[0] == "latentledger" and (why := checker.refusal(words))]
    return faults


def the_checks_can_fail(checker: Checker, work: pathlib.Path) -> None:
    """Pages with one fault each: every one is found."""
    cases = {"an indented block": "text\n\n    latentledger verify\n", "a command in a fence": "```text\nlatentledger verify\n```\n",
             "a fence of kind": "```console\nls\n```\n", "no option --lies": "```sh\nlatentledger verify --lies\n```\n",
             "no verb vreify": "```sh\nlatentledger vreify\n```\n", "is no mark": "<!-- not ran: x -->\n```sh\nls\n```\n",
             "marks without a fence": "<!-- not run: x -->\ntext\n", "no preset relaese": "```sh\ncmake --preset relaese\n```\n",
             "has no option --mistake": "see `latentledger prove --mistake 1`\n", "is not there": "```sh\n./gone.sh\n```\n"}
    for number, (expected, text) in enumerate(cases.items()):
        path = work / f"fault-{number}.md"
        path.write_text(text)
        found = faults_of(Page(path, path.name), checker)
        assert len(found) == 1 and expected in found[0], (expected, found)


def what_is_generated_is_as_generated(binary: pathlib.Path, source: pathlib.Path, work: pathlib.Path) -> list[str]:
    """docs/cli-reference.md and docs/pictures/, which scripts write."""
    reference = [sys.executable, source / "tools" / "cli_reference.py"]
    page = source / "docs" / "cli-reference.md"
    faults = []
    if (run := subprocess.run([*reference, "--check", page, binary], capture_output=True, text=True, check=False)).returncode != 0:
        faults.append(run.stderr.strip())
    changed = work / "cli-reference.md"
    changed.write_text(page.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert subprocess.run([*reference, "--check", changed, binary], capture_output=True, check=False).returncode == 1
    subprocess.run([sys.executable, source / "tools" / "docs_pictures.py", work / "pictures"], check=True)
    for drawn in sorted((work / "pictures").iterdir()):
        committed = source / "docs" / "pictures" / drawn.name
        if not committed.is_file() or committed.read_bytes() != drawn.read_bytes():
            faults.append(f"docs/pictures/{drawn.name} is not what tools/docs_pictures.py draws: tools/docs_pictures.py docs/pictures")
    return faults


def main() -> None:
    binary, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    python, wanted = str(pathlib.Path(sys.argv[3]).absolute()) if len(sys.argv) > 3 else sys.executable, sys.argv[4:]
    work = pathlib.Path(tempfile.mkdtemp(prefix="ll_e2e_docs_"))
    try:
        checker = Checker(binary, source)
        the_checks_can_fail(checker, work)
        pages = [page for page in pages_of(source) if not wanted or page.name in wanted]
        faults = [fault for page in pages for fault in faults_of(page, checker)] + what_is_generated_is_as_generated(binary, source, work)
        if faults:
            sys.exit("\n".join(faults))
        left_out = [(page.name, block.line, block.marks["not run"]) for page in pages for block in page.blocks if "not run" in block.marks]
        runner, count = Runner(binary, source, python, work), 0
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for done, failed in pool.map(runner.page, pages):
                print("\n".join(done + failed), end="\n" if done or failed else "", flush=True)
                faults += failed
                count += len(done)
        for name, reason in dict.fromkeys((name, reason) for name, _, reason in left_out):
            lines = [str(line) for other, line, why in left_out if (other, why) == (name, reason)]
            print(f"--  {name}:{','.join(lines[:4])}{f' and {len(lines) - 4} more' if lines[4:] else ''}  not run: {reason}")
        print(f"{count} blocks run or compared, {len(left_out)} not run, on {len(pages)} pages")
        if faults:
            sys.exit(f"{len(faults)} pages have a block that fails")
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
