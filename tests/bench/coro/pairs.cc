// Two workers: a mutex that both want, and waking a coroutine on the other one. Each beside what threads
// have for it.
#include <pthread.h>

#include <thread>
#include <vector>

#include "measure.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/scheduler_state.hh"
#include "userlib/coro/sync/mutex.hh"
#include "userlib/coro/sync/semaphore.hh"
#include "userlib/sys/futex.hh"
#include "userlib/sys/spin.hh"

namespace weft::bench {
namespace {

using namespace coro;

constexpr Options k_two{.mode = Mode::shared, .workers = 2};
constexpr int k_contenders = 8;
constexpr int k_locks = 1'000'000;  // of each

double mutex_8_on_2() {
  double answer = 0;
  coro::run(k_two, [&] {
    coro::mutex mutex;
    long counter = 0;
    answer = per_operation(1.0 * k_contenders * k_locks, [&] {
      std::vector<handle<void>> all;
      for (int i = 0; i < k_contenders; ++i) {
        all.push_back(go([&] {
          for (int turn = 0; turn < k_locks; ++turn) {
            mutex.lock();
            ++counter;
            mutex.unlock();
          }
        }));
      }
      for (auto& each : all) each.join();
    });
  });
  return answer;
}

double pthread_mutex_8() {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  volatile long counter = 0;
  return per_operation(1.0 * k_contenders * k_locks, [&] {
    std::vector<std::thread> all;
    for (int i = 0; i < k_contenders; ++i) {
      all.emplace_back([&] {
        for (int turn = 0; turn < k_locks; ++turn) {
          pthread_mutex_lock(&mutex);
          counter = counter + 1;
          pthread_mutex_unlock(&mutex);
        }
      });
    }
    for (auto& each : all) each.join();
  });
}

void spin_until(const Atomic<int>& word, int value) {
  while (word.load(acquire) != value) sys::relax();
}

// Of many hops, a few at a time, so that one that met a thread without its CPU doesn't count for thousands.
template <typename Hop>
double usual_hop(Hop hop) {
  constexpr int k_batches = 3'000;
  constexpr int k_in_batch = 100;
  std::vector<double> batches;
  for (int i = 0; i < k_batches * k_in_batch; i += k_in_batch) {
    batches.push_back(per_operation(k_in_batch, [&] {
      for (int round = i + 1; round <= i + k_in_batch; ++round) hop(round);
    }));
  }
  return median(batches);
}

// The least that a word to another CPU can take: a cache line's way there, which is half of there and back. Both words
// are on the one line. With each on its own, a hop would be two ways: who writes a word that is polled has to fetch its
// line first.
double line_hop() {
  constexpr int k_last = 300'000;
  struct alignas(64) {
    Atomic<int> there{0};
    Atomic<int> back{0};
  } line;
  std::thread other([&] {
    for (int i = 1; i <= k_last; ++i) {
      spin_until(line.there, i);
      line.back.store(i, release);
    }
  });
  const double answer = usual_hop([&](int round) {
    line.there.store(round, release);
    spin_until(line.back, round);
  });
  other.join();
  return answer / 2;
}

using Clock = std::chrono::steady_clock;

double nanoseconds_between(Clock::time_point begin, Clock::time_point end) {
  return std::chrono::duration<double, std::nano>(end - begin).count();
}

// What lies between two looks at the clock, one right after the other.
double usual_look() {
  std::vector<double> looks;
  for (int i = 0; i < 1000; ++i) {
    const auto begin = Clock::now();
    looks.push_back(nanoseconds_between(begin, Clock::now()));
  }
  return median(looks);
}

// Lines apart, and so far that no CPU fetches one for the other.
constexpr size_t k_apart = 128;

struct alignas(k_apart) Arrival {
  Clock::time_point time;
  Atomic<int> round{0};
};

// From release() here to the other's first instruction, a look at the clock, on the other worker: it spins, and
// this one keeps its own.
double hop_to_spinning() {
  constexpr int k_rounds = 100'000;
  constexpr int k_looks = 1000;
  constexpr uint32_t k_moment = 20;
  std::vector<double> hops;
  coro::run(k_two, [&] {
    alignas(k_apart) counting_semaphore<> ready(0);
    Arrival arrival;
    auto other = go([&] {
      for (int i = 1; i <= k_rounds; ++i) {
        ready.acquire();
        arrival.time = Clock::now();
        arrival.round.store(i, release);
      }
    });
    const auto spins = [&] {
      return other.coroutine().context.resume_at.load(acquire) == k_in_place;
    };
    for (int i = 1; i <= k_rounds; ++i) {
      for (int look = 0; look < k_looks && !spins(); ++look) sys::relax();
      const bool counts = spins();
      sys::linger(k_moment);
      const auto start = Clock::now();
      ready.release();
      spin_until(arrival.round, i);
      if (counts) hops.push_back(nanoseconds_between(start, arrival.time));
    }
    other.join();
  });
  ASSERT(!hops.empty(), "the other one spins sometimes");
  return median(hops) - usual_look();
}

// One release() after the other, each as soon as the last one's answer is here: whoever is woken may still be on its
// way to waiting again.
double hop_and_answer() {
  constexpr int k_rounds = 300'000;
  double answer = 0;
  coro::run(k_two, [&] {
    counting_semaphore<> ready(0);
    Atomic<int> seen{0};
    auto other = go([&] {
      for (int i = 1; i <= k_rounds; ++i) {
        ready.acquire();
        seen.store(i, release);
      }
    });
    answer = usual_hop([&](int round) {
      ready.release();
      spin_until(seen, round);
    });
    other.join();
  });
  return answer;
}

// The same to a worker that sleeps: only the hops are counted, not the time until it sleeps. Each for itself, since one
// that met a thread without its CPU takes as long as all the others.
template <typename IsAsleep, typename Wake>
double hops_to_sleeping(const Atomic<int>& seen, IsAsleep is_asleep, Wake wake) {
  constexpr int k_rounds = 3'000;
  std::vector<double> hops;
  for (int i = 1; i <= k_rounds; ++i) {
    while (!is_asleep()) sys::relax();
    // It has said so; a moment later it is so.
    (void)per_operation(1, [] {
      for (int pause = 0; pause < 1000; ++pause) sys::relax();
    });
    hops.push_back(per_operation(1, [&] {
      wake(i);
      spin_until(seen, i);
    }));
  }
  return median(hops);
}

double hop_to_parked() {
  double answer = 0;
  coro::run(k_two, [&] {
    counting_semaphore<> ready(0);
    Atomic<int> seen{0};
    Atomic<bool> over{false};
    auto other = go([&] {
      for (int i = 1; ready.acquire(), !over.load(acquire); ++i) seen.store(i, release);
    });
    Scheduler& scheduler = *Scheduler::running();
    const auto other_sleeps = [&] {
      for (unsigned i = 0; i < scheduler.worker_count(); ++i) {
        if (&scheduler.worker(i) != this_worker() && !scheduler.worker(i).is_asleep()) return false;
      }
      return true;
    };
    // The other coroutine has begun on this worker, and gone to wait, before the first round.
    yield();
    answer = hops_to_sleeping(seen, other_sleeps, [&](int) { ready.release(); });
    over.store(true, release);
    ready.release();
    other.join();
  });
  return answer;
}

double futex_hop() {
  Atomic<uint32_t> word{0};
  Atomic<int> seen{0};
  Atomic<int> is_about_to_sleep{0};
  Atomic<bool> over{false};
  std::thread other([&] {
    for (int i = 1;; ++i) {
      is_about_to_sleep.store(i, release);
      while (word.load(acquire) != static_cast<uint32_t>(i)) {
        futex::wait(word, static_cast<uint32_t>(i - 1));
      }
      if (over.load(acquire)) return;
      seen.store(i, release);
    }
  });
  int round = 0;
  const double answer = hops_to_sleeping(
      seen, [&] { return is_about_to_sleep.load(acquire) == round + 1; },
      [&](int i) {
        round = i;
        word.store(static_cast<uint32_t>(i), release);
        futex::wake_one(word);
      });
  over.store(true, release);
  word.store(static_cast<uint32_t>(round + 1), release);
  futex::wake_one(word);
  other.join();
  return answer;
}

}  // namespace

const Measure k_pairs[] = {{"mutex_8_on_2", mutex_8_on_2},
                           {"pthread_mutex_8", pthread_mutex_8},
                           {"line_hop", line_hop},
                           {"hop_to_spinning", hop_to_spinning},
                           {"hop_and_answer", hop_and_answer},
                           {"hop_to_parked", hop_to_parked},
                           {"futex_hop", futex_hop},
                           {nullptr, nullptr}};

}  // namespace weft::bench
