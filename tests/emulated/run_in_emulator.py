#!/usr/bin/env python3
"""Runs a program on an emulated CPU that has AVX-512 with IFMA, on any machine (docs/kernels-emulated.md).

    run_in_emulator.py [--timeout SECONDS] [--env NAME=VALUE]... [--with PATH]... BINARY [ARGUMENT...]

Prints the program's output and exits with its status (128 + N when signal N ended it). Bochs, with the CPU model of a
Cannon Lake, boots a Linux kernel with a file system of the program and its shared libraries; no network, no disk.
Standard library only. What it needs besides is installed by ./setup.sh --with-emulator; exit 125 when that is missing.
"""
import argparse
import os
import pathlib
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
NOT_RUN = 125  # no program was run: something is missing, or the machine did not start
ISOLINUX = (pathlib.Path("/usr/lib/ISOLINUX/isolinux.bin"), pathlib.Path("/usr/lib/syslinux/modules/bios/ldlinux.c32"))
BIOS = (pathlib.Path("/usr/share/bochs/BIOS-bochs-latest"), pathlib.Path("/usr/share/bochs/VGABIOS-lgpl-latest"))
INSTRUCTIONS_PER_SECOND = 50_000_000  # of the machine's own clock: about what Bochs does, so its seconds are nearly ours

# No graphics, sound or network. Four serial lines: console, standard output and error of the program, how it ended.
SETTINGS = """\
plugin_ctrl: unmapped=1, biosdev=1, speaker=0, extfpuirq=1, parallel=0, serial=1, gameport=0, iodebug=0
config_interface: textconfig
display_library: term
memory: guest={memory}, host={memory}
romimage: file={bios}
vgaromimage: file={vga}
boot: cdrom
ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata0-master: type=cdrom, path={image}, status=inserted
cpu: model={cpu}, count=1, ips={ips}, reset_on_triple_fault=0, ignore_bad_msrs=1
clock: sync=none, time0=utc
com1: enabled=1, mode=file, dev={work}/console
com2: enabled=1, mode=file, dev={work}/out
com3: enabled=1, mode=file, dev={work}/err
com4: enabled=1, mode=file, dev={work}/end
log: {work}/bochs.log
panic: action=fatal
error: action=ignore
info: action=ignore
debug: action=ignore
"""
# The clock counts the machine's own instructions, so Bochs' time and the kernel's agree. Bochs 2.7's Cannon Lake has protection
# keys without their XSAVE leaf, and compacted XSAVE areas of the wrong size: with either the kernel gives up AVX.
KERNEL_LINE = (f"console=ttyS0,115200 quiet mitigations=off nokaslr nosmp panic=-1 no_timer_check lpj=1000000 "
               f"tsc_early_khz={INSTRUCTIONS_PER_SECOND // 1000} tsc=reliable clearcpuid=pku,xsavec,xsaves cryptomgr.notests apparmor=0 "
               "audit=0 random.trust_cpu=on rdinit=/init")


# Bochs 2.7's adox leaves the signed overflow in OF instead of the carry, and a field product by two carry chains comes out
# wrong (2 of 3 random pairs). The machine is run by a copy of bochs-bin in which this function of Debian's build,
# BX_CPU_C::ADOX_GqEqR, is the corrected one of adox.s. Other builds are left as they are; cpu_probe.cpp tells.
ADOX = bytes.fromhex(
    "440fb64e240fb656254889f94983c10a4c8b44d7584a8b44cf08488bbf08010000488d97000000404a8d3400c1ea1f4801f24889fe81e7ffffff3f"
    "4831d04931d048c1ee1f4a8954c9084c21c083e60148c1e83f31f0c1e61fc1e01e09f04809f848898108010000c3")
ADOX_RIGHT = bytes.fromhex(
    "440fb64e240fb656254c8b44d7584a8b44cf588b8f080100008d91000000400fbae21f4c11c00f92c24a8944cf580fb6d289cec1ee1f31f2c1e21e"
    "81e1ffffffbf09d148898f08010000c3")


class Missing(Exception):
    """Something that ./setup.sh --with-emulator installs."""


def kernel():
    """The newest Linux image: of setup.sh, else of this system."""
    dependencies = pathlib.Path(os.environ.get("LATENTLEDGER_DEPS", ROOT / ".deps"))
    for folder in (dependencies / "emulator" / "boot", pathlib.Path("/boot")):
        images = sorted(folder.glob("vmlinuz-*"), key=lambda p: [int(n) for n in re.findall(r"\d+", p.name)])
        if images:
            return images[-1]
    raise Missing("a Linux image (linux-image-cloud-amd64)")


