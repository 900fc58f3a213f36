// A word that is given to one worker, which changes it by plain stores, until others take it back. And the mutex,
// whose state is such a word: here a worker is given it by its second passage.
#include "explore/scenario.hh"
#include "userlib/coro/biased_word.hh"
#include "userlib/coro/object_lock.hh"
#include "userlib/coro/sync/mutex.hh"
#include "userlib/sys/spin.hh"

namespace weft::explore {
namespace {

// This thread is given words as that worker would be.
void play_worker(unsigned number) {
  coro::own_words().plain_section = &coro::plain_section_of(number);
}
void play_nobody() { coro::own_words().plain_section = nullptr; }

struct Counter {
  coro::ObjectLock lock;
  coro::BiasedWord word;

  void give() {
    const coro::ObjectGuard guard(lock);
    word.take_back();
    word.give_to_this_worker();
  }
  void add() {
    if (word.change_plainly([](uint32_t seen) { return seen + 1; })) return;
    const coro::ObjectGuard guard(lock);
    word.take_back();
    word.store(word.load(relaxed) + 1, relaxed);  // nobody else may touch it now
  }
  uint32_t value() const { return word.load(relaxed) & coro::BiasedWord::k_value; }
};

void count_beside_worker(Stage& stage, int others) {
  Counter counter;
  play_worker(0);
  counter.give();
  play_nobody();
  stage.thread("worker", [&] {
    play_worker(0);
    for (int turn = 0; turn < 3; ++turn) counter.add();
  });
  for (int i = 0; i < others; ++i) stage.thread("other", [&] { counter.add(); });
  stage.run();
  check(counter.value() == 3U + static_cast<unsigned>(others), "nothing is lost");
}

const Scenario taken_back{{.name = "biased-word",
                           .about = "a thread takes back what a worker adds to by plain stores",
                           .preemptions = 4,
                           .old_stores = 2},
                          [](Stage& stage) { count_beside_worker(stage, 1); }};
const Scenario taken_back_by_two{{.name = "biased-word-two",
                                  .about = "two threads at once take a word back",
                                  .preemptions = 2,
                                  .old_stores = 1},
                                 [](Stage& stage) { count_beside_worker(stage, 2); }};

// With CPUs for both, who takes it back looks a moment whether the worker comes by.
const Scenario asked_back{{.name = "biased-word-asked",
                           .about = "a worker gives back what it is asked for",
                           .preemptions = 2,
                           .old_stores = 1,
                           .random_runs = 1000},
                          [](Stage& stage) {
                            sys::cpus = 2;
                            count_beside_worker(stage, 1);
                          }};

// It goes from one worker to the other.
const Scenario changes_hands{{.name = "biased-word-changes-hands",
                              .about = "two workers are given the same word in turn",
                              .preemptions = 3,
                              .old_stores = 1},
                             [](Stage& stage) {
                               Counter counter;
                               const auto count = [&](unsigned number) {
                                 play_worker(number);
                                 counter.give();
                                 for (int turn = 0; turn < 2; ++turn) counter.add();
                               };
                               stage.thread("worker 1", [&] { count(0); });
                               stage.thread("worker 2", [&] { count(1); });
                               stage.run();
                               check(counter.value() == 4, "nothing is lost");
                             }};

// What a mutex guards. At the beginning its state is the first worker's.
struct Visited {
  coro::mutex lock;
  int count = 0;

  Visited() {
    play_worker(0);
    for (uint32_t turn = 0; turn <= coro::mutex::k_passages_until_biased; ++turn) visit();
    play_nobody();
    count = 0;
  }
  void visit() {
    lock.lock();
    ++count;
    lock.unlock();
  }
};

void visit_together(Stage& stage, bool is_other_worker) {
  Visited visited;
  stage.thread("worker", [&] {
    play_worker(0);
    for (int turn = 0; turn < 4; ++turn) visited.visit();
  });
  stage.thread("other", [&] {
    if (is_other_worker) play_worker(1);
    for (int turn = 0; turn < 2; ++turn) visited.visit();
  });
  stage.run();
  check(visited.count == 6, "nothing is lost");
  check(visited.lock.owner() == nullptr, "nobody holds it at the end");
}

const Scenario queues{{.name = "coro-mutex-biased",
                       .about = "a thread queues at a mutex that a worker takes by plain stores",
                       .preemptions = 2,
                       .old_stores = 1,
                       .random_runs = 2000},
                      [](Stage& stage) { visit_together(stage, false); }};
const Scenario comes{{.name = "coro-mutex-biased-comes",
                      .about = "the same, with two workers, and who finds it taken stays awake",
                      .preemptions = 2,
                      .old_stores = 1,
                      .random_runs = 2000},
                     [](Stage& stage) {
                       sys::cpus = 2;
                       visit_together(stage, true);
                     }};

// Who has taken the mutex back, and is the last to need it, deletes it at once.
const Scenario goes{{.name = "coro-mutex-biased-goes",
                     .about = "the mutex goes just after a worker has let it go by a plain store",
                     .preemptions = 3,
                     .old_stores = 1},
                    [](Stage& stage) {
                      auto* visited = new Visited;
                      const auto leave = [=] {
                        visited->lock.lock();
                        const bool is_last = ++visited->count == 2;
                        visited->lock.unlock();
                        if (is_last) delete visited;
                      };
                      stage.thread("worker", [&] {
                        play_worker(0);
                        leave();
                      });
                      stage.thread("other", leave);
                      stage.run();
                    }};

}  // namespace
}  // namespace weft::explore
