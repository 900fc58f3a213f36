#include "core/ipc/socket_pair.hh"

#include <algorithm>
#include <array>

#include "core/ipc/anonymous.hh"
#include "core/ipc/process_hooks.hh"
#include "core/mm/heap.hh"
#include "core/mm/object_cache.hh"
#include "core/mm/user_memory.hh"
#include "core/sync/irq_guard.hh"

namespace weft::ipc {
namespace {

constexpr uint32_t k_all_rights = 0777;
constexpr fs::PollEvents k_readable = abi::k_pollin | abi::k_pollrdnorm;
constexpr fs::PollEvents k_writable = abi::k_pollout | abi::k_pollwrnorm | abi::k_pollwrband;
constexpr size_t k_room = 212'992;          // on the way to one end, with the messages' heads
constexpr size_t k_largest_piece = 32'768;  // a stream's write is cut into these

// Bytes on their way; they stand behind this head.
struct Message {
  static Result<Message*> make(size_t size) {
    auto* const message = new (TRY(mm::allocate(sizeof(Message) + size))) Message;
    message->size = size;
    return message;
  }
  static void free(Message* message) {
    std::destroy_at(message);
    mm::free(message);
  }
  std::byte* unread() { return reinterpret_cast<std::byte*>(this + 1) + start; }
  // What it takes of the room.
  size_t weight() const { return sizeof(Message) + start + size; }

  ListHook hook;
  size_t start = 0;
  size_t size = 0;  // that is unread
};

using Messages = List<Message, &Message::hook>;

// Both ends. A mutex, since bytes move under it, as in a pipe (pipe.hh).
class SocketPair final : public RefCounted {
 public:
  static constexpr unsigned k_ends = 2;

  explicit SocketPair(SocketType type) : type_(type) {}
  ~SocketPair();
  static void last_reference_gone(SocketPair& pair);

  // `end` is the one that is read from, or written to: 0 or 1.
  Result<size_t> read(unsigned end, fs::IoBuffer& to, bool may_block);
  Result<size_t> write(unsigned end, fs::IoBuffer& from, bool may_block);
  fs::PollEvents poll(unsigned end, fs::PollEntry* entry);
  size_t unread_bytes(unsigned end);
  void close(unsigned end);

 private:
  // One end, and what is on its way to it.
  struct End {
    bool is_open = true;
    bool was_reset = false;      // the other closed without reading all: the next read tells
    bool has_lost_peer = false;  // a datagram found it closed
    size_t used = 0;             // of the room
    Messages messages;
    WaitQueue waiting_readers;
    WaitQueue waiting_writers;  // for room on the way to here
    fs::PollSource changes;
  };

  bool is_stream() const { return type_ == SocketType::stream; }
  bool is_connected() const { return type_ != SocketType::datagrams; }
  Outcome wait(WaitQueue& queue) REQUIRES(lock_);
  Result<> check_peer(End& self, End& peer) REQUIRES(lock_);
  Result<size_t> take(End& self, fs::IoBuffer& to) REQUIRES(lock_);
  Result<size_t> put(End& peer, fs::IoBuffer& from) REQUIRES(lock_);
  void tell_reader(End& end) REQUIRES(lock_);
  void drop_first(End& end) REQUIRES(lock_);
  void drop_all(End& end) REQUIRES(lock_);

