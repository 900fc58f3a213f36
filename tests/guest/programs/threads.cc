// C++'s threads: thread, jthread, mutexes, condition_variable, counting_semaphore, latch, barrier, async.
#include <array>
#include <atomic>
#include <barrier>
#include <condition_variable>
#include <future>
#include <iostream>
#include <latch>
#include <mutex>
#include <numeric>
#include <queue>
#include <semaphore>
#include <shared_mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace {

void count_with_mutex() {
  std::mutex mutex;
  int counter = 0;
  {
    std::vector<std::jthread> threads;
    for (int index = 0; index < 8; ++index) {
      threads.emplace_back([&] {
        for (int round = 0; round < 2000; ++round) {
          std::lock_guard guard(mutex);
          ++counter;
        }
      });
    }
  }
  std::cout << "mutex: " << counter << '\n';
}

void produce_and_consume() {
  std::mutex mutex;
  std::condition_variable changed;
  std::queue<int> queue;
  long sum = 0;
  std::jthread consumer([&] {
    for (;;) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return !queue.empty(); });
      const int value = queue.front();
      queue.pop();
      if (value < 0) return;
      sum += value;
    }
  });
  for (int value = 1; value <= 1000; ++value) {
    {
      std::lock_guard guard(mutex);
      queue.push(value);
    }
    changed.notify_one();
  }
  {
    std::lock_guard guard(mutex);
    queue.push(-1);
  }
  changed.notify_one();
  consumer.join();
  std::cout << "condition_variable: " << sum << '\n';
}

void limit_with_semaphore() {
  std::counting_semaphore<3> kitchen(3);
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  {
    std::vector<std::jthread> cooks;
    for (int index = 0; index < 10; ++index) {
      cooks.emplace_back([&] {
        for (int round = 0; round < 50; ++round) {
          kitchen.acquire();
          const int now = ++inside;
          for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
          }
          std::this_thread::yield();
          --inside;
          kitchen.release();
        }
      });
    }
  }
  std::cout << "counting_semaphore: " << (most <= 3 ? "never more than 3" : "too many") << '\n';
}

void meet_at_latch_and_barrier() {
  constexpr int k_threads = 4;
  std::latch ready(k_threads);
  std::atomic<int> phase_sum = 0;
  std::vector<int> seen;
  std::barrier phases(k_threads, [&]() noexcept { seen.push_back(phase_sum); });
  {
    std::vector<std::jthread> threads;
    for (int index = 0; index < k_threads; ++index) {
      threads.emplace_back([&] {
        ready.arrive_and_wait();
        for (int phase = 0; phase < 3; ++phase) {
          ++phase_sum;
          phases.arrive_and_wait();
        }
      });
    }
  }
  std::cout << "barrier:";
  for (const int value : seen) std::cout << ' ' << value;
  std::cout << '\n';
}

long fibonacci(int n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

void run_async() {
  std::vector<std::future<long>> results;
  for (int n = 10; n < 20; ++n) results.push_back(std::async(std::launch::async, fibonacci, n));
  std::cout << "async:";
  for (auto& result : results) std::cout << ' ' << result.get();
  std::cout << '\n';
  auto failing =
      std::async(std::launch::async, []() -> int { throw std::runtime_error("thrown"); });
  try {
    failing.get();
  } catch (const std::exception& problem) {
    std::cout << "async: " << problem.what() << " in another thread\n";
  }
}

void stop_a_jthread() {
  std::atomic<long> steps = 0;
  std::jthread worker([&](std::stop_token stop) {
    while (!stop.stop_requested()) ++steps;
  });
  while (steps == 0) std::this_thread::yield();
  worker.request_stop();
  worker.join();
  std::cout << "jthread: stopped after " << (steps > 0 ? "some" : "no") << " steps\n";
}

void use_the_rest() {
  std::shared_mutex shared;
  std::array<int, 4> data{};
  {
    std::vector<std::jthread> threads;
    for (int index = 0; index < 4; ++index) {
      threads.emplace_back([&, index] {
        for (int round = 0; round < 200; ++round) {
          if (index == 0) {
            std::unique_lock lock(shared);
            for (int& value : data) ++value;
          } else {
            std::shared_lock lock(shared);
            if (data[0] != data[3]) std::cout << "torn\n";
          }
        }
      });
    }
  }
  std::cout << "shared_mutex: " << data[0] << ' ' << data[3] << '\n';
  static thread_local int own = 1;
  int other = 0;
  std::thread([&] { other = ++own; }).join();
  std::cout << "thread_local: " << own << ' ' << other << '\n';
  std::once_flag once;
  std::atomic<int> times = 0;
  {
    std::vector<std::jthread> threads;
    for (int index = 0; index < 5; ++index) {
      threads.emplace_back([&] { std::call_once(once, [&] { ++times; }); });
    }
  }
  std::cout << "call_once: " << times << '\n';
  std::timed_mutex timed;
  timed.lock();
  bool got = true;
  std::thread([&] { got = timed.try_lock_for(std::chrono::milliseconds(5)); }).join();
  std::cout << "timed_mutex: " << (got ? "got it" : "timed out") << '\n';
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  const bool woken = never.wait_for(lock, std::chrono::milliseconds(5), [] { return false; });
  std::cout << "wait_for: " << (woken ? "woken" : "timed out") << '\n';
  std::atomic<int> word = 0;
  std::jthread waker([&] {
    word = 1;
    word.notify_one();
  });
  word.wait(0);
  std::cout << "atomic wait: " << word << '\n';
}

}  // namespace

int main() {
  count_with_mutex();
  produce_and_consume();
  limit_with_semaphore();
  meet_at_latch_and_barrier();
  run_async();
  stop_a_jthread();
  use_the_rest();
  std::cout << "done" << std::endl;
}
