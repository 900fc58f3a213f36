// System V IPC: shared memory, semaphores, message queues.
#include <algorithm>

#include "core/ipc/system_v/messages.hh"
#include "core/ipc/system_v/semaphores.hh"
#include "core/ipc/system_v/shared_memory.hh"
#include "core/mm/heap.hh"
#include "core/sched/time_values.hh"
#include "syscall/handlers.hh"

namespace weft::syscall {
namespace {

namespace system_v = ipc::system_v;
using system_v::Actor;
using system_v::Find;

Actor actor_of(const Context& context) {
  const proc::Identity& identity = context.process.identity;
  return {.process = context.process.pid,
          .user = identity.user.effective,
          .group = identity.group.effective,
          .other_groups = std::span(identity.other_groups).first(identity.other_group_count)};
}

// How a status command finds its object; `first` is the number of the kind's command for a place.
Find way_of(int32_t command, uint32_t by_place) {
  if (command == static_cast<int32_t>(abi::k_ipc_stat)) return Find::by_id;
  return command == static_cast<int32_t>(by_place) ? Find::by_place : Find::by_place_for_anybody;
}

Result<uint64_t> done(const Result<>& result) {
  if (!result.has_value()) return fail(result.error());
  return 0;
}

// Stores what get(status) fills in; the result is get's.
template <typename Status, typename Get>
Result<uint64_t> tell_status(VirtAddr buffer, Get get) {
  Status status;
  const int32_t answer = TRY(get(status));
  TRY(UserOut<Status>(buffer).store(status));
  return static_cast<uint64_t>(answer);
}

template <typename T>
Result<uint64_t> tell(VirtAddr buffer, const T& value, int32_t answer) {
  TRY(UserOut<T>(buffer).store(value));
  return static_cast<uint64_t>(answer);
}

// An array from the heap, for as long as a call takes; a few stand on the stack.
template <typename T>
class Few {
 public:
  Few() = default;
  ~Few() {
    if (many_ != nullptr) mm::free(many_);
  }
  Few(const Few&) = delete;
  Few& operator=(const Few&) = delete;

  Result<std::span<T>> room(size_t count) {
    if (count <= few_.size()) return std::span(few_).first(count);
    many_ = static_cast<T*>(TRY(mm::allocate(count * sizeof(T))));
    return std::span(many_, count);
  }

