"""Small pieces of C++ that several outputs share."""

HEADER = "// Made by tools/syscalls/generate.py from kernel/syscall/table.toml. Not to be edited.\n"

PRIMITIVE_TYPES = {"byte": "std::byte", "char": "char", "i32": "int32_t", "u32": "uint32_t",
                   "i64": "int64_t", "u64": "uint64_t"}


def constant(name):
    """The C++ name of a constant: O_CREAT is k_o_creat."""
    return "k_" + name.lower()


def errno(name):
    """The C++ name of an errno: ENOENT is Errno::noent."""
    return "Errno::" + {"E2BIG": "too_big"}.get(name, name[1:].lower())


def pointee(type_name):
    """The C++ type that a pointer of the table leads to."""
    if type_name in PRIMITIVE_TYPES:
        return PRIMITIVE_TYPES[type_name]
    return "abi::" + "".join(word.capitalize() for word in type_name.split("_"))


def literal(value, signed=False):
    """A number as C++ writes it: unsigned, unless it is below zero or wanted signed."""
    if value < 0 or signed:
        return f"int32_t{{{value}}}"
    return f"uint32_t{{{value:#x}}}" if value < 1 << 32 else f"uint64_t{{{value:#x}}}"
