#!/usr/bin/env python3
"""docs/cli-reference.md: every verb and option, out of the program itself (`latentledger help --json`).

    cli_reference.py LATENTLEDGER > docs/cli-reference.md
    cli_reference.py --check docs/cli-reference.md LATENTLEDGER     exit 1 when the page is not what the program says
"""
import json
import pathlib
import re
import subprocess
import sys

INTRODUCTION = """# Every verb and option

Written by `tools/cli_reference.py build/release/latentledger > docs/cli-reference.md` from `latentledger help --json`; a test holds it to that.
Files, exit codes, and what `--json` prints: [cli.md](cli.md).

An option may also come from the environment (`LATENTLEDGER_TRAIN_STEPS` is `train --steps`) or from `latentledger.toml`:
[cli.md](cli.md), "Where values come from". A default in brackets in the text depends on the workdir or on another option.
"""


def cell(text: str) -> str:
    """A text as a cell of a table: words with < or | or * are no markup."""
    text = text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("\n", " ")
    return re.sub(r"\S{28,}", lambda word: word[0].replace(",", ",<wbr>"), text)  # lines may end inside a long word


def values(option: dict) -> str:
    """What an option takes, as words: a choice, a range, a type, nothing."""
    if option["choices"]:
        words = " ".join(f"`{choice}`" for choice in option["choices"])
    elif option["check"] or option["type"]:
        words = cell((option["check"] or option["type"]).lower())
    else:
        words = ""
    more = [word for word, holds in (("several", option["many"]), ("required", option["required"])) if holds]
    return ", ".join([words] * bool(words) + more)


def table(title: str, options: list[dict]) -> list[str]:
    lines = [f"| {title} | takes | default | what it says |", "|---|---|---|---|"]
    for option in options:
        names = ", ".join(f"`{name}`" for name in option.get("names") or [option["name"]])
        default = "" if option["default"] in (None, "") else f"`{option['default']}`"
        lines.append(f"| {names} | {values(option)} | {default} | {cell(option['description'])} |")
    return [*lines, ""]


def section(verb: dict, depth: int) -> list[str]:
    lines = [f"{'#' * min(depth, 4)} `{verb['name'] or 'latentledger'}`", "", cell(verb["description"]) + ".", ""]
    if verb["verbs"]:
        lines += [", ".join(f"`{inner['name']}`" for inner in verb["verbs"]) + ".", ""]
    elif verb["example"]:
        lines += ["<!-- not run: the example of the help; its verb and options are checked, and the pages run what matters -->", "```sh",
                  f"latentledger {verb['example']}", "```", ""]
    if verb["positionals"]:
        lines += table("argument", verb["positionals"])
    options = [option for option in verb["options"] if "--help" not in option["names"]]
    groups = list(dict.fromkeys(option["group"] for option in options))
    for group in groups:
        lines += table("option" if group == "Options" else cell(group), [option for option in options if option["group"] == group])
    for inner in verb["verbs"]:
        lines += section(inner, depth + 1)
    return lines


def page(tree: dict) -> str:
    top = {**tree, "verbs": []}
    lines = ["", "## Options of every verb", "", *section(top, 2)[4:]]
    for verb in tree["verbs"]:
        lines += section(verb, 2)
    return INTRODUCTION + "\n".join(lines).rstrip() + "\n"


def main(arguments: list[str]) -> None:
    check = arguments[1] if arguments[:1] == ["--check"] and len(arguments) == 3 else None
    if len(arguments) != (3 if check else 1) or (arguments[0].startswith("--") and not check):
        sys.exit(__doc__.strip())
    binary = pathlib.Path(arguments[-1]).resolve()
    run = subprocess.run([binary, "help", "--json"], capture_output=True, text=True, check=True)
    text = page(json.loads(run.stdout)["result"])
    if check is None:
        sys.stdout.write(text)
    elif pathlib.Path(check).read_text(encoding="utf-8") != text:
        sys.exit(f"{check} is not what {binary.name} says of itself: tools/cli_reference.py {binary.name} > {check}")
    else:
        print(f"{check} is what {binary.name} says of itself")


if __name__ == "__main__":
    main(sys.argv[1:])
