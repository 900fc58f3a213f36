#include "userlib/coro/stackless/spawn.hh"

#include "userlib/coro/worker.hh"

namespace weft::coro::detail {

Coroutine& take_task_block() {
  Worker* worker = this_worker();
  ASSERT(worker != nullptr, "tasks are spawned under coro::run()");
  Coroutine* block = worker->blocks().take();
  ASSERT(block != nullptr, "there is memory for one more task");
  block->joiner.store(nullptr, relaxed);
  block->flags.store(0, relaxed);
  block->park.store(Park::none, relaxed);
  block->reason = Reason::none;
  block->place = 0;
  block->context.frame_pointer = 0;  // since when it waits (task.cc)
  return *block;
}

void give_task_block(Coroutine& block) { release_block(block); }

}  // namespace weft::coro::detail
