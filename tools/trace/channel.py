"""The way of the events out of the machine: its memory is a file, and this takes them from there.

Nothing in the machine waits for us: a CPU writes an event and counts it, we copy it and say so by a
count of our own (kernel/core/trace/trace.hh, Ring). So tracing costs the kernel a few stores, and what
was recorded before a crash is there all the same.
"""

import mmap
import os
import struct
import tempfile
import threading
import time

from events import EVENT_SIZE, Writer
from image import Image

MARK = b"WEFTTRC1"
# Where things stand in the control block,
RING_SIZE, BLOCK_SIZE, CPUS, RINGS = 8, 16, 24, 64
# and in a ring.
WRITTEN, LOST, BLOCK_COUNT, BLOCKS, TAKEN = 0, 8, 16, 24, 576
PAUSE_SECONDS = 0.002
IDLE_PAUSE_SECONDS = 0.02


class Channel:
    """Takes the events of one run. `use` gets them as they come: use(cpu, bytes of whole events)."""

    def __init__(self, kernel: str, machine: str, memory: int):
        self._image = Image(kernel)
        self._machine = machine
        self._size = memory
        folder = "/dev/shm" if _room("/dev/shm") > memory else None
        descriptor, self.path = tempfile.mkstemp(prefix="weft-memory-", dir=folder)
        os.ftruncate(descriptor, memory)
        self._memory = mmap.mmap(descriptor, memory)
        os.close(descriptor)
        self._ends = threading.Event()
        self._thread: threading.Thread | None = None
        self._use = self._pause = None
        self.failure: BaseException | None = None

    def kinds(self) -> bytes:
        """The kernel's own list of events."""
        return self._image.contents("weft_trace_kinds")

    def start(self, use, pause=lambda: None) -> None:
        """Begins to take events, in a thread of its own; `pause` is called between two looks."""
        self._use, self._pause = use, pause
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def finish(self) -> dict[int, int]:
        """After the machine's end: takes what is left. How many events each CPU lost."""
        self._ends.set()
        if self._thread is not None:
            self._thread.join()
            if self.failure is not None:
                raise self.failure
            self._take_all()
        return {cpu: self._word(self._ring(cpu) + LOST) for cpu in range(self._cpus())}

    def close(self) -> None:
        self._ends.set()
        if self._thread is not None:
            self._thread.join()
        self._memory.close()
        os.unlink(self.path)

    # ---- What stands in the machine's memory -----------------------------------------------------

    def _place(self, physical: int) -> int:
        """In the file: machines have a hole below 4 GiB, for devices."""
        low = {"microvm": 0xC0000000, "pc": 0xC0000000, "q35": 0x80000000}[self._machine]
        return physical if physical < 1 << 32 else physical - (1 << 32) + low

    def _word(self, place: int) -> int:
        return struct.unpack_from("<Q", self._memory, place)[0]

    def _control(self) -> int:
        return self._image.physical("weft_trace_control")

    def _cpus(self) -> int:
        at = self._control()
        return self._word(at + CPUS) if self._memory[at:at + 8] == MARK else 0

    def _ring(self, cpu: int) -> int:
        at = self._control()
        return at + RINGS + self._word(at + RING_SIZE) * cpu

    # ---- Taking ------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._ends.is_set():
                taken = self._take_all()
                self._pause()
                time.sleep(PAUSE_SECONDS if taken else IDLE_PAUSE_SECONDS)
        except BaseException as error:  # the run's thread raises it again
            self.failure = error

    def _take_all(self) -> int:
        return sum(self._take(cpu) for cpu in range(self._cpus()))

    def _take(self, cpu: int) -> int:
        ring = self._ring(cpu)
        written, count = self._word(ring + WRITTEN), self._word(ring + BLOCK_COUNT)
        taken = self._word(ring + TAKEN)
        if count == 0 or written == taken:
            return 0
        in_block = self._word(self._control() + BLOCK_SIZE) // EVENT_SIZE
        start = taken
        while start < written:
            block = self._place(self._word(ring + BLOCKS + 8 * (start // in_block % count)))
            number = min(written - start, in_block - start % in_block)
            place = block + start % in_block * EVENT_SIZE
            self._use(cpu, self._memory[place:place + number * EVENT_SIZE])
            start += number
        struct.pack_into("<Q", self._memory, ring + TAKEN, written)
        return written - taken


def _room(folder: str) -> int:
    try:
        there = os.statvfs(folder)
    except OSError:
        return 0
    return there.f_bavail * there.f_frsize


class Recording:
    """A run's events, into a file that the other tools read (events.py)."""

    def __init__(self, channel: Channel, path: str, about: dict):
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        self._channel = channel
        self._writer = Writer(path, channel.kinds(), about)

    def start(self) -> None:
        self._channel.start(self._writer.write)

    def finish(self) -> dict[int, int]:
        lost = self._channel.finish()
        self._writer.close(lost)
        return lost
