#include "core/ipc/socket/message.hh"

#include "core/ipc/socket/inbox.hh"
#include "core/ipc/socket/passing.hh"
#include "core/mm/heap.hh"
#include "core/sync/guarded.hh"

namespace weft::ipc {
namespace {

// Files that were on their way and have nobody. A file may be a socket that has more of them on its way:
// so that ends don't nest, whoever is letting files go already lets these go, too.
struct Unwanted {
  Messages messages;
  bool is_being_emptied = false;
};
[[clang::no_destroy]] constinit Guarded<Unwanted, Rank::user_spin> unwanted;

void free_now(Message& message) {
  std::destroy_at(&message);
  mm::free(&message);
}

Message* next_unwanted(bool is_first) {
  auto all = unwanted.lock();
  if (is_first && std::exchange(all->is_being_emptied, true)) return nullptr;
  Message* const next = all->messages.pop_front();
  if (next == nullptr) all->is_being_emptied = false;
  return next;
}

}  // namespace

Result<> PassedFiles::add(Ref<fs::File> file) {
  if (count_ == k_most) return fail(Errno::inval);
  files_[count_++] = std::move(file);
  return {};
}

Result<mm::Owned<PassedFiles>> PassedFiles::copy() const {
  mm::Owned<PassedFiles> other = TRY(mm::make<PassedFiles>());
  for (const Ref<fs::File>& file : all()) TRY(other->add(file));
  return other;
}

Result<Message*> Message::make(size_t size) {
  auto* const message = new (TRY(mm::allocate(sizeof(Message) + size))) Message;
  message->size = size;
  return message;
}

void Message::free(Message* message) {
  if (!message->files) return free_now(*message);
  end_passing(*message->files);
  unwanted.with([&](Unwanted& all) { all.messages.push_back(*message); });
  for (Message* next = next_unwanted(true); next != nullptr; next = next_unwanted(false)) {
    free_now(*next);
  }
}

void free_all(Messages& messages) {
  while (Message* const message = messages.pop_front()) Message::free(message);
}

}  // namespace weft::ipc
