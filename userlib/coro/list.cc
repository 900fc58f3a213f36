#include "userlib/coro/list.hh"

#include <algorithm>
#include <string_view>
#include <utility>

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

[[gnu::no_sanitize_thread]] const void* place_of_spawn(const Coroutine& block) {
  if (block.place == 0) return nullptr;
  const auto base = reinterpret_cast<uintptr_t>(&k_place_base);
  const auto distance = static_cast<int32_t>(block.place - static_cast<uint32_t>(base));
  return reinterpret_cast<const void*>(base + static_cast<uintptr_t>(int64_t{distance}));
}

// The runtime, at the moment at which this was made.
class Onlooker {
 public:
  Onlooker() : Onlooker(Scheduler::running()) {}

  bool runs(const Coroutine& block) const {
    return lone_ == nullptr ? block.context.resume_at.load(relaxed) == k_running
                            : lone_->runs(block);
  }
  // How long ago.
  Nanoseconds since(uint64_t ticks) const {
    if (ticks == 0 || !knows_start_) return k_never;
    const Instant then = scale_.instant(ticks);
    return present_.instant > then ? present_.instant - then : 0;
  }

 private:
  explicit Onlooker(Scheduler* scheduler)
      : lone_(scheduler != nullptr && scheduler->is_lone() ? &scheduler->first_worker() : nullptr),
        knows_start_(scheduler != nullptr),
        present_(Moment::now()),
        scale_(knows_start_ ? scheduler->start() : present_, present_) {}

  const Worker* lone_;
  bool knows_start_;
  Moment present_;
  TickScale scale_;
};

// It has run, and is not over. It may run on meanwhile, so what is read here may be old; it is told, and
// nothing depends on it.
[[gnu::no_sanitize_thread]] void look_at_begun(const Coroutine& block, const Onlooker& onlooker,
                                               Listed& listed) {
  const bool is_task = block.context.resume_at.load(acquire) == k_stackless;
  const Frame* frame = is_task ? nullptr : block.frame;
  if (is_waiting(block.park.load(relaxed))) {
    listed.state = State::blocked;
    listed.reason = block.reason;
    listed.object = block.awaited();
    listed.waited = onlooker.since(is_task ? block.stopped_at : frame->stopped_at);
  } else {
    listed.state = onlooker.runs(block) ? State::running : State::runnable;
  }
  if (frame == nullptr) {
    listed.name = "task";
    return;
  }
  const char* given = frame->locals == nullptr ? nullptr : detail::given_name(frame->locals);
  listed.name = given != nullptr ? given : frame->kind->name;
  // (Not of who waits in place: its registers are not saved.)
  if (listed.state != State::running && block.context.resume_at.load(acquire) > k_last_mark)
    listed.stack_used = reinterpret_cast<uintptr_t>(frame + 1) - block.context.stack_pointer;
}

[[gnu::no_sanitize_thread]] Listed look_at(const Coroutine& block, uint64_t number,
                                           const Onlooker& onlooker) {
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
    look_at_begun(block, onlooker, listed);
  }
  return listed;
}

// What the line of one that has stopped follows from, but for its number, time and peak, word for word. Of very many most
// have the same as the one before: that one's line is theirs, which is told much sooner than by looking at what it means.
struct Words {
  Words() = default;
  [[gnu::no_sanitize_thread]] explicit Words(const Coroutine& block)
      : resume_at(block.context.resume_at.load(acquire)) {
    if (resume_at <= k_last_mark) return;
    const Frame& frame = *block.frame;
    are_known =
        frame.locals == nullptr && block.joiner.load(acquire) != k_finished;  // (a name is a local)
    __builtin_memcpy(&marks, reinterpret_cast<const char*>(&block) + Coroutine::k_marks,
                     sizeof marks);
    if (is_waiting(block.park.load(relaxed))) {
      object = block.object;
      stopped_at = frame.stopped_at;
    }
    kind = frame.kind;
    used = reinterpret_cast<uintptr_t>(&frame) - block.context.stack_pointer;
  }
  bool say_the_same(const Words& other) const {
    return are_known && resume_at == other.resume_at && used == other.used &&
           object == other.object && marks == other.marks && kind == other.kind;
  }

