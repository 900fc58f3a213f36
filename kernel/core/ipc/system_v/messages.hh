// Message queues: each message has a type, and a receiver says which types he wants, and so in what
// order: a queue is several queues, or one sorted by priority.
#pragma once

#include "core/fs/io_buffer.hh"
#include "core/ipc/system_v/object.hh"

namespace weft::ipc::system_v {

// All calls that take an object's number may end with Errno::inval (nobody has it), Errno::idrm (it was
// removed just now, or while they waited) and Errno::acces.

// The number of the queue with that key.
Result<int32_t> get_queue(int32_t key, uint32_t flags, const Actor& actor);
// Waits for room, unless the flags say IPC_NOWAIT (Errno::again). Errno::inval, Errno::fault,
// Errno::intr.
Result<> send_message(int32_t id, int64_t type, fs::IoBuffer& text, uint32_t flags,
                      const Actor& actor);

// What a receiver got.
class Received {
 public:
  Received(Ref<Object> queue, struct Message* message)
      : queue_(std::move(queue)), message_(message) {}
  Received(Received&& other) = default;
  ~Received();

  int64_t type() const;
  // Its text, as far as there is room; how many bytes. Errno::fault.
  Result<size_t> move_to(fs::IoBuffer& to) const;

 private:
  Ref<Object> queue_;  // empty: somebody else has the message now
  struct Message* message_;
};
// The first message of the wanted type: 0 is any, below 0 the lowest type up to -wanted. Waits for one,
// unless the flags say IPC_NOWAIT (Errno::nomsg). Errno::too_big if it has more bytes than there is
// room for, Errno::intr.
Result<Received> receive_message(int32_t id, int64_t wanted, size_t room, uint32_t flags,
                                 const Actor& actor);

// The commands of msgctl().
Result<int32_t> queue_status(int32_t id, Find find, const Actor& actor, abi::QueueStatus& status);
// Errno::perm.
Result<> change_queue(int32_t id, const abi::QueueStatus& wanted, const Actor& actor);
Result<> remove_queue(int32_t id, const Actor& actor);
abi::QueueLimits queue_limits();
abi::QueueLimits queue_usage();
int32_t highest_queue();

}  // namespace weft::ipc::system_v
