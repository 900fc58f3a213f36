#include "core/sync/semaphore.hh"
#include "monitor/demos/crew.hh"
#include "monitor/demos/demo.hh"

namespace weft::monitor {
namespace {

constexpr unsigned k_shown = 3;
constexpr unsigned k_rounds = 2000;

bool run(Sink& out) {
  Semaphore ball_at_ping(1);
  Semaphore ball_at_pong(0);
  unsigned pings = 0;
  unsigned pongs = 0;
  bool in_turn = true;
  Crew<2> crew;
  crew.add({.name = "ping"}, [&] {
    for (unsigned round = 0; round < k_rounds; ++round) {
      ball_at_ping.acquire();
      if (pings++ != pongs) in_turn = false;
      if (round < k_shown) say(out, "ping {}", round + 1);
      ball_at_pong.release();
    }
  });
  crew.add({.name = "pong"}, [&] {
    for (unsigned round = 0; round < k_rounds; ++round) {
      ball_at_pong.acquire();
      if (++pongs != pings) in_turn = false;
      if (round < k_shown) say(out, "    pong {}", round + 1);
      ball_at_ping.release();
    }
  });
  const Instant start = hal::now();
  if (!crew.run(out)) return false;
  const Nanoseconds took = hal::now() - start;
  say(out, "... {} rounds, {} ns each", k_rounds, took / k_rounds);
  return in_turn && pings == k_rounds && pongs == k_rounds;
}

}  // namespace

constinit const Demo pingpong_demo{
    "pingpong", "two threads take turns, by two semaphores",
    "Ping and pong alternate strictly. Both count in plain variables without a lock: whoever has\n"
    "the ball may use them, and the semaphore that hands it over makes the writes visible.\n"
    "A round is two wake-ups and two switches; on several CPUs it costs kicks between them.",
    run};

}  // namespace weft::monitor
