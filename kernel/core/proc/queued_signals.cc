#include "core/proc/queued_signals.hh"

#include "core/base/atomic.hh"
#include "core/mm/object_cache.hh"

namespace weft::proc {
namespace {

[[clang::no_destroy]] constinit mm::ObjectCache<QueuedSignal> queued_cache("queued signal");
constinit Atomic<uint64_t> queued_count{0};

}  // namespace

bool reserve_queued(uint64_t limit) {
  if (queued_count.load(relaxed) >= limit) return false;
  queued_count.fetch_add(1, relaxed);
  return true;
}

void give_back_reserved() { queued_count.fetch_sub(1, relaxed); }

QueuedSignal* make_queued(const SignalInfo& info, uint64_t limit) {
  if (!reserve_queued(limit)) return nullptr;
  const auto made = queued_cache.make();
  if (!made.has_value()) {
    give_back_reserved();
    return nullptr;
  }
  (*made)->info = info;
  return *made;
}

void release_queued(QueuedSignal& signal, SignalInfo& info) {
  if (signal.on_taken != nullptr) return signal.on_taken(signal, info);
  give_back_reserved();
  queued_cache.destroy(&signal);
}

}  // namespace weft::proc