  const SocketType type_;
  Mutex lock_{Rank::pipe};
  std::array<End, k_ends> ends_ GUARDED_BY(lock_);
};

[[clang::no_destroy]] constinit mm::ObjectCache<SocketPair> pairs("socket pair");

void SocketPair::last_reference_gone(SocketPair& pair) { pairs.destroy(&pair); }

SocketPair::~SocketPair() NO_THREAD_SAFETY_ANALYSIS {
  for (End& end : ends_) drop_all(end);
}

void SocketPair::drop_first(End& end) {
  Message* const first = end.messages.pop_front();
  end.used -= first->weight();
  Message::free(first);
}

void SocketPair::drop_all(End& end) {
  while (!end.messages.empty()) drop_first(end);
}

Outcome SocketPair::wait(WaitQueue& queue) {
  Waiter self(BlockReason::waiting, this);
  queue.prepare(self);
  lock_.unlock();
  self.block({.deadline = k_never, .interruptible = true});
  lock_.lock();
  return queue.finish(self);
}

// ---- Reading --------------------------------------------------------------------------------------

Result<size_t> SocketPair::read(unsigned end, fs::IoBuffer& to, bool may_block) {
  MutexGuard guard(lock_);
  End& self = ends_[end];
  End& peer = ends_[1 - end];
  if (is_stream() && to.left() == 0) return 0;
  while (self.messages.empty()) {
    if (std::exchange(self.was_reset, false)) return fail(Errno::connreset);
    if (!peer.is_open && is_connected()) return 0;
    if (!may_block) return fail(Errno::again);
    if (wait(self.waiting_readers) == Outcome::interrupted && self.messages.empty()) {
      return fail(Errno::intr);
    }
  }
  const Result<size_t> result = take(self, to);
  PreemptGuard keeps_its_cpu;  // until the mutex is free for those who are woken
  if (!self.messages.empty()) self.waiting_readers.wake_one();
  self.waiting_writers.wake_all();
  if (self.used * 4 <= k_room) peer.changes.notify(k_writable);
  return result;
}

// A stream's messages run together; of others, what the reader has no room for is lost.
Result<size_t> SocketPair::take(End& self, fs::IoBuffer& to) {
  size_t moved = 0;
  do {
    Message& first = *self.messages.front();
    const size_t wanted = std::min(first.size, to.left());
    if (to.put(first.unread(), wanted) < wanted) return to.result(moved);
    moved += wanted;
    first.start += wanted;
    first.size -= wanted;
    if (!is_stream() || first.size == 0) drop_first(self);
  } while (is_stream() && !self.messages.empty() && to.left() > 0);
  return moved;
}

// ---- Writing --------------------------------------------------------------------------------------

Result<> SocketPair::check_peer(End& self, End& peer) {
  if (peer.is_open) return {};
  if (is_connected()) return fail(Errno::pipe);
  return fail(std::exchange(self.has_lost_peer, true) ? Errno::notconn : Errno::connrefused);
}

Result<size_t> SocketPair::write(unsigned end, fs::IoBuffer& from, bool may_block) {
  lock_.lock();
  End& self = ends_[end];
  End& peer = ends_[1 - end];
  size_t moved = 0;
  Result<> result;
  if (!is_stream() && from.left() + sizeof(Message) > k_room) result = fail(Errno::msgsize);
  if (is_stream() && from.left() == 0) {
    lock_.unlock();
    return 0;
  }
  while (result.has_value() && (from.left() > 0 || (moved == 0 && !is_stream()))) {
    result = check_peer(self, peer);
    if (!result.has_value()) break;
    if (peer.used >= k_room) {
      result = fail(may_block ? Errno::intr : Errno::again);
      if (!may_block) break;
      tell_reader(peer);
      if (wait(peer.waiting_writers) != Outcome::interrupted || peer.used < k_room ||
          !peer.is_open) {
        result = {};
      }
      continue;
    }
    const Result<size_t> piece = put(peer, from);
    if (!piece.has_value()) result = fail(piece.error());
    moved += piece.value_or(0);
    if (!is_stream()) break;
  }
  const bool is_broken = !result.has_value() && result.error() == Errno::pipe;
  {
    PreemptGuard keeps_its_cpu;  // until the mutex is free for those who are woken
    if (result.has_value() || moved > 0) tell_reader(peer);
    lock_.unlock();
  }
  if (is_broken) process_hooks.signal_self(abi::k_sigpipe);
  if (moved == 0 && !result.has_value()) return fail(result.error());
  return moved;
}

void SocketPair::tell_reader(End& end) {
  end.waiting_readers.wake_one();
  end.changes.notify(k_readable);
}

Result<size_t> SocketPair::put(End& peer, fs::IoBuffer& from) {
  const size_t size = is_stream() ? std::min(from.left(), k_largest_piece) : from.left();
  Message* const message = TRY(Message::make(size));
  if (from.take(message->unread(), size) < size) {
    Message::free(message);
    return fail(Errno::fault);
  }
  peer.used += message->weight();
  peer.messages.push_back(*message);
  return size;
}

// ---- The rest -------------------------------------------------------------------------------------

void SocketPair::close(unsigned end) {
  MutexGuard guard(lock_);
  End& self = ends_[end];
  End& peer = ends_[1 - end];
  self.is_open = false;
  if (!self.messages.empty() && is_connected()) peer.was_reset = true;
  drop_all(self);
  peer.waiting_readers.wake_all();
  self.waiting_writers.wake_all();
  peer.changes.notify(k_readable | k_writable | abi::k_pollhup | abi::k_pollrdhup | abi::k_pollerr);
}

fs::PollEvents SocketPair::poll(unsigned end, fs::PollEntry* entry) {
  MutexGuard guard(lock_);
  End& self = ends_[end];
  End& peer = ends_[1 - end];
  if (entry != nullptr) self.changes.add(*entry);
  fs::PollEvents events = 0;
  if (self.was_reset) events |= abi::k_pollerr;
  if (!peer.is_open && is_connected()) {
    events |= abi::k_pollhup | abi::k_pollrdhup | k_readable;
  }
  if (!self.messages.empty()) events |= k_readable;
  if (peer.used * 4 <= k_room) events |= k_writable;
  return events;
}

size_t SocketPair::unread_bytes(unsigned end) {
  MutexGuard guard(lock_);
  size_t bytes = 0;
  for (const Message& message : ends_[end].messages) {
    bytes += message.size;
    if (!is_connected()) break;  // a datagram's reader asks for the next one
  }
  return bytes;
}

// ---- As files -------------------------------------------------------------------------------------

class Socket final : public fs::File {
 public:
  Socket(Ref<SocketPair> pair, unsigned end, uint32_t flags)
      : File(flags | abi::k_o_rdwr), pair_(std::move(pair)), end_(end) {}
  ~Socket() { pair_->close(end_); }

