#include "userlib/coro/reactor.hh"

#include "core/abi/poll.hh"
#include "userlib/base/lock.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/park.hh"
#include "userlib/coro/worker.hh"
#include "userlib/syscalls.hh"

namespace weft::coro {

// Who waits for one descriptor, each with the events it wants.
struct Reactor::Place {
  ObjectLock lock;
  WaitList waiters GUARDED_BY(lock);
};

namespace {

constexpr uint32_t k_always = abi::k_epollerr | abi::k_epollhup;
constexpr size_t k_places_in_page = 256;
constexpr size_t k_most_pages = 4096;

uint32_t wanted_by(const WaitList& waiters) {
  uint32_t wanted = 0;
  for (Waiter* each = waiters.front(); each != nullptr; each = each->next)
    wanted |= word_of<uint32_t>(*each);
  return wanted;
}

}  // namespace

// The table: pages of places, made when a descriptor of theirs is first waited for.
Reactor::Place* Reactor::place_of(int32_t fd) {
  struct Page {
    Place places[k_places_in_page];
  };
  static constinit Atomic<Page*> pages[k_most_pages];
  static constinit Lock pages_lock;
  if (fd < 0) return nullptr;
  const auto index = static_cast<size_t>(fd);
  if (index >= k_most_pages * k_places_in_page) return nullptr;
  Atomic<Page*>& page = pages[index / k_places_in_page];
  if (page.load(acquire) == nullptr) {
    LockGuard held(pages_lock);
    if (page.load(relaxed) == nullptr) page.store(new Page, release);
  }
  return &page.load(acquire)->places[index % k_places_in_page];
}

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

// One coroutine's place among those who wait for one descriptor. All that it waits for at once share its one
// wait, which the first of them prepares.
class Reactor::Watch {
 public:
  // Queues; an errno if the kernel refuses to watch. Errno::perm: it is a plain file, always ready.
  Result<> begin(Reactor& reactor, int32_t fd, uint32_t events, Coroutine* prepared) {
    place_ = Reactor::place_of(fd);
    if (place_ == nullptr) return fail(Errno::badf);
    reactor_ = &reactor;
    waiter_.word = events;
    ObjectGuard guard(place_->lock);
    if (prepared == nullptr) {
      waiter_.prepare(Reason::input_output);
    } else {
      waiter_.coroutine = prepared;
    }
    place_->waiters.push_back(waiter_);
    reactor.waiting_.fetch_add(1, seq_cst);
    return reactor.arm(fd, wanted_by(place_->waiters));
  }
  ~Watch() {
    if (reactor_ == nullptr) return;
    {
      ObjectGuard guard(place_->lock);
      place_->waiters.remove(waiter_);
    }
    reactor_->waiting_.fetch_sub(1, relaxed);
  }
  Watch() = default;
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  Coroutine* coroutine() const { return waiter_.coroutine; }
  const void* place() const { return place_; }

 private:
  Place* place_ = nullptr;
  Reactor* reactor_ = nullptr;
  WaiterWith<uint32_t> waiter_;
};

// Ends a wait that was prepared and is not wanted. Who was quicker and has claimed it unparks us.
static void give_up_wait(Coroutine& me) {
  if (claim(me, Park::cancelled)) {
    take_back_wait(me);
  } else {
    (void)park(nullptr);
  }
}

Result<Wake> Reactor::wait(int32_t fd, uint32_t events, Instant deadline) {
  const abi::PollEntry entry{fd, static_cast<int16_t>(events), 0};
  if (fd < 0) return fail(Errno::badf);
  return wait(std::span(&entry, 1), deadline);
}

Result<Wake> Reactor::wait(std::span<const abi::PollEntry> entries, Instant deadline) {
  constexpr size_t k_most_here = 2;
  Worker* worker = this_worker();
  ASSERT(worker != nullptr, "coroutines wait by a reactor, threads by poll()");
  Watch few[k_most_here];
  Watch* const many = entries.size() > k_most_here ? new Watch[entries.size()] : nullptr;
  Watch* const watches = many != nullptr ? many : few;
  Coroutine* prepared = nullptr;
  const void* object = nullptr;
  Result<> begun;
  for (size_t i = 0; i < entries.size() && begun; ++i) {
    if (entries[i].fd < 0) continue;
    const auto events = static_cast<uint16_t>(entries[i].wanted);
    begun = watches[i].begin(worker->reactor(), entries[i].fd, events, prepared);
    if (prepared == nullptr) {
      prepared = watches[i].coroutine();
      object = watches[i].place();
    }
  }
  Result<Wake> outcome = Wake::woken;
  if (begun && prepared == nullptr) {
    outcome = sleep_until(deadline);
  } else if (begun) {
    worker->watch_clock();
    outcome = park(object, deadline);
  } else {
    if (prepared != nullptr) give_up_wait(*prepared);
    if (begun.error() != Errno::perm) outcome = fail(begun.error());
  }
  delete[] many;
  return outcome;
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
      if (((word_of<uint32_t>(waiter) | k_always) & events[i].events) == 0) continue;
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
