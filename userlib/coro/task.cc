// C++20 tasks on the same scheduler: park.hh has the contract.
#include "userlib/coro/list.hh"
#include "userlib/coro/park.hh"
#include "userlib/coro/ticks.hh"
#include "userlib/coro/worker.hh"

namespace weft::coro {

bool in_task() { return running().context.resume_at.load(relaxed) == k_stackless; }

void suspend_task(std::coroutine_handle<> resume_by, Reason reason, const void* object) {
  Coroutine& task = running();
  this_worker()->tracer().note(Traced::coroutine_parks, task, reinterpret_cast<uintptr_t>(object),
                               static_cast<unsigned>(reason));
  task.context.stack_pointer = reinterpret_cast<uintptr_t>(resume_by.address());
  task.context.frame_pointer = reinterpret_cast<uintptr_t>(object);
  this_worker()->set_task_aside(task);
  task.stopped_at = detail::times_are_kept.load(relaxed) ? ticks_now() : 0;
}

Wake end_task_wait() { return end_wait(running()); }

const void* awaited_by_task() { return running().awaited(); }

void start_task(Coroutine& block, std::coroutine_handle<> begin_by) {
  block.context.resume_at.store(k_stackless, relaxed);
  block.context.stack_pointer = reinterpret_cast<uintptr_t>(begin_by.address());
  Worker* worker = this_worker();
  ASSERT(worker != nullptr, "tasks are started by coroutines and tasks");
  worker->count_spawned();
  worker->tracer().note_start(block, running(), "task");
  worker->make_runnable(block);
}

void yield_task(std::coroutine_handle<> resume_by) {
  Coroutine& task = running();
  task.context.stack_pointer = reinterpret_cast<uintptr_t>(resume_by.address());
  Worker& worker = *this_worker();
  worker.set_task_aside(task);
  worker.make_runnable(task);
}

void end_task() {
  Worker& worker = *this_worker();
  worker.count_ended();
  worker.tracer().note(Traced::coroutine_ends, running());
  worker.set_task_aside(running());
}

}  // namespace weft::coro
