#!/usr/bin/env python3
"""Completion in bash, zsh and fish as their users have it, and the verbs that tell of the command itself: `help`, `config show`.

    e2e_completion.py BINARY        (exit 77: a shell is not here; ./setup.sh --with-packaging installs them)
"""
import os
import pathlib
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time

from command import Command, run_all

WORK = pathlib.Path(tempfile.mkdtemp(prefix="ll_e2e_completion_"))
ll = Command(sys.argv[1], WORK)
TREE = ll.json("help")["result"]

# What stands before the cursor, and words that must be offered, words that must not.
CASES = [
    ("latentledger pro", {"prove", "prove-batch"}, {"verify"}),
    ("latentledger data im", {"import"}, {"info"}),
    ("latentledger --workdir data data ", {"import", "generate", "simulate"}, {"train"}),
    ("latentledger train --rec", {"--recipe"}, {"--seed"}),
    ("latentledger train --recipe ", {"plan", "quick", "brief"}, {"--seed", "train"}),
    ("latentledger data import --choose c", {"capped", "component"}, {"dense"}),
    ("latentledger --progress ", {"auto", "bar", "json", "none"}, {"train"}),
    ("latentledger completion ", {"bash", "zsh", "fish"}, {"train"}),
    ("latentledger prove --keys key-fo", {"key-folder/"}, {"prove"}),
    ("latentledger verify --vk key-folder/v", {"key-folder/vk.json"}, {"verify"}),
]
(WORK / "key-folder").mkdir()
(WORK / "key-folder" / "vk.json").write_text("{}")


def script_of(shell):
    path = WORK / {"bash": "latentledger.bash", "zsh": "_latentledger", "fish": "latentledger.fish"}[shell]
    path.write_text(subprocess.run([ll.binary, "completion", shell], check=True, capture_output=True, text=True).stdout)
    return path


def check(shell, line, offered, wanted, unwanted):
    offered = {word.rstrip("/") for word in offered}
    assert {word.rstrip("/") for word in wanted} <= offered, f"{shell}: {line!r} offers {sorted(offered)}, not all of {wanted}"
    assert not unwanted & offered, f"{shell}: {line!r} offers {sorted(unwanted & offered)}"


def bash():
    """Readline's own way: `complete` is asked what it knows, and files where it says default."""
    script = script_of("bash")
    for line, wanted, unwanted in CASES:
        words = line.split(" ")
        program = f"""
            source {script}
            complete -p latentledger | grep -q -- '-o default' || exit 9
            COMP_WORDS=({" ".join(f"'{word}'" for word in words)}); COMP_CWORD={len(words) - 1}
            _latentledger
            [ ${{#COMPREPLY[@]}} -gt 0 ] || COMPREPLY=($(compgen -f -- '{words[-1]}'))
            printf '%s\\n' "${{COMPREPLY[@]}}"
        """
        done = subprocess.run(["bash", "--norc", "-c", program], cwd=WORK, capture_output=True, text=True, timeout=60)
        # compopt is only there while Readline completes: numbers
        assert done.returncode == 0 and not done.stderr, done
        check("bash", line, done.stdout.split(), wanted, unwanted)


def fish():
    script = script_of("fish")
    home = WORK / "fish-home"
    home.mkdir()
    for line, wanted, unwanted in CASES:
        done = subprocess.run(["fish", "--no-config", "-c", f"source {script}; complete -C '{line}'"], cwd=WORK, capture_output=True, text=True,
                              timeout=60, env={**os.environ, "HOME": str(home)})
        assert done.returncode == 0 and not done.stderr, done
        check("fish", line, [offer.split("\t")[0] for offer in done.stdout.splitlines()], wanted, unwanted)


