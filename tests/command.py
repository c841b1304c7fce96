"""Runs the `latentledger` binary for the end-to-end tests and says exactly what came out."""
import json
import os
import pathlib
import signal
import subprocess
import time

SKIPPED = 77  # what ctest takes for "skipped" (SKIP_RETURN_CODE)


class Run:
    def __init__(self, arguments, code, out, err):
        self.arguments, self.code, self.out, self.err = arguments, code, out, err

    def __str__(self):
        return f"{' '.join(map(str, self.arguments))}\nexit {self.code}\nstdout: {self.out[-2000:]}\nstderr: {self.err[-2000:]}"


class Command:
    """The binary, run in one folder."""

    def __init__(self, binary, folder, **variables):
        self.binary, self.folder = str(pathlib.Path(binary).resolve()), pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("LATENTLEDGER_")} | variables

    def run(self, *arguments, timeout=600):
        words = [self.binary, *map(str, arguments)]
        done = subprocess.run(words, cwd=self.folder, env=self.environment, capture_output=True, timeout=timeout, check=False)
        return Run(arguments, done.returncode, done.stdout.decode(), done.stderr.decode())

    def expect(self, code, *arguments, **options):
        run = self.run(*arguments, **options)
        assert run.code == code, f"exit {code} expected\n{run}"
        return run

    def json(self, *arguments, code=0):
        """The one JSON object on stdout, its envelope checked."""
        run = self.expect(code, *arguments, "--json")
        text = run.out
        assert text.count("\n") == 1 and text.endswith("\n"), f"one line on stdout expected\n{run}"
        value = json.loads(text)
        if value["ok"]:
            expected = ["ok", "command", "version", "elapsed_ms", "peak_rss_bytes", "inputs", "outputs", "result"]
            for path, digest in value["inputs"].items():
                assert len(digest) == 64, f"{path}: {digest}"
        else:
            expected = ["ok", "code", "message", "hint", "where"]
        assert list(value) == expected, f"keys {list(value)}\n{run}"
        return value

    def interrupt_after(self, seconds, *arguments):
        """Sends Ctrl-C once, `seconds` after the work has begun."""
        words = [self.binary, *map(str, arguments), "--progress", "json"]
        process = subprocess.Popen(words, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        seen = b""
        while b'"begin"' not in seen:
            line = process.stderr.readline()
            assert line, f"{arguments} ended before its work began: {seen.decode()}"
            seen += line
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
        return Run(arguments, process.returncode, out.decode(), (seen + err).decode())


def no_parts(folder):
    """Nothing half-written stays behind."""
    left = [str(p) for p in pathlib.Path(folder).rglob("*") if ".part" in p.name]
    assert not left, f"left behind: {left}"


def changed(data, offset):
    out = bytearray(data)
    out[offset] ^= 1
    return bytes(out)


def sampled(size, count):
    """Offsets all over [0, size), first and last among them; always the same ones."""
    return sorted({round(i * (size - 1) / (count - 1)) for i in range(count)})


def run_all(tests):
    """Runs named functions one after the other and stops at the first that fails."""
    for test in tests:
        begin = time.monotonic()
        test()
        print(f"ok  {test.__name__}  {time.monotonic() - begin:.1f} s", flush=True)
