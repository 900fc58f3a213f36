#include "userlib/thread/thread.hh"

#include <new>

#include "core/base/types.hh"
#include "userlib/sys/process.hh"
#include "userlib/sys/tls.hh"
#include "userlib/syscalls.hh"

namespace weft {
namespace detail {
namespace {

constexpr uint64_t k_thread_flags = abi::k_clone_vm | abi::k_clone_fs | abi::k_clone_files |
                                    abi::k_clone_sighand | abi::k_clone_thread |
                                    abi::k_clone_sysvsem | abi::k_clone_settls |
                                    abi::k_clone_parent_settid | abi::k_clone_child_cleartid;

// The whole life of a thread.
void live(void* argument) {
  auto& record = *static_cast<ThreadRecord*>(argument);
  record.run(record.argument);
  if (record.state.exchange(ThreadRecord::State::finished, acq_rel) !=
      ThreadRecord::State::detached)
    return;
  // The kernel must not write to the record when it is gone: its place may be somebody else's by then.
  (void)sys::set_tid_address(nullptr);
  weft_unmap_and_exit(record.base, record.size);
}

// Until the kernel says that the thread is gone, its stack is in use. This futex is a shared one.
void wait_for_end(ThreadRecord& record) {
  for (uint32_t tid = record.tid.load(acquire); tid != 0; tid = record.tid.load(acquire)) {
    (void)sys::futex(reinterpret_cast<uint32_t*>(&record.tid), abi::k_futex_wait, tid, 0, nullptr,
                     0);
  }
}

void unmap(const ThreadRecord& record) { (void)sys::munmap(record.base, record.size); }

}  // namespace

Result<ThreadRecord*> start_thread(size_t stack_size, void (*run)(void*), void* argument) {
  const auto tls = sys::tls_size();
  const size_t own = round_up(tls.size, 16) + tls.alignment + sizeof(ThreadRecord);
  const size_t size = k_page_size + round_up(stack_size + own, k_page_size);
  void* base =
      TRY(sys::mmap(nullptr, size, abi::k_prot_none,
                    abi::k_map_private | abi::k_map_anonymous | abi::k_map_noreserve, -1, 0));
  auto opened = sys::mprotect(static_cast<char*>(base) + k_page_size, size - k_page_size,
                              abi::k_prot_read | abi::k_prot_write);
  if (!opened) {
    (void)sys::munmap(base, size);
    return fail(opened.error());
  }
  const uint64_t end = reinterpret_cast<uint64_t>(base) + size;
  const uint64_t place = round_down(end - sizeof(ThreadRecord), 64);
  auto* record = new (reinterpret_cast<void*>(place)) ThreadRecord;
  record->base = base;
  record->size = size;
  record->run = run;
  record->argument = argument;
  const uint64_t block = round_down(place - tls.size, tls.alignment);
  auto* control = sys::fill_tls(reinterpret_cast<void*>(block));
  auto* tid = reinterpret_cast<int32_t*>(&record->tid);
  const int64_t answer =
      weft_clone(k_thread_flags, reinterpret_cast<void*>(block), tid, tid, control, live, record);
  if (answer < 0) {
    (void)sys::munmap(base, size);
    return fail(static_cast<Errno>(-answer));
  }
  record->first_tid = static_cast<int32_t>(answer);
  return record;
}

void join_thread(ThreadRecord* record) {
  ASSERT(record != nullptr, "only a joinable thread is joined");
  wait_for_end(*record);
  unmap(*record);
}

void detach_thread(ThreadRecord* record) {
  ASSERT(record != nullptr, "only a joinable thread is detached");
  if (record->state.exchange(ThreadRecord::State::detached, acq_rel) ==
      ThreadRecord::State::finished) {
    wait_for_end(*record);  // it is on its last few instructions
    unmap(*record);
  }
}

}  // namespace detail

unsigned thread::hardware_concurrency() {
  uint64_t mask[16] = {};
  if (!sys::sched_getaffinity(0, sizeof mask, mask)) return 1;
  unsigned count = 0;
  for (const uint64_t word : mask) count += static_cast<unsigned>(__builtin_popcountll(word));
  return count;
}

int32_t this_thread::get_id() { return sys::gettid().value_or(0); }
void this_thread::yield() { (void)sys::sched_yield(); }

void this_thread::sleep_for(uint64_t nanoseconds) {
  abi::Timespec left = {static_cast<int64_t>(nanoseconds / k_second),
                        static_cast<int64_t>(nanoseconds % k_second)};
  for (;;) {
    const auto slept = sys::nanosleep(&left, &left);
    if (slept || slept.error() != Errno::intr) return;
  }
}

}  // namespace weft
