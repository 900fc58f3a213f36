#include "userlib/coro/deadlock.hh"

#include "userlib/base/print.hh"
#include "userlib/coro/block_slab.hh"
#include "userlib/coro/list.hh"
#include "userlib/coro/scope.hh"
#include "userlib/coro/sync/mutex.hh"
#include "userlib/coro/sync/once.hh"
#include "userlib/coro/sync/shared_mutex.hh"
#include "userlib/syscalls.hh"

namespace weft::coro {
namespace {

constexpr size_t k_most_others = 100;  // of those that are on no circle

const Coroutine* awaited_by(const Coroutine& waiting);

// One in the scope that waits for another; null if there is none. (Whom one waits for that waits for a scope is not
// asked here: it might be this very scope.)
const Coroutine* held_up_in(const scope& all) {
  const Coroutine* found = nullptr;
  all.for_each_coroutine([&](const Coroutine& each) {
    const bool waits_for_scope =
        is_waiting(each.park.load(relaxed)) && each.reason == Reason::scope;
    if (found == nullptr && (waits_for_scope || awaited_by(each) != nullptr)) found = &each;
  });
  return found;
}

// Whom it waits for; null if it doesn't wait, or nobody knows. It may go on meanwhile (list.cc).
[[gnu::no_sanitize_thread]] const Coroutine* awaited_by(const Coroutine& waiting) {
  if (!is_waiting(waiting.park.load(relaxed))) return nullptr;
  const void* const object = waiting.awaited();
  const Coroutine* awaited = nullptr;
  switch (waiting.reason) {
    case Reason::mutex: awaited = static_cast<const mutex*>(object)->owner(); break;
    case Reason::rwlock: awaited = static_cast<const shared_mutex*>(object)->writer(); break;
    case Reason::once: awaited = static_cast<const once_flag*>(object)->runner(); break;
    case Reason::scope: awaited = held_up_in(*static_cast<const scope*>(object)); break;
    case Reason::join: awaited = static_cast<const Coroutine*>(object); break;
    default: break;
  }
  return awaited != nullptr && block_number(*awaited) != 0 ? awaited : nullptr;
}

// For each coroutine on which walk it was met first; or that it stands on a circle. Each has one way on
// at most, so a walk that meets itself has gone round.
class Walks {
 public:
  Walks() {
    const auto place = sys::mmap(nullptr, bytes(), abi::k_prot_read | abi::k_prot_write,
                                 abi::k_map_private | abi::k_map_anonymous, -1, 0);
    if (place) met_ = static_cast<uint32_t*>(*place);
  }
  ~Walks() {
    if (met_ != nullptr) (void)sys::munmap(met_, bytes());
  }
  Walks(const Walks&) = delete;
  Walks& operator=(const Walks&) = delete;

  // One coroutine of a circle that the walk from there ends in, if that was not met before; else null.
  const Coroutine* find_circle(const Coroutine& from) {
    ++walk_;
    const Coroutine* at = &from;
    while (at != nullptr && met_ != nullptr && mark_of(*at) == 0) {
      mark_of(*at) = walk_;
      at = awaited_by(*at);
    }
    return at != nullptr && met_ != nullptr && mark_of(*at) == walk_ ? at : nullptr;
  }
  void note_on_circle(const Coroutine& coroutine) { mark_of(coroutine) = k_on_circle; }
  bool is_on_circle(const Coroutine& coroutine) {
    return met_ != nullptr && mark_of(coroutine) == k_on_circle;
  }

 private:
  static constexpr uint32_t k_on_circle = ~uint32_t{0};

  size_t bytes() const { return (made_ + 1) * sizeof(uint32_t); }
  // A coroutine that is newer than these walks counts as met.
  uint32_t& mark_of(const Coroutine& coroutine) {
    const uint64_t number = block_number(coroutine);
    return number <= made_ ? met_[number] : newer_;
  }

  const size_t made_ = detail::blocks_made.load(acquire);
  uint32_t* met_ = nullptr;
  uint32_t walk_ = 0;
  uint32_t newer_ = k_on_circle - 1;
};

void describe(Output& out, const Coroutine& coroutine) {
  const Listed listed = look_at(coroutine);
  format(out, "  coroutine {} ({}) from {} waits for {} {}", listed.number,
         shorten_name(listed.name), listed.spawned_at, name_of(listed.reason), listed.object);
  if (const Coroutine* awaited = awaited_by(coroutine)) {
    const bool for_its_end = listed.reason == Reason::join || listed.reason == Reason::scope;
    format(out, ", {} coroutine {}",
           for_its_end                     ? "the end of"
           : listed.reason == Reason::once ? "run by"
                                           : "held by",
           block_number(*awaited));
  }
  format(out, "\n");
}

size_t write_circles(Output& out, Walks& walks) {
  size_t circles = 0;
  for_each_block([&](Coroutine& block) {
    const Coroutine* first = walks.find_circle(block);
    if (first == nullptr) return;
    format(out, "deadlock: each of these waits for the next, and the last for the first\n");
    const Coroutine* at = first;
    do {
      walks.note_on_circle(*at);
      describe(out, *at);
      at = awaited_by(*at);
    } while (at != first && at != nullptr);
    ++circles;
  });
  return circles;
}

}  // namespace

size_t report_circles(int32_t fd) {
  Output out(fd);
  Walks walks;
  const size_t circles = write_circles(out, walks);
  out.flush();
  return circles;
}

void report_deadlock(int32_t fd) {
  Output out(fd);
  Walks walks;
  format(out, "deadlock: all coroutines wait, and nothing is left that could wake one\n");
  (void)write_circles(out, walks);
  size_t others = 0;
  for_each_block([&](Coroutine& block) {
    if (!is_waiting(block.park.load(relaxed)) || walks.is_on_circle(block)) return;
    if (others == 0) format(out, "on no circle:\n");
    if (++others <= k_most_others) describe(out, block);
  });
  if (others > k_most_others) format(out, "  and {} more\n", others - k_most_others);
  out.flush();
}

}  // namespace weft::coro
