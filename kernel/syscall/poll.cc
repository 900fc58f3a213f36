// Waiting for several descriptors: poll, select, epoll; and counters to wait for.
#include "core/hal.hh"
#include "core/ipc/epoll.hh"
#include "core/ipc/event_counter.hh"
#include "core/ipc/poll_set.hh"
#include "core/proc/signal.hh"
#include "core/sched/time_values.hh"
#include "syscall/descriptors.hh"
#include "syscall/handlers.hh"

namespace weft::syscall {
namespace {

constexpr Nanoseconds k_millisecond_unit = 1'000'000;

bool has(uint32_t flags, uint32_t flag) { return (flags & flag) != 0; }

// ---- Time limits ----------------------------------------------------------------------------------

// When a wait of that length ends; 0 if there is none.
Instant deadline_in(Nanoseconds span) {
  if (span == 0) return 0;
  return span >= sched::k_farthest ? k_never : hal::now() + span;
}

Instant deadline_in_milliseconds(int32_t timeout) {
  if (timeout < 0) return k_never;
  return deadline_in(static_cast<Nanoseconds>(timeout) * k_millisecond_unit);
}

Nanoseconds left_until(Instant deadline) {
  const Instant now = hal::now();
  return deadline > now ? deadline - now : 0;
}

// Without one, a call waits for ever. Errno::fault, Errno::inval.
Result<Instant> load_deadline(UserInOut<abi::Timespec> timeout) {
  if (timeout.is_null()) return k_never;
  const abi::Timespec span = TRY(timeout.load());
  if (!sched::is_valid(span)) return fail(Errno::inval);
  return deadline_in(sched::to_nanoseconds(span));
}

// Says how much time is left. Where it can't be written, the call goes on as if nobody had asked.
void store_time_left(UserInOut<abi::Timespec> timeout, Instant deadline) {
  if (timeout.is_null() || deadline == 0) return;
  (void)timeout.store(sched::to_timespec(left_until(deadline)));
}

// ---- Signal masks ---------------------------------------------------------------------------------

Result<> use_mask(Context& context, UserIn<uint64_t> mask) {
  if (mask.is_null()) return {};
  proc::set_blocked_for_call(context.thread, TRY(mask.load()));
  return {};
}

// ---- poll -----------------------------------------------------------------------------------------

// What is told to `entries`, also when a signal ends the wait.
Result<uint64_t> poll_until(proc::Process& process, UserInOut<abi::PollEntry> entries,
                            uint32_t count, Instant deadline) {
  if (count > process.limits.soft(abi::k_rlimit_nofile)) return fail(Errno::inval);
  if (!mm::is_user_range(entries.raw(), count * sizeof(abi::PollEntry))) return fail(Errno::fault);
  ipc::PollSet set = TRY(ipc::PollSet::make(count));
  uint32_t index = 0;
  for (auto& watch : set.watches()) {
    const abi::PollEntry entry = TRY(entries.load(index++));
    watch.number = entry.fd;
    watch.wanted = static_cast<uint16_t>(entry.wanted);
    if (entry.fd < 0) continue;
    auto file = process.files->get(entry.fd);
    watch.happened = file.has_value() ? 0 : abi::k_pollnval;
    if (file.has_value()) watch.file = std::move(*file);
  }
  const Result<size_t> ready = set.wait(deadline);
  index = 0;
  for (const auto& watch : set.watches()) {
    const auto happened = static_cast<int16_t>(watch.happened);
    const VirtAddr entry = entries.raw() + index++ * sizeof(abi::PollEntry);
    TRY(UserOut<int16_t>(entry + offsetof(abi::PollEntry, happened)).store(happened));
  }
  return ready;
}

Result<uint64_t> poll_again(proc::UserThread& self, proc::RestartBlock& block) {
  return poll_until(self.process, UserInOut<abi::PollEntry>(block.words[0]),
                    static_cast<uint32_t>(block.words[1]), block.deadline);
}

// ---- select ---------------------------------------------------------------------------------------

// What select() asks for with each of its three sets, and which events count for it.
struct SelectKind {
  fs::PollEvents wanted;
  fs::PollEvents counts;
};
constexpr std::array<SelectKind, 3> k_select_kinds{{
    {abi::k_pollin | abi::k_pollrdnorm | abi::k_pollrdband,
     abi::k_pollin | abi::k_pollrdnorm | abi::k_pollrdband | abi::k_pollhup | abi::k_pollerr},
    {abi::k_pollout | abi::k_pollwrnorm | abi::k_pollwrband,
     abi::k_pollout | abi::k_pollwrnorm | abi::k_pollwrband | abi::k_pollerr},
    {abi::k_pollpri, abi::k_pollpri},
}};
using SelectSets = std::array<VirtAddr, k_select_kinds.size()>;

constexpr uint32_t k_word_bits = 64;

// The word of a set that has this descriptor's bit, as a program has it in memory; 0 without a set.
Result<uint64_t> load_word(VirtAddr set, int32_t fd) {
  if (set == 0) return 0;
  return UserIn<uint64_t>(set).load(static_cast<size_t>(fd) / k_word_bits);
}

// Each descriptor that is in a set, with what is wanted of it. Errno::badf if it isn't open.
template <typename Visit>
Result<> for_each_selected(const SelectSets& sets, int32_t count, Visit visit) {
  for (int32_t first = 0; first < count; first += k_word_bits) {
    std::array<uint64_t, k_select_kinds.size()> words{};
    for (size_t kind = 0; kind < sets.size(); ++kind) {
      words[kind] = TRY(load_word(sets[kind], first));
    }
    const int32_t end = std::min<int32_t>(count - first, k_word_bits);
    for (int32_t bit = 0; bit < end; ++bit) {
      fs::PollEvents wanted = 0;
      for (size_t kind = 0; kind < sets.size(); ++kind) {
        if ((words[kind] >> bit & 1) != 0) wanted |= k_select_kinds[kind].wanted;
      }
      if (wanted != 0) TRY(visit(first + bit, wanted));
    }
  }
  return {};
}

// Stores the three sets of those that something happened to; how many bits are set.
Result<uint64_t> store_sets(const SelectSets& sets, int32_t count,
                            std::span<const ipc::PollSet::Watch> watches) {
  uint64_t total = 0;
  for (int32_t first = 0; first < count; first += k_word_bits) {
    const int32_t end = first + static_cast<int32_t>(k_word_bits);
    std::array<uint64_t, k_select_kinds.size()> words{};
    for (; !watches.empty() && watches.front().number < end; watches = watches.subspan(1)) {
      const auto& watch = watches.front();
      for (size_t kind = 0; kind < words.size(); ++kind) {
        const SelectKind& what = k_select_kinds[kind];
        const bool is_wanted = (watch.wanted & what.wanted) == what.wanted;
        if (!is_wanted || (watch.happened & what.counts) == 0) continue;
        words[kind] |= uint64_t{1} << (watch.number - first);
        ++total;
      }
    }
    for (size_t kind = 0; kind < words.size(); ++kind) {
      if (sets[kind] == 0) continue;
      const size_t word = static_cast<size_t>(first) / k_word_bits;
      TRY(UserOut<uint64_t>(sets[kind]).store(words[kind], word));
    }
  }
  return total;
}

Result<uint64_t> select_until(proc::Process& process, int32_t count, const SelectSets& sets,
                              Instant deadline) {
  if (count < 0) return fail(Errno::inval);
  // Numbers that no descriptor of this process has ever had are not looked at.
  count = std::min(count, process.files->room());
  size_t selected = 0;
  TRY(for_each_selected(sets, count, [&](int32_t, fs::PollEvents) -> Result<> {
    ++selected;
    return {};
  }));
  ipc::PollSet set = TRY(ipc::PollSet::make(selected));
  size_t index = 0;
  TRY(for_each_selected(sets, count, [&](int32_t fd, fs::PollEvents wanted) -> Result<> {
    if (index == selected) return {};  // the program has changed its sets meanwhile
    auto& watch = set.watches()[index++];
    watch.file = TRY(process.files->get(fd));
    watch.number = fd;
    watch.wanted = wanted;
    return {};
  }));
  TRY(set.wait(deadline));
  return store_sets(sets, count, set.watches().first(index));
}

SelectSets sets_of(UserInOut<std::byte> readable, UserInOut<std::byte> writable,
                   UserInOut<std::byte> exceptional) {
  return {readable.raw(), writable.raw(), exceptional.raw()};
}

// ---- epoll ----------------------------------------------------------------------------------------

// What may be combined with EPOLLEXCLUSIVE.
constexpr uint32_t k_exclusive_events = abi::k_pollin | abi::k_pollout | abi::k_pollerr |
                                        abi::k_pollhup | abi::k_epollwakeup | abi::k_epollet |
                                        abi::k_epollexclusive;

Result<> check_exclusive(uint32_t operation, const abi::EpollEvent& event, fs::File& target) {
  if (operation == abi::k_epoll_ctl_del || !has(event.events, abi::k_epollexclusive)) return {};
  const bool is_fine = operation == abi::k_epoll_ctl_add &&
                       ipc::EpollSet::from(target) == nullptr &&
                       (event.events & ~k_exclusive_events) == 0;
  if (!is_fine) return fail(Errno::inval);
  return {};
}

}  // namespace

Result<uint64_t> sys_poll(Context& context, UserInOut<abi::PollEntry> watched, uint32_t count,
                          int32_t timeout) {
  const Instant deadline = deadline_in_milliseconds(timeout);
  const auto ready = poll_until(context.process, watched, count, deadline);
  if (!ready.has_value() && ready.error() == Errno::intr) {
    context.thread.restart = {
        .go_on = poll_again, .deadline = deadline, .words = {watched.raw(), count}};
  }
  return ready;
}

Result<uint64_t> sys_ppoll(Context& context, UserInOut<abi::PollEntry> watched, uint32_t count,
                           UserInOut<abi::Timespec> timeout, UserIn<uint64_t> mask) {
  const Instant deadline = TRY(load_deadline(timeout));
  TRY(use_mask(context, mask));
  const auto ready = poll_until(context.process, watched, count, deadline);
  store_time_left(timeout, deadline);
  return ready;
}

Result<uint64_t> sys_select(Context& context, int32_t count, UserInOut<std::byte> readable,
                            UserInOut<std::byte> writable, UserInOut<std::byte> exceptional,
                            UserInOut<abi::Timeval> timeout) {
  Instant deadline = k_never;
  if (!timeout.is_null()) {
    const abi::Timeval span = TRY(timeout.load());
    constexpr int64_t k_microseconds = 1'000'000;
    const abi::Timespec exact{span.seconds + span.microseconds / k_microseconds,
                              span.microseconds % k_microseconds * 1'000};
    if (!sched::is_valid(exact)) return fail(Errno::inval);
    deadline = deadline_in(sched::to_nanoseconds(exact));
  }
  const auto ready =
      select_until(context.process, count, sets_of(readable, writable, exceptional), deadline);
  if (!timeout.is_null() && deadline != 0) {
    (void)timeout.store(sched::to_timeval(left_until(deadline)));
  }
  return ready;
}

Result<uint64_t> sys_pselect6(Context& context, int32_t count, UserInOut<std::byte> readable,
                              UserInOut<std::byte> writable, UserInOut<std::byte> exceptional,
                              UserInOut<abi::Timespec> timeout, UserIn<abi::MaskArgument> mask) {
  abi::MaskArgument argument{};
  if (!mask.is_null()) argument = TRY(mask.load());
  const Instant deadline = TRY(load_deadline(timeout));
  if (argument.mask != nullptr) {
    if (argument.size != sizeof(uint64_t)) return fail(Errno::inval);
    TRY(use_mask(context, UserIn<uint64_t>(reinterpret_cast<VirtAddr>(argument.mask))));
  }
  const auto ready =
      select_until(context.process, count, sets_of(readable, writable, exceptional), deadline);
  store_time_left(timeout, deadline);
  return ready;
}

Result<uint64_t> sys_epoll_create1(Context& context, uint32_t flags) {
  return add_descriptor(context, TRY(ipc::EpollSet::make()), has(flags, abi::k_epoll_cloexec));
}

Result<uint64_t> sys_epoll_create(Context& context, int32_t size) {
  if (size <= 0) return fail(Errno::inval);
  return sys_epoll_create1(context, 0);
}

Result<uint64_t> sys_epoll_ctl(Context& context, Fd set, int32_t operation, Fd fd,
                               UserIn<abi::EpollEvent> event) {
  const auto what = static_cast<uint32_t>(operation);
  abi::EpollEvent wanted{};
  if (what != abi::k_epoll_ctl_del) wanted = TRY(event.load());
  const Ref<fs::File> watcher = TRY(file_of(context, set));
  const Ref<fs::File> target = TRY(file_of(context, fd));
  if (!target->is_pollable()) return fail(Errno::perm);
  ipc::EpollSet* const epoll = ipc::EpollSet::from(*watcher);
  if (epoll == nullptr || watcher == target) return fail(Errno::inval);
  TRY(check_exclusive(what, wanted, *target));
  switch (what) {
    case abi::k_epoll_ctl_add: TRY(epoll->add(*target, fd.number, wanted)); return 0;
    case abi::k_epoll_ctl_mod: TRY(epoll->modify(*target, fd.number, wanted)); return 0;
    case abi::k_epoll_ctl_del: TRY(epoll->remove(*target, fd.number)); return 0;
    default: return fail(Errno::inval);
  }
}

namespace {

constexpr uint64_t k_most_events = 0x7fff'ffff / sizeof(abi::EpollEvent);

[[gnu::noinline]] Result<uint64_t> epoll_pwait(Context& context, Fd set,
                                               UserOut<abi::EpollEvent> events, int32_t count,
                                               int32_t timeout, UserIn<uint64_t> mask) {
  const Instant deadline = deadline_in_milliseconds(timeout);
  TRY(use_mask(context, mask));
  if (count <= 0 || static_cast<uint64_t>(count) > k_most_events) return fail(Errno::inval);
  const auto most = static_cast<size_t>(count);
  if (!mm::is_user_range(events.raw(), most * sizeof(abi::EpollEvent))) return fail(Errno::fault);
  return with_file(context, set, [=](fs::File& file) -> Result<uint64_t> {
    ipc::EpollSet* const epoll = ipc::EpollSet::from(file);
    if (epoll == nullptr) return fail(Errno::inval);
    return epoll->wait(events.raw(), most, deadline);
  });
}

}  // namespace

// An event loop's usual case comes first: nothing but events ends the wait, and the set is only lent.
Result<uint64_t> sys_epoll_pwait(Context& context, Fd set, UserOut<abi::EpollEvent> events,
                                 int32_t count, int32_t timeout, UserIn<uint64_t> mask) {
  const auto most = static_cast<uint32_t>(count);
  const VirtAddr last = mm::k_user_end - most * sizeof(abi::EpollEvent);
  const bool is_usual = timeout < 0 && mask.is_null() && most - 1 < k_most_events;
  if (is_usual && events.raw() <= last && may_lend(context)) [[likely]] {
    fs::File* const lent = context.process.files->lend(set.number);
    ipc::EpollSet* const epoll = lent != nullptr ? ipc::EpollSet::from(*lent) : nullptr;
    if (epoll != nullptr) [[likely]]
      return epoll->wait(events.raw(), most, k_never);
  }
  return epoll_pwait(context, set, events, count, timeout, mask);
}

Result<uint64_t> sys_eventfd2(Context& context, uint32_t initial, uint32_t flags) {
  Ref<fs::File> counter = TRY(ipc::make_event_counter(initial, has(flags, abi::k_efd_semaphore),
                                                      flags & abi::k_o_nonblock));
  return add_descriptor(context, std::move(counter), has(flags, abi::k_efd_cloexec));
}

}  // namespace weft::syscall
