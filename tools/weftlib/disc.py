"""Disc images for one run: the kernel, GRUB, and the kernel options of that run."""

import contextlib
import os
import subprocess
import tempfile
from typing import Iterator

from weftlib.errors import SetupError

ISO_SCRIPT = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), "build/iso.sh")


@contextlib.contextmanager
def image(kernel: str, options: list[str]) -> Iterator[str]:
    """A disc image that boots the kernel with these options; it is gone afterwards."""
    line = " ".join(options)
    if set(line) & set("'\\${}"):
        raise SetupError(f"a disc image can't hand over an option with such characters: {line}")
    with tempfile.TemporaryDirectory(prefix="weft-disc-") as folder:
        path = os.path.join(folder, "weft.iso")
        done = subprocess.run([ISO_SCRIPT, kernel, path, line], text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            raise SetupError(f"no disc image could be made: {done.stdout.strip()}")
        yield path
