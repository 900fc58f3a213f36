// System V objects: whoever waits is served, or told that the object is gone; what a process has taken comes
// back at its end.
#include "core/ipc/system_v/messages.hh"
#include "core/ipc/system_v/semaphores.hh"
#include "core/ipc/system_v/shared_memory.hh"
#include "core/mm/address_space.hh"
#include "core/sched/scheduler.hh"
#include "explore/scenario.hh"

namespace weft::explore {
namespace {

using namespace ipc::system_v;

constexpr Actor k_actor;
constexpr abi::SemaphoreOperation k_take{0, -1, 0};
constexpr abi::SemaphoreOperation k_take_back_later{0, -1, abi::k_sem_undo};
constexpr abi::SemaphoreOperation k_give{0, 1, 0};

bool is_error(const auto& result, Errno error) {
  return !result.has_value() && result.error() == error;
}

Result<> take(SemaphoreSet& set, Instant deadline = k_never) {
  return set.operate({&k_take, 1}, nullptr, deadline, k_actor);
}
void give(SemaphoreSet& set) {
  check(set.operate({&k_give, 1}, nullptr, k_never, k_actor).has_value(),
        "it is there, and not full");
}
int32_t value(SemaphoreSet& set, uint32_t number = 0) { return set.value(number, k_actor).value(); }

// ---- Semaphores -----------------------------------------------------------------------------------

const Scenario semaphores{{.name = "sem",
                           .about = "two wait for a key each, one brings two",
                           .cpus = 2,
                           .preemptions = 2},
                          [](Stage& stage) {
                            const Ref<SemaphoreSet> set = SemaphoreSet::make(1).value();
                            for (const char* name : {"A", "B"}) {
                              stage.thread(name,
                                           [&] { check(take(*set).has_value(), "it comes"); });
                            }
                            stage.thread("giver", [&] {
                              give(*set);
                              give(*set);
                            });
                            stage.run();
                            check(value(*set) == 0, "both keys were taken");
                          }};

const Scenario both_or_none{
    {.name = "sem-both",
     .about = "two want the same two semaphores, named in both orders",
     .cpus = 2,
     .preemptions = 2},
    [](Stage& stage) {
      const Ref<SemaphoreSet> set = SemaphoreSet::make(2).value();
      const uint16_t ones[] = {1, 1};
      check(set->set_all(ones, k_actor).has_value(), "it may be changed");
      int inside = 0;
      const auto enter = [&](uint16_t first) {
        const auto second = static_cast<uint16_t>(1 - first);
        const abi::SemaphoreOperation in[] = {{first, -1, 0}, {second, -1, 0}};
        const abi::SemaphoreOperation out[] = {{first, 1, 0}, {second, 1, 0}};
        check(set->operate(in, nullptr, k_never, k_actor).has_value(), "its turn comes");
        ++inside;
        check(set->operate(out, nullptr, k_never, k_actor).has_value(), "nothing is in the way");
      };
      stage.thread("A", [&] { enter(0); });
      stage.thread("B", [&] { enter(1); });
      stage.run();
      check(inside == 2 && value(*set, 0) == 1 && value(*set, 1) == 1, "both had both");
    }};

const Scenario semaphore_removed{
    {.name = "sem-remove",
     .about = "the set is removed while one waits and one gives",
     .cpus = 2,
     .preemptions = 2},
    [](Stage& stage) {
      const Ref<SemaphoreSet> set = SemaphoreSet::make(1).value();
      stage.thread("waiter", [&] {
        const auto taken = take(*set);
        check(taken.has_value() || is_error(taken, Errno::idrm),
              "it gets the key, or hears that the set is gone");
      });
      stage.thread("giver", [&] {
        static_cast<void>(set->operate({&k_give, 1}, nullptr, k_never, k_actor));
      });
      stage.thread("remover", [&] { check(set->remove(k_actor).has_value(), "it was there"); });
      stage.run();
    }};

const Scenario semaphore_time_out{
    {.name = "sem-time-out",
     .about = "the key comes just as the wait ends",
     .cpus = 2,
     .preemptions = 2,
     .interrupts = 1},
    [](Stage& stage) {
      const Ref<SemaphoreSet> set = SemaphoreSet::make(1).value();
      bool has_key = false;
      stage.thread("waiter", [&] { has_key = take(*set, 1000).has_value(); });
      stage.thread("giver", [&] { give(*set); });
      stage.run();
      check(value(*set) == (has_key ? 0 : 1), "the key is in one place");
    }};

const Scenario semaphore_signal{
    {.name = "sem-signal",
     .about = "a signal and a key come to one who waits",
     .cpus = 2,
     .preemptions = 2},
    [](Stage& stage) {
      const Ref<SemaphoreSet> set = SemaphoreSet::make(1).value();
      bool has_key = false;
      stage.thread("waiter", [&] { has_key = take(*set).has_value(); });
      stage.thread("giver", [&] { give(*set); });
      stage.thread("signal", [] { sched::interrupt(thread_named("waiter")); });
      stage.run();
      check(value(*set) == (has_key ? 0 : 1), "the key is in one place");
    }};

// What a process has taken with SEM_UNDO it gives back when it ends.
const Scenario undo{
    {.name = "sem-undo",
     .about = "a process ends that holds the key for which another waits",
     .cpus = 2,
     .preemptions = 2},
    [](Stage& stage) {
      const Ref<SemaphoreSet> set = SemaphoreSet::make(1).value();
      give(*set);
      UndoList undo;
      UndoRecord* record = undo.find_or_make(*set, 1).value();
      check(set->operate({&k_take_back_later, 1}, record, k_never, k_actor).has_value(),
            "the key is free");
      stage.thread("waiter", [&] { check(take(*set).has_value(), "it comes back"); });
      stage.thread("end", [&] { undo.apply(7); });
      stage.run();
      check(value(*set) == 0, "the waiter has the key");
    }};

const Scenario undo_removed{
    {.name = "sem-undo-remove",
     .about = "the set is removed while a process ends, and another begins to use it",
     .cpus = 3,
     .preemptions = 1,
     .random_runs = 2000},
    [](Stage& stage) {
      const Ref<SemaphoreSet> set = SemaphoreSet::make(1).value();
      UndoList undo, other;
      static_cast<void>(undo.find_or_make(*set, 1).value());
      stage.thread("end", [&] { undo.apply(7); });
      stage.thread("remover", [&] { check(set->remove(k_actor).has_value(), "it was there"); });
      stage.thread("user", [&] {
        const auto record = other.find_or_make(*set, 1);
        static_cast<void>(set->operate({&k_give, 1}, *record, k_never, k_actor));
        other.apply(8);
      });
      stage.run();
    }};

// ---- Messages -------------------------------------------------------------------------------------

Result<> send(int32_t queue, int64_t type) {
  std::byte text[8] = {};
  fs::IoBuffer from = fs::IoBuffer::kernel(text);
  return send_message(queue, type, from, 0, k_actor);
}
Result<int64_t> receive(int32_t queue, int64_t wanted, uint32_t flags = 0) {
  return TRY(receive_message(queue, wanted, 8, flags, k_actor)).type();
}
int32_t make_queue() { return get_queue(0, 0600, k_actor).value(); }
// One that has room for one message.
int32_t make_small_queue() {
  const int32_t queue = make_queue();
  abi::QueueStatus status{};
  check(queue_status(queue, Find::by_id, k_actor, status).has_value(), "it is there");
  status.most_bytes = 8;
  check(change_queue(queue, status, k_actor).has_value(), "it may have less room");
  return queue;
}

const Scenario messages{{.name = "msg",
                         .about = "two wait for a message of their own type each",
                         .cpus = 2,
                         .preemptions = 1,
                         .random_runs = 2000},
                        [](Stage& stage) {
                          const int32_t queue = make_queue();
                          for (const int64_t type : {1, 2}) {
                            stage.thread(type == 1 ? "ones" : "twos", [queue, type] {
                              check(receive(queue, type).value() == type,
                                    "it is of the right type");
                            });
                          }
                          stage.thread("sender", [&] {
                            for (const int64_t type : {2, 1}) {
                              check(send(queue, type).has_value(), "there is room");
                            }
                          });
                          stage.run();
                        }};

const Scenario full_queue{
    {.name = "msg-full",
     .about = "two wait for room in a queue for one message",
     .cpus = 2,
     .preemptions = 1,
     .random_runs = 2000},
    [](Stage& stage) {
      const int32_t queue = make_small_queue();
      check(send(queue, 1).has_value(), "there is room for one");
      for (const char* name : {"sender 1", "sender 2"}) {
        stage.thread(name, [&] { check(send(queue, 1).has_value(), "there will be room"); });
      }
      stage.thread("receiver", [&] {
        for (int i = 0; i < 3; ++i) {
          check(receive(queue, 0).has_value(), "there are three messages");
        }
      });
      stage.run();
    }};

const Scenario queue_removed{
    {.name = "msg-remove",
     .about = "the queue is removed while one waits for a message and one for room",
     .cpus = 2,
     .preemptions = 1,
     .random_runs = 2000},
    [](Stage& stage) {
      const int32_t queue = make_small_queue();
      check(send(queue, 1).has_value(), "there is room for one");
      const auto is_gone = [](const auto& result) {
        return is_error(result, Errno::idrm) || is_error(result, Errno::inval);
      };
      stage.thread("sender", [&] { check(is_gone(send(queue, 1)), "nobody makes room"); });
      stage.thread("receiver",
                   [&] { check(is_gone(receive(queue, 2)), "there is no such message"); });
      stage.thread("remover",
                   [&] { check(remove_queue(queue, k_actor).has_value(), "it was there"); });
      stage.run();
    }};

const Scenario message_signal{
    {.name = "msg-signal",
     .about = "a signal and a message come to one who waits",
     .cpus = 2,
     .preemptions = 2},
    [](Stage& stage) {
      const int32_t queue = make_queue();
      bool has_it = false;
      stage.thread("receiver", [&] { has_it = receive(queue, 0).has_value(); });
      stage.thread("sender", [&] { check(send(queue, 1).has_value(), "there is room"); });
      stage.thread("signal", [] { sched::interrupt(thread_named("receiver")); });
      stage.run();
      check(receive(queue, 0, abi::k_ipc_nowait).has_value() == !has_it,
            "the message is in one place");
    }};

// ---- Shared memory --------------------------------------------------------------------------------

// Marked for removal, a segment goes with the last who has it attached.
const Scenario segment{{.name = "shm",
                        .about = "one detaches, one ends, and one removes the segment",
                        .cpus = 3,
                        .preemptions = 1,
                        .random_runs = 1000},
                       [](Stage& stage) {
                         const int32_t id = get_segment(0, k_page_size, 0600, k_actor).value();
                         Ref<mm::AddressSpace> one = mm::AddressSpace::make().value();
                         Ref<mm::AddressSpace> other = mm::AddressSpace::make().value();
                         const VirtAddr place = attach(*one, id, 0, 0, k_actor).value();
                         static_cast<void>(attach(*other, id, 0, 0, k_actor).value());
                         stage.thread("detaches", [&] {
                           check(detach(*one, place).has_value(), "it was attached there");
                         });
                         stage.thread("ends", [&] { other.reset(); });
                         stage.thread("removes", [&] {
                           check(remove_segment(id, k_actor).has_value(), "it was there");
                         });
                         stage.run();
                         check(segment_usage().segments == 0, "nothing is left of it");
                       }};

}  // namespace
}  // namespace weft::explore
