#include "userlib/coro/reactor.hh"

#include "core/abi/poll.hh"
#include "userlib/base/lock.hh"
#include "userlib/coro/park.hh"
#include "userlib/coro/worker.hh"
#include "userlib/syscalls.hh"

namespace weft::coro {
namespace {

constexpr uint32_t k_always = abi::k_epollerr | abi::k_epollhup;

// Who waits for one descriptor. A waiter's `tag` is the events it wants.
struct Place {
  ObjectLock lock;
  WaitList waiters GUARDED_BY(lock);
};

// The table: pages of places, made when a descriptor of theirs is first waited for.
constexpr size_t k_places_in_page = 256;
constexpr size_t k_most_pages = 4096;
struct Page {
  Place places[k_places_in_page];
};
constinit Atomic<Page*> pages[k_most_pages];
constinit Lock pages_lock;

Place* place_of(int32_t fd) {
  const auto index = static_cast<size_t>(fd);
  if (index >= k_most_pages * k_places_in_page) return nullptr;
  Atomic<Page*>& page = pages[index / k_places_in_page];
  if (page.load(acquire) == nullptr) {
    LockGuard held(pages_lock);
    if (page.load(relaxed) == nullptr) page.store(new Page, release);
  }
  return &page.load(acquire)->places[index % k_places_in_page];
}

uint32_t wanted_by(const WaitList& waiters) {
  uint32_t wanted = 0;
  for (const Waiter* each = waiters.front(); each != nullptr; each = each->next)
    wanted |= each->tag;
  return wanted;
}

}  // namespace

Reactor::~Reactor() {
  if (descriptor() >= 0) (void)sys::close(descriptor());
}

Result<int32_t> Reactor::open() {
  if (descriptor() < 0) set_.store(TRY(sys::epoll_create1(abi::k_epoll_cloexec)), release);
  return descriptor();
}

// A descriptor may have been closed since, and its number taken again: the set forgets it then. So this
// tries to change what is there, and else adds it.
Result<> Reactor::arm(int32_t fd, uint32_t events) {
  const int32_t set = TRY(open());
  const abi::EpollEvent event{events | abi::k_epolloneshot, static_cast<uint64_t>(fd)};
  const auto changed = sys::epoll_ctl(set, abi::k_epoll_ctl_mod, fd, &event);
  if (changed || changed.error() != Errno::noent) return changed;
  return sys::epoll_ctl(set, abi::k_epoll_ctl_add, fd, &event);
}

Result<Wake> Reactor::wait(int32_t fd, uint32_t events, Instant deadline) {
  if (fd < 0) return fail(Errno::badf);
  Worker* worker = this_worker();
  ASSERT(worker != nullptr, "coroutines wait by a reactor, threads by poll()");
  Reactor& reactor = worker->reactor();
  Place* place = place_of(fd);
  if (place == nullptr) return fail(Errno::badf);
  Waiter waiter;
  waiter.tag = events;
  {
    ObjectGuard guard(place->lock);
    waiter.prepare(Reason::input_output);
    place->waiters.push_back(waiter);
    reactor.waiting_.fetch_add(1, seq_cst);
    const auto armed = reactor.arm(fd, wanted_by(place->waiters));
    if (!armed) {
      place->waiters.remove(waiter);
      reactor.waiting_.fetch_sub(1, relaxed);
      waiter.coroutine->park.store(Park::none, relaxed);
      if (armed.error() == Errno::perm) return Wake::woken;  // a plain file: it is always ready
      return fail(armed.error());
    }
  }
  worker->watch_clock();
  const Wake how = park(place, deadline);
  {
    ObjectGuard guard(place->lock);
    place->waiters.remove(waiter);
  }
  reactor.waiting_.fetch_sub(1, relaxed);
  return how;
}

size_t Reactor::poll() {
  constexpr int32_t k_batch = 32;
  if (waiting() == 0) return 0;
  abi::EpollEvent events[k_batch];
  const auto count = sys::epoll_wait(descriptor(), events, k_batch, 0);
  if (!count) return 0;
  Coroutine* ready = nullptr;
  Coroutine** end = &ready;
  size_t woken = 0;
  for (int64_t i = 0; i < static_cast<int64_t>(*count); ++i) {
    const auto fd = static_cast<int32_t>(events[i].data);
    Place& place = *place_of(fd);
    ObjectGuard guard(place.lock);
    for (Waiter* each = place.waiters.front(); each != nullptr;) {
      Waiter& waiter = *each;
      each = each->next;
      if (((waiter.tag | k_always) & events[i].events) == 0) continue;
      place.waiters.remove(waiter);
      if (!claim(*waiter.coroutine, Park::woken)) continue;
      *end = waiter.coroutine;
      end = &waiter.coroutine->next;
      *end = nullptr;
      ++woken;
    }
    if (!place.waiters.empty()) (void)arm(fd, wanted_by(place.waiters));
  }
  unpark_all(ready);
  return woken;
}

}  // namespace weft::coro
