// Run:      generators
// Look for: producer and consumer take turns, line by line; an endless sequence computes what is asked for only.
// Why:      each stops in its middle and goes on there; values go both ways, without a thread and without a lock.
#include <ranges>
#include <string_view>

#include "userlib/base/print.hh"
#include "userlib/bin/tools.hh"
#include "userlib/coro/stackless/generator.hh"

namespace weft {
namespace {

// Each number that is sent in is eaten; what is handed out is the consumer's answer.
generator<std::string_view, int> consumer() {
  std::string_view answer = "hungry";
  while (const auto number = co_yield answer) {
    print("  consumer: eats {}\n", *number);
    answer = *number < 3 ? "more" : "enough";
  }
}

void produce(generator<std::string_view, int> eater) {
  print("consumer says: {}\n", *eater.next());
  for (int number = 1; number <= 4; ++number) {
    print("producer: makes {}\n", number);
    const std::string_view answer = *eater.send(number);
    print("consumer says: {}\n", answer);
    if (answer == "enough") break;
  }
  eater.close();
  print("closed: {}\n", eater.next() == nullptr ? "nothing more comes" : "?");
}

generator<int> primes() {
  for (int candidate = 2;; ++candidate) {
    bool is_prime = true;
    for (int factor = 2; factor * factor <= candidate; ++factor)
      is_prime = is_prime && candidate % factor != 0;
    if (is_prime) co_yield candidate;
  }
}

}  // namespace

int generators_main(Arguments) {
  produce(consumer());
  print("primes:");
  for (const int prime : primes() | std::views::take(10)) print(" {}", prime);
  print("\n");
  return 0;
}

}  // namespace weft
