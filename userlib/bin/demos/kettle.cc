// Run:      kettle [--csv]
// Look for: all four wait as long as the water needs; but one works all that time, and one reads the newspaper.
// Why:      who looks again and again works for nothing. Who is told by an event is free for something else,
//           and hardly works for it.
#include <string_view>

#include "userlib/base/file.hh"
#include "userlib/bin/demos/stopwatch.hh"
#include "userlib/bin/demos/table.hh"
#include "userlib/bin/tools.hh"
#include "userlib/coro/stackless/event_loop.hh"

namespace weft {
namespace {

constexpr Nanoseconds k_boiling = 50 * k_millisecond;

// A kettle on the stove: a descriptor that can be read from when the water boils.
Descriptor kettle(uint32_t mode = 0) {
  const auto timer = sys::timerfd_create(abi::k_clock_monotonic, mode);
  ASSERT(timer.has_value(), "there is a descriptor for the kettle");
  const abi::IntervalTimespec boiling = {{0, 0}, {0, static_cast<int64_t>(k_boiling)}};
  const auto set = sys::timerfd_settime(*timer, 0, &boiling, nullptr);
  ASSERT(set.has_value(), "a kettle can be set up");
  return Descriptor(*timer);
}

bool boils(const Descriptor& water) {
  uint64_t times;
  return sys::read(water.get(), &times, sizeof times).has_value();
}

struct Report {
  int looks = 0;
  int pages = 0;  // of the newspaper
};

// Stands at the stove until it boils.
Report synchronous_blocking() {
  const Descriptor water = kettle();
  (void)boils(water);
  return {1, 0};
}

// Looks again and again.
Report synchronous_non_blocking() {
  const Descriptor water = kettle(abi::k_o_nonblock);
  Report report;
  do {
    ++report.looks;
  } while (!boils(water));
  return report;
}

// A kettle that whistles; but stands there and waits for the whistle.
Report asynchronous_blocking() {
  const Descriptor water = kettle(abi::k_o_nonblock);
  const auto ears = sys::epoll_create1(0);
  ASSERT(ears.has_value(), "there is a descriptor for listening");
  const Descriptor listening(*ears);
  abi::EpollEvent whistle = {abi::k_epollin, 0};
  (void)sys::epoll_ctl(listening.get(), abi::k_epoll_ctl_add, water.get(), &whistle);
  while (sys::epoll_wait(listening.get(), &whistle, 1, -1).value_or(0) != 1) {
  }
  (void)boils(water);
  return {1, 0};
}

// Reads the newspaper, a page now and then, until it whistles.
Report asynchronous_non_blocking() {
  const Descriptor water = kettle(abi::k_o_nonblock);
  event_loop loop;
  Report report;
  event_loop::timer newspaper(loop, [&](auto& self) {
    ++report.pages;
    self.start_after(std::chrono::milliseconds(5));
  });
  event_loop::watch whistle(loop, [&](auto& self) {
    ++report.looks;
    (void)boils(water);
    self.stop();
    newspaper.stop();
  });
  const auto watched = whistle.start_reading(water.get());
  ASSERT(watched.has_value(), "a kettle can be listened to");
  newspaper.start_after(std::chrono::milliseconds(5));
  loop.run();
  return report;
}

void boil(const Table& table, std::string_view how, Report (*wait)()) {
  const Stopwatch watch;
  const Report report = wait();
  table.row({how, watch.elapsed() / k_millisecond,
             static_cast<double>(watch.worked()) / k_millisecond, report.looks, report.pages});
}

}  // namespace

int kettle_main(Arguments arguments) {
  const Table table(arguments, {"waiting", "ms", "ms of CPU time", "looks", "pages read"});
  boil(table, "synchronous, blocking", synchronous_blocking);
  boil(table, "synchronous, non-blocking", synchronous_non_blocking);
  boil(table, "asynchronous, blocking", asynchronous_blocking);
  boil(table, "asynchronous, non-blocking", asynchronous_non_blocking);
  return 0;
}

}  // namespace weft
