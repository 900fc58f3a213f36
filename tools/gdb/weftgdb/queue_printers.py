"""How the userlib's queues and channels look when gdb prints them: what is in them, and of how much room."""

import gdb


class Queue:
    """Values one behind the other: `slots` is where they lie, in a circle."""

    def __init__(self, name: str, room: str, slots: gdb.Value, first: int, count: int, circle: int):
        self._text = f"{name} with {count} of {room}"
        self._values = [slots[(first + number) % circle] for number in range(count)]

    def to_string(self):
        return self._text

    def children(self):
        return ((f"[{number}]", value) for number, value in enumerate(self._values))

    def display_hint(self):
        return "array"


def closed(value: gdb.Value, member: str) -> str:
    return "closed " if value[member] else ""


def queue(value: gdb.Value) -> Queue:
    ring = value["items_"]
    return Queue(closed(value, "is_closed_") + "queue", str(int(value["capacity_"])), ring["data_"],
                 int(ring["first_"]), int(ring["size_"]), int(ring["room_"]))


def process_queue(value: gdb.Value) -> Queue:
    capacity = int(value.type.strip_typedefs().template_argument(1))
    popped = int(value["popped_"])
    return Queue(closed(value, "is_closed_") + "process_queue", str(capacity), value["items_"], popped,
                 int(value["pushed_"]) - popped, capacity)


def channel(value: gdb.Value) -> Queue:
    ring = value["buffer_"]
    return Queue(closed(value, "closed_") + "channel", str(int(ring["bound_"])), ring["slots_"], int(ring["first_"]),
                 int(ring["count_"]), int(ring["room_"]))


PRINTERS = (("weft::queue<", queue), ("weft::process_queue<", process_queue), ("weft::coro::channel<", channel))
