"""abi/constants.hh: the names of flags, signals and the like, for the kernel and for programs."""

from text import HEADER, constant, literal


def constants(table):
    lines = [HEADER, "#pragma once\n", "#include <cstdint>\n", "namespace weft::abi {\n"]
    seen = set()
    for each in table.sets.values():
        fresh = {name: value for name, value in each.constants().items() if name not in seen}
        if not fresh:
            continue
        seen.update(fresh)
        lines.append(f"// {each.about[0].upper()}{each.about[1:]}.")
        for name, value in fresh.items():
            lines.append(f"inline constexpr auto {constant(name)} = {literal(value, each.signed)};")
        lines.append("")
    lines.append("// The numbers of the calls.")
    for call in table.calls:
        lines.append(f"inline constexpr uint32_t k_sys_{call.name} = {call.number};")
    lines.append("\n}  // namespace weft::abi")
    return "\n".join(lines) + "\n"
