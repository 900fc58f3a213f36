#include "core/ipc/system_v/messages.hh"

#include <algorithm>
#include <limits>

#include "core/ipc/system_v/registry.hh"
#include "core/mm/heap.hh"
#include "core/mm/object_cache.hh"
#include "core/sched/wait_queue.hh"

namespace weft::ipc::system_v {

// Its text stands behind this head.
struct Message {
  std::byte* text() { return reinterpret_cast<std::byte*>(this + 1); }

  ListHook hook;
  int64_t type;
  size_t size;
  size_t room;  // for text
};

namespace {

constexpr size_t k_largest_message = 8192;
constexpr size_t k_most_bytes = 16'384;
constexpr size_t k_spare_room = 88;  // of the message that a queue keeps for its next sender
constexpr uint32_t k_most_queues = 32'000;
constexpr WaitLimit k_until_signal{.deadline = k_never, .interruptible = true};

Result<Message*> allocate_message(size_t size) {
  const size_t room = std::max(size, k_spare_room);
  auto* const message = new (TRY(mm::allocate(sizeof(Message) + room))) Message;
  message->room = room;
  return message;
}

void free_message(Message* message) {
  std::destroy_at(message);
  mm::free(message);
}

// Which messages a receiver wants.
struct Wish {
  enum class Kind { any, equal, other, up_to };

  static Wish of(int64_t wanted, uint32_t flags) {
    if (wanted == 0) return {Kind::any, 0};
    if (wanted < 0) return {Kind::up_to, -std::max(wanted, -std::numeric_limits<int64_t>::max())};
    return {(flags & abi::k_msg_except) != 0 ? Kind::other : Kind::equal, wanted};
  }
  bool takes(int64_t candidate) const {
    switch (kind) {
      case Kind::any: return true;
      case Kind::equal: return candidate == type;
      case Kind::other: return candidate != type;
      case Kind::up_to: return candidate <= type;
    }
    __builtin_unreachable();
  }

  Kind kind;
  int64_t type;
};

// A receiver who waits. A sender hands him his message: then it is never in the queue.
struct Receiver : Waiter {
  Receiver(Wish wanted, size_t size, bool may_cut, int32_t pid, const void* queue)
      : Waiter(BlockReason::waiting, queue),
        wish(wanted),
        room(size),
        cuts(may_cut),
        process(pid) {}

  const Wish wish;
  const size_t room;
  const bool cuts;
  const int32_t process;
  Message* got = nullptr;
  Errno error = Errno::intr;  // why he got none
};

class Queue final : public Object {
 public:
  ~Queue();
  // A message with room for so many bytes, for a sender; and back from a sender who failed, or from
  // the receiver. One of the usual size stays here for the next sender. Errno::nomem.
  Result<Message*> make_message(size_t size);
  void give_back(Message* message);
  Result<> send(Message& message, uint32_t flags, const Actor& actor);
  Result<Message*> receive(Wish wish, size_t room, uint32_t flags, const Actor& actor);
  Result<> status(const Actor& actor, bool is_for_anybody, abi::QueueStatus& told);
  Result<> change(const abi::QueueStatus& wanted, const Actor& actor);
  Result<> remove(const Actor& actor);
  // Bytes and messages, added to what is there.
  void add_usage(abi::QueueLimits& usage);

 private:
  void destroy() override;

  bool has_room(size_t size) const REQUIRES(lock) {
    return bytes_ + size <= most_bytes_ && count_ + 1 <= most_bytes_;
  }
  bool hand_over(Message& message) REQUIRES(lock);
  Message* find(const Wish& wish) REQUIRES(lock);
  void take(Message& message, int32_t process) REQUIRES(lock);
  // They look again, or end with the error.
  void wake_receivers(Errno error) REQUIRES(lock);

