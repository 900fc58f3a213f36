// Shapes of servers: the same service for many clients at once, in the four classic ways. All of them take
// connections from one listener and talk by Dialogue; each has its own answer to "how do I wait for many?".
//
//     processes    workers made in advance, each with one connection at a time; one crashes, the rest goes on
//     threads      one for each connection; all share the memory, and a crash
//     loop         one thread that never waits for one connection, only for all of them
//     coroutines   one for each connection, on few threads; the code of threads, at the price of the loop
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "core/base/result.hh"
#include "userlib/bin/http/dialogue.hh"
#include "userlib/bin/http/tcp.hh"

namespace weft::http {

struct Setup {
  const Listener& listener;
  Service& service;
  unsigned
      workers;  // processes, and threads that run coroutines; a shape without workers takes no notice
};

// Each serves for ever, and comes back with an error only. That there are no descriptors or no memory just
// now is none: who comes then waits until there are some again.
Result<> serve_in_processes(const Setup& setup);
Result<> serve_in_threads(const Setup& setup);
Result<> serve_in_loop(const Setup& setup);
Result<> serve_in_coroutines(const Setup& setup);

struct Shape {
  std::string_view name;
  Result<> (*serve)(const Setup& setup);
};
std::span<const Shape> all_shapes();
std::optional<Shape> find_shape(std::string_view name);

// Whether an error of the listener's is only that something is used up that others will give back.
bool is_short_of_something(Errno error);
// And then a moment's rest: for a thread, and for a coroutine.
void rest();
void rest_in_coroutine();

}  // namespace weft::http
