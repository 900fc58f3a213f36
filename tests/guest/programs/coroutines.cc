// C++20 coroutines: a generator, tasks that await each other, and a small scheduler, on one and on
// several threads.
#include <atomic>
#include <coroutine>
#include <deque>
#include <exception>
#include <iostream>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace {

template <typename T>
class Generator {
 public:
  struct promise_type {
    T value{};
    Generator get_return_object() { return Generator(Handle::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(T next) {
      value = std::move(next);
      return {};
    }
    void return_void() {}
    void unhandled_exception() { throw; }
  };
  using Handle = std::coroutine_handle<promise_type>;

  explicit Generator(Handle handle) : handle_(handle) {}
  Generator(Generator&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  ~Generator() {
    if (handle_) handle_.destroy();
  }
  bool next() {
    handle_.resume();
    return !handle_.done();
  }
  const T& value() const { return handle_.promise().value; }

 private:
  Handle handle_;
};

Generator<long> fibonacci() {
  long a = 0;
  long b = 1;
  for (;;) {
    co_yield a;
    a = std::exchange(b, a + b);
  }
}

Generator<int> walk(int low, int high) {
  if (low > high) co_return;
  const int middle = (low + high) / 2;
  for (auto left = walk(low, middle - 1); left.next();) co_yield left.value();
  co_yield middle;
  for (auto right = walk(middle + 1, high); right.next();) co_yield right.value();
}

class Task {
 public:
  struct promise_type {
    std::coroutine_handle<> continuation = std::noop_coroutine();
    int result = 0;
    Task get_return_object() { return Task(Handle::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    auto final_suspend() noexcept {
      struct Resume {
        bool await_ready() noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> done) noexcept {
          return done.promise().continuation;
        }
        void await_resume() noexcept {}
      };
      return Resume{};
    }
    void return_value(int value) { result = value; }
    void unhandled_exception() { std::terminate(); }
  };
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  ~Task() {
    if (handle_) handle_.destroy();
  }
  bool await_ready() const { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) {
    handle_.promise().continuation = caller;
    return handle_;
  }
  int await_resume() const { return handle_.promise().result; }
  int run() {
    handle_.resume();
    return handle_.promise().result;
  }

 private:
  Handle handle_;
};

Task leaf(int value) { co_return value; }
Task tree(int depth) {
  if (depth == 0) co_return co_await leaf(1);
  const int left = co_await tree(depth - 1);
  const int right = co_await tree(depth - 1);
  co_return left + right;
}
Task countdown(int steps) {
  int sum = 0;
  // Symmetric transfer: a hundred thousand steps need no stack.
  for (int step = 0; step < steps; ++step) sum += co_await leaf(1);
  co_return sum;
}

class Scheduler {
 public:
  auto yield() {
    struct Awaiter {
      Scheduler& scheduler;
      bool await_ready() const { return false; }
      void await_suspend(std::coroutine_handle<> caller) const { scheduler.add(caller); }
      void await_resume() const {}
    };
    return Awaiter{*this};
  }
  void add(std::coroutine_handle<> coroutine) {
    std::lock_guard guard(mutex_);
    ready_.push_back(coroutine);
  }
  bool run_one() {
    std::coroutine_handle<> next;
    {
      std::lock_guard guard(mutex_);
      if (ready_.empty()) return false;
      next = ready_.front();
      ready_.pop_front();
    }
    next.resume();
    return true;
  }

 private:
  std::mutex mutex_;
  std::deque<std::coroutine_handle<>> ready_;
};

struct Detached {
  struct promise_type {
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

Detached speak(Scheduler& scheduler, int own) {
  for (int round = 0; round < 3; ++round) {
    std::cout << own << '.' << round << ' ';
    co_await scheduler.yield();
  }
}

Detached work(Scheduler& scheduler, std::atomic<int>& sum, std::atomic<int>& alive) {
  for (int round = 0; round < 20; ++round) {
    ++sum;
    co_await scheduler.yield();
  }
  --alive;
}

}  // namespace

int main() {
  auto numbers = fibonacci();
  for (int count = 0; count < 15 && numbers.next(); ++count) std::cout << numbers.value() << ' ';
  std::cout << '\n';
  for (auto in_order = walk(1, 15); in_order.next();) std::cout << in_order.value() << ' ';
  std::cout << '\n' << "tree: " << tree(12).run() << '\n';
  std::cout << "countdown: " << countdown(100'000).run() << '\n';
  Scheduler one;
  for (int own = 0; own < 3; ++own) speak(one, own);
  while (one.run_one()) {
  }
  std::cout << '\n';
  Scheduler many;
  std::atomic<int> sum = 0;
  std::atomic<int> alive = 1000;
  for (int own = 0; own < 1000; ++own) work(many, sum, alive);
  {
    std::vector<std::jthread> workers;
    for (int index = 0; index < 4; ++index) {
      workers.emplace_back([&] {
        while (alive > 0) {
          if (!many.run_one()) std::this_thread::yield();
        }
      });
    }
  }
  std::cout << "M:N: " << sum << std::endl;
}
