#include "userlib/coro/local.hh"

#include "userlib/coro/worker.hh"

namespace weft::coro::detail {

LocalNode*& own_locals() {
  ASSERT(this_worker() != nullptr && !in_task() && &running() != &this_worker()->base(),
         "coroutine-local variables belong to stackful coroutines");
  return running().frame->locals;
}

void drop_locals(LocalNode* first) {
  while (first != nullptr) {
    LocalNode* each = first;
    first = each->next;
    each->destroy(each);
  }
}

}  // namespace weft::coro::detail