  List<Message, &Message::hook> messages_ GUARDED_BY(lock);
  size_t bytes_ GUARDED_BY(lock) = 0;
  size_t count_ GUARDED_BY(lock) = 0;
  size_t most_bytes_ GUARDED_BY(lock) = k_most_bytes;
  Instant sent_ GUARDED_BY(lock) = k_never;      // the last one
  Instant received_ GUARDED_BY(lock) = k_never;  // the last one
  int32_t last_sender_ GUARDED_BY(lock) = 0;
  int32_t last_receiver_ GUARDED_BY(lock) = 0;
  WaitQueue receivers_ GUARDED_BY(lock){lock};  // each a Receiver
  WaitQueue senders_ GUARDED_BY(lock){lock};
  Atomic<Message*> spare_{nullptr};
};

[[clang::no_destroy]] constinit mm::ObjectCache<Queue> cache("message queue");
[[clang::no_destroy]] constinit Registry queues(k_most_queues);

void Queue::destroy() { cache.destroy(this); }

// Nobody else has it any more.
Queue::~Queue() NO_THREAD_SAFETY_ANALYSIS {
  while (Message* const message = messages_.pop_front()) free_message(message);
  if (Message* const spare = spare_.load(acquire)) free_message(spare);
}

Result<Message*> Queue::make_message(size_t size) {
  if (size <= k_spare_room) {
    if (Message* const spare = spare_.exchange(nullptr, acq_rel)) return spare;
  }
  return allocate_message(size);
}

void Queue::give_back(Message* message) {
  if (message->room == k_spare_room) message = spare_.exchange(message, acq_rel);
  if (message != nullptr) free_message(message);
}

// ---- Sending --------------------------------------------------------------------------------------

Result<> Queue::send(Message& message, uint32_t flags, const Actor& actor) {
  SpinGuardIrqsOn guard(lock);
  TRY(check(actor, k_may_write));
  while (!has_room(message.size)) {
    if ((flags & abi::k_ipc_nowait) != 0) return fail(Errno::again);
    Waiter self(BlockReason::waiting, this);
    senders_.prepare(self);
    const Outcome outcome = senders_.block(self, k_until_signal);
    TRY(check(actor, k_may_write));
    if (outcome == Outcome::interrupted && !has_room(message.size)) return fail(Errno::intr);
  }
  last_sender_ = actor.process;
  sent_ = hal::now();
  if (hand_over(message)) return {};
  messages_.push_back(message);
  bytes_ += message.size;
  ++count_;
  return {};
}

// To the first receiver who wants it. One who has too little room for it goes away without.
bool Queue::hand_over(Message& message) {
  Waiter* next = nullptr;
  for (Waiter* waiter = receivers_.front(); waiter != nullptr; waiter = next) {
    next = receivers_.after(*waiter);
    auto& receiver = static_cast<Receiver&>(*waiter);
    if (!receiver.wish.takes(message.type)) continue;
    const bool fits = message.size <= receiver.room || receiver.cuts;
    if (!receivers_.wake(receiver)) continue;
    if (!fits) {
      receiver.error = Errno::too_big;
      continue;
    }
    receiver.got = &message;
    last_receiver_ = receiver.process;
    received_ = hal::now();
    return true;
  }
  return false;
}

// ---- Receiving ------------------------------------------------------------------------------------

Message* Queue::find(const Wish& wish) {
  Message* best = nullptr;
  for (Message& message : messages_) {
    if (!wish.takes(message.type)) continue;
    if (wish.kind != Wish::Kind::up_to) return &message;
    if (best == nullptr || message.type < best->type) best = &message;
  }
  return best;
}

void Queue::take(Message& message, int32_t process) {
  decltype(messages_)::remove(message);
  bytes_ -= message.size;
  --count_;
  last_receiver_ = process;
  received_ = hal::now();
  senders_.wake_all();
}

Result<Message*> Queue::receive(Wish wish, size_t room, uint32_t flags, const Actor& actor) {
  const bool cuts = (flags & abi::k_msg_noerror) != 0;
  SpinGuardIrqsOn guard(lock);
  for (;;) {
    TRY(check(actor, k_may_read));
    if (Message* const message = find(wish)) {
      if (message->size > room && !cuts) return fail(Errno::too_big);
      take(*message, actor.process);
      return message;
    }
    if ((flags & abi::k_ipc_nowait) != 0) return fail(Errno::nomsg);
    Receiver self(wish, room, cuts, actor.process, this);
    receivers_.prepare(self);
    receivers_.block(self, k_until_signal);
    if (self.got != nullptr) return self.got;
    if (self.error != Errno::again) return fail(self.error);
  }
}

// ---- The rest -------------------------------------------------------------------------------------

void Queue::wake_receivers(Errno error) {
  while (Waiter* const waiter = receivers_.front()) {
    if (receivers_.wake(*waiter)) static_cast<Receiver&>(*waiter).error = error;
  }
}

Result<> Queue::status(const Actor& actor, bool is_for_anybody, abi::QueueStatus& told) {
  SpinGuard guard(lock);
  TRY(check(actor, is_for_anybody ? 0 : k_may_read));
  told = {.permissions = permissions_,
          .sent = seconds_of(sent_),
          .received = seconds_of(received_),
          .changed = changed_,
          .bytes = bytes_,
          .messages = count_,
          .most_bytes = most_bytes_,
          .last_sender = last_sender_,
          .last_receiver = last_receiver_,
          .unused = {}};
  return {};
}

Result<> Queue::change(const abi::QueueStatus& wanted, const Actor& actor) {
  SpinGuard guard(lock);
  TRY(check_owner(actor));
  if (wanted.most_bytes > k_most_bytes && !actor.is_privileged()) return fail(Errno::perm);
  TRY(change_owner(wanted.permissions));
  most_bytes_ = wanted.most_bytes;
  // What they may, and what fits, may be another thing now.
  wake_receivers(Errno::again);
  senders_.wake_all();
  return {};
}

Result<> Queue::remove(const Actor& actor) {
  SpinGuard guard(lock);
  TRY(check_owner(actor));
  is_removed_ = true;
  wake_receivers(Errno::idrm);
  senders_.wake_all();
  return {};
}

void Queue::add_usage(abi::QueueLimits& usage) {
  SpinGuard guard(lock);
  usage.map_or_messages_used += static_cast<int32_t>(count_);
  usage.most_messages_or_bytes_used += static_cast<int32_t>(bytes_);
}

}  // namespace

Result<int32_t> get_queue(int32_t key, uint32_t flags, const Actor& actor) {
  return queues.get<Queue>(
      key, flags, actor, [](Queue&) -> Result<> { return {}; },
      []() -> Result<Ref<Queue>> { return Ref<Queue>::adopt(TRY(cache.make())); });
}

Result<> send_message(int32_t id, int64_t type, fs::IoBuffer& text, uint32_t flags,
                      const Actor& actor) {
  if (text.left() > k_largest_message || id < 0 || type < 1) return fail(Errno::inval);
  const size_t size = text.left();
  // A bad text is told before a bad number.
  const auto queue = queues.find<Queue>(id);
  Message* const message =
      TRY(queue.has_value() ? (*queue)->make_message(size) : allocate_message(size));
  message->type = type;
  message->size = size;
  Result<> sent;
  if (text.take(message->text(), size) < size) {
    sent = fail(Errno::fault);
  } else if (queue.has_value()) {
    sent = (*queue)->send(*message, flags, actor);
  } else {
    sent = fail(queue.error());
  }
  if (!sent.has_value()) queue.has_value() ? (*queue)->give_back(message) : free_message(message);
  return sent;
}

Result<Received> receive_message(int32_t id, int64_t wanted, size_t room, uint32_t flags,
                                 const Actor& actor) {
  Ref<Queue> queue = TRY(queues.find<Queue>(id));
  Message* const message = TRY(queue->receive(Wish::of(wanted, flags), room, flags, actor));
  return Received(std::move(queue), message);
}

Received::~Received() {
  if (queue_) static_cast<Queue&>(*queue_).give_back(message_);
}

int64_t Received::type() const { return message_->type; }

Result<size_t> Received::move_to(fs::IoBuffer& to) const {
  const size_t size = std::min(message_->size, to.left());
  if (to.put(message_->text(), size) < size) return fail(Errno::fault);
  return size;
}

Result<int32_t> queue_status(int32_t id, Find find, const Actor& actor, abi::QueueStatus& status) {
  const Ref<Queue> queue =
      TRY(find == Find::by_id ? queues.find<Queue>(id) : queues.find_at<Queue>(id));
  TRY(queue->status(actor, find == Find::by_place_for_anybody, status));
  return find == Find::by_id ? 0 : queue->id();
}

Result<> change_queue(int32_t id, const abi::QueueStatus& wanted, const Actor& actor) {
  return TRY(queues.find<Queue>(id))->change(wanted, actor);
}

Result<> remove_queue(int32_t id, const Actor& actor) {
  const Ref<Queue> queue = TRY(queues.find<Queue>(id));
  TRY(queue->remove(actor));
  queues.remove(*queue);
  return {};
}

abi::QueueLimits queue_limits() {
  constexpr int32_t k_segment_size = 16;
  return {.pool_or_queues_used = k_most_queues * k_most_bytes / 1024,
          .map_or_messages_used = k_most_bytes,
          .largest_message = k_largest_message,
          .most_bytes = k_most_bytes,
          .queues = k_most_queues,
          .segment_size = k_segment_size,
          .most_messages_or_bytes_used = k_most_bytes,
          .segments = 0xffff};
}

abi::QueueLimits queue_usage() {
  abi::QueueLimits usage = queue_limits();
  usage.pool_or_queues_used = static_cast<int32_t>(queues.count());
  usage.map_or_messages_used = usage.most_messages_or_bytes_used = 0;
  queues.for_each<Queue>([&](Queue& queue) { queue.add_usage(usage); });
  return usage;
}

int32_t highest_queue() { return queues.highest_place(); }

}  // namespace weft::ipc::system_v
