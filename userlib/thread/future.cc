#include "userlib/thread/future.hh"

#include "core/base/assert.hh"

namespace weft {

void detail::throw_future_error(future_errc error) {
  switch (error) {
    case future_errc::broken_promise: panic("a promise was broken");
    case future_errc::future_already_retrieved: panic("a promise gives one future");
    case future_errc::promise_already_satisfied: panic("a promise is kept once");
    case future_errc::no_state: panic("there is no future here");
  }
  __builtin_unreachable();
}

}  // namespace weft
