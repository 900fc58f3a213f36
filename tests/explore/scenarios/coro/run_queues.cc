// A worker's queues: its owner puts in and takes out, thieves take out, and each coroutine is taken once.
#include "userlib/coro/run_queue.hh"

#include "explore/scenario.hh"
#include "userlib/sys/asymmetric.hh"
#include "userlib/sys/spin.hh"

namespace weft::explore {
namespace {

using coro::Coroutine;
using coro::FifoQueue;
using coro::LifoQueue;

// Counts how often each of some coroutines was taken. The coroutine's own words tell whether what its
// maker wrote is seen, too.
struct Crew {
  Crew() {
    for (Coroutine& each : members) each.place = 0;
  }
  void make(size_t number) { members[number].place = 1; }
  void take(Coroutine* coroutine) {
    if (coroutine == nullptr) return;
    check(coroutine->place == 1, "what was done before it was put in is seen");
    taken[coroutine - members].fetch_add(1, relaxed);
  }
  int count() const {
    int sum = 0;
    for (const Atomic<int>& each : taken) {
      check(each.load(relaxed) <= 1, "nobody is taken twice");
      sum += each.load(relaxed);
    }
    return sum;
  }

  Coroutine members[4];
  Atomic<int> taken[4];
};

const Scenario last{{.name = "deque-last",
                     .about = "the owner and two thieves are after the last one",
                     .preemptions = 4,
                     .old_stores = 2},
                    [](Stage& stage) {
                      LifoQueue queue;
                      Crew crew;
                      stage.thread("owner", [&] {
                        crew.make(0);
                        queue.push(crew.members[0]);
                        crew.take(queue.pop());
                      });
                      for (const char* name : {"thief 1", "thief 2"}) {
                        stage.thread(name, [&] { crew.take(queue.steal()); });
                      }
                      stage.run();
                      check(crew.count() == 1 && queue.empty(), "one of them has it");
                    }};

const Scenario several{{.name = "deque",
                        .about = "the owner takes out two, a thief tries for two",
                        .preemptions = 4,
                        .old_stores = 2},
                       [](Stage& stage) {
                         LifoQueue queue;
                         Crew crew;
                         stage.thread("owner", [&] {
                           for (const size_t number : {0, 1}) {
                             crew.make(number);
                             queue.push(crew.members[number]);
                           }
                           crew.take(queue.pop());
                           crew.take(queue.pop());
                         });
                         stage.thread("thief", [&] {
                           crew.take(queue.steal());
                           crew.take(queue.steal());
                         });
                         stage.run();
                         while (Coroutine* left = queue.pop()) crew.take(left);
                         check(crew.count() == 2, "nobody is lost");
                       }};

// Who goes to sleep may find that nothing is there, though the owner leaves one there right after that.
const Scenario asked{
    {.name = "deque-asked",
     .about = "the owner leaves two, one after the other, while somebody goes to sleep",
     .preemptions = 4,
     .old_stores = 2},
    [](Stage& stage) {
      LifoQueue queue;
      Coroutine parent;
      Atomic<uint64_t> sleepers{0};
      Atomic<bool> is_seen{false};
      stage.thread("owner", [&] {
        for (int i = 0; i < 2; ++i) {
          if (!queue.push_early(parent)) {
            if (sleepers.load(seq_cst) != 0) is_seen.store(true, relaxed);
            queue.has_looked([&] { return sleepers.load(seq_cst) != 0; });
          }
          if (i == 0) queue.pop();
        }
      });
      stage.thread("sleeper", [&] {
        sleepers.fetch_or(1, seq_cst);
        queue.ask();
        sys::heavy_fence();
        if (!queue.empty()) return;
        while (!is_seen.load(relaxed)) hal::relax();
      });
      stage.run();
    }};

const Scenario half{
    {.name = "run-queue",
     .about = "the owner puts in and takes out, a thief takes half",
     .preemptions = 4,
     .old_stores = 2},
    [](Stage& stage) {
      FifoQueue queue;
      Crew crew;
      stage.thread("owner", [&] {
        for (const size_t number : {0, 1, 2}) {
          crew.make(number);
          queue.push(crew.members[number]);
        }
        crew.take(queue.pop());
      });
      stage.thread("thief", [&] {
        queue.take_half<FifoQueue::k_room / 2>([&](Coroutine& each) { crew.take(&each); });
      });
      stage.run();
      while (Coroutine* left = queue.pop()) crew.take(left);
      check(crew.count() == 3, "nobody is lost");
    }};

// The ring is full: what is put in next takes the place of the oldest, once a thief has read that.
const Scenario full{{.name = "run-queue-full",
                     .about = "the owner waits for the room that a thief makes",
                     .preemptions = 4,
                     .old_stores = 2},
                    [](Stage& stage) {
                      FifoQueue queue;
                      Crew crew;
                      Coroutine filling;
                      crew.make(0);
                      queue.push(crew.members[0]);
                      for (uint32_t i = 1; i < FifoQueue::k_room; ++i) queue.push(filling);
                      stage.thread("owner", [&] {
                        crew.make(1);
                        if (!queue.push(crew.members[1])) crew.take(&crew.members[1]);
                      });
                      stage.thread("thief", [&] {
                        const auto take = [&](Coroutine& each) {
                          if (&each != &filling) crew.take(&each);
                        };
                        check(queue.take_half<1>(take) == 1, "there is enough");
                      });
                      stage.run();
                      while (Coroutine* left = queue.pop()) {
                        if (left != &filling) crew.take(left);
                      }
                      check(crew.count() == 2, "nobody is lost");
                    }};

}  // namespace
}  // namespace weft::explore
