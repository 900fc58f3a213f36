"""What numbers are called: system calls and their arguments, from the table the kernel is made of."""

import functools
import json
import os

TABLE = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../build/gen/oracle/table.json")


@functools.cache
def table() -> dict:
    try:
        with open(TABLE, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return {"calls": [], "sets": {}}


@functools.cache
def calls() -> dict[int, dict]:
    return {call["number"]: call for call in table()["calls"]}


def call_name(number: int) -> str:
    call = calls().get(number)
    return call["name"] if call else f"call {number}"
