#include "userlib/coro/list.hh"

#include <algorithm>
#include <string_view>

#include "userlib/base/print.hh"
#include "userlib/coro/block_slab.hh"
#include "userlib/coro/dumped_lines.hh"
#include "userlib/coro/frame.hh"
#include "userlib/coro/scheduler_state.hh"
#include "userlib/coro/stack_pool.hh"
#include "userlib/coro/ticks.hh"
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

[[gnu::no_sanitize_thread]] const void* place_of_spawn(const Coroutine& block) {
  if (block.place == 0) return nullptr;
  const auto base = reinterpret_cast<uintptr_t>(&k_place_base);
  const auto distance = static_cast<int32_t>(block.place - static_cast<uint32_t>(base));
  return reinterpret_cast<const void*>(base + static_cast<uintptr_t>(int64_t{distance}));
}

Nanoseconds time_since(uint64_t ticks) {
  const Scheduler* scheduler = Scheduler::running();
  if (ticks == 0 || scheduler == nullptr) return k_never;
  const Moment present = Moment::now();
  const Instant then = TickScale(scheduler->start(), present).instant(ticks);
  return present.instant > then ? present.instant - then : 0;
}

// It has run, and is not over. It may run on meanwhile, so what is read here may be old; it is told, and
// nothing depends on it.
[[gnu::no_sanitize_thread]] void look_at_begun(const Coroutine& block, Listed& listed) {
  const bool is_task = block.context.resume_at.load(acquire) == k_stackless;
  const Frame* frame = is_task ? nullptr : block.frame;
  if (is_waiting(block.park.load(relaxed))) {
    listed.state = State::blocked;
    listed.reason = block.reason;
    listed.object = block.awaited();
    listed.waited = time_since(is_task ? block.stopped_at : frame->stopped_at);
  } else {
    listed.state = runs(block) ? State::running : State::runnable;
  }
  if (frame == nullptr) {
    listed.name = "task";
    return;
  }
  const char* given = detail::given_name(frame->locals);
  listed.name = given != nullptr ? given : frame->kind->name;
  // (Not of who waits in place: its registers are not saved.)
  if (listed.state != State::running && block.context.resume_at.load(acquire) > k_last_mark)
    listed.stack_used = reinterpret_cast<uintptr_t>(frame + 1) - block.context.stack_pointer;
}

[[gnu::no_sanitize_thread]] Listed look_at(const Coroutine& block, uint64_t number) {
  Listed listed;
  const uintptr_t mark = block.context.resume_at.load(acquire);
  if (mark == k_unused) return listed;
  listed.number = number;
  listed.spawned_at = place_of_spawn(block);
  if (mark == k_not_started) {
    listed.state = State::created;
    listed.name = block.kind->name;
  } else if (block.joiner.load(acquire) == k_finished) {
    listed.state = State::dead;
  } else {
    look_at_begun(block, listed);
  }
  return listed;
}

// Calls visit(block, listed) for each coroutine that lives.
template <typename Visitor>
void look_at_all(Visitor visit) {
  uint64_t number = 0;
  for_each_block([&](const Coroutine& block) {
    const Listed listed = look_at(block, ++number);
    if (listed.state != State::unused) visit(block, listed);
  });
}

}  // namespace

Listed look_at(const Coroutine& block) { return look_at(block, block_number(block)); }

const char* name_of(State state) { return k_states[static_cast<size_t>(state)]; }
const char* name_of(Reason reason) { return k_reasons[static_cast<size_t>(reason)]; }

void list_coroutines(void (*visit)(void* argument, const Listed& listed), void* argument) {
  look_at_all([&](const Coroutine&, const Listed& listed) { visit(argument, listed); });
}

// The lowest part of the stack that holds something tells it. Other coroutines may run on theirs.
[[clang::no_sanitize("address", "thread")]] size_t stack_peak(const Coroutine& coroutine) {
  const uintptr_t mark = coroutine.context.resume_at.load(acquire);
  if (mark == k_not_started || mark == k_stackless || mark == k_unused) return 0;
  constexpr size_t k_packed_step = 128;
  const auto size = static_cast<StackSize>(coroutine.stack_class);
  const size_t step = is_packed(size) ? k_packed_step : k_page_size;
  const auto top = reinterpret_cast<uintptr_t>(coroutine.frame + 1);
  const uintptr_t floor = stack_floor(size, top - 1);
  uintptr_t lowest = top;
  // All above the place where it stopped is in use.
  const uintptr_t stopped = coroutine.context.stack_pointer;
  if (mark > k_last_mark && stopped > floor && stopped < top) lowest = stopped;
  for (uintptr_t part = round_down(lowest - 1, step); part + step > floor; part -= step) {
    const uintptr_t end = std::min(part + step, lowest);
    uintptr_t word = std::max(part, floor);
    const auto* at = reinterpret_cast<const volatile uint64_t*>(word);
    for (; word + 4 * sizeof *at <= end && (at[0] | at[1] | at[2] | at[3]) == 0; at += 4)
      word += 4 * sizeof *at;
    for (; word < end && *at == 0; ++at) word += sizeof *at;
    if (word >= part + step) break;
    lowest = word < lowest ? word : lowest;
  }
  return top - lowest;
}

constinit Atomic<bool> detail::times_are_kept{false};

void keep_times() {
  detail::times_are_kept.store(true, relaxed);
  // A lone worker notices when its base has a turn.
  if (Scheduler* scheduler = Scheduler::running(); scheduler != nullptr && scheduler->is_lone())
    scheduler->first_worker().watch_clock();
}

void dump_coroutines(int32_t fd) {
  DumpedLines lines(fd);
  look_at_all([&](const Coroutine& block, const Listed& listed) {
    lines.write(listed, stack_peak(block));
  });
}

// On the worker's own signal stack: a coroutine's may be too small.
Result<> dump_on_signal(int32_t signal) {
  keep_times();
  return sys::on_signal(
      signal, [](int) { dump_coroutines(2); }, abi::k_sa_onstack | abi::k_sa_restart);
}

}  // namespace weft::coro
