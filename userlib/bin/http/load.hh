// Many clients at once, each a coroutine with a connection of its own; and what they have seen.
#pragma once

#include <cstdint>

#include "userlib/base/clock.hh"
#include "userlib/base/string.hh"
#include "userlib/base/vector.hh"

namespace weft::http {

struct Load {
  unsigned connections = 100;
  unsigned requests = 100;  // on each
  uint16_t port = 0;
  String target = "/hello";
};

struct LoadFigures {
  Nanoseconds elapsed = 0;
  unsigned failures = 0;         // no answer, or another than 200
  Vector<Nanoseconds> delays{};  // from request to answer, the shortest first

  uint64_t requests_a_second() const;
  // Within how long so many of a hundred were answered.
  Nanoseconds within(unsigned percent) const;
};

// Within coro::run(). All have connected before the first one asks, though a server with few workers may not have
// accepted them all.
LoadFigures put_load(const Load& load);

}  // namespace weft::http
