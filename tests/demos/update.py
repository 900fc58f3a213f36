#!/usr/bin/env python3
"""Writes what these demos are expected to print, from a run on Linux: update.py NAME..., or all without a name."""

import sys

import transcripts

if __name__ == "__main__":
    run = transcripts.on_linux()
    for demo in transcripts.COMPARED:
        if len(sys.argv) == 1 or demo.name in sys.argv[1:]:
            text = transcripts.comparable(run[demo.name], demo.output)
            (transcripts.EXPECTED / f"{demo.name}.txt").write_text(text, encoding="utf-8")