  Result<size_t> read(fs::IoBuffer& to) override {
    return pair_->read(end_, to, !is_nonblocking());
  }
  Result<size_t> write(fs::IoBuffer& from) override {
    return pair_->write(end_, from, !is_nonblocking());
  }
  Result<uint64_t> control(uint32_t request, uint64_t argument) override {
    if (request != abi::k_fionread) return fail(Errno::notty);
    const auto bytes = static_cast<int32_t>(pair_->unread_bytes(end_));
    TRY(mm::UserOut<int32_t>(argument).store(bytes));
    return 0;
  }
  fs::PollEvents poll(fs::PollEntry* entry) override { return pair_->poll(end_, entry); }
  Result<abi::Stat> status() override {
    return anonymous_status(abi::k_s_ifsock | k_all_rights, inode_);
  }

 private:
  void destroy() override;

  const Ref<SocketPair> pair_;
  const unsigned end_;
  const uint64_t inode_ = next_anonymous_inode();
};

[[clang::no_destroy]] constinit mm::ObjectCache<Socket> sockets("socket");

void Socket::destroy() { sockets.destroy(this); }

}  // namespace

Result<SocketEnds> make_socket_pair(SocketType type, uint32_t flags) {
  const auto pair = Ref<SocketPair>::adopt(TRY(pairs.make(type)));
  SocketEnds ends;
  ends.first = Ref<Socket>::adopt(TRY(sockets.make(pair, 0u, flags)));
  ends.second = Ref<Socket>::adopt(TRY(sockets.make(pair, 1u, flags)));
  return ends;
}

}  // namespace weft::ipc
