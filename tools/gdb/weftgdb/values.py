"""The kernel's own types as Python sees them: lists, trees, atomics, references, strings."""

import gdb

from weftgdb.command import Problem

_symbols: dict[str, gdb.Symbol] = {}  # found before: gdb takes long to look


def variable(name: str) -> gdb.Value:
    """A variable or a constant of the kernel, by its full name."""
    if name in _symbols and _symbols[name].is_valid():
        return _symbols[name].value()
    for look in (gdb.lookup_global_symbol, gdb.lookup_static_symbol):
        symbol = look(name)
        if symbol is not None:
            _symbols[name] = symbol
            return symbol.value()
    try:
        return gdb.parse_and_eval(f"'{name}'")
    except gdb.error:
        raise Problem(f"this kernel has no {name}: are its symbols loaded?") from None


def function(name: str) -> int:
    """The address of a function that assembly names. Without the colons gdb would look into the namespace of the place
    at which it stands first, and hal has a switch_context, too."""
    return int(gdb.parse_and_eval(f"(unsigned long) &::{name}"))


def has_field(value: gdb.Value, name: str) -> bool:
    return any(field.name == name for field in value.type.strip_typedefs().fields())


def atomic(value: gdb.Value) -> gdb.Value:
    """What an Atomic<T> holds: the innermost member of the standard library's type."""
    value = value["value_"]
    while value.type.strip_typedefs().code == gdb.TYPE_CODE_STRUCT:
        fields = [field for field in value.type.strip_typedefs().fields() if not hasattr(field, "enumval")
                  and hasattr(field, "bitpos")]
        value = value[fields[0]]
    return value


def is_held(lock: gdb.Value) -> bool:
    """Of a SpinLock."""
    return int(atomic(lock["next_ticket_"])) != int(atomic(lock["now_served_"]))


def items(array: gdb.Value) -> list[gdb.Value]:
    """The elements of a std::array."""
    elements = array["_M_elems"]
    if elements.type.strip_typedefs().code != gdb.TYPE_CODE_ARRAY:
        return []  # std::array<T, 0>
    low, high = elements.type.strip_typedefs().range()
    return [elements[i] for i in range(low, high + 1)]


def referenced(ref: gdb.Value) -> gdb.Value:
    """The pointer that a Ref<T> holds."""
    return ref["object_"]


def list_elements(head: gdb.Value):
    """The elements of a List<T, &T::hook>, as references to T."""
    kind = head.type.strip_typedefs()
    element, offset = kind.template_argument(0), _member_offset(kind, 1)
    end = int(head["head_"].address)
    place = head["head_"]["next_"]
    seen = 0
    while int(place) not in (end, 0):
        yield (place.cast(_bytes()) - offset).cast(element.pointer()).dereference()
        place = place["next_"]
        seen += 1
        if seen > 1_000_000:
            raise Problem("a list does not end: the kernel's memory is damaged, or it was stopped in the middle")


def tree_elements(tree: gdb.Value):
    """The elements of an RbTree<T, &T::hook, Order>, in order."""
    kind = tree.type.strip_typedefs()
    element, offset = kind.template_argument(0), _member_offset(kind, 1)
    waiting, node = [], tree["root_"]
    while waiting or int(node) != 0:
        while int(node) != 0:
            waiting.append(node)
            node = node["child_"][0]
        node = waiting.pop()
        yield (node.cast(_bytes()) - offset).cast(element.pointer()).dereference()
        node = node["child_"][1]


def text(value: gdb.Value) -> str:
    """A Text<n>, a std::array of characters with an end, or a std::string_view."""
    if has_field(value, "_M_str"):
        length = int(value["_M_len"])
        return value["_M_str"].string("utf-8", "replace", length=length) if length else ""
    if has_field(value, "_M_elems"):
        return value["_M_elems"].string("utf-8", "replace")
    return text_of_text(value)


def text_of_text(value: gdb.Value) -> str:
    fields = {field.name: value[field] for field in value.type.strip_typedefs().fields() if field.name}
    for inner in fields.values():
        if inner.type.strip_typedefs().code == gdb.TYPE_CODE_STRUCT and has_field(inner, "_M_elems"):
            length = next((int(each) for name, each in fields.items() if "size" in name or "length" in name), None)
            raw = inner["_M_elems"]
            return raw.string("utf-8", "replace", length=length) if length is not None else raw.string()
    raise Problem(f"{value.type} holds no text")


def enum_name(value: gdb.Value) -> str:
    """The last part of an enumerator's name."""
    return str(value).rsplit("::", maxsplit=1)[-1]


def _member_offset(kind: gdb.Type, number: int) -> int:
    """Of the hook that a list goes through: gdb shows the template's argument as &Element::hook."""
    hook = str(kind.template_argument(number)).rsplit("::", maxsplit=1)[-1]
    offset = field_offset(kind.template_argument(0), hook)
    if offset is None:
        raise Problem(f"{kind} goes through a hook that is not in its elements")
    return offset


def enumerator(kind: str, name: str) -> int:
    """The number behind a name of an enumeration."""
    for field in gdb.lookup_type(kind).fields():
        if field.name.rsplit("::", maxsplit=1)[-1] == name:
            return field.enumval
    raise Problem(f"{kind} has no {name}")


def field_offset(kind: gdb.Type, name: str) -> int | None:
    """In bytes, also of an inherited field; None if there is none of that name."""
    for field in kind.strip_typedefs().fields():
        if not hasattr(field, "bitpos"):
            continue  # static
        if field.name == name and not field.is_base_class:
            return field.bitpos // 8
        inner = field_offset(field.type, name) if field.is_base_class else None
        if inner is not None:
            return field.bitpos // 8 + inner
    return None


def _bytes() -> gdb.Type:
    return gdb.lookup_type("char").pointer()
