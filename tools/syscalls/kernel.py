"""syscall/handlers.hh and syscall/dispatch.inc: the kernel's side of every call.

A handler gets typed arguments that are already checked as far as the table goes. Between the raw
registers and the handler stands one small function for each call, made here.
"""

from text import HEADER, constant, errno, pointee

VALUE_TYPES = {"fd": "Fd", "dirfd": "Fd", "int": "int32_t", "uint": "uint32_t", "long": "int64_t",
               "ulong": "uint64_t", "size": "size_t", "offset": "int64_t", "pid": "int32_t",
               "uid": "uint32_t", "mode": "uint32_t", "signal": "int32_t", "address": "VirtAddr",
               "path": "UserPath", "strings": "UserStrings", "flags": "uint32_t", "choice": "int32_t"}
POINTER_TYPES = {"in": "UserIn", "out": "UserOut", "inout": "UserInOut"}
RESTART_NAMES = {None: "never_waits", "restart": "if_action_says", "always": "always",
                 "no_handler": "without_handler", "block": "by_restart_call", "never": "never"}


def cpp_type(argument):
    if argument.is_pointer:
        return f"{POINTER_TYPES[argument.kind]}<{pointee(argument.type)}>"
    return VALUE_TYPES[argument.kind]


def parameters(call):
    """What the handler sees: not what `exactly` has settled."""
    return [argument for argument in call.arguments if argument.kind != "exactly"]


def handlers(table):
    lines = [HEADER, "// One declaration for each call; a family's handlers stand in the file of its name.",
             "#pragma once\n", '#include "syscall/argument.hh"\n', "namespace weft::syscall {"]
    for family, calls in table.families().items():
        own = [call for call in calls if call.target is None]
        if not own:
            continue
        lines.append(f"\n// {family}.cc")
        for call in own:
            rest = "".join(f", {cpp_type(a)} {a.name}" for a in parameters(call))
            lines.append(f"Result<uint64_t> sys_{call.name}(Context& context{rest});")
    lines.append("\n}  // namespace weft::syscall")
    return "\n".join(lines) + "\n"


def bits(values):
    return sum(set_bit for set_bit in {1 << i for value in values for i in range(32) if value >> i & 1})


def check_of_flags(each):
    """A function from the raw register to the bits that the handler sees."""
    seen = bits([*each.supported.values(), *each.field.values()])
    refused = [(bits([value]) & ~seen, error) for value, error in each.refused.values()]
    harmless = bits(each.ignored.values())
    lines = [f"// {each.about[0].upper()}{each.about[1:]}.",
             f"inline Result<uint32_t> check_flags_{each.name}(uint64_t raw) {{",
             "  const auto flags = static_cast<uint32_t>(raw);"]
    if each.unknown != "ignore":
        lines.append(f"  if ((flags & ~uint32_t{{{seen | harmless:#x}}}) == 0) [[likely]] "
                     f"return flags & {seen:#x};")
        for value, error in refused:
            if error != each.unknown:
                lines.append(f"  if ((flags & {value:#x}) != 0) return fail({errno(error)});")
        lines.append(f"  return fail({errno(each.unknown)});")
    else:
        for value, error in refused:
            lines.append(f"  if ((flags & {value:#x}) != 0) [[unlikely]] return fail({errno(error)});")
        lines.append(f"  return flags & {seen:#x};")
    return lines + ["}"]


def check_of_choice(each):
    """A function from the raw register to a value that the handler knows."""
    modifiers = bits(each.modifiers.values())
    lines = [f"// {each.about[0].upper()}{each.about[1:]}.",
             f"inline Result<int32_t> check_choice_{each.name}(uint64_t raw) {{",
             "  const auto choice = static_cast<int32_t>(raw);",
             f"  switch (choice & ~{modifiers:#x}) {{" if modifiers else "  switch (choice) {"]
    for name in [*each.supported, *each.ignored]:
        lines.append(f"    case static_cast<int32_t>(abi::{constant(name)}):")
    lines.append("      return choice;")
    for name, (_, error) in each.refused.items():
        if error != each.unknown:
            lines.append(f"    case static_cast<int32_t>(abi::{constant(name)}): return fail({errno(error)});")
    lines += [f"    default: return fail({errno(each.unknown)});", "  }", "}"]
    return lines


def argument_expression(argument, index):
    if argument.kind in ("flags", "choice") and argument.set.is_checked:
        return f"TRY(check_{argument.kind}_{argument.set.name}(raw[{index}]))"
    return f"argument<{cpp_type(argument)}>(raw[{index}])"


def thunk(call, table):
    """From raw registers to the handler."""
    head = f"Result<uint64_t> call_{call.name}(Context& context, const RawArguments& raw) {{"
    if call.target is not None:
        positions = {argument.name: f"raw[{i}]" for i, argument in enumerate(call.arguments)}
        words = []
        for text in call.words:
            pieces = [piece.strip() for piece in text.split("|")]
            words.append(" | ".join(
                positions.get(piece, f"abi::{constant(piece)}" if piece in table.constants else piece)
                for piece in pieces))
        wide = ", ".join(word if word.startswith("raw[") or word.isdigit()
                         else f"static_cast<uint64_t>({word})" for word in words)
        used = "" if any(word.startswith("raw[") for word in words) else "[[maybe_unused]] "
        return [head.replace("const RawArguments", used + "const RawArguments"),
                f"  return call_{call.target}(context, {{{wide}}});", "}"]
    lines = [head if call.arguments else head.replace("const RawArguments& raw", "const RawArguments&")]
    positions = {argument.name: i for i, argument in enumerate(call.arguments)}
    for i, each in enumerate(call.arguments):
        if each.kind == "exactly":
            only = f"raw[{positions[each.when]}] != 0 && " if each.when else ""
            lines.append(f"  if ({only}raw[{i}] != {each.value}) [[unlikely]] return fail(Errno::inval);")
    passed = "".join(", " + argument_expression(argument, i)
                     for i, argument in enumerate(call.arguments) if argument.kind != "exactly")
    return lines + [f"  return sys_{call.name}(context{passed});", "}"]


def dispatch(table):
    lines = [HEADER,
             "// Included by dispatch.cc alone, in namespace weft::syscall. k_calls[number] is what runs.\n",
             "namespace {\n"]
    for each in table.sets.values():
        if each.kind != "names" and each.is_checked:
            lines += check_of_flags(each) if each.kind == "flags" else check_of_choice(each)
            lines.append("")
    own = [call for call in table.calls if call.target is None]
    for call in own + [call for call in table.calls if call.target is not None]:
        lines += thunk(call, table) + [""]
    by_number = {call.number: call for call in table.calls}
    size = max(by_number) + 1
    lines += ["// What to run for each number, and what a signal does to it. A hole is ENOSYS.",
              f"constexpr Call k_calls[{size}] = {{"]
    for number in range(size):
        call = by_number.get(number)
        lines.append(f"    {{call_{call.name}, Restart::{RESTART_NAMES[call.restart]}, {str(call.all_registers).lower()}}},"
                     if call else "    {},")
    lines += ["};", "", "}  // namespace"]
    return "\n".join(lines) + "\n"
