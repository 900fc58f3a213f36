#include "userlib/thread/future.hh"

#include <future>

namespace weft {

void detail::throw_future_error(future_errc error) {
  switch (error) {
    case future_errc::broken_promise: throw std::future_error(std::future_errc::broken_promise);
    case future_errc::future_already_retrieved:
      throw std::future_error(std::future_errc::future_already_retrieved);
    case future_errc::promise_already_satisfied:
      throw std::future_error(std::future_errc::promise_already_satisfied);
    case future_errc::no_state: throw std::future_error(std::future_errc::no_state);
  }
  __builtin_unreachable();
}

}  // namespace weft
