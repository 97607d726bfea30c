"""A headless Chromium, driven by its DevTools protocol over a pipe: no port, no package, every wait bounded."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time


class BrowserError(Exception):
    """The browser could not do what was asked: it is the harness that failed, not the page."""


class Chromium:
    """One browser with one page. Everything that the page says or asks for is kept in `messages` and `requests`."""

    def __init__(self, executable="chromium", timeout=60):
        self.timeout = timeout
        self.messages, self.requests = [], []
        self._sent = 0
        self._buffer = b""
        self._seen = []
        self._profile = tempfile.mkdtemp(prefix="peerquake-chromium-")
        ours_in, its_out = os.pipe()
        its_in, ours_out = os.pipe()
        flags = [
            "--headless=new", "--remote-debugging-pipe", "--disable-gpu", "--disable-dev-shm-usage",
            "--hide-scrollbars", "--force-color-profile=srgb", "--no-first-run", "--disable-extensions",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            f"--user-data-dir={self._profile}",
        ]
        if os.geteuid() == 0:
            flags.append("--no-sandbox")
        # Chromium reads file descriptor 3 and writes 4.
        self._process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{its_in} 4>&{its_out}', "chromium", executable, *flags, "about:blank"],
            pass_fds=(its_in, its_out), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        os.close(its_in)
        os.close(its_out)
        self._in, self._out = ours_in, ours_out
        try:
            self._attach()
        except BaseException:
            self.close()
            raise

    def _attach(self):
        self._session = None
        # The first page may come a moment after the pipe.
        targets = self.call("Target.getTargets")["targetInfos"]
        pages = [target for target in targets if target["type"] == "page"]
        target = pages[0]["targetId"] if pages else self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "DOM", "Accessibility"):
            self.call(f"{domain}.enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the browser and its children, which share a separate process group."""
        for end in (self._in, self._out):
            try:
                os.close(end)
            except OSError:
                pass
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, 9)
            self._process.wait(5)
        shutil.rmtree(self._profile, ignore_errors=True)

    # The protocol

    def _read(self, deadline):
        """The next message, or an error after the deadline."""
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._in], [], [], max(0, deadline - time.monotonic()))
            chunk = os.read(self._in, 1 << 20) if ready else b""
            if not chunk:
                raise BrowserError("Chromium ended" if ready else f"Chromium was silent for {self.timeout} s")
            self._buffer += chunk
        text, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(text)

    def _note(self, message):
        name, given = message.get("method", ""), message.get("params", {})
        if name == "Runtime.exceptionThrown":
            details = given["exceptionDetails"]
            self.messages.append("exception: " + details.get("exception", {}).get("description", details["text"]))
        elif name == "Runtime.consoleAPICalled":
            words = " ".join(str(part.get("value", part.get("description", ""))) for part in given["args"])
            self.messages.append(f"console.{given['type']}: {words}")
        elif name == "Log.entryAdded":
            self.messages.append(f"{given['entry']['level']}: {given['entry']['text']}")
        elif name == "Network.requestWillBeSent":
            self.requests.append(given["request"]["url"])
        else:
            self._seen.append(name)

    def call(self, method, **given):
        """A command's result."""
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": given}
        if self._session:
            message["sessionId"] = self._session
        rest = json.dumps(message).encode() + b"\0"
        while rest:
            rest = rest[os.write(self._out, rest):]
        deadline = time.monotonic() + self.timeout
        while True:
            answer = self._read(deadline)
            if answer.get("id") != message["id"]:
                self._note(answer)
            elif "error" in answer:
                raise BrowserError(f"{method}: {answer['error']['message']}")
            else:
                return answer.get("result", {})

    # What a reader does

    def open(self, url):
        """Loads a page and waits until it is loaded and idle."""
        self._seen.clear()
        if failure := self.call("Page.navigate", url=url).get("errorText"):
            raise BrowserError(f"{url}: {failure}")
        deadline = time.monotonic() + self.timeout
        while "Page.loadEventFired" not in self._seen:
            self._note(self._read(deadline))
        self.settle()

    def settle(self):
        """Two frames, so that what a script asked for is drawn."""
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))")

    def run(self, expression):
        """The value of an expression in the page, awaited."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True, userGesture=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise BrowserError(details.get("exception", {}).get("description", details["text"]))
        return answer["result"].get("value")

    def view(self, width, height, dark=False, medium="screen"):
        """A screen of that many CSS pixels, light or dark."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
            mobile=width < 600)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        calm = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.call("Emulation.setEmulatedMedia", media=medium, features=[scheme, calm])

    def press(self, key):
        """One key, as the keyboard sends it."""
        text = {"text": key} if len(key) == 1 else {}
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowRight": 39}
        code = {"windowsVirtualKeyCode": codes[key]} if key in codes else {}
        if key == "Enter":
            text = {"text": "\r"}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, **text, **code)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, **code)

    def mouse(self, kind, x, y, **given):
        """A mouse event: `mouseMoved`, `mousePressed`, `mouseReleased` or `mouseWheel`."""
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **given)

    def screenshot(self, path, height=None):
        """A PNG of the page from its top, of the whole page where no height is given."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {
            "x": 0, "y": 0, "width": size["width"], "height": min(size["height"], height or 16000), "scale": 1,
        }
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def pdf(self):
        """The printed page's bytes."""
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True)["data"])

    def names(self):
        """(role, name) of everything in the accessibility tree that a screen reader stops at."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [
            (node.get("role", {}).get("value", ""), node.get("name", {}).get("value", ""))
            for node in nodes if not node.get("ignored")
        ]
