"""QEMU's control channel (QMP): starts the guest, hears of its end, asks where its CPUs are.

The machine is started halted, and let go once this channel listens, so that no event of even the
shortest run is lost.
"""

import json
import os
import re
import select
import socket
import subprocess
import time

ANSWER_SECONDS = 3.0


class Control:
    """One side of a socket pair; the other, `theirs`, is QEMU's (guest.py hands it over)."""

    def __init__(self):
        self._ours, self.theirs = socket.socketpair()
        self._buffer = b""
        self._answers: list[str] = []
        self._ready = False
        self.guest_started = False
        self.shutdown_reason: str | None = None

    def fileno(self) -> int:
        return self._ours.fileno()

    def options(self) -> list[str]:
        channel = f"socket,id=control,fd={self.theirs.fileno()}"
        return ["-S", "-chardev", channel, "-mon", "chardev=control,mode=control"]

    def handle_input(self) -> bool:
        """Takes what has come; False at the end of the channel."""
        try:
            data = self._ours.recv(65536)
        except ConnectionError:
            data = b""
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            if line.strip():
                self._take(json.loads(line))
        return bool(data)

    def _take(self, message: dict) -> None:
        if "QMP" in message:
            self._send("qmp_capabilities")
        elif message.get("event") == "SHUTDOWN":
            self.shutdown_reason = message["data"].get("reason")
        elif message.get("event") == "RESUME":
            self.guest_started = True
        elif "return" in message:
            if not self._ready:
                self._ready = True
                self._send("cont")
            elif isinstance(message["return"], str):
                self._answers.append(message["return"])

    def _send(self, command: str, **arguments) -> None:
        try:
            self._ours.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        except OSError:
            pass  # QEMU has ended; whoever waits for it will say how

    def where_are_the_cpus(self, image: str | None) -> list[str]:
        """One line for each CPU: its instruction pointer, by name when the image can tell."""
        self._send("human-monitor-command", **{"command-line": "info registers -a"})
        deadline = time.monotonic() + ANSWER_SECONDS
        while not self._answers:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._ours], [], [], left)[0] or not self.handle_input():
                return []
        pointers = re.findall(r"[RE]IP=([0-9a-f]+).*?HLT=([01])", self._answers.pop(), re.DOTALL)
        names = _names(image, [pointer for pointer, _ in pointers])
        return [f"CPU {cpu} {'halted' if halted == '1' else 'runs'} at {name}"
                for cpu, ((_, halted), name) in enumerate(zip(pointers, names))]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._ours.close()


def _names(image: str | None, addresses: list[str]) -> list[str]:
    """The addresses with the functions they are in, where there is an image that knows."""
    if image is None:
        return addresses
    try:
        done = subprocess.run(
            ["llvm-symbolizer-19", "--obj=" + image, "--output-style=JSON"], text=True, timeout=20,
            input="\n".join("0x" + address for address in addresses), capture_output=True, check=True)
        return [_name(address, json.loads(line)["Symbol"])
                for address, line in zip(addresses, done.stdout.splitlines(), strict=True)]
    except (OSError, subprocess.SubprocessError, ValueError, KeyError):
        return addresses


def _name(address: str, frames: list[dict]) -> str:
    """Of what was inlined there, the innermost line, and the function that really exists."""
    if not frames or not frames[-1]["FunctionName"]:
        return address
    file, line = os.path.basename(frames[0]["FileName"]), frames[0]["Line"]
    return f"{address} {frames[-1]['FunctionName']}" + (f" ({file}:{line})" if file else "")
