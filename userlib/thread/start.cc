// Threads without a C library: clone, and one mapping for all that a thread has of its own. From low
// to high:
//   [ guard | stack, growing downwards | thread-local variables, %fs | OwnRecord ]
//
// The kernel says by one word, `number`, when the thread is gone and its stack is free. A joined
// thread's mapping is kept for the next one: that saves making it, and the faults of its first use.
#include <new>

#include "core/base/assert.hh"
#include "core/base/types.hh"
#include "userlib/base/lock.hh"
#include "userlib/sys/foreground.hh"
#include "userlib/sys/process.hh"
#include "userlib/sys/thread_exit.hh"
#include "userlib/sys/tls.hh"
#include "userlib/syscalls.hh"
#include "userlib/thread/thread_record.hh"

namespace weft::detail {
namespace {

struct Mapping {
  char* base = nullptr;
  size_t size = 0;
  size_t guard_size = 0;
};

struct OwnRecord : ThreadRecord {
  // Who takes the mapping away: the joiner, or, once detached, the thread itself. Both sides say what
  // they have done by one exchange, and so learn what the other has.
  enum class State : uint32_t { running, detached, finished };

  OwnRecord(const thread_options& wanted, void (*function)(void*), void* its_argument, Mapping own)
      : ThreadRecord(wanted, function, its_argument), mapping(own) {}

  Mapping mapping;
  Atomic<State> state{State::running};
  Atomic<uint32_t> number{
      0};                    // the kernel writes a zero when the thread is gone, and wakes joiners
  int32_t first_number = 0;  // the same, kept
};

constexpr uint64_t k_thread_flags = abi::k_clone_vm | abi::k_clone_fs | abi::k_clone_files |
                                    abi::k_clone_sighand | abi::k_clone_thread |
                                    abi::k_clone_sysvsem | abi::k_clone_settls |
                                    abi::k_clone_parent_settid | abi::k_clone_child_cleartid;

// ---- Mappings -------------------------------------------------------------------------------------

constexpr size_t k_kept = 8;
constexpr size_t k_kept_size = 1024 * 1024;  // larger ones are not kept

constinit Lock kept_lock;
constinit Mapping kept[k_kept];
constinit size_t kept_count = 0;

Result<Mapping> map(size_t size, size_t guard_size) {
  constexpr uint64_t k_flags = abi::k_map_private | abi::k_map_anonymous | abi::k_map_noreserve;
  void* base = TRY(sys::mmap(nullptr, size, abi::k_prot_read | abi::k_prot_write, k_flags, -1, 0));
  if (guard_size > 0) {
    if (const auto guarded = sys::mprotect(base, guard_size, abi::k_prot_none); !guarded) {
      (void)sys::munmap(base, size);
      return fail(guarded.error());
    }
  }
  return Mapping{static_cast<char*>(base), size, guard_size};
}

Result<Mapping> take_mapping(size_t size, size_t guard_size) {
  {
    const LockGuard guard(kept_lock);
    for (size_t i = kept_count; i-- > 0;) {
      if (kept[i].size != size || kept[i].guard_size != guard_size) continue;
      return std::exchange(kept[i], kept[--kept_count]);
    }
  }
  return map(size, guard_size);
}

void give_back(const Mapping& mapping) {
  if (mapping.size <= k_kept_size) {
    const LockGuard guard(kept_lock);
    if (kept_count < k_kept) {
      kept[kept_count++] = mapping;
      return;
    }
  }
  (void)sys::munmap(mapping.base, mapping.size);
}

// ---- Beginning and end ----------------------------------------------------------------------------

void run_thread(void* argument) {
  auto& record = *static_cast<OwnRecord*>(argument);
  live(record);
  sys::run_thread_exit_functions();
  if (!record.options.daemon) uncount_foreground_thread();
  if (record.state.exchange(OwnRecord::State::finished, acq_rel) != OwnRecord::State::detached)
    return;
  // The kernel must not write to the record when it is gone: its place may be somebody else's by then.
  (void)sys::set_tid_address(nullptr);
  weft_unmap_and_exit(record.mapping.base, record.mapping.size);
}

// Until the kernel says that the thread is gone, its stack is in use. The kernel wakes this word as a
// shared one.
void reap(OwnRecord& record) {
  for (uint32_t seen = record.number.load(acquire); seen != 0; seen = record.number.load(acquire)) {
    futex::shared::wait(record.number, seen);
  }
  give_back(record.mapping);
}

OwnRecord& own(ThreadRecord* record) { return *static_cast<OwnRecord*>(record); }

}  // namespace

Result<ThreadRecord*> make_thread(const thread_options& options, void (*run)(void*),
                                  void* argument) {
  const auto tls = sys::tls_size();
  const size_t rest = round_up(tls.size, 16) + tls.alignment + sizeof(OwnRecord) + 64;
  if (options.stack_size > SIZE_MAX / 4 || options.guard_size > SIZE_MAX / 4)
    return fail(Errno::nomem);
  const size_t guard_size = round_up(options.guard_size, k_page_size);
  const size_t size = guard_size + round_up(options.stack_size + rest, k_page_size);
  const Mapping mapping = TRY(take_mapping(size, guard_size));
  const uint64_t end = reinterpret_cast<uint64_t>(mapping.base) + size;
  const uint64_t place = round_down(end - sizeof(OwnRecord), 64);
  auto* record = new (reinterpret_cast<void*>(place)) OwnRecord(options, run, argument, mapping);
  const uint64_t block = round_down(place - tls.size, tls.alignment);
  auto* control = sys::fill_tls(reinterpret_cast<void*>(block));
  auto* number = reinterpret_cast<int32_t*>(&record->number);
  const int64_t answer = weft_clone(k_thread_flags, reinterpret_cast<void*>(block), number, number,
                                    control, run_thread, static_cast<void*>(record));
  if (answer < 0) {
    give_back(mapping);
    return fail(static_cast<Errno>(-answer));
  }
  record->first_number = static_cast<int32_t>(answer);
  return record;
}

void join_thread(ThreadRecord* record) { reap(own(record)); }

void detach_thread(ThreadRecord* record) {
  if (own(record).state.exchange(OwnRecord::State::detached, acq_rel) ==
      OwnRecord::State::finished) {
    reap(own(record));  // it is on its last few instructions
  }
}

int32_t number_of(ThreadRecord* record) { return own(record).first_number; }

}  // namespace weft::detail
