#include "userlib/coro/list.hh"

#include <string_view>

#include "userlib/base/print.hh"
#include "userlib/coro/block_slab.hh"
#include "userlib/coro/frame.hh"
#include "userlib/coro/scheduler_state.hh"
#include "userlib/sys/process.hh"
#include "userlib/syscalls.hh"

namespace weft::coro {
namespace {

constexpr const char* k_states[] = {"unused", "new", "runnable", "running", "blocked", "dead"};
constexpr const char* k_reasons[] = {
    "nothing",    "join",          "sleep", "mutex", "semaphore", "condition", "event",
    "rwlock",     "barrier",       "latch", "once",  "channel",   "select",    "wait group",
    "descriptor", "blocking call", "task",  "scope", "other"};

bool runs(const Coroutine& block) {
  Scheduler* scheduler = Scheduler::running();
  if (scheduler == nullptr || !scheduler->is_lone())
    return block.context.resume_at.load(relaxed) == k_running;
  return scheduler->first_worker().runs(block);
}

Listed look_at(Coroutine& block) {
  Listed listed;
  const uintptr_t mark = block.context.resume_at.load(acquire);
  if (mark == k_unused) return listed;
  listed.number = block_number(block);
  const auto base = reinterpret_cast<uintptr_t>(&k_place_base);
  const auto distance = static_cast<int32_t>(block.place - static_cast<uint32_t>(base));
  listed.spawned_at =
      reinterpret_cast<const void*>(base + static_cast<uintptr_t>(int64_t{distance}));
  if (mark == k_not_started) {
    listed.state = State::created;
    listed.name = block.kind->name;
    return listed;
  }
  if (block.joiner.load(acquire) == k_finished) {
    listed.state = State::dead;
    return listed;
  }
  const Frame* frame = block.frame;
  const char* given = detail::given_name(frame->locals);
  listed.name = given != nullptr ? given : frame->kind->name;
  if (is_waiting(block.park.load(relaxed))) {
    listed.state = State::blocked;
    listed.reason = block.reason;
    listed.object = block.object;
  } else {
    listed.state = runs(block) ? State::running : State::runnable;
  }
  if (listed.state != State::running)
    listed.stack_used = reinterpret_cast<uintptr_t>(frame + 1) - block.context.stack_pointer;
  return listed;
}

}  // namespace

const char* name_of(State state) { return k_states[static_cast<size_t>(state)]; }
const char* name_of(Reason reason) { return k_reasons[static_cast<size_t>(reason)]; }

void list_coroutines(void (*visit)(void* argument, const Listed& listed), void* argument) {
  for_each_block([&](Coroutine& block) {
    const Listed listed = look_at(block);
    if (listed.state != State::unused) visit(argument, listed);
  });
}

void dump_coroutines(int32_t fd) {
  Output out(fd);
  const auto write_line = [](void* argument, const Listed& listed) {
    auto& out = *static_cast<Output*>(argument);
    format(out, "coroutine {} {}", listed.number, name_of(listed.state));
    if (listed.state == State::blocked)
      format(out, " on {} {}", name_of(listed.reason), listed.object);
    format(out, ", {} from {}, stack {}\n", shorten_name(listed.name), listed.spawned_at,
           listed.stack_used);
  };
  list_coroutines(write_line, &out);
  out.flush();
}

// On the worker's own signal stack: a coroutine's may be too small.
Result<> dump_on_signal(int32_t signal) {
  return sys::on_signal(
      signal, [](int) { dump_coroutines(2); }, abi::k_sa_onstack | abi::k_sa_restart);
}

}  // namespace weft::coro
