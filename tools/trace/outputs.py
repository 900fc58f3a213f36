"""What is made of one trace, or of two to compare: text, the Perfetto file, the page."""

import os

import model
import page
import perfetto
import text
import totals
from events import Trace


def write(traces: list[Trace], out: str | None) -> list[str]:
    """Prints the totals; with a folder, writes the files there and says which."""
    models = [model.build(trace) for trace in traces]
    sums = [totals.of(each) for each in models]
    for each, one in zip(models, sums):
        print(f"---- {each.about.get('command', '')}")
        print(text.report(one), end="")
    if out is None:
        return []
    os.makedirs(out, exist_ok=True)
    written = []
    for place, each in enumerate(models):
        name = "run.perfetto" if len(models) == 1 else f"run-{'AB'[place]}.perfetto"
        written.append(os.path.join(out, name))
        with open(written[-1], "wb") as file:
            perfetto.write(each, file)
    written.append(os.path.join(out, "timeline.html"))
    with open(written[-1], "w", encoding="utf-8") as file:
        file.write(page.make(models, sums))
    return written