 private:
  std::array<T, 8> few_;
  T* many_ = nullptr;
};

Result<Instant> deadline_of(UserIn<abi::Timespec> timeout) {
  if (timeout.is_null()) return k_never;
  const abi::Timespec time = TRY(timeout.load());
  if (!sched::is_valid(time)) return fail(Errno::inval);
  return hal::now() + sched::to_nanoseconds(time);
}

}  // namespace

// ---- Shared memory --------------------------------------------------------------------------------

Result<uint64_t> sys_shmget(Context& context, int32_t key, size_t size, uint32_t flags) {
  return static_cast<uint64_t>(TRY(system_v::get_segment(key, size, flags, actor_of(context))));
}

Result<uint64_t> sys_shmat(Context& context, int32_t id, VirtAddr address, uint32_t flags) {
  return system_v::attach(*context.process.memory, id, address, flags, actor_of(context));
}

Result<uint64_t> sys_shmdt(Context& context, VirtAddr address) {
  return done(system_v::detach(*context.process.memory, address));
}

Result<uint64_t> sys_shmctl(Context& context, int32_t id, int32_t command, VirtAddr buffer) {
  const Actor actor = actor_of(context);
  if (id < 0) return fail(Errno::inval);
  switch (static_cast<uint32_t>(command)) {
    case abi::k_ipc_rmid: return done(system_v::remove_segment(id, actor));
    case abi::k_ipc_set:
      return done(
          system_v::change_segment(id, TRY(UserIn<abi::SegmentStatus>(buffer).load()), actor));
    case abi::k_shm_lock:
    case abi::k_shm_unlock:
      return done(
          system_v::lock_segment(id, static_cast<uint32_t>(command) == abi::k_shm_lock, actor));
    case abi::k_ipc_info:
      return tell(buffer, system_v::segment_limits(), system_v::highest_segment());
    case abi::k_shm_info:
      return tell(buffer, system_v::segment_usage(), system_v::highest_segment());
    default:
      return tell_status<abi::SegmentStatus>(buffer, [&](abi::SegmentStatus& status) {
        return system_v::segment_status(id, way_of(command, abi::k_shm_stat), actor, status);
      });
  }
}

// ---- Semaphores -----------------------------------------------------------------------------------

Result<uint64_t> sys_semget(Context& context, int32_t key, int32_t count, uint32_t flags) {
  return static_cast<uint64_t>(TRY(system_v::get_set(key, count, flags, actor_of(context))));
}

[[gnu::always_inline]] Result<uint64_t> sys_semtimedop(Context& context, int32_t id,
                                                       UserIn<abi::SemaphoreOperation> operations,
                                                       uint32_t count,
                                                       UserIn<abi::Timespec> timeout) {
  const Instant deadline = TRY(deadline_of(timeout));
  if (count == 0 || id < 0) return fail(Errno::inval);
  if (count > system_v::k_most_operations) return fail(Errno::too_big);
  Few<abi::SemaphoreOperation> room;
  const std::span<abi::SemaphoreOperation> loaded = TRY(room.room(count));
  TRY(operations.load_all(loaded));
  const Ref<system_v::SemaphoreSet> set = TRY(system_v::find_set(id));
  const bool wants_undo = std::ranges::any_of(loaded, [](const abi::SemaphoreOperation& each) {
    return (static_cast<uint16_t>(each.flags) & abi::k_sem_undo) != 0;
  });
  system_v::UndoRecord* undo = nullptr;
  if (wants_undo) undo = TRY(context.process.semaphore_undo.find_or_make(*set, set->count()));
  return done(set->operate(loaded, undo, deadline, actor_of(context)));
}

Result<uint64_t> sys_semctl(Context& context, int32_t id, int32_t number, int32_t command,
                            uint64_t argument) {
  const Actor actor = actor_of(context);
  if (id < 0) return fail(Errno::inval);
  const auto which = static_cast<uint32_t>(command);
  const auto semaphore = static_cast<uint32_t>(number);
  const auto value = static_cast<int32_t>(argument);
  if (which == abi::k_ipc_info || which == abi::k_sem_info) {
    return tell(argument, which == abi::k_ipc_info ? system_v::set_limits() : system_v::set_usage(),
                system_v::highest_set());
  }
  if (which == abi::k_ipc_rmid) return done(system_v::remove_set(id, actor));
  if (which == abi::k_setval && (value < 0 || value > system_v::SemaphoreSet::k_largest_value)) {
    return fail(Errno::range);
  }
  abi::SemaphoreStatus wanted{};
  if (which == abi::k_ipc_set) wanted = TRY(UserIn<abi::SemaphoreStatus>(argument).load());
  const bool is_by_place = which == abi::k_sem_stat || which == abi::k_sem_stat_any;
  const Ref<system_v::SemaphoreSet> set =
      TRY(is_by_place ? system_v::find_set_at(id) : system_v::find_set(id));
  Few<uint16_t> room;
  switch (which) {
    case abi::k_ipc_set: return done(set->change(wanted, actor));
    case abi::k_setval: return done(set->set_value(semaphore, value, actor));
    case abi::k_getval: return static_cast<uint64_t>(TRY(set->value(semaphore, actor)));
    case abi::k_getpid: return static_cast<uint64_t>(TRY(set->last_process(semaphore, actor)));
    case abi::k_getncnt: return static_cast<uint64_t>(TRY(set->waiting(semaphore, false, actor)));
    case abi::k_getzcnt: return static_cast<uint64_t>(TRY(set->waiting(semaphore, true, actor)));
    case abi::k_getall: {
      const std::span<uint16_t> values = TRY(room.room(set->count()));
      TRY(set->get_all(values, actor));
      return done(UserOut<uint16_t>(argument).store_all(values));
    }
    case abi::k_setall: {
      const std::span<uint16_t> values = TRY(room.room(set->count()));
      TRY(set->may_change(actor));
      TRY(UserIn<uint16_t>(argument).load_all(values));
      if (std::ranges::max(values) > system_v::SemaphoreSet::k_largest_value) {
        return fail(Errno::range);
      }
      return done(set->set_all(values, actor));
    }
    default:
      return tell_status<abi::SemaphoreStatus>(
          argument, [&](abi::SemaphoreStatus& status) -> Result<int32_t> {
            TRY(set->status(actor, which == abi::k_sem_stat_any, status));
            return is_by_place ? set->id() : 0;
          });
  }
}

// ---- Message queues -------------------------------------------------------------------------------

Result<uint64_t> sys_msgget(Context& context, int32_t key, uint32_t flags) {
  return static_cast<uint64_t>(TRY(system_v::get_queue(key, flags, actor_of(context))));
}

// In the program's memory a message's type stands before its text.
[[gnu::always_inline]] Result<uint64_t> sys_msgsnd(Context& context, int32_t id,
                                                   UserIn<std::byte> message, size_t size,
                                                   uint32_t flags) {
  const int64_t type = TRY(UserIn<int64_t>(message.raw()).load());
  if (static_cast<int64_t>(size) < 0) return fail(Errno::inval);
  if (!mm::is_user_range(message.raw() + sizeof type, size)) return fail(Errno::fault);
  fs::IoBuffer text = fs::IoBuffer::user(message.raw() + sizeof type, size);
  return done(system_v::send_message(id, type, text, flags, actor_of(context)));
}

[[gnu::always_inline]] Result<uint64_t> sys_msgrcv(Context& context, int32_t id,
                                                   UserOut<std::byte> message, size_t size,
                                                   int64_t type, uint32_t flags) {
  if (id < 0 || static_cast<int64_t>(size) < 0) return fail(Errno::inval);
  const system_v::Received received =
      TRY(system_v::receive_message(id, type, size, flags, actor_of(context)));
  TRY(UserOut<int64_t>(message.raw()).store(received.type()));
  if (!mm::is_user_range(message.raw() + sizeof type, 0)) return fail(Errno::fault);
  const size_t room = std::min(size, mm::k_user_end - message.raw() - sizeof type);
  fs::IoBuffer to = fs::IoBuffer::user(message.raw() + sizeof type, room);
  return received.move_to(to);
}

Result<uint64_t> sys_msgctl(Context& context, int32_t id, int32_t command, VirtAddr buffer) {
  const Actor actor = actor_of(context);
  if (id < 0) return fail(Errno::inval);
  switch (static_cast<uint32_t>(command)) {
    case abi::k_ipc_rmid: return done(system_v::remove_queue(id, actor));
    case abi::k_ipc_set:
      return done(system_v::change_queue(id, TRY(UserIn<abi::QueueStatus>(buffer).load()), actor));
    case abi::k_ipc_info: return tell(buffer, system_v::queue_limits(), system_v::highest_queue());
    case abi::k_msg_info: return tell(buffer, system_v::queue_usage(), system_v::highest_queue());
    default:
      return tell_status<abi::QueueStatus>(buffer, [&](abi::QueueStatus& status) {
        return system_v::queue_status(id, way_of(command, abi::k_msg_stat), actor, status);
      });
  }
}

}  // namespace weft::syscall
