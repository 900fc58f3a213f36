#!/usr/bin/env python3
"""Runs the demos that have figures on Weft, and draws them into one page beside the concept
table: OUT/index.html. The figures are in OUT/NAME-CPUS.csv."""

import argparse
import csv
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import figures  # noqa: E402
import report  # noqa: E402
import table  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]


def write_csv(file: Path, found: figures.Figures) -> None:
    with open(file, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(found.columns)
        writer.writerows([name, *values] for name, values in zip(found.names, found.values))


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools/demos/plots.py", description=__doc__)
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--initrd", required=True)
    parser.add_argument("--out", required=True, type=Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    weft = [str(ROOT / "tools/weft"), "run", "--kernel", options.kernel, "--initrd", options.initrd]
    demos = [demo for demo in table.demos(ROOT) if demo.csv is not None]
    found: dict[str, dict[str, figures.Figures]] = {demo.name: {} for demo in demos}
    try:
        for measured, machines in figures.MACHINES.items():
            concerned = [demo for demo in demos if demo.measured == measured]
            for machine in machines:
                print(f"{machine.name}: {', '.join(demo.name for demo in concerned)}", flush=True)
                for name, each in figures.measure(weft, machine, concerned).items():
                    found[name][machine.name] = each
                    write_csv(options.out / f"{name}-{machine.cpus}.csv", each)
    except figures.RunError as error:
        print(f"plots: {error}", file=sys.stderr)
        return 1
    page = options.out / "index.html"
    page.write_text(report.page(demos, found, (ROOT / "README.md").read_text(encoding="utf-8")), encoding="utf-8")
    print(f"written: {page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
