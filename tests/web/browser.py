"""A headless Chromium, driven over its debugging pipe: messages are JSON, with a zero byte between."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

ANSWER_SECONDS = 60


class Browser:
    """Use as: with Browser() as browser: browser.open(path); browser.run("1 + 1")"""

    def __init__(self, width: int = 1400, height: int = 900):
        self._size = (width, height)
        self._number = 0
        self._buffer = b""
        self.failures: list[str] = []  # what the page threw or logged as an error

    def __enter__(self):
        self._profile = tempfile.mkdtemp(prefix="weft-browser-")
        their_in, self._out = os.pipe()
        self._in, their_out = os.pipe()

        def place_pipes():  # Chromium wants them as descriptors 3 and 4
            os.dup2(os.dup(their_in), 13)
            os.dup2(os.dup(their_out), 14)
            os.dup2(13, 3)
            os.dup2(14, 4)

        width, height = self._size
        self._process = subprocess.Popen(
            ["chromium", "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu",
             "--no-first-run", "--disable-dev-shm-usage", "--disable-background-networking",
             "--force-device-scale-factor=1", f"--window-size={width},{height}",
             f"--user-data-dir={self._profile}", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            close_fds=False, preexec_fn=place_pipes, start_new_session=True)
        os.close(their_in)
        os.close(their_out)
        self._session = None
        targets = self._call("Target.getTargets")["targetInfos"]
        page = next(target for target in targets if target["type"] == "page")
        self._session = self._call(
            "Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self._call(f"{domain}.enable")
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                   deviceScaleFactor=1, mobile=False)
        return self

    def __exit__(self, *_):
        os.close(self._out)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._in)
        shutil.rmtree(self._profile, ignore_errors=True)

    def open(self, path: str) -> None:
        """Opens a file and waits until the page says that it is ready."""
        self._call("Page.navigate", url="file://" + os.path.abspath(path))
        deadline = time.monotonic() + ANSWER_SECONDS
        while not self.run("document.readyState === 'complete' && typeof weft !== 'undefined'"):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path} does not come up")
            time.sleep(0.02)
        self.run("weft.ready.then(() => true)")

    def run(self, script: str):
        """The script's value; a promise's when it is kept."""
        answer = self._call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description", details["text"]))
        return answer["result"].get("value")

    def key(self, key: str) -> None:
        text = {"text": key} if len(key) == 1 else {}
        for kind in ("keyDown", "keyUp"):
            self._call("Input.dispatchKeyEvent", type=kind, key=key, **(text if kind == "keyDown" else {}))

    def mouse(self, kind: str, x: float, y: float, **more) -> None:
        self._call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def use_dark(self, dark: bool) -> None:
        self._call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def screenshot(self, path: str) -> None:
        image = self._call("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(image))

    def pdf(self) -> bytes:
        return base64.b64decode(self._call("Page.printToPDF", printBackground=True, landscape=True)["data"])

    # ---- The pipe ------------------------------------------------------------------------------------

    def _call(self, method: str, **parameters):
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self._note(answer)

    def _note(self, event: dict) -> None:
        if event.get("method") == "Runtime.exceptionThrown":
            details = event["params"]["exceptionDetails"]
            self.failures.append(details.get("exception", {}).get("description", details["text"]))
        if event.get("method") == "Log.entryAdded" and event["params"]["entry"]["level"] == "error":
            self.failures.append(event["params"]["entry"]["text"])

    def _receive(self) -> dict:
        while b"\0" not in self._buffer:
            if not select.select([self._in], [], [], ANSWER_SECONDS)[0]:
                raise TimeoutError("the browser does not answer")
            data = os.read(self._in, 1 << 20)
            if not data:
                raise RuntimeError("the browser has ended")
            self._buffer += data
        message, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(message)
