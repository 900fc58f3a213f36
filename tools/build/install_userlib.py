#!/usr/bin/env python3
"""Puts the headers of the hosted userlib, and the files for CMake and pkg-config, beside its archive.

In the source tree a header is named by its place ("userlib/thread/mutex.hh", "core/base/atomic.hh"). In
the installed one all of them stand below one folder, weft/, and name each other so; a user includes
<weft/thread.hh>, which has all of that room, or a single <weft/thread/mutex.hh>.
"""

import argparse
import pathlib
import re

# Where a header comes from, and its place below include/weft/.
SOURCES = [("userlib/", "userlib/", ""), ("build/gen/userlib/", "userlib/", ""), ("kernel/core/", "core/", "core/"),
           ("build/gen/abi/", "abi/", "abi/")]
INCLUDE = re.compile(r'^(\s*#\s*include\s*)"([^"]+)"', re.MULTILINE)

CMAKE = """# find_package(weft) gives the target weft::weft.
if(NOT TARGET weft::weft)
  find_package(Threads REQUIRED)
  get_filename_component(weft_root "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
  add_library(weft::weft STATIC IMPORTED)
  set_target_properties(weft::weft PROPERTIES
    IMPORTED_LOCATION "${weft_root}/libweft.a"
    INTERFACE_INCLUDE_DIRECTORIES "${weft_root}/include"
    INTERFACE_COMPILE_FEATURES cxx_std_23
    INTERFACE_LINK_LIBRARIES Threads::Threads)
endif()
"""

PKG_CONFIG = """prefix=${pcfiledir}/../..
Name: weft
Description: threads, processes and coroutines: the userlib of the Weft kernel, for Linux programs
Version: 1
Cflags: -I${prefix}/include
Libs: -L${prefix} -lweft -pthread
"""


def installed(name: str) -> str:
    """The place, below include/weft/, of a header that is included by this name."""
    for _, prefix, place in SOURCES:
        if name.startswith(prefix):
            return place + name.removeprefix(prefix)
    raise SystemExit(f"{name}: no place for this header")


def find(name: str) -> pathlib.Path:
    for folder, prefix, _ in SOURCES:
        path = pathlib.Path(folder + name.removeprefix(prefix))
        if name.startswith(prefix) and path.is_file():
            return path
    raise SystemExit(f"{name}: there is no such header")


def install(name: str, include: pathlib.Path, done: set[str]) -> None:
    """Copies a header, and all that it includes."""
    if name in done:
        return
    done.add(name)
    text = find(name).read_text(encoding="utf-8")
    for _, used in INCLUDE.findall(text):
        install(used, include, done)
    target = include / installed(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    rewrite(target, INCLUDE.sub(lambda match: f'{match[1]}"weft/{installed(match[2])}"', text))


def rewrite(path: pathlib.Path, text: str) -> None:
    """So that a file which has not changed stays as old as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True, type=pathlib.Path, help="the library's folder")
    parser.add_argument("rooms", nargs="+", type=pathlib.Path, help="the folders whose headers are public")
    options = parser.parse_args()

    include = options.out / "include/weft"
    done: set[str] = set()
    for room in options.rooms:
        headers = sorted(room.rglob("*.hh"))
        for header in headers:
            install(str(header), include, done)
        lines = "".join(f'#include "weft/{installed(str(header))}"\n' for header in headers)
        if headers:
            rewrite(include / f"{room.name}.hh", f"// All of userlib/{room.name}.\n#pragma once\n\n{lines}")
    rewrite(options.out / "lib/cmake/weft/weftConfig.cmake", CMAKE)
    rewrite(options.out / "lib/pkgconfig/weft.pc", PKG_CONFIG)


if __name__ == "__main__":
    main()
