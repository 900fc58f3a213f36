#include "userlib/coro/channel/select_ready.hh"

namespace weft::coro::detail {

ReadyWatch& ReadyWatch::start(int fd, uint32_t events) {
  auto& watch = *new ReadyWatch;
  abi::PollEntry entry = {fd, static_cast<int16_t>(events), 0};
  abi::Timespec at_once = {0, 0};
  if (sys::ppoll(&entry, 1, &at_once, nullptr).value_or(0) == 1) {
    const bool is_none = (entry.happened & abi::k_pollnval) != 0;
    (void)watch.told_.try_send(is_none ? Result<>(fail(Errno::badf)) : Result<>());
    return watch;
  }
  watch.owners_.store(2, relaxed);
  watch.waiting_ = go([&watch, fd, events] {
    const auto ready = wait_until_ready(fd, events);
    if (ready || ready.error() != Errno::intr) (void)watch.told_.try_send(Result<>(ready));
    watch.disown();
  });
  return watch;
}

void ReadyWatch::stop() {
  if (waiting_.joinable()) {
    waiting_.cancel();
    waiting_.detach();
  }
  disown();
}

void ReadyWatch::disown() {
  if (owners_.fetch_sub(1, acq_rel) == 1) delete this;
}

}  // namespace weft::coro::detail
