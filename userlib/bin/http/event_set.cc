#include "userlib/bin/http/event_set.hh"

#include "userlib/syscalls.hh"

namespace weft::http {

static_assert(EventSet::k_readable == abi::k_epollin && EventSet::k_writable == abi::k_epollout);

EventSet::~EventSet() {
  if (fd_ >= 0) (void)sys::close(fd_);
}

Result<> EventSet::open() {
  fd_ = TRY(sys::epoll_create1(abi::k_epoll_cloexec));
  return {};
}

Result<> EventSet::add(int fd, uint32_t events) {
  return control(abi::k_epoll_ctl_add, fd, events);
}

Result<> EventSet::change(int fd, uint32_t events) {
  return control(abi::k_epoll_ctl_mod, fd, events);
}

Result<> EventSet::control(int operation, int fd, uint32_t events) {
  const abi::EpollEvent event = {events, static_cast<uint64_t>(fd)};
  return sys::epoll_ctl(fd_, operation, fd, &event);
}

Result<std::span<const EventSet::Event>> EventSet::wait() {
  static_assert(sizeof(Event) == sizeof(abi::EpollEvent));
  for (;;) {
    const auto count = sys::epoll_wait(fd_, &events_[0].event, k_most, -1);
    if (count) return std::span<const Event>(events_, *count);
    if (count.error() != Errno::intr) return fail(count.error());
  }
}

}  // namespace weft::http
