"""The system-call table as objects, and the rules that every table keeps.

load(path) reads kernel/syscall/table.toml; it raises TableError with all the mistakes it found.
"""

import re
import tomllib
from dataclasses import dataclass, field

RESTARTS = ("restart", "always", "no_handler", "block", "never")
RETURNS = ("none", "fd", "pid", "count", "address", "value", "never")
PLAIN_KINDS = ("fd", "dirfd", "int", "uint", "long", "ulong", "size", "offset", "pid", "uid", "mode",
               "signal", "address", "path", "strings")
PRIMITIVES = ("byte", "char", "i32", "u32", "i64", "u64")
HIGHEST_LEVEL = 8


class TableError(Exception):
    """A table that contradicts itself."""


@dataclass
class Set:
    """Named values of an argument: flags that combine, one choice of several, or only names."""
    kind: str  # flags, choices, names
    name: str
    about: str
    supported: dict[str, int] = field(default_factory=dict)
    ignored: dict[str, int] = field(default_factory=dict)
    refused: dict[str, tuple[int, str]] = field(default_factory=dict)
    modifiers: dict[str, int] = field(default_factory=dict)
    field: dict[str, int] = field(default_factory=dict)
    unknown: str = "handler"
    signed: bool = False

    def constants(self):
        """Every name of the set with its value."""
        refused = {name: value for name, (value, _) in self.refused.items()}
        return {**self.supported, **self.ignored, **refused, **self.modifiers, **self.field}

    @property
    def is_checked(self):
        return self.kind == "flags" or self.unknown != "handler"


@dataclass
class Argument:
    """One argument. `kind` is its first word: fd, path, flags, choice, in, out, inout, exactly, ..."""
    name: str
    kind: str
    optional: bool = False
    set: Set | None = None       # flags and choice
    type: str | None = None      # in, out and inout: what the pointer leads to
    length: str | None = None    # how many of them: another argument's name, or a number
    value: int | None = None     # exactly
    when: str | None = None      # exactly ... when

    @property
    def is_pointer(self):
        return self.kind in ("in", "out", "inout")


@dataclass
class Call:
    """One system call."""
    name: str
    number: int
    family: str
    level: int
    arguments: list[Argument]
    restart: str | None = None
    returns: str = "none"
    alias: str | None = None     # as the table writes it
    target: str | None = None    # alias: the newer call's name
    words: list[str] = field(default_factory=list)  # alias: its arguments, in terms of ours
    own_stub: bool = False
    all_registers: bool = False


@dataclass
class Table:
    """The whole table; calls are sorted by number."""
    calls: list[Call]
    sets: dict[tuple[str, str], Set]
    constants: dict[str, int]

    def call(self, name):
        return next(call for call in self.calls if call.name == name)

    def families(self):
        """The names of the families, in the table's order, each with its calls in the same order."""
        found = {}
        for call in self.calls:
            found.setdefault(call.family, []).append(call)
        return found


ARGUMENT = re.compile(r"(?P<name>[a-z][a-z0-9_]*): (?P<kind>.+)")
POINTER = re.compile(r"(?P<way>in|out|inout)(?P<optional>\??) (?P<type>[a-z][a-z0-9_]*)"
                     r"(\[(?P<length>[a-z0-9_]+)\])?")
EXACTLY = re.compile(r"exactly (?P<value>\d+)( when (?P<when>[a-z_]+))?")
NAMED = re.compile(r"(?P<way>flags|choice) (?P<set>[a-z0-9_]+)")
ALIAS = re.compile(r"(?P<target>[a-z0-9_]+)\((?P<words>.*)\)")


def parse_argument(text, sets):
    """An Argument from the table's "name: kind"."""
    found = ARGUMENT.fullmatch(text)
    if not found:
        raise TableError(f"'{text}' is not of the form 'name: kind'")
    name, kind = found["name"], found["kind"]
    if found := POINTER.fullmatch(kind):
        return Argument(name, found["way"], bool(found["optional"]), type=found["type"],
                        length=found["length"])
    if found := EXACTLY.fullmatch(kind):
        return Argument(name, "exactly", value=int(found["value"]), when=found["when"])
    if found := NAMED.fullmatch(kind):
        key = ("flags" if found["way"] == "flags" else "choices", found["set"])
        if key not in sets:
            raise TableError(f"there is no set [{key[0]}.{key[1]}]")
        return Argument(name, found["way"], set=sets[key])
    plain = kind.removesuffix("?")
    if plain in PLAIN_KINDS and (plain == kind or plain == "path"):
        return Argument(name, plain, optional=plain != kind)
    raise TableError(f"'{kind}' is no kind of argument")


def parse_call(family, name, facts, sets):
    """A Call from the table's inline table."""
    known = {"number", "level", "restart", "returns", "arguments", "alias", "stub", "registers"}
    if strange := set(facts) - known:
        raise TableError(f"unknown keys {sorted(strange)}")
    for needed in ("number", "level", "arguments"):
        if needed not in facts:
            raise TableError(f"has no {needed}")
    call = Call(name, facts["number"], family, facts["level"],
                [parse_argument(text, sets) for text in facts["arguments"]],
                facts.get("restart"), facts.get("returns", "none"), facts.get("alias"),
                own_stub=facts.get("stub") == "own",
                all_registers=facts.get("registers") == "all")
    if call.alias:
        found = ALIAS.fullmatch(call.alias)
        if not found:
            raise TableError(f"'{call.alias}' is not of the form 'call(words)'")
        call.target = found["target"]
        call.words = [word.strip() for word in found["words"].split(",")] if found["words"] else []
    return call


