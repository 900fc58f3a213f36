"""A newc archive (cpio's format for initial file trees): always the same bytes for the same tree."""

MAGIC = b"070701"
END = "TRAILER!!!"
ALIGNMENT = 4
EPOCH = 1704067200  # 2024-01-01: every file's time


def padded(data):
    """With zeros up to the next boundary."""
    return data + b"\0" * (-len(data) % ALIGNMENT)


def record(path, inode, mode, links, data, device):
    """One file: thirteen numbers of eight hexadecimal digits, the name, the content."""
    name = path.encode() + b"\0"
    numbers = [inode, mode, 0, 0, links, EPOCH, len(data), 0, 0, device[0], device[1], len(name), 0]
    header = MAGIC + b"".join(b"%08x" % number for number in numbers)
    return padded(header + name) + padded(data)


def archive(entries):
    """The bytes of an archive of tree.Entry objects."""
    parts = []
    for inode, entry in enumerate(entries, 1):
        links = 2 if entry.mode & 0o170000 == 0o040000 else 1
        parts.append(record(entry.path, inode, entry.mode, links, entry.data, entry.device))
    parts.append(record(END, 0, 0, 1, b"", (0, 0)))
    return b"".join(parts)
