#!/usr/bin/env python3
"""Manual pages of the command, out of `latentledger help --json`: latentledger.1 and one page a verb (latentledger-data-import.1).

    tools/man_pages.py build/release/latentledger out/man && man -l out/man/latentledger-prove.1

Written in mdoc (man.openbsd.org/mdoc.7), which groff and mandoc read; `mandoc -T lint -W warning` finds nothing in them (tests/e2e_packages.py).
"""
import argparse
import json
import pathlib
import subprocess

EXIT_CODES = [
    ("0", "done, or the proof is valid"), ("1", "a fault of the program"), ("2", "usage, or a file that cannot be read or written"),
    ("3", "the proof is rejected"), ("4", "a malformed or mismatching file"), ("5", "the witness does not satisfy the circuit: an invalid transfer"),
    ("6", "the SRS is missing, too small or wrong"), ("7", "more memory than --max-memory allows"), ("130", "interrupted"),
]
DATE = "December 1, 2026"  # of the pages' last change, by mdoc's rule; not of the build


def escaped(text):
    """Text of a line in roff: no control character at its start, no escape, minus signs as users can paste them."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in (".", "'") else text


def page_name(verb):
    return "latentledger" + ("-" + verb["name"].replace(" ", "-") if verb["name"] else "")


def option_lines(option):
    names = " , ".join(f"Fl {name.removeprefix('-')}" for name in option["names"])
    value = f" Ar {option['type'].lower()}" if option["type"] else ""
    lines = [f".It {names}{value}", escaped(option["description"]) + "."]
    if option["choices"]:
        lines.append("One of " + ", ".join(escaped(choice) for choice in option["choices"]) + ".")
    if option["check"]:
        lines.append("Allowed: " + escaped(option["check"]) + ".")
    if option["default"]:
        lines.append("Default: " + escaped(option["default"]) + ".")
    if option["many"]:
        lines.append("Takes several values.")
    return lines


def synopsis(verb):
    lines = [".Nm latentledger"] + [f".Ar {positional['name']} ..." if positional["many"] else f".Ar {positional['name']}"
                                    for positional in verb["positionals"]]
    words = f".Cm {verb['name']}" if verb["name"] else ""
    rest = ".Ar verb" if verb["verbs"] else ""
    return [line for line in [lines[0], words, ".Op Ar options", rest, *lines[1:]] if line]


def page(verb, version):
    name = page_name(verb)
    lines = [f".Dd {DATE}", f".Dt {name.upper()} 1", ".Os LatentLedger " + version, ".Sh NAME", f".Nm {name}",
             f".Nd {escaped(verb['description'].rstrip('.'))}", ".Sh SYNOPSIS", *synopsis(verb), ".Sh DESCRIPTION",
             escaped(verb["description"].rstrip(".") + ".")]
    if not verb["name"]:
        lines += ["Many transfers become one proof that an encoded state moved as they say; the proof is checked in milliseconds.",
                  "Each verb has its own page and its own",
                  ".Fl Fl help ."]
    if verb["verbs"]:
        lines += [".Bl -tag -width Ds"]
        for below in verb["verbs"]:
            lines += [f".It Cm {below['name'].split(' ')[-1]}", escaped(below["description"].rstrip(".")) + ".", "See", f".Xr {page_name(below)} 1 ."]
        lines += [".El"]
    if verb["positionals"]:
        lines += [".Pp", "Arguments:", ".Bl -tag -width Ds"]
        for positional in verb["positionals"]:
            lines += [f".It Ar {positional['name']}", escaped(positional["description"].rstrip(".")) + "."]
        lines += [".El"]
    lines += [".Pp", "Options:", ".Bl -tag -width Ds"]
    for option in verb["options"]:
        lines += option_lines(option)
    lines += [".El"]
    variables = [option["environment"] for option in verb["options"] if option["environment"]]
    if variables:
        lines += [".Sh ENVIRONMENT", "Each option takes its value from a variable when it is not given:", ".Bl -tag -width Ds"]
        lines += [f".It Ev {variable}" for variable in variables] + [".El"]
    lines += [".Sh EXIT STATUS", ".Bl -tag -width Ds"]
    for code, meaning in EXIT_CODES:
        lines += [f".It {code}", escaped(meaning) + "."]
    lines += [".El"]
    if verb["example"]:
        lines += [".Sh EXAMPLES", ".Dl " + escaped("latentledger " + verb["example"])]
    others = [".Xr latentledger 1"] if verb["name"] else []
    if others:
        lines += [".Sh SEE ALSO", *others]
    return "\n".join(lines) + "\n"


def write_pages(verb, version, folder):
    (folder / f"{page_name(verb)}.1").write_text(page(verb, version))
    for below in verb["verbs"]:
        write_pages(below, version, folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()
    told = json.loads(subprocess.run([arguments.binary, "help", "--json"], check=True, capture_output=True, text=True).stdout)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    write_pages(told["result"], told["version"], arguments.folder)


if __name__ == "__main__":
    main()
