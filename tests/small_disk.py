"""A folder that takes a few megabytes, for tests of full and read-only disks."""
import json
import pathlib
import resource
import signal
import subprocess


class SmallDisk:
    """A tmpfs where the system lets us mount one, else a limit on the size of files."""

    def __init__(self, command, name, megabytes):
        self.command, self.folder, self.limit = command, pathlib.Path(command.folder) / name, int(megabytes * (1 << 20))
        self.folder.mkdir()
        size = f"size={self.limit >> 10}k"
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", self.folder], capture_output=True, check=False)
        self.is_mounted = mounted.returncode == 0
        if not self.is_mounted:
            print("    no tmpfs can be mounted here: a limit on the size of files takes its place", flush=True)

    def run(self, *arguments):
        """Exit code and JSON of a run whose output goes there."""
        def limit_files():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (self.limit, self.limit))
        done = subprocess.run([self.command.binary, *map(str, arguments), "--json"], cwd=self.command.folder,
                              env=self.command.environment, capture_output=True, check=False,
                              preexec_fn=None if self.is_mounted else limit_files)
        return done.returncode, json.loads(done.stdout)

    def remount(self, options):
        if self.is_mounted:
            subprocess.run(["mount", "-o", f"remount,{options}", self.folder], check=True)

    def close(self):
        if self.is_mounted:
            subprocess.run(["umount", self.folder], check=True)


def read_only_places(disk):
    """Names in the command's folder that nothing can be written below: one under a file and, where it is mounted, the disk."""
    (disk.command.folder / "file").write_text("no folder")
    if not disk.is_mounted:
        print("    no folder can be made read-only here; a path below a file stands for it", flush=True)
        return ["file"]
    disk.remount("ro")
    return ["file", disk.folder.name]