def parse_set(kind, name, facts):
    """A Set from one of the table's sections."""
    known = {"about", "values", "signed"} if kind == "names" else {
        "about", "supported", "ignored", "refused", "modifiers", "field", "unknown"}
    if strange := set(facts) - known:
        raise TableError(f"unknown keys {sorted(strange)}")
    if kind == "names":
        return Set(kind, name, facts["about"], supported=facts["values"],
                   signed=facts.get("signed", False))
    return Set(kind, name, facts["about"], facts["supported"], facts.get("ignored", {}),
               {key: tuple(pair) for key, pair in facts.get("refused", {}).items()},
               facts.get("modifiers", {}), facts.get("field", {}), facts["unknown"])


def gather_constants(sets, problems):
    """All names of all sets; the same name always means the same value."""
    constants = {}
    for each in sets.values():
        for name, value in each.constants().items():
            if constants.setdefault(name, value) != value:
                problems.append(f"{name} is {constants[name]} and, in {each.kind}.{each.name}, {value}")
    return constants


def check_set(each, problems):
    """A set's values are told apart, and its errors are errors."""
    where = f"{each.kind}.{each.name}"
    if each.unknown not in ("ignore", "handler") and not each.unknown.startswith("E"):
        problems.append(f"{where}: unknown = '{each.unknown}' is no errno, 'ignore' or 'handler'")
    if each.kind == "flags" and each.unknown == "handler":
        problems.append(f"{where}: flags are checked before the handler")
    for name, (_, error) in each.refused.items():
        if not error.startswith("E"):
            problems.append(f"{where}: {name} is refused with '{error}', which is no errno")
    if each.kind == "choices":
        values = list(each.supported.values()) + list(each.ignored.values()) + [
            value for value, _ in each.refused.values()]
        if len(values) != len(set(values)):
            problems.append(f"{where}: a value stands there twice")


def check_call(call, table, problems):
    """One call on its own, and against the call that it is an alias of."""
    def complain(text):
        problems.append(f"{call.name}: {text}")

    if not 0 <= call.level <= HIGHEST_LEVEL:
        complain(f"level {call.level} is outside the staircase")
    if call.restart is not None and call.restart not in RESTARTS:
        complain(f"restart '{call.restart}' is none of {RESTARTS}")
    if call.returns not in RETURNS:
        complain(f"returns '{call.returns}' is none of {RETURNS}")
    if len(call.arguments) > 6:
        complain("a call has at most six arguments")
    names = [argument.name for argument in call.arguments]
    if len(names) != len(set(names)):
        complain("two arguments of the same name")
    for argument in call.arguments:
        if argument.length and not argument.length.isdigit() and argument.length not in names:
            complain(f"{argument.name}'s length {argument.length} is no argument")
        if argument.when and argument.when not in names:
            complain(f"{argument.name} depends on {argument.when}, which is no argument")
    if call.target is None:
        return
    target = next((other for other in table.calls if other.name == call.target), None)
    if target is None or target.target is not None:
        complain(f"is an alias of {call.target}, which is no call of its own")
        return
    if len(call.words) != len(target.arguments):
        complain(f"gives {call.target} {len(call.words)} arguments, it takes {len(target.arguments)}")
    for word in (piece.strip() for text in call.words for piece in text.split("|")):
        if word not in names and word not in table.constants and not word.isdigit():
            complain(f"'{word}' in its alias is no argument, constant or number")
    if call.restart != target.restart:
        complain(f"waits as '{call.restart}', {call.target} as '{target.restart}'")


def build(data):
    """A Table from the parsed TOML."""
    problems = []
    sets = {}
    for kind in ("flags", "choices", "names"):
        for name, facts in data.get(kind, {}).items():
            try:
                sets[kind, name] = parse_set(kind, name, facts)
                check_set(sets[kind, name], problems)
            except (TableError, KeyError) as error:
                problems.append(f"{kind}.{name}: {error}")
    calls = []
    for family, entries in data.get("calls", {}).items():
        for name, facts in entries.items():
            try:
                calls.append(parse_call(family, name, facts, sets))
            except TableError as error:
                problems.append(f"{name}: {error}")
    table = Table(calls, sets, gather_constants(sets, problems))
    by_number, by_name = {}, {}
    for call in calls:
        if (other := by_number.setdefault(call.number, call.name)) != call.name:
            problems.append(f"{call.name} and {other} both have the number {call.number}")
        if by_name.setdefault(call.name, call) is not call:
            problems.append(f"{call.name} stands there twice")
        check_call(call, table, problems)
    used = {id(argument.set) for call in calls for argument in call.arguments if argument.set}
    for each in sets.values():
        if each.kind != "names" and id(each) not in used:
            problems.append(f"{each.kind}.{each.name} is used by no call")
    if problems:
        raise TableError("\n".join(problems))
    return table


def load(path):
    """The Table in a file. TableError says everything that is wrong with it."""
    with open(path, "rb") as file:
        return build(tomllib.load(file))
