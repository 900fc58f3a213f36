#include "userlib/coro/stackless/event_loop.hh"

#include <algorithm>
#include <iterator>

#include "userlib/sys/exit.hh"

namespace weft {
namespace {

using detail::Direction;

Descriptor descriptor_or_end(Result<int> fd, const char* what) {
  if (!fd) throw_error(fd.error(), what);
  return Descriptor(*fd);
}

// Stands in the queue where the next turn begins.
struct Mark final : detail::LoopEvent {
  void happen() override {}
};

constexpr uint64_t k_bell = ~uint64_t{0};  // instead of a descriptor's number

}  // namespace

event_loop::event_loop()
    : epoll_(
          descriptor_or_end(sys::epoll_create1(abi::k_epoll_cloexec), "an event loop's epoll set")),
      bell_(descriptor_or_end(sys::eventfd2(0, abi::k_efd_cloexec | abi::k_efd_nonblock),
                              "an event loop's bell")) {
  const abi::EpollEvent event = {abi::k_epollin, k_bell};
  const auto added = sys::epoll_ctl(epoll_.get(), abi::k_epoll_ctl_add, bell_.get(), &event);
  if (!added) throw_error(added.error(), "an event loop's bell");
}

event_loop::~event_loop() {
  ASSERT(timers_.empty() && watching_ == 0 && keepers_ == 0,
         "timers, watches and waiting coroutines go before their loop");
  answer_bell();
  while (detail::LoopEvent* event = queue_.pop_front()) event->drop();
}

void event_loop::run() {
  while (!stopped_.load(acquire) && has_something_to_do()) turn_once();
  stopped_.store(false, relaxed);
}

bool event_loop::has_something_to_do() const {
  return !queue_.empty() || !timers_.empty() || watching_ > 0 || keepers_ > 0;
}

// What is posted meanwhile comes behind the mark. (Should an event throw, the mark goes, and the others
// are left for the next run.)
void event_loop::turn_once() {
  ask_kernel();
  take_due_timers();
  Mark mark;
  queue_.push_back(mark);
  for (auto* event = queue_.pop_front(); event != &mark; event = queue_.pop_front())
    event->happen();
}

// ---- Timers --------------------------------------------------------------------------------------

void event_loop::start(detail::LoopTimer& timer, Instant when) {
  timer.when = when;
  timers_.insert(timer);
}

void event_loop::stop(detail::LoopTimer& timer) {
  if (timer.node.is_linked()) timers_.remove(timer);
  if (timer.hook.is_linked()) timer.hook.unlink();
}

void event_loop::take_due_timers() {
  if (timers_.empty()) return;
  const Instant now = instant_now();
  for (auto* timer = timers_.first(); timer != nullptr && timer->when <= now;
       timer = timers_.first()) {
    timers_.remove(*timer);
    queue_.push_back(*timer);
  }
}

// How many milliseconds the kernel may let us sleep. They are rounded up: waking early would only mean
// to look at the clock again and again.
int event_loop::patience() const {
  if (!queue_.empty() || stopped_.load(relaxed)) return 0;
  if (timers_.empty() || timers_.first()->when == k_never) return -1;
  const Instant now = instant_now();
  if (timers_.first()->when <= now) return 0;
  const uint64_t left = (timers_.first()->when - now + k_millisecond - 1) / k_millisecond;
  return static_cast<int>(std::min<uint64_t>(left, INT32_MAX));
}

// ---- Descriptors ---------------------------------------------------------------------------------

detail::LoopWatch*& event_loop::place_of(int fd, Direction direction) {
  Watches& watches = watches_[static_cast<size_t>(fd)];
  return direction == Direction::read ? watches.reader : watches.writer;
}

Result<> event_loop::start(detail::LoopWatch& watch, int fd, Direction direction) {
  if (fd < 0) return fail(Errno::badf);
  while (watches_.size() <= static_cast<size_t>(fd)) watches_.push_back({});
  detail::LoopWatch*& place = place_of(fd, direction);
  if (place != nullptr || watch.fd >= 0) return fail(Errno::exist);
  const bool was_watched = is_watched(fd);
  place = &watch;
  if (auto told = tell_kernel(fd, was_watched); !told) {
    place = nullptr;
    return told;
  }
  watch.fd = fd;
  watch.direction = direction;
  ++watching_;
  return {};
}

void event_loop::stop(detail::LoopWatch& watch) {
  if (watch.hook.is_linked()) watch.hook.unlink();
  if (watch.fd < 0) return;
  place_of(watch.fd, watch.direction) = nullptr;
  (void)tell_kernel(watch.fd, true);
  watch.fd = -1;
  --watching_;
}

bool event_loop::is_watched(int fd) const {
  const Watches& watches = watches_[static_cast<size_t>(fd)];
  return watches.reader != nullptr || watches.writer != nullptr;
}

// Brings the kernel's list up to date with ours, for one descriptor.
Result<> event_loop::tell_kernel(int fd, bool was_watched) {
  const Watches& watches = watches_[static_cast<size_t>(fd)];
  const uint32_t wanted = (watches.reader != nullptr ? abi::k_epollin | abi::k_epollrdhup : 0) |
                          (watches.writer != nullptr ? abi::k_epollout : 0);
  const abi::EpollEvent event = {wanted, static_cast<uint64_t>(fd)};
  const auto operation = !was_watched  ? abi::k_epoll_ctl_add
                         : wanted != 0 ? abi::k_epoll_ctl_mod
                                       : abi::k_epoll_ctl_del;
  return sys::epoll_ctl(epoll_.get(), operation, fd, &event);
}

void event_loop::ask_kernel() {
  abi::EpollEvent events[64];
  const auto count = sys::epoll_wait(epoll_.get(), events, std::size(events), patience());
  if (!count) {
    ASSERT(count.error() == Errno::intr, "an event loop may ask about its own descriptors");
    return;
  }
  for (size_t i = 0; i < *count; ++i) {
    if (events[i].data == k_bell) {
      answer_bell();
    } else {
      descriptor_is_ready(static_cast<int>(events[i].data), events[i].events);
    }
  }
}

// An error or the other side's end is news for both directions.
void event_loop::descriptor_is_ready(int fd, uint32_t events) {
  const Watches& watches = watches_[static_cast<size_t>(fd)];
  const uint32_t both = abi::k_epollerr | abi::k_epollhup;
  const auto post_if = [&](detail::LoopWatch* watch, uint32_t which) {
    if (watch != nullptr && (events & (which | both)) != 0 && !watch->hook.is_linked())
      queue_.push_back(*watch);
  };
  post_if(watches.reader, abi::k_epollin | abi::k_epollrdhup);
  post_if(watches.writer, abi::k_epollout);
}

// ---- Other threads -------------------------------------------------------------------------------

void event_loop::post_event_from_any_thread(detail::LoopEvent& event) {
  {
    LockGuard guard(remote_lock_);
    remote_.push_back(event);
  }
  ring_bell();
}

void event_loop::stop() {
  stopped_.store(true, release);
  ring_bell();
}

// It can only fail when it has been rung 2^64 times and not been heard.
void event_loop::ring_bell() {
  constexpr uint64_t k_once = 1;
  (void)sys::write(bell_.get(), &k_once, sizeof k_once);
}

void event_loop::answer_bell() {
  uint64_t rings;
  (void)sys::read(bell_.get(), &rings, sizeof rings);
  LockGuard guard(remote_lock_);
  queue_.append(remote_);
}

}  // namespace weft
