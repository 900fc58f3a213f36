"""What strace and the filter of the Linux oracle need: names and kinds, as C++ and as JSON."""

import json

from text import HEADER


def described(argument):
    """An argument as a reader of a trace wants it: a kind and, where there is one, its set or type."""
    if argument.set is not None:
        return argument.kind, argument.set.name
    if argument.is_pointer:
        return argument.kind, argument.type
    return argument.kind, None


def decode_header(table):
    """syscall/decode.hh: which names a value has, and what each argument of each call is."""
    lines = [HEADER, "#pragma once\n", "#include <cstdint>", "#include <span>", "#include <string_view>\n",
             "namespace weft::syscall::decode {\n",
             "struct Name {", "  std::string_view text;", "  uint64_t value;", "};",
             "struct Argument {", "  std::string_view name;", "  std::string_view kind;",
             "  std::string_view type;           // what a pointer leads to",
             "  std::span<const Name> names;     // of flags and choices", "};",
             "struct Call {", "  uint32_t number;", "  std::string_view name;",
             "  std::string_view returns;", "  std::span<const Argument> arguments;", "};\n"]
    for each in table.sets.values():
        if each.constants():
            lines.append(f"inline constexpr Name k_{each.kind}_{each.name}[] = {{")
            lines += [f'    {{"{name}", {value & 0xffffffff:#x}}},' for name, value in each.constants().items()]
            lines.append("};")
    lines.append("")
    for call in table.calls:
        if not call.arguments:
            continue
        lines.append(f"inline constexpr Argument k_arguments_{call.name}[] = {{")
        for argument in call.arguments:
            names = "{}"
            if argument.set is not None and argument.set.constants():
                names = f"k_{argument.set.kind}_{argument.set.name}"
            elif argument.kind == "signal":
                names = "k_names_signal"
            lines.append(f'    {{"{argument.name}", "{argument.kind}", "{argument.type or ""}", {names}}},')
        lines.append("};")
    lines += ["", "// Sorted by number.", "inline constexpr Call k_calls[] = {"]
    for call in sorted(table.calls, key=lambda call: call.number):
        arguments = f"k_arguments_{call.name}" if call.arguments else "{}"
        lines.append(f'    {{{call.number}, "{call.name}", "{call.returns}", {arguments}}},')
    lines += ["};", "", "}  // namespace weft::syscall::decode"]
    return "\n".join(lines) + "\n"


def as_json(table):
    """The whole table for the tools."""
    calls = [{"number": call.number, "name": call.name, "level": call.level, "family": call.family,
              "restart": call.restart, "returns": call.returns, "alias": call.alias,
              "arguments": [dict(zip(("name", "kind", "type"), (a.name, *described(a))))
                            for a in call.arguments]} for call in sorted(table.calls, key=lambda c: c.number)]
    sets = {f"{each.kind}.{each.name}": {"supported": each.supported, "ignored": each.ignored,
                                         "refused": {name: list(pair) for name, pair in each.refused.items()},
                                         "modifiers": each.modifiers, "unknown": each.unknown}
            for each in table.sets.values()}
    return json.dumps({"calls": calls, "sets": sets}, indent=1) + "\n"


def allowed_header(table):
    """oracle/allowed.h: the numbers that a seccomp filter lets through, for a C or C++ program."""
    numbers = ", ".join(str(number) for number in sorted(call.number for call in table.calls))
    return (HEADER + "#pragma once\n\n"
            "// The system calls of the subset, ascending. A filter answers all others with ENOSYS.\n"
            f"static const unsigned weft_allowed_calls[] = {{{numbers}}};\n")
