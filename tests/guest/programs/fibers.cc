// Boost.Fiber: fibers with channels, futures and mutexes, on one thread and with work stealing on four.
#include <boost/fiber/all.hpp>

#include <iostream>
#include <thread>
#include <vector>

namespace fibers = boost::fibers;

namespace {

void pass_through_channel() {
  fibers::buffered_channel<int> channel(4);
  fibers::fiber producer([&] {
    for (int value = 1; value <= 20; ++value) channel.push(value);
    channel.close();
  });
  int sum = 0;
  fibers::fiber consumer([&] {
    for (const int value : channel) sum += value;
  });
  producer.join();
  consumer.join();
  std::cout << "channel: " << sum << '\n';
}

void take_turns() {
  std::vector<fibers::fiber> all;
  for (int own = 0; own < 3; ++own) {
    all.emplace_back([own] {
      for (int round = 0; round < 3; ++round) {
        std::cout << own << '.' << round << ' ';
        boost::this_fiber::yield();
      }
    });
  }
  for (auto& fiber : all) fiber.join();
  std::cout << '\n';
}

void use_futures_and_mutexes() {
  fibers::mutex mutex;
  fibers::condition_variable changed;
  int ready = 0;
  auto future = fibers::async([&] {
    std::unique_lock<fibers::mutex> lock(mutex);
    changed.wait(lock, [&] { return ready == 3; });
    return 33;
  });
  for (int count = 0; count < 3; ++count) {
    fibers::fiber([&] {
      std::unique_lock<fibers::mutex> lock(mutex);
      ++ready;
      changed.notify_all();
    }).detach();
  }
  std::cout << "future: " << future.get() << '\n';
}

void start_ten_thousand() {
  int sum = 0;
  std::vector<fibers::fiber> all;
  for (int index = 0; index < 10'000; ++index) {
    all.emplace_back(std::allocator_arg, fibers::fixedsize_stack(16 * 1024), [&] {
      boost::this_fiber::yield();
      ++sum;
    });
  }
  for (auto& fiber : all) fiber.join();
  std::cout << "ten thousand: " << sum << '\n';
}

void share_between_threads() {
  constexpr unsigned k_threads = 4;
  std::atomic<int> sum = 0;
  std::atomic<int> left = 1000;
  fibers::mutex mutex;
  fibers::condition_variable_any finished;
  std::vector<std::thread> threads;
  const auto run = [&](bool creates) {
    fibers::use_scheduling_algorithm<fibers::algo::work_stealing>(k_threads, true);
    if (creates) {
      for (int index = 0; index < 1000; ++index) {
        fibers::fiber([&] {
          for (int round = 0; round < 10; ++round) {
            ++sum;
            boost::this_fiber::yield();
          }
          std::unique_lock<fibers::mutex> lock(mutex);
          if (--left == 0) {
            lock.unlock();
            finished.notify_all();
          }
        }).detach();
      }
    }
    std::unique_lock<fibers::mutex> lock(mutex);
    finished.wait(lock, [&] { return left == 0; });
  };
  for (unsigned index = 1; index < k_threads; ++index) threads.emplace_back(run, false);
  std::thread first(run, true);
  first.join();
  for (auto& thread : threads) thread.join();
  std::cout << "four threads: " << sum << '\n';
}

}  // namespace

int main() {
  pass_through_channel();
  take_turns();
  use_futures_and_mutexes();
  start_ten_thousand();
  share_between_threads();
  std::cout << "done" << std::endl;
}
