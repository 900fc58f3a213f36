// Run:      together
// Look for: many are waited for at once, or the first one; one that takes too long is cancelled and says so.
// Why:      every wait of a coroutine can be ended by a time or by somebody else, and tells which it was.
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/tools.hh"
#include "userlib/coro/channel/channel.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/join.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/scope.hh"

namespace weft {
namespace {

constexpr Nanoseconds k_soon = 2 * k_millisecond;
constexpr Nanoseconds k_much_later = 100 * k_second;

std::string_view name_of(coro::Wake wake) {
  return wake == coro::Wake::woken       ? "woken"
         : wake == coro::Wake::timed_out ? "time out"
                                         : "cancelled";
}

void wait_for_all_and_for_the_first() {
  const auto [a, b, c] = coro::join_all(coro::go([] { return 1; }), coro::go([] { return 2; }),
                                        coro::go([] { return 3; }));
  print("  all three: {} {} {}\n", a, b, c);
  coro::Wake tortoise{};
  const size_t first = coro::first_of([&] { tortoise = coro::sleep_for(k_much_later); },
                                      [] { coro::sleep_for(k_soon); });
  print("  the first of two: number {}; the other was {}\n", first, name_of(tortoise));
}

void end_a_wait() {
  coro::channel<int> silent;
  auto patient = coro::go([&] { return coro::sleep_for(k_much_later); });
  patient.cancel();
  print("  asked to end, it was {}\n", name_of(patient.join()));

  coro::scope tasks(coro::now() + k_soon);
  tasks.go([] { coro::sleep_for(k_much_later); });
  tasks.go([] { coro::sleep_for(k_much_later); });
  const Result<> how = tasks.join();
  print("  two that take too long, in a scope with an end: {}\n",
        how ? "?" : describe(how.error()));

  coro::scope family;
  family.go([]() -> Result<> { return fail(Errno::io); });
  family.go([] { coro::sleep_for(k_much_later); });
  const Result<> failure = family.join();
  print("  one fails, the other need not go on: {}\n", failure ? "?" : describe(failure.error()));
}

// A pool: three workers take jobs from one channel.
void share_the_work() {
  coro::channel<int> jobs(4);
  coro::channel<int> squares(4);
  for (int i = 0; i < 3; ++i) {
    coro::go([&] {
      for (const int job : jobs) squares.send(job * job);
    }).detach();
  }
  auto boss = coro::go([&] {
    for (int job = 1; job <= 10; ++job) jobs.send(job);
    jobs.close();
  });
  int sum = 0;
  for (int i = 0; i < 10; ++i) sum += *squares.receive();
  boss.join();
  print("  three workers, ten jobs, one channel: the squares' sum is {}\n", sum);
}

}  // namespace

int together_main(Arguments) {
  coro::run([] {
    print("waiting for several\n");
    wait_for_all_and_for_the_first();
    print("ending a wait\n");
    end_a_wait();
    print("a pool\n");
    share_the_work();
  });
  return 0;
}

}  // namespace weft
