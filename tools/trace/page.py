"""The page with the timeline: one file, no network. What it draws stands in it as columns of numbers,
compressed; page.js unpacks and draws them.
"""

import array
import base64
import json
import os
import sys
import zlib

from model import Coroutine, Model, Span, Thread
from names import call_name
from totals import Totals

HERE = os.path.dirname(os.path.realpath(__file__))
# How a state is drawn: its place in page.js's list of colours.
FIRST_COROUTINE = 1 << 31  # coroutines have numbers beside the threads', from here on
STATES = ("New", "Runnable", "Running", "Waiting", "Locked", "Sleeping", "Dead", "Parked")


class Columns:
    """Named columns of numbers, put one behind the other. The description says where each is."""

    def __init__(self):
        self._bytes = bytearray()

    def add(self, values, kind: str = "d") -> list:
        """Where the column is: its type, where it begins, how many numbers it has."""
        column = array.array(kind, values)
        if sys.byteorder == "big":
            column.byteswap()
        while len(self._bytes) % 8:
            self._bytes.append(0)
        place = [{"d": "f64", "I": "u32", "B": "u8"}[kind], len(self._bytes), len(column)]
        self._bytes += column.tobytes()
        return place

    def packed(self) -> str:
        return base64.b64encode(zlib.compress(bytes(self._bytes), 6)).decode()


def _spans(columns: Columns, spans: list[Span], start: int, what, kind: str) -> dict:
    return {"start": columns.add(span.start - start for span in spans),
            "end": columns.add(span.end - start for span in spans),
            "what": columns.add((what(span) for span in spans), kind)}


def _states(columns: Columns, spans: list[Span], start: int) -> dict:
    row = _spans(columns, spans, start, lambda span: STATES.index(span.what), "B")
    row["object"] = columns.add(float(span.detail or 0) for span in spans)
    return row


def _thread(columns: Columns, thread: Thread, start: int) -> dict:
    calls = sorted(thread.calls)
    return {"id": thread.id, "title": thread.title(), "process": thread.process,
            "states": _states(columns, thread.states, start),
            "calls": {"start": columns.add(call[0] - start for call in calls),
                      "end": columns.add(call[1] - start for call in calls),
                      "what": columns.add((call[2] for call in calls), "I")},
            "marks": {"when": columns.add(mark[0] - start for mark in thread.marks),
                      "texts": [mark[1] for mark in thread.marks]}}


def _coroutine(columns: Columns, coroutine: Coroutine, number: int, start: int) -> dict:
    return {"id": number, "title": coroutine.title(), "process": coroutine.process,
            "states": _states(columns, coroutine.states, start)}


def describe(model: Model, sums: Totals, columns: Columns) -> dict:
    """One run, for the page."""
    start = model.start
    number_of = {key: FIRST_COROUTINE + place for place, key in enumerate(model.coroutines)}
    wakes = sorted((wake for wake in (*model.wakes, *model.coroutine_wakes) if wake.runs_at is not None),
                   key=lambda wake: wake.when)
    numbers = {call[2] for thread in model.threads.values() for call in thread.calls}
    threads = sorted(model.threads.values(), key=lambda thread: (thread.process, thread.id))
    return {
        "about": model.about, "length": model.end - start, "events": model.event_count,
        "lost": model.lost, "stateNames": STATES, "calls": {number: call_name(number) for number in numbers},
        "processes": model.processes,
        "cpus": [_spans(columns, spans, start, lambda span: span.what, "I") for spans in model.cpus],
        "queued": [{"when": columns.add(each[0] - start for each in queue),
                    "value": columns.add((each[1] for each in queue), "I")} for queue in model.queued],
        "memory": {"when": columns.add(each[0] - start for each in model.memory),
                   "value": columns.add(float(each[1]) for each in model.memory)},
        "threads": [_thread(columns, thread, start) for thread in threads],
        "coroutines": [_coroutine(columns, each, number_of[key], start) for key, each in model.coroutines.items()],
        "wakes": {"when": columns.add(wake.when - start for wake in wakes),
                  "by": columns.add((number_of.get(wake.by, wake.by) for wake in wakes), "I"),
                  "thread": columns.add((number_of.get(wake.thread, wake.thread) for wake in wakes), "I"),
                  "runs": columns.add(wake.runs_at - start for wake in wakes)},
        "totals": {"switches": sums.switches, "busy": sums.busy,
                   "threads": [vars(each) for each in sums.threads], "latency": sums.latency,
                   "waits": [[state, f"{what:#x}", times, time] for state, what, times, time in sums.waits],
                   "calls": [[call_name(number), times, time] for number, times, time in sums.calls]},
    }


def _part(name: str) -> str:
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return file.read()


def make(models: list[Model], sums: list[Totals]) -> str:
    columns = Columns()
    runs = [describe(model, one, columns) for model, one in zip(models, sums)]
    title = " and ".join(str(model.about.get("command", "a run")) for model in models)
    parts = {"TITLE": title.replace("&", "&amp;").replace("<", "&lt;"), "STYLE": _part("page.css"),
             "SCRIPT": "\n".join(_part(name) for name in ("page_data.js", "page_draw.js", "page.js")),
             "RUNS": json.dumps(runs).replace("</", "<\\/"), "COLUMNS": columns.packed()}
    page = _part("page.html")
    for name, text in parts.items():
        page = page.replace(f"@{name}@", text)
    return page
