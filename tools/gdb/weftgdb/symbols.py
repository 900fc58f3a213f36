"""Names for addresses."""

import re

import gdb


def place_name(address: int) -> str:
    """A function or a variable and the distance from its beginning; without one, the bare address."""
    words = gdb.execute(f"info symbol {address:#x}", to_string=True).split(" in section ")
    if len(words) < 2:
        return f"{address:#x}"
    name = words[0].strip().removeprefix("weft::").replace("(anonymous namespace)::", "")
    return re.sub(r"\(.*?\)| \[clone .*?\]|\.llvm\.\d+", "", name).replace(" + ", "+")
