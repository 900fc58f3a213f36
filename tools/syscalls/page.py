"""userlib/sys/SYSCALLS.md: the supported subset, for readers."""

LEVELS = ["static hello against musl", "static hello against glibc", "threads", "a shell and pipes",
          "busybox", "job control, ps, top", "signals, timers and files in full", "event loops, and tools",
          "servers on the loopback"]
RESTARTS = {None: "", "restart": "goes on with SA_RESTART", "always": "goes on",
            "no_handler": "goes on if no handler ran", "block": "goes on by restart_syscall",
            "never": "EINTR"}


def argument_text(argument):
    name = argument.name
    if argument.set is not None:
        return f"{name}: {argument.kind} [{argument.set.name}](#{argument.kind}-{argument.set.name.replace('_', '-')})"
    if argument.is_pointer:
        length = f"[{argument.length}]" if argument.length else ""
        return f"{name}: {argument.kind} {argument.type}{length}" + (" or null" if argument.optional else "")
    if argument.kind == "exactly":
        return f"{name}: {argument.value}"
    return f"{name}: {argument.kind}" + (" or null" if argument.optional else "")


def names(values):
    return ", ".join(f"`{name}`" for name in values)


def set_section(each):
    kind = "choice" if each.kind == "choices" else each.kind
    lines = [f"### {kind} {each.name.replace('_', '-')}", "", f"{each.about[0].upper()}{each.about[1:]}.", ""]
    if each.supported:
        lines.append(f"- Supported: {names([*each.supported, *each.modifiers, *each.field])}")
    if each.ignored:
        lines.append(f"- Accepted, without effect: {names(each.ignored)}")
    for error in sorted({error for _, error in each.refused.values()}):
        refused = [name for name, (_, other) in each.refused.items() if other == error]
        lines.append(f"- Refused with {error}: {names(refused)}")
    unknown = {"ignore": "ignored, as Linux does", "handler": "the errno of the device or call in question"}
    lines.append(f"- Anything else: {unknown.get(each.unknown, each.unknown)}")
    return lines + [""]


def page(table):
    lines = ["# The system calls",
             "",
             "<!-- Made by tools/syscalls/generate.py from kernel/syscall/table.toml. Not to be edited. -->",
             "",
             f"Weft has {len(table.calls)} of Linux's system calls, with Linux's numbers, structures and errors.",
             "A program that uses only these runs on both kernels. Every other call returns ENOSYS. A flag",
             "that isn't supported gets the errno that stands below; nothing succeeds silently.",
             "",
             "The level says what kind of program needs the call:",
             ""]
    lines += [f"{level}. {text}" for level, text in enumerate(LEVELS)]
    for family, calls in table.families().items():
        lines += ["", f"## {family}", "",
                  "| number | call | arguments | returns | level | a signal while it waits |",
                  "|---|---|---|---|---|---|"]
        for call in calls:
            arguments = ", ".join(argument_text(argument) for argument in call.arguments)
            alias = f" = `{call.alias.replace('|', chr(92) + '|')}`" if call.alias else ""
            lines.append(f"| {call.number} | `{call.name}`{alias} | {arguments} | {call.returns} | "
                         f"{call.level} | {RESTARTS[call.restart]} |")
    lines += ["", "## Flags and choices", ""]
    for each in table.sets.values():
        if each.kind != "names":
            lines += set_section(each)
    return "\n".join(lines).rstrip() + "\n"
