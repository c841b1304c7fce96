"""Headless Chromium over its debugging pipe: load a page, run a script in it, take pictures. One process for all pages of the video."""
import base64
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

NAMES = ("chromium", "chromium-browser", "google-chrome")


class BrowserError(Exception):
    """The browser is not there, ended, or refused."""


def program() -> str | None:
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Browser:
    def __init__(self, width: int, height: int):
        path = program()
        if path is None:
            raise BrowserError("no Chromium here (./setup.sh --with-video)")
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_child, self.write_to = os.pipe()
        self.read_from, from_child = os.pipe()
        # The pipe's two ends are file descriptors 3 and 4 of the browser: moved there from numbers that are in nobody's way.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (to_child, from_child)]
        os.close(to_child)
        os.close(from_child)
        to_child, from_child = ends
        command = [path, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-background-networking",
                   "--disable-component-update", "--disable-sync", "--force-color-profile=srgb", "--font-render-hinting=none",
                   f"--user-data-dir={self.profile.name}", f"--window-size={width},{height}", "--remote-debugging-pipe", "about:blank"]
        move = f"import os, sys; os.dup2({to_child}, 3); os.dup2({from_child}, 4); os.execv(sys.argv[1], sys.argv[1:])"
        self.process = subprocess.Popen([sys.executable, "-c", move, *command], pass_fds=(to_child, from_child), stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        os.close(to_child)
        os.close(from_child)
        self.buffer, self.number, self.session = b"", 0, None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")
        self.call("Runtime.enable")
        self.size(width, height)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])

    def size(self, width: int, height: int, scale: float = 1.0) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False)

    def message(self) -> dict:
        while b"\0" not in self.buffer:
            more = os.read(self.read_from, 1 << 20)
            if not more:
                raise BrowserError("Chromium ended before it answered")
            self.buffer += more
        line, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(line)

    def call(self, method: str, wait_for: str | None = None, **params) -> dict:
        """The answer to one command; with wait_for, not before this event of the page has come."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write_to, json.dumps(message).encode() + b"\0")
        answer = None
        while answer is None or wait_for:
            got = self.message()
            if got.get("id") == self.number:
                if "error" in got:
                    raise BrowserError(f"{method}: {got['error']['message']}")
                answer = got.get("result", {})
            elif got.get("method") == wait_for:
                wait_for = None
            elif got.get("method") == "Runtime.exceptionThrown":
                details = got["params"]["exceptionDetails"]
                raise BrowserError(details.get("exception", {}).get("description", details.get("text")))
        return answer

    def load(self, page: pathlib.Path) -> None:
        self.call("Page.navigate", wait_for="Page.loadEventFired", url=page.resolve().as_uri())
        self.run("document.fonts.ready.then(() => true)")

    def run(self, script: str):
        """The value of an expression in the page (of its promise, where it is one)."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserError(answer["exceptionDetails"].get("exception", {}).get("description", "an error in the page"))
        return answer["result"].get("value")

    def picture(self, path: pathlib.Path, clip: tuple[int, int, int, int] | None = None) -> None:
        """A PNG of the window, or of a part of the page (x, y, width, height)."""
        params: dict = {"format": "png", "optimizeForSpeed": True}
        if clip:
            params.update(clip=dict(zip(("x", "y", "width", "height"), clip), scale=1), captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", **params)["data"]))

    def close(self) -> None:
        try:
            self.session = None
            self.call("Browser.close")
        except (BrowserError, OSError):
            pass
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for end in (self.write_to, self.read_from):
            os.close(end)
        self.profile.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
