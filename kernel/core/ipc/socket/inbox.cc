#include "core/ipc/socket/inbox.hh"

#include <algorithm>

#include "core/ipc/process_hooks.hh"
#include "core/ipc/socket/passing.hh"
#include "core/mm/object_cache.hh"
#include "core/sched/scheduler.hh"
#include "core/sync/irq_guard.hh"

namespace weft::ipc {
namespace {

constexpr fs::PollEvents k_readable = abi::k_pollin | abi::k_pollrdnorm;
constexpr fs::PollEvents k_writable = abi::k_pollout | abi::k_pollwrnorm | abi::k_pollwrband;
constexpr fs::PollEvents k_anything =
    k_readable | k_writable | abi::k_pollhup | abi::k_pollrdhup | abi::k_pollerr;
constexpr size_t k_largest_piece = 32'768;  // a stream's bytes are cut into these
constexpr size_t k_largest_spare = 1024;
constexpr size_t k_most_datagrams = 10;  // and one more, from those whom this doesn't answer

[[clang::no_destroy]] constinit mm::ObjectCache<Inbox> cache("socket inbox");

}  // namespace

Result<Ref<Inbox>> Inbox::make(const Manners& manners) {
  return Ref<Inbox>::adopt(TRY(cache.make(manners)));
}

void Inbox::destroy() { cache.destroy(this); }

// Nobody else has it any more.
Inbox::~Inbox() NO_THREAD_SAFETY_ANALYSIS {
  free_all(messages_);
  if (spare_ != nullptr) Message::free(spare_);
}

// ---- How it stands --------------------------------------------------------------------------------

void Inbox::wake_all() {
  PreemptGuard keeps_its_cpu;
  waiting_readers_.wake_all();
  waiting_writers_.wake_all();
  changes_.notify(k_anything);
}

void Inbox::end_hearing() {
  MutexGuard guard(lock_);
  deaf_.store(true, relaxed);
  wake_all();
}

void Inbox::end_saying() {
  MutexGuard guard(lock_);
  mute_.store(true, relaxed);
  wake_all();
}

void Inbox::set_error(Errno error) {
  MutexGuard guard(lock_);
  error_.store(static_cast<int>(error), relaxed);
  wake_all();
}

Result<> Inbox::take_error() {
  if (error_.load(relaxed) == 0) return {};
  const int error = error_.exchange(0, relaxed);
  if (error == 0) return {};
  return fail(static_cast<Errno>(error));
}

void Inbox::break_off(Errno error) {
  deaf_.store(true, relaxed);
  mute_.store(true, relaxed);
  set_error(error);
}

Ref<Inbox> Inbox::peer() {
  MutexGuard guard(lock_);
  return peer_;
}

void Inbox::set_peer(Ref<Inbox> peer) {
  Ref<Inbox> old;  // let go when the lock is free
  MutexGuard guard(lock_);
  fixed_peer_.store(peer.get(), release);
  old = std::exchange(peer_, std::move(peer));
}

SocketName Inbox::name() {
  MutexGuard guard(lock_);
  return name_;
}

void Inbox::set_name(const SocketName& name) {
  MutexGuard guard(lock_);
  name_ = name;
}

abi::SocketCredentials Inbox::owner() {
  MutexGuard guard(lock_);
  return owner_;
}

void Inbox::set_owner(const abi::SocketCredentials& owner) {
  MutexGuard guard(lock_);
  owner_ = owner;
}

void Inbox::hang_up(bool resets) {
  Messages unread;
  Ref<Inbox> peer;
  decltype(arrivals_) refused;
  {
    MutexGuard guard(lock_);
    closed_.store(true, relaxed);
    deaf_.store(true, relaxed);
    mute_.store(true, relaxed);
    resets = resets || !messages_.empty();
    unread.append(messages_);
    refused.append(arrivals_);
    peer = std::move(peer_);
    wake_all();
  }
  free_all(unread);
  while (Inbox* const arrival = refused.pop_front()) {
    Ref<Inbox>::adopt(arrival)->hang_up(true);
  }
  if (peer && manners_.type != SocketType::datagrams) peer->hear_of_closing(resets);
}

// A network's stream learns of an orderly end only that nothing more comes: until it sends something.
void Inbox::hear_of_closing(bool is_reset) {
  MutexGuard guard(lock_);
  const bool heard_the_end = deaf_.exchange(true, relaxed);
  if (manners_.tells_sender || is_reset) mute_.store(true, relaxed);
  if (is_reset) {
    Errno error = Errno::connreset;
    if (!manners_.tells_sender && heard_the_end) error = Errno::pipe;
    if (change_phase(Phase::connecting, Phase::alone)) error = Errno::connrefused;
    error_.store(static_cast<int>(error), relaxed);
  }
  wake_all();
}

// ---- Waiting --------------------------------------------------------------------------------------

Result<> Inbox::wait(WaitQueue& queue, const Patience& patience) {
  if (!patience.may_block) return fail(Errno::again);
  Waiter self(BlockReason::waiting, this);
  self.set_ender(Ender::having(&queue));
  queue.prepare(self);
  lock_.unlock();
  self.block({.deadline = patience.deadline, .interruptible = true});
  lock_.lock();
  switch (queue.finish(self)) {
    case Outcome::interrupted: return fail(Errno::intr);
    case Outcome::timed_out: return fail(Errno::again);
    default: return {};
  }
}

// ---- Putting in -----------------------------------------------------------------------------------

Result<> Inbox::may_send(const Inbox& sender) {
  if (sender.says_no_more()) return fail(Errno::pipe);
  if (closed_.load(relaxed)) {
    if (manners_.type == SocketType::datagrams) return fail(Errno::connrefused);
    return fail(manners_.tells_sender ? Errno::pipe : Errno::connreset);
  }
  if (hears_no_more() && manners_.tells_sender) return fail(Errno::pipe);
  return {};
}

void Inbox::note_sender(Message& message, const Outgoing& what) const {
  if (what.credentials.has_value()) {
    message.credentials = *what.credentials;
  } else if (wants_credentials.load(relaxed) || what.sender.wants_credentials.load(relaxed)) {
    message.credentials = process_hooks.credentials();
  }
}

bool Inbox::has_room(const Outgoing& what) const {
  if (used_ >= what.room) return false;
  return manners_.type != SocketType::datagrams || manners_.drops_when_full ||
         count_ <= k_most_datagrams || peer_.get() == &what.sender;
}

Result<Message*> Inbox::new_message(size_t size) {
  if (spare_ == nullptr || size > spare_room_) return Message::make(size);
  Message* const message = std::exchange(spare_, nullptr);
  message->start = 0;
  message->size = size;
  return message;
}

Result<size_t> Inbox::append(Outgoing& what) {
  const size_t size = is_stream() ? std::min(what.from.left(), k_largest_piece) : what.from.left();
  Message* const message = TRY(new_message(size));
  if (!what.from.take_all(message->unread(), size)) {
    Message::free(message);
    return fail(Errno::fault);
  }
  message->files = std::move(what.files);
  if (message->files) begin_passing(*message->files, *this);
  note_sender(*message, what);
  if (!is_stream()) message->sender = Ref<Inbox>::share(what.sender);
  used_ += message->weight();
  ++count_;
  messages_.push_back(*message);
  return size;
}

// As much as can be put in now, or after waiting; what was moved before an error counts.
Result<size_t> Inbox::put_all(Outgoing& what) {
  for (size_t moved = 0;;) {
    Result<> result = may_send(what.sender);
    if (result.has_value() && !has_room(what)) {
      if (manners_.drops_when_full) return what.from.left();
      if (moved > 0) waiting_readers_.wake_one();
      result = wait(waiting_writers_, what.patience);
      if (result.has_value() || has_room(what)) continue;
    }
    const Result<size_t> piece = result.has_value() ? append(what) : fail(result.error());
    if (!piece.has_value()) return moved > 0 ? Result<size_t>(moved) : piece;
    moved += *piece;
    if (!is_stream() || what.from.left() == 0) return moved;
  }
}

Result<size_t> Inbox::put(Outgoing& what) {
  lock_.lock();
  const Result<size_t> moved = put_all(what);
  hal::irq_disable();  // until the mutex is free for those who are woken
  if (!messages_.empty()) {
    Thread* const reader = waiting_readers_.end_first();
    if (reader != nullptr) sched::wake_irqs_off(*reader);
    changes_.notify(k_readable);
  }
  lock_.unlock();
  restore_interrupts(true);
  return moved;
}

// ---- Taking out -----------------------------------------------------------------------------------

// A stream's small messages serve once more; all others are freed when the mutex is free.
void Inbox::remove_first(Incoming& what, Messages& used) {
  Message* const first = messages_.pop_front();
  used_ -= first->weight();
  --count_;
  what.made_room = true;
  const size_t room = first->start + first->size;
  if (is_stream() && spare_ == nullptr && !first->files && room <= k_largest_spare) {
    spare_ = first;
    spare_room_ = room;
  } else {
    used.push_back(*first);
  }
}

Result<> Inbox::hand_files(Message& message, Incoming& what) {
  if (wants_credentials.load(relaxed)) what.credentials = message.credentials;
  if (!message.files) return {};
  if (what.peeks) {
    what.files = TRY(message.files->copy());
  } else {
    end_passing(*message.files);
    what.files = std::move(message.files);
  }
  return {};
}

// All that is there, as far as there is room. Behind a message with files it ends: they are handed out
// with its bytes. It ends before a message of somebody else, if it is told who sent them.
Result<size_t> Inbox::take_stream(Incoming& what, Messages& used) {
  size_t moved = 0;
  for (Message* message = messages_.front(); message != nullptr && what.to.left() > 0;) {
    if (what.credentials.has_value() && *what.credentials != message->credentials) break;
    const size_t wanted = std::min(message->size, what.to.left());
    if (what.discards) {
      what.to.skip(wanted);
    } else if (what.to.put(message->unread(), wanted) < wanted) {
      return what.to.result(moved);
    }
    const bool has_files = bool(message->files);
    TRY(hand_files(*message, what));
    moved += wanted;
    if (what.peeks) {
      message = has_files ? nullptr : messages_.after(*message);
      continue;
    }
    message->start += wanted;
    message->size -= wanted;
    if (message->size > 0) break;
    remove_first(what, used);
    message = has_files ? nullptr : messages_.front();
  }
  return moved;
}

// What the reader has no room for is lost.
Result<size_t> Inbox::take_one(Incoming& what, Messages& used) {
  Message& first = *messages_.front();
  const size_t wanted = std::min(first.size, what.to.left());
  what.full_size = first.size;
  what.is_cut = wanted < first.size;
  const size_t moved = what.to.put(first.unread(), wanted);
  Result<> handed;
  if (moved == wanted) handed = hand_files(first, what);
  if (!what.peeks) remove_first(what, used);
  TRY(handed);
  if (moved < wanted) return fail(Errno::fault);
  return moved;
}

Result<size_t> Inbox::take_all(Incoming& what, Messages& used) {
  const bool is_datagram = manners_.type == SocketType::datagrams;
  const bool wants_all = what.waits_for_all && is_stream() && !what.peeks;
  for (size_t moved = 0;;) {
    if (is_datagram) TRY(take_error());
    if (!messages_.empty()) {
      const Result<size_t> piece = is_stream() ? take_stream(what, used) : take_one(what, used);
      if (!piece.has_value()) return moved > 0 ? Result<size_t>(moved) : piece;
      moved += *piece;
      if (!wants_all || what.to.left() == 0 || what.files || *piece == 0) return moved;
      continue;
    }
    Result<> result;
    if (error_.load(relaxed) != static_cast<int>(Errno::pipe)) result = take_error();
    const bool is_over = hears_no_more() && (!is_datagram || what.patience.may_block);
    if (result.has_value() && !is_over) {
      if (!waiting_writers_.empty()) waiting_writers_.wake_all();
      result = wait(waiting_readers_, what.patience);
      if (result.has_value() || !messages_.empty()) continue;
    }
    if (moved == 0 && !result.has_value()) return fail(result.error());
    return moved;
  }
}

Result<size_t> Inbox::take(Incoming& what) {
  Messages used;
  Ref<Inbox> sender;
  lock_.lock();
  const Result<size_t> moved = take_all(what, used);
  const Message* const last = what.peeks ? messages_.front() : used.back();
  if (last != nullptr && last->sender) sender = last->sender;
  hal::irq_disable();  // until the mutex is free for those who are woken
  if (!messages_.empty()) waiting_readers_.wake_one();
  if (what.made_room) {
    if (!waiting_writers_.empty()) waiting_writers_.wake_all();
    if (peer_ && used_ * 4 <= k_room) peer_->changes_.notify(k_writable);
  }
  lock_.unlock();
  restore_interrupts(true);
  free_all(used);
  if (sender) what.name = sender->name();
  return moved;
}

// ---- Looking --------------------------------------------------------------------------------------

fs::PollEvents Inbox::poll(fs::PollEntry* entry) {
  if (entry != nullptr) changes_.add(*entry);
  MutexGuard guard(lock_);
  fs::PollEvents events = 0;
  if (error_.load(relaxed) != 0) events |= abi::k_pollerr;
  if (hears_no_more()) events |= k_readable | abi::k_pollrdhup;
  if (hears_no_more() && says_no_more()) events |= abi::k_pollhup;
  if (!messages_.empty() || !arrivals_.empty()) events |= k_readable;
  return events;
}

bool Inbox::is_roomy(size_t room) {
  MutexGuard guard(lock_);
  return used_ * 4 <= room;
}

size_t Inbox::unread_bytes() {
  MutexGuard guard(lock_);
  size_t bytes = 0;
  for (const Message& message : messages_) {
    bytes += message.size;
    if (!is_stream() && manners_.type == SocketType::datagrams) break;
  }
  return bytes;
}

}  // namespace weft::ipc
