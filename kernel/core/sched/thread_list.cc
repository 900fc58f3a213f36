#include "core/sched/thread_list.hh"

#include "core/sched/cpu.hh"
#include "core/sched/run_queue.hh"
#include "core/sched/wait_queue.hh"
#include "core/sync/guarded.hh"
#include "core/sync/irq_guard.hh"

namespace weft::sched {
namespace {

struct AllThreads {
  List<Thread, &Thread::all_hook> list;
  uint64_t last_id = 0;
  size_t count = 0;
};

[[clang::no_destroy]] constinit Guarded<AllThreads, Rank::thread_list> all_threads;

}  // namespace

void register_thread(Thread& thread) {
  all_threads.with([&](AllThreads& all) {
    thread.set_id(++all.last_id);
    all.list.push_back(thread);
    ++all.count;
  });
}

void unregister_thread(Thread& thread) {
  all_threads.with([&](AllThreads& all) {
    all.list.remove(thread);
    --all.count;
  });
}

size_t thread_count() {
  return all_threads.with([](AllThreads& all) { return all.count; });
}

size_t view_threads(std::span<ThreadView> views, uint64_t after) {
  return all_threads.with([&](AllThreads& all) {
    size_t count = 0;
    for (Thread& thread : all.list) {
      if (count == views.size()) break;
      if (thread.id() > after) views[count++] = view_thread(thread);
    }
    return count;
  });
}

ThreadView view_thread(Thread& thread) NO_THREAD_SAFETY_ANALYSIS {
  IrqGuard irqs_off;
  HomeLock home(thread);
  if (home.queue().running() == &thread) home.queue().charge(hal::now());
  ThreadView view;
  view.id = thread.id();
  view.name.write(thread.name());
  view.state = thread.state;
  view.reason = thread.block_reason;
  view.object = thread.waiter != nullptr ? thread.waiter->object() : nullptr;
  view.blocked_since = thread.blocked_since;
  view.cpu = thread.cpu.load(relaxed);
  view.priority = thread.effective_priority();
  view.nice = thread.nice;
  view.cpu_time = thread.cpu_time;
  view.switches = thread.switches;
  return view;
}

void look_at_wait(Thread& thread, void (*look)(const Waiter& waiter, void* argument),
                  void* argument) NO_THREAD_SAFETY_ANALYSIS {
  IrqGuard irqs_off;
  HomeLock home(thread);
  if (thread.waiter != nullptr) look(*thread.waiter, argument);
}

}  // namespace weft::sched
