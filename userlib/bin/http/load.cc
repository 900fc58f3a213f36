#include "userlib/bin/http/load.hh"

#include <algorithm>

#include "userlib/bin/http/client.hh"
#include "userlib/bin/http/coroutine_stream.hh"
#include "userlib/bin/http/tcp.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/sync/latch.hh"

namespace weft::http {
namespace {

constexpr coro::Spawn k_small = {.stack = coro::StackSize::k16};

// What one client has seen.
struct Experience {
  unsigned failures = 0;
  Vector<Nanoseconds> delays{};
};

void ask_again_and_again(const Connection& connection, const Load& load, Experience& experience) {
  CoroutineStream stream(connection.fd());
  Client client(stream, "weft");
  experience.delays.reserve(load.requests);
  for (unsigned i = 0; i < load.requests; ++i) {
    const Instant start = instant_now();
    const auto answer = client.get(load.target.view());
    if (!answer || answer->status != 200) ++experience.failures;
    experience.delays.push_back(instant_now() - start);
  }
}

// Connects, and asks when all others have connected, too.
void be_a_client(const Load& load, coro::latch& all_connected, Experience& experience) {
  const auto connection = connect_to(load.port);
  all_connected.arrive_and_wait();
  if (connection) return ask_again_and_again(*connection, load, experience);
  experience.failures = load.requests;
}

}  // namespace

uint64_t LoadFigures::requests_a_second() const {
  return delays.size() * k_second / std::max<Nanoseconds>(elapsed, 1);
}

Nanoseconds LoadFigures::within(unsigned percent) const {
  return delays.empty() ? 0 : delays[(delays.size() - 1) * percent / 100];
}

LoadFigures put_load(const Load& load) {
  Vector<Experience> experiences;
  for (unsigned i = 0; i < load.connections; ++i) experiences.push_back({});
  const Instant start = instant_now();
  coro::latch all_connected(load.connections);
  coro::wait_group clients;
  for (Experience& experience : experiences) {
    clients.add();
    coro::go(k_small, [&] {
      be_a_client(load, all_connected, experience);
      clients.done();
    }).detach();
  }
  clients.wait();
  LoadFigures figures{.elapsed = instant_now() - start};
  for (const Experience& experience : experiences) {
    figures.failures += experience.failures;
    for (const Nanoseconds delay : experience.delays) figures.delays.push_back(delay);
  }
  std::sort(figures.delays.begin(), figures.delays.end());
  return figures;
}

}  // namespace weft::http