class Zsh:
    """A zsh at a terminal, in which Tab lists what it would complete."""

    def __init__(self, script):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(WORK)
            os.execvpe("zsh", ["zsh", "-f", "-i"], {**os.environ, "HOME": str(WORK), "PS1": "", "TERM": "dumb", "COLUMNS": "400", "LINES": "200"})
        self.type(f"stty cols 400 rows 200; PS1='' PROMPT_SP=; unsetopt prompt_sp; autoload -U compinit; compinit -u -d {WORK}/dump; source {script};"
                  " LISTMAX=10000; zstyle ':completion:*' list-separator '#'; setopt auto_list no_menu_complete no_auto_menu; print re''ady\r")
        self.read_until("ready")

    def type(self, text):
        os.write(self.terminal, text.encode())

    def read_until(self, mark, seconds=60):
        text, end = "", time.monotonic() + seconds
        while mark not in text:
            assert time.monotonic() < end, f"zsh: no {mark!r} in {text!r}"
            if select.select([self.terminal], [], [], 0.2)[0]:
                text += os.read(self.terminal, 1 << 16).decode(errors="replace")
        return text

    def offers(self, line):
        """The line as Tab leaves it (a single answer is put in), and what is listed below it."""
        self.type(line + "\t\t")
        time.sleep(1.0)
        self.type("\x15print do''ne\r")
        return self.read_until("done")

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.pid, 0)


def zsh():
    shell = Zsh(script_of("zsh"))
    for line, wanted, unwanted in CASES:
        text = shell.offers(line).replace("\x07", "").replace("\x08", "")
        # behind the echo of what was typed: words of the list, each before its description
        offered = set()
        for word in text.replace("\r", "\n").replace(line, line + " \n", 1).split("\n"):
            offered |= {part.strip() for part in word.split("#")[0].split()} if not word.startswith("print") else set()
        missing = {word.rstrip("/") for word in wanted} - {word.rstrip("/") for word in offered}
        prefix = line.rsplit(" ", 1)[-1]
        # a single answer completes the line itself: what is missing of it follows the echo
        single = len(wanted) == 1 and next(iter(wanted)).rstrip("/")[len(prefix):] in text
        assert not missing or single, f"zsh: {line!r} shows {text!r}, not {missing}"
        assert not {word for word in unwanted if word in offered - {prefix} and word not in line.split()}, f"zsh: {line!r} shows {text!r}"
    shell.close()


def every_verb_is_in_every_script():
    def names(node):
        yield from (verb["name"] for verb in node["verbs"])
        for verb in node["verbs"]:
            yield from names(verb)
    for shell in ("bash", "zsh", "fish"):
        script = script_of(shell).read_text()
        for name in names(TREE):
            assert name in script, f"{shell}: {name}"


def help_is_the_verbs_help():
    for verb in (["prove"], ["data", "import"], []):
        told = subprocess.run([ll.binary, "help", *verb], check=True, capture_output=True, text=True).stdout
        assert told == subprocess.run([ll.binary, *verb, "--help"], check=True, capture_output=True, text=True).stdout, verb
    assert "nothing" in ll.json("help", "nothing", code=2)["message"]
    train = next(verb for verb in TREE["verbs"] if verb["name"] == "train")
    recipe = next(option for option in train["options"] if "--recipe" in option["names"])
    assert recipe["choices"] == ["plan", "quick", "brief"] and recipe["default"] == "plan" and recipe["environment"] == "LATENTLEDGER_TRAIN_RECIPE"


def config_says_where_each_value_comes_from():
    (WORK / "own.toml").write_text("threads = 2\n[train]\nseed = 7\nsteps = 9\n[data.import]\naccounts = 5\n")
    result = Command(ll.binary, WORK, LATENTLEDGER_TRAIN_STEPS="30").json("--config", "own.toml", "--threads", 1, "config", "show")["result"]
    sources = {(s["verb"], s["option"]): (s["value"], s["source"]) for s in result["settings"]}
    assert sources[("", "--threads")] == ("1", "flag"), sources[("", "--threads")]
    assert sources[("train", "--steps")] == ("30", "LATENTLEDGER_TRAIN_STEPS")
    assert sources[("train", "--seed")] == ("7", "own.toml") and sources[("data import", "--accounts")] == ("5", "own.toml")
    assert sources[("train", "--recipe")] == ("plan", "default")


absent = [shell for shell in ("bash", "zsh", "fish") if shutil.which(shell) is None]
if absent:
    print(f"SKIPPED: no {', '.join(absent)}: ./setup.sh --with-packaging installs them")
    sys.exit(77)
run_all([help_is_the_verbs_help, config_says_where_each_value_comes_from, every_verb_is_in_every_script, bash, fish, zsh])
