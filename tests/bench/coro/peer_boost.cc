// Boost's side of make bench-coro: prints the nanoseconds of one operation.
#include <boost/context/fiber.hpp>
#include <boost/fiber/all.hpp>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <vector>

namespace {

template <typename Work>
double per_operation(double count, Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start)
             .count() /
         count;
}

// One resume() there and one back are two switches.
double context_switch() {
  constexpr int k_rounds = 2'000'000;
  namespace context = boost::context;
  context::fiber other([](context::fiber&& main) {
    for (;;) main = std::move(main).resume();
    return std::move(main);
  });
  return per_operation(2.0 * k_rounds, [&] {
    for (int i = 0; i < k_rounds; ++i) other = std::move(other).resume();
  });
}

double fiber_yield(int fibers, int turns) {
  std::vector<boost::fibers::fiber> all;
  return per_operation(1.0 * fibers * turns, [&] {
    for (int i = 0; i < fibers; ++i) {
      all.emplace_back([turns] {
        for (int turn = 0; turn < turns; ++turn) boost::this_fiber::yield();
      });
    }
    for (auto& fiber : all) fiber.join();
  });
}

}  // namespace

int main(int, char** arguments) {
  const char* measure = arguments[1];
  double answer = 0;
  if (std::strcmp(measure, "context_switch") == 0) {
    answer = context_switch();
  } else if (std::strcmp(measure, "yield_2") == 0) {
    answer = fiber_yield(2, 500'000);
  } else if (std::strcmp(measure, "yield_1000") == 0) {
    answer = fiber_yield(1000, 1000);
  } else {
    return 2;
  }
  std::printf("%f\n", answer);
}
