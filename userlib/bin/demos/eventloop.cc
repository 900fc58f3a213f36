// Run:      eventloop
// Look for: three clients and a server, with callbacks and with coroutines: both print the same, on one thread.
// Why:      callbacks are cut into pieces at each wait, and keep in a struct what a coroutine keeps in variables.
#include <string_view>

#include "userlib/base/print.hh"
#include "userlib/bin/tools.hh"
#include "userlib/coro/stackless/event_loop.hh"

namespace weft {
namespace {

constexpr int k_rounds = 3;

// ---- With callbacks: each step starts a timer that calls the next.

struct Client {
  Client(event_loop& loop, char name, int pace) : name(name), pace(pace), timer(loop, Step{this}) {}

  void ask() {
    print("  {} asks, round {}\n", name, round);
    timer.start_after(std::chrono::milliseconds(pace));
  }
  void answered() {
    print("  {} is answered\n", name);
    if (++round < k_rounds) ask();
  }

  struct Step {
    Client* client;
    void operator()() const { client->answered(); }
  };

  char name;
  int pace;
  int round = 0;
  event_loop::timer<Step> timer;
};

void with_callbacks() {
  event_loop loop;
  Client clients[] = {{loop, 'a', 10}, {loop, 'b', 25}, {loop, 'c', 65}};
  for (Client& client : clients) loop.post([&client] { client.ask(); });
  loop.run();
}

// ---- With coroutines: the same as a loop that waits in its middle.

task<> client(event_loop& loop, char name, int pace) {
  for (int round = 0; round < k_rounds; ++round) {
    print("  {} asks, round {}\n", name, round);
    co_await loop.sleep_for(std::chrono::milliseconds(pace));
    print("  {} is answered\n", name);
  }
}

void with_coroutines() {
  event_loop loop;
  loop.spawn(client(loop, 'a', 10));
  loop.spawn(client(loop, 'b', 25));
  loop.spawn(client(loop, 'c', 65));
  loop.run();
}

}  // namespace

int eventloop_main(Arguments) {
  print("callbacks:\n");
  with_callbacks();
  print("coroutines:\n");
  with_coroutines();
  return 0;
}

}  // namespace weft
