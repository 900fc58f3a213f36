// The clocks of <chrono>, where there is no C++ library to bring them.
#include <chrono>

#include "userlib/syscalls.hh"

namespace {

std::chrono::nanoseconds read_clock(int32_t clock) {
  weft::abi::Timespec time = {};
  (void)weft::sys::clock_gettime(clock, &time);  // fails for an unknown clock only
  return std::chrono::seconds(time.seconds) + std::chrono::nanoseconds(time.nanoseconds);
}

}  // namespace

namespace std::chrono {
inline namespace _V2 {
steady_clock::time_point steady_clock::now() noexcept {
  return time_point(read_clock(weft::abi::k_clock_monotonic));
}
system_clock::time_point system_clock::now() noexcept {
  return time_point(read_clock(weft::abi::k_clock_realtime));
}
}  // namespace _V2
}  // namespace std::chrono
