#include "userlib/coro/stackless/spawn.hh"

#include "userlib/coro/worker.hh"

namespace weft::coro::detail {

Coroutine& take_task_block(uint32_t place) {
  const sys::Uninterrupted section;
  Worker* worker = this_worker();
  ASSERT(worker != nullptr, "tasks are spawned under coro::run()");
  Coroutine* block = worker->blocks().take();
  ASSERT(block != nullptr, "there is memory for one more task");
  block->renew(0, place);
  return *block;
}

void end_spawned_task(const Kind& kind) {
  Coroutine& task = running();
  end_task();
  this_worker()->settle_and_release(task, kind);
}

}  // namespace weft::coro::detail
