#include "userlib/coro/local.hh"

#include "userlib/coro/worker.hh"

namespace weft::coro {
namespace {
local<const char*> own_name;
}

void this_coro::set_name(const char* name) {
  *own_name = name;
  const sys::Uninterrupted section;
  this_worker()->tracer().note_name(running(), name);
}

namespace detail {

// Whoever lists coroutines may ask while they run on (list.cc).
[[gnu::no_sanitize_thread]] const char* given_name(const LocalNode* first) {
  for (; first != nullptr; first = first->next) {
    if (first->name == &own_name) return local<const char*>::value_in(*first);
  }
  return nullptr;
}

LocalNode*& own_locals() {
  ASSERT(this_worker() != nullptr && !in_task() && &running() != &this_worker()->base(),
         "coroutine-local variables belong to stackful coroutines");
  // Its end is no short one from here on.
  if (!exclusive()) running().next = &running();
  return running().frame->locals;
}

void drop_locals(LocalNode* first) {
  while (first != nullptr) {
    LocalNode* each = first;
    first = each->next;
    each->destroy(each);
  }
}

}  // namespace detail
}  // namespace weft::coro