def check_tools():
    needed = {"bochs-bin": "bochs", "xorriso": "xorriso", "cc": "gcc"}
    lacking = [package for tool, package in needed.items() if not shutil.which(tool)]
    files = {ISOLINUX[0]: "isolinux", ISOLINUX[1]: "syslinux-common", BIOS[0]: "bochsbios", BIOS[1]: "bochsbios"}
    lacking += [package for path, package in files.items() if not path.exists()]
    if not list(pathlib.Path("/usr/lib").glob("*/bochs/plugins/libbx_term_gui.so")):
        lacking.append("bochs-term")
    if lacking:
        raise Missing(", ".join(sorted(set(lacking))))


def corrected_bochs(work):
    """bochs-bin with the right adox, if it is the build known to have the wrong one; else bochs-bin."""
    installed = pathlib.Path(shutil.which("bochs-bin"))
    code = installed.read_bytes()
    if code.count(ADOX) != 1:
        return installed
    copy = work / "bochs-bin"
    copy.write_bytes(code.replace(ADOX, ADOX_RIGHT.ljust(len(ADOX), b"\x90")))
    copy.chmod(0o755)
    return copy


def shared_libraries(binary):
    """Paths as the dynamic linker finds them, the linker itself among them; none for a static program."""
    told = subprocess.run(["ldd", binary], capture_output=True, text=True, check=False)
    if told.returncode != 0:
        return []
    if "not found" in told.stdout:
        raise SystemExit(f"{binary}: a shared library is missing:\n{told.stdout}")
    return [pathlib.Path(p) for p in re.findall(r"(?:=> |^\s+)(/\S+) \(", told.stdout, re.M)]


class Archive:
    """A file system for the kernel to start from: cpio, "newc" format (Linux, Documentation/driver-api/early-userspace/buffer-format.rst)."""

    def __init__(self):
        self.bytes, self.seen = bytearray(), {"/"}

    def _entry(self, name, mode, data=b"", device=(0, 0)):
        path = name.lstrip("/").encode() + b"\0"
        numbers = (len(self.seen), mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(path), 0)
        self.bytes += b"070701" + b"".join(b"%08x" % n for n in numbers) + path
        self.bytes += bytes(-len(self.bytes) % 4) + data
        self.bytes += bytes(-len(self.bytes) % 4)

    def folder(self, name):
        if name not in self.seen:
            self.folder(os.path.dirname(name))
            self.seen.add(name)
            self._entry(name, 0o040755)

    def file(self, name, data, mode=0o644):
        if name not in self.seen:
            self.folder(os.path.dirname(name))
            self.seen.add(name)
            self._entry(name, 0o100000 | mode, data)

    def copy(self, path, name=None):
        """The file, or the folder with all in it, under the same path."""
        path = pathlib.Path(path)
        if path.is_dir():
            for below in sorted(path.iterdir()):
                self.copy(below)
        else:
            self.file(name or str(path.absolute()), path.read_bytes(), 0o755 if os.access(path, os.X_OK) else 0o644)

    def console(self):
        self.folder("/dev")
        self._entry("/dev/console", 0o020600, device=(5, 1))

    def close(self):
        self._entry("TRAILER!!!", 0)
        return bytes(self.bytes)


def build_image(arguments, work):
    """The bootable CD: isolinux, kernel, file system."""
    subprocess.run(["cc", "-O2", "-static", "-o", work / "init", HERE / "init.c"], check=True)
    binary = pathlib.Path(arguments.binary).absolute()
    archive = Archive()
    for folder in ("/dev", "/proc", "/sys", "/tmp"):
        archive.folder(folder)
    archive.console()
    archive.copy(work / "init", "/init")
    archive.copy(binary)
    for path in [*shared_libraries(binary), *arguments.also]:
        archive.copy(path)
    strings = lambda words: b"".join(os.fsencode(word) + b"\0" for word in words)
    archive.file("/run.argv", strings([str(binary), *arguments.arguments]))
    archive.file("/run.env", strings(["PATH=/usr/bin:/bin", "HOME=/tmp", "TMPDIR=/tmp", *arguments.env]))
    disc = work / "disc"
    disc.mkdir()
    content = archive.close()
    (disc / "initrd").write_bytes(content)
    shutil.copy(kernel(), disc / "linux")
    for path in ISOLINUX:
        shutil.copy(path, disc)
    (disc / "isolinux.cfg").write_text(f"default run\nlabel run\n  kernel /linux\n  initrd /initrd\n  append {KERNEL_LINE}\n")
    subprocess.run(["xorriso", "-as", "mkisofs", "-quiet", "-o", work / "image.iso", "-b", "isolinux.bin", "-c", "boot.cat",
                    "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table", disc], check=True, stderr=subprocess.DEVNULL)
    return len(content)


