"""userlib/syscalls.hh: the stubs that programs call."""

from text import HEADER, pointee

VALUE_TYPES = {"fd": "int", "dirfd": "int", "int": "int", "uint": "uint32_t", "long": "int64_t",
               "ulong": "uint64_t", "size": "size_t", "offset": "int64_t", "pid": "int32_t",
               "uid": "uint32_t", "mode": "uint32_t", "signal": "int", "address": "void*",
               "path": "const char*", "strings": "const char* const*", "flags": "uint32_t",
               "choice": "int64_t"}
RETURN_TYPES = {"none": "void", "fd": "int", "pid": "int32_t", "count": "size_t", "address": "void*",
                "value": "int64_t"}


def cpp_type(argument):
    if not argument.is_pointer:
        return VALUE_TYPES[argument.kind]
    type_name = "void" if argument.type == "byte" else pointee(argument.type)
    return ("const " if argument.kind == "in" else "") + type_name + "*"


def stub(call):
    parameters = ", ".join(f"{cpp_type(a)} {a.name}" for a in call.arguments if a.kind != "exactly")
    passed = "".join(f", {a.value if a.kind == 'exactly' else a.name}" for a in call.arguments)
    if call.returns == "never":
        return [f"[[noreturn]] inline void {call.name}({parameters}) {{",
                f"  raw_call(abi::k_sys_{call.name}{passed});", "  __builtin_unreachable();", "}"]
    kind = RETURN_TYPES[call.returns]
    return [f"inline Result<{'' if kind == 'void' else kind}> {call.name}({parameters}) {{",
            f"  return result<{kind}>(raw_call(abi::k_sys_{call.name}{passed}));", "}"]


def stubs(table):
    lines = [HEADER, "// One function for each system call, with the call's own name and arguments.",
             "#pragma once\n", '#include "abi/constants.hh"', '#include "core/abi/abi.hh"',
             '#include "userlib/sys/raw_call.hh"\n', "namespace weft::sys {"]
    for family, calls in table.families().items():
        lines.append(f"\n// ---- {family} ----\n")
        for call in calls:
            if not call.own_stub:
                lines += stub(call)
    lines.append("\n}  // namespace weft::sys")
    return "\n".join(lines) + "\n"