  bool are_known = false;
  uintptr_t resume_at = 0;
  uint64_t marks = 0;  // from `park` to `place`
  const void* object = nullptr;
  const Kind* kind = nullptr;
  uintptr_t used = 0;
  uint64_t stopped_at = 0;
};

}  // namespace

Listed look_at(const Coroutine& block) { return look_at(block, block_number(block), Onlooker()); }

const char* name_of(State state) { return k_states[static_cast<size_t>(state)]; }
const char* name_of(Reason reason) { return k_reasons[static_cast<size_t>(reason)]; }

void list_coroutines(void (*visit)(void* argument, const Listed& listed), void* argument) {
  const Onlooker onlooker;
  uint64_t number = 0;
  for_each_block([&](const Coroutine& block) {
    const Listed listed = look_at(block, ++number, onlooker);
    if (listed.state != State::unused) visit(argument, listed);
  });
}

// The first word from there on that holds something; the end, if there is none. Other coroutines may run there.
[[clang::no_sanitize("address", "thread")]] static uintptr_t first_used(uintptr_t begin,
                                                                        uintptr_t end) {
  const auto* at = reinterpret_cast<const volatile uint64_t*>(begin);
  const auto* const last = reinterpret_cast<const volatile uint64_t*>(end);
  constexpr ptrdiff_t k_at_once = 8;
  while (last - at >= k_at_once &&
         (at[0] | at[1] | at[2] | at[3] | at[4] | at[5] | at[6] | at[7]) == 0)
    at += k_at_once;
  while (at < last && *at == 0) ++at;
  return reinterpret_cast<uintptr_t>(at);
}

// The lowest part of the stack that holds something tells it.
[[clang::no_sanitize("address", "thread")]] size_t stack_peak(const Coroutine& coroutine,
                                                              size_t likely) {
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
  if (const uintptr_t word = top - likely; word > floor && word <= lowest) {
    const bool is_used = word == lowest || *reinterpret_cast<const volatile uint64_t*>(word) != 0;
    if (is_used && first_used(std::max(round_down(word, step) - step, floor), word) == word)
      return likely;
  }
  for (uintptr_t part = round_down(lowest - 1, step); part + step > floor; part -= step) {
    const uintptr_t word = first_used(std::max(part, floor), std::min(part + step, lowest));
    if (word >= part + step) break;
    lowest = std::min(lowest, word);
  }
  return top - lowest;
}

namespace {

// The peaks of one after the other: most are as that of two in a row before.
class LikelyPeak {
 public:
  size_t of(const Coroutine& block) {
    const size_t found = stack_peak(block, likely_);
    if (std::exchange(last_, found) == found) likely_ = found;
    return found;
  }

 private:
  size_t likely_ = 0;
  size_t last_ = 0;
};

}  // namespace

constinit Atomic<bool> detail::times_are_kept{false};

void keep_times() {
  detail::times_are_kept.store(true, relaxed);
  // A lone worker notices when its base has a turn.
  if (Scheduler* scheduler = Scheduler::running(); scheduler != nullptr && scheduler->is_lone())
    scheduler->first_worker().watch_clock();
}

void dump_coroutines(int32_t fd) {
  DumpedLines lines(fd);
  const Onlooker onlooker;
  Words before;
  LikelyPeak peak;
  uint64_t number = 0;
  for_each_block([&](const Coroutine& block) {
    ++number;
    const Words words(block);
    if (words.say_the_same(before) && !onlooker.runs(block)) {
      return lines.add_alike(number, onlooker.since(words.stopped_at), peak.of(block));
    }
    const Listed listed = look_at(block, number, onlooker);
    if (listed.state == State::unused) return;
    lines.add(listed, peak.of(block));
    // It may have gone on in between: then they are not the words of that line.
    before = words.say_the_same(Words(block)) ? words : Words();
  });
}

// On the worker's own signal stack: a coroutine's may be too small.
Result<> dump_on_signal(int32_t signal) {
  keep_times();
  return sys::on_signal(
      signal, [](int) { dump_coroutines(2); }, abi::k_sa_onstack | abi::k_sa_restart);
}

}  // namespace weft::coro
