#include "core/proc/kernel_thread.hh"

#include "core/mm/kernel_stack.hh"
#include "core/sched/balance.hh"
#include "core/sched/reaper_queue.hh"
#include "core/sched/thread_list.hh"
#include "core/sched/wait_queue.hh"

namespace weft {
namespace {

// Nobody uses the thread any more; its record goes with its stack.
void free_thread(Thread& thread) {
  sched::unregister_thread(thread);
  hal::drop_context(thread.context);
  const mm::KernelStack stack = mm::stack_at(thread.stack_base);
  const int8_t departure = thread.departure;
  thread.~Thread();
  mm::release_kernel_stack(stack);
  if (departure >= 0) sched::note_freed_departing_thread(departure);
}

}  // namespace

//   base                                                       base + size
//   | stack, grows down <-----------  | closure | Thread record |
Result<detail::NewThread> detail::make_thread(const ThreadOptions& options, size_t closure_size) {
  if (!sched::has_cpu_in_service(options.cpu_mask)) return fail(Errno::inval);
  const mm::KernelStack stack = TRY(mm::allocate_kernel_stack());
  const uintptr_t base = reinterpret_cast<uintptr_t>(stack.base);
  const uintptr_t record = round_down(base + stack.size - sizeof(Thread), alignof(Thread));
  const uintptr_t closure = round_down(record - closure_size, 64);
  auto* thread = ::new (reinterpret_cast<void*>(record)) Thread(options.name);
  thread->priority = options.priority;
  thread->nice = options.nice;
  thread->cpu_mask = options.cpu_mask;
  thread->stack_base = stack.base;
  thread->stack_size = closure - base;
  return detail::NewThread{thread, reinterpret_cast<void*>(closure)};
}

void detail::discard_thread(Thread& thread) {
  const mm::KernelStack stack = mm::stack_at(thread.stack_base);
  thread.~Thread();
  mm::release_kernel_stack(stack);
}

ThreadHandle& ThreadHandle::operator=(ThreadHandle&& other) {
  ASSERT(thread_ == nullptr, "a thread is joined or detached before its handle is used anew");
  thread_ = std::exchange(other.thread_, nullptr);
  return *this;
}

ThreadHandle::~ThreadHandle() {
  ASSERT(thread_ == nullptr, "a thread is joined or detached before its handle dies");
}

bool ThreadHandle::join_until(Instant deadline) {
  ASSERT(thread_ != hal::current(), "a thread does not join itself");
  Thread& thread = *thread_;
  Waiter self(BlockReason::waiting, &thread);
  thread.exit_lock.lock();
  if (!thread.gone) {
    thread.joiner = &self;
    thread.exit_lock.unlock();
    self.block(WaitLimit::until(deadline));
    thread.exit_lock.lock();
    thread.joiner = nullptr;
  }
  const bool has_ended = thread.gone;
  thread.exit_lock.unlock();
  if (!has_ended) return false;
  thread_ = nullptr;
  free_thread(thread);
  return true;
}

void ThreadHandle::join() {
  const bool has_ended = join_until(k_never);
  ASSERT(has_ended, "a wait without limits ends with the end of the thread");
}

void ThreadHandle::detach() {
  Thread& thread = *std::exchange(thread_, nullptr);
  bool is_gone;
  {
    SpinGuard guard(thread.exit_lock);
    thread.detached = true;
    is_gone = thread.gone;
  }
  if (is_gone) sched::send_to_reaper(thread);  // it ended before; now nobody will join it
}

Result<> start_reaper() {
  ThreadHandle reaper = TRY(spawn({.name = "reaper"}, [] {
    for (;;) free_thread(sched::wait_for_dead_thread());
  }));
  reaper.detach();
  return {};
}

}  // namespace weft