class Relay:
    """Passes on what the machine writes to a file, while it writes it."""

    def __init__(self, path, stream):
        self.path, self.stream, self.done = path, stream, 0

    def __call__(self):
        if self.path.exists():
            with self.path.open("rb") as file:
                file.seek(self.done)
                new = file.read()
            self.done += len(new)
            self.stream.write(new)
            self.stream.flush()


def drain(terminal):
    """Bochs' text screen goes to a terminal nobody looks at."""
    try:
        while os.read(terminal, 65536):
            pass
    except OSError:
        pass


def run_machine(arguments, work, memory):
    """The program's exit status; None when the time was up, or the machine stopped before the program ended."""
    settings = work / "bochsrc"
    settings.write_text(SETTINGS.format(memory=memory, bios=BIOS[0], vga=BIOS[1], image=work / "image.iso", cpu=arguments.cpu,
                                        ips=INSTRUCTIONS_PER_SECOND, work=work))
    go = work / "go"
    go.write_text("c\n")  # Debian's Bochs has the debugger inside and waits at the first instruction
    screen, side = pty.openpty()
    bochs = subprocess.Popen([corrected_bochs(work), "-q", "-f", settings, "-rc", go], stdin=side, stdout=side, stderr=side,
                             cwd=work, start_new_session=True, env={**os.environ, "TERM": "xterm"})
    os.close(side)
    threading.Thread(target=drain, args=(screen,), daemon=True).start()
    relays = [Relay(work / "out", sys.stdout.buffer), Relay(work / "err", sys.stderr.buffer)]
    deadline = time.monotonic() + arguments.timeout
    try:
        while bochs.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
            for relay in relays:
                relay()
    finally:
        if bochs.poll() is None:
            os.killpg(bochs.pid, signal.SIGKILL)
            bochs.wait()
    for relay in relays:
        relay()
    end = (work / "end").read_text() if (work / "end").exists() else ""
    ended = re.fullmatch(r"(exit|signal) (\d+)\n", end)
    return (int(ended[2]) + 128 * (ended[1] == "signal")) if ended else None


def tail(path, lines=20):
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--timeout", type=float, default=600, metavar="SECONDS", help="of this machine's time, boot included (600)")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE", help="a variable for the program")
    parser.add_argument("--with", action="append", default=[], dest="also", metavar="PATH", help="a file or folder that it reads")
    parser.add_argument("--cpu", default="corei3_cnl", help="CPU model of Bochs (corei3_cnl)")
    parser.add_argument("--keep", metavar="FOLDER", help="leave settings, image, console and logs there")
    parser.add_argument("binary")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    work = pathlib.Path(arguments.keep or tempfile.mkdtemp(prefix="ll_emulator_")).absolute()
    work.mkdir(parents=True, exist_ok=True)
    try:
        check_tools()
        size = build_image(arguments, work)
        memory = 256 + 256 * -(-4 * size // 2**28)
        start = time.monotonic()
        status = run_machine(arguments, work, memory)
        seconds = time.monotonic() - start
        if status is None:
            why = "the time was up" if seconds >= arguments.timeout else "the machine stopped before the program ended"
            print(f"run_in_emulator: {why} after {seconds:.0f} s; console:\n{tail(work / 'console')}\nBochs:\n"
                  f"{tail(work / 'bochs.log')}", file=sys.stderr)
            return NOT_RUN
        print(f"run_in_emulator: {arguments.cpu}, {seconds:.1f} s", file=sys.stderr)
        return status
    except Missing as missing:
        print(f"run_in_emulator: missing: {missing}. ./setup.sh --with-emulator installs it", file=sys.stderr)
        return NOT_RUN
    finally:
        if not arguments.keep:
            shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
