#include "userlib/base/clock.hh"
#include "userlib/bin/http/shapes/shape.hh"
#include "userlib/coro/go.hh"
#include "userlib/thread/thread.hh"

namespace weft::http {
namespace {

constexpr Shape k_shapes[] = {{"processes", serve_in_processes},
                              {"threads", serve_in_threads},
                              {"loop", serve_in_loop},
                              {"coroutines", serve_in_coroutines}};

constexpr Nanoseconds k_rest = 5 * k_millisecond;

}  // namespace

std::span<const Shape> all_shapes() { return k_shapes; }

std::optional<Shape> find_shape(std::string_view name) {
  for (const Shape& shape : k_shapes) {
    if (shape.name == name) return shape;
  }
  return {};
}

bool is_short_of_something(Errno error) {
  return error == Errno::mfile || error == Errno::nfile || error == Errno::nobufs ||
         error == Errno::nomem;
}

void rest() { this_thread::sleep_until_instant(instant_now() + k_rest); }
void rest_in_coroutine() { (void)coro::sleep_for(k_rest); }

}  // namespace weft::http
