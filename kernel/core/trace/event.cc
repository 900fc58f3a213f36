#include "core/trace/event.hh"

namespace weft::trace {

// "chars" is text in the bytes of both numbers.
extern "C" constinit const std::array<KindText, k_kinds> weft_trace_kinds = {{
    {"starts thread", "", "thread", ""},
    {"is named", "", "chars", "chars"},
    {"belongs to", "", "process", "tid"},
    {"ends", "", "", ""},
    {"switches to", "state", "thread", "queued"},
    {"blocks on", "reason", "object", ""},
    {"goes on after", "outcome", "object", ""},
    {"wakes", "cpu", "thread", ""},
    {"moves", "cpu", "thread", ""},
    {"waits for lock", "", "lock", "owner"},
    {"timer", "", "", ""},
    {"kicks", "cpu", "", ""},
    {"is kicked", "", "", ""},
    {"device", "line", "", ""},
    {"fault", "access", "address", "result"},
    {"free memory", "", "frames", ""},
    {"call", "number", "argument", "argument"},
    {"return", "number", "result", ""},
    {"forks", "", "process", ""},
    {"executes", "", "chars", "chars"},
    {"exits", "", "status", ""},
    {"signals", "signal", "process", ""},
    {"handles signal", "signal", "handler", ""},
    {"arguments", "place", "argument", "argument"},
    {"text", "place", "chars", "chars"},
    {"starts coroutine", "", "coroutine", "parent"},
    {"runs coroutine", "worker", "coroutine", ""},
    {"coroutine parks", "reason", "coroutine", "object"},
    {"wakes coroutine", "", "coroutine", ""},
    {"steals coroutine", "worker", "coroutine", ""},
    {"coroutine ends", "", "coroutine", ""},
    {"worker sleeps", "worker", "", ""},
    {"worker wakes", "worker", "", ""},
    {"names coroutine", "piece", "coroutine", "chars"},
    {"panic", "", "", ""},
}};

}  // namespace weft::trace
