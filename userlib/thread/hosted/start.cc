// Threads of the C library: so its own thread-local things work, and the sanitizers know the threads.
#include <cstdlib>
#include <new>

#include <limits.h>
#include <pthread.h>

#include "core/base/assert.hh"
#include "userlib/sys/foreground.hh"
#include "userlib/sys/futex.hh"
#include "userlib/sys/thread_number.hh"
#include "userlib/thread/thread_record.hh"

namespace weft::detail {
namespace {

// The handle and the thread itself both have it; the last one takes it away.
struct PosixRecord : ThreadRecord {
  using ThreadRecord::ThreadRecord;

  pthread_t handle = {};
  Atomic<uint32_t> number{0};  // the kernel's; 0 until the thread has said it
  Atomic<uint32_t> holders{2};
};

PosixRecord& own(ThreadRecord* record) { return *static_cast<PosixRecord*>(record); }

void let_go(PosixRecord& record) {
  if (record.holders.fetch_sub(1, acq_rel) == 1) delete &record;
}

// An exception that leaves the function ends the program, as the standard has it.
void* run_thread(void* argument) noexcept {
  auto& record = *static_cast<PosixRecord*>(argument);
  record.number.store(static_cast<uint32_t>(sys::thread_number()), release);
  futex::wake_all(record.number);
  live(record);
  if (!record.options.daemon) uncount_foreground_thread();
  let_go(record);
  return nullptr;
}

struct Attributes {
  Attributes() { pthread_attr_init(&value); }
  ~Attributes() { pthread_attr_destroy(&value); }
  pthread_attr_t value;
};

// main() is the C library's here, so its end is caught where it leads to. Our own exit() does not wait.
void prepare_the_end() {
  [[maybe_unused]] static const int once = [] {
    pthread_atfork(nullptr, nullptr, [] {
      sys::forget_thread_number();
      forget_foreground_threads();
    });
    return std::atexit(wait_for_foreground_threads);
  }();
}

}  // namespace

Result<ThreadRecord*> make_thread(const thread_options& options, void (*run)(void*),
                                  void* argument) {
  prepare_the_end();
  Attributes attributes;
  const size_t least = static_cast<size_t>(sysconf(_SC_THREAD_STACK_MIN)) + 16 * 1024;
  const size_t stack_size = std::max(options.stack_size + options.guard_size, least);
  if (const int error = pthread_attr_setstacksize(&attributes.value, stack_size); error != 0)
    return fail(static_cast<Errno>(error));
  if (const int error = pthread_attr_setguardsize(&attributes.value, options.guard_size);
      error != 0) {
    return fail(static_cast<Errno>(error));
  }
  auto* record = new PosixRecord(options, run, argument);
  const int error = pthread_create(&record->handle, &attributes.value, run_thread, record);
  if (error != 0) {
    delete record;
    return fail(static_cast<Errno>(error));
  }
  return record;
}

void join_thread(ThreadRecord* record) {
  pthread_join(own(record).handle, nullptr);
  let_go(own(record));
}

void detach_thread(ThreadRecord* record) {
  pthread_detach(own(record).handle);
  let_go(own(record));
}

int32_t number_of(ThreadRecord* record) {
  for (;;) {
    const uint32_t number = own(record).number.load(acquire);
    if (number != 0) return static_cast<int32_t>(number);
    futex::wait(own(record).number, 0);
  }
}

}  // namespace weft::detail
