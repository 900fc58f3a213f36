"""An empty disc image in QEMU's own format, which has room for snapshots of a machine.

One cluster each: header, table of reference counts, reference counts, table of the contents (none)."""

import struct

CLUSTER = 1 << 16
SIZE = 1 << 20  # of the disc, which nobody reads; snapshots lie behind it and may be larger
VERSION = 2


def write_empty(path: str) -> None:
    header = struct.pack(
        ">4sI QI I Q I I Q Q I I Q", b"QFI\xfb", VERSION, 0, 0, CLUSTER.bit_length() - 1, SIZE, 0,
        1, 3 * CLUSTER, CLUSTER, 1, 0, 0)
    counts = struct.pack(">4H", 1, 1, 1, 1)
    with open(path, "wb") as file:
        for cluster in (header, struct.pack(">Q", 2 * CLUSTER), counts, b""):
            file.write(cluster.ljust(CLUSTER, b"\0"))
