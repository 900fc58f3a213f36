// Run:      locks
// Look for: two write to one file at once, each in a range of its own; the same range, or a lock of all, waits.
// Why:      record locks belong to a process and a range, flock to an open file; both end with their owner.
#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/tools.hh"
#include "userlib/process/process.hh"

namespace weft {
namespace {

// Bytes from `start` on, for writing; without waiting.
Result<> lock_range(int fd, int64_t start, int64_t length) {
  abi::FileLock wish{static_cast<int16_t>(abi::k_f_wrlck), 0, start, length, 0};
  TRY(sys::fcntl(fd, abi::k_f_setlk, reinterpret_cast<uint64_t>(&wish)));
  return {};
}

// Whose lock stands in the way of such a one; 0: nobody's.
int32_t owner_of(int fd, int64_t start, int64_t length) {
  abi::FileLock wish{static_cast<int16_t>(abi::k_f_wrlck), 0, start, length, 0};
  (void)sys::fcntl(fd, abi::k_f_getlk, reinterpret_cast<uint64_t>(&wish));
  return wish.type == static_cast<int16_t>(abi::k_f_unlck) ? 0 : wish.pid;
}

void show(std::string_view what, const Result<>& answer) {
  print("  {}: {}\n", what, answer ? "locked" : describe(answer.error()));
}

}  // namespace

int locks_main(Arguments) {
  const Text<40> path("/tmp/locks.{}", sys::getpid().value_or(0));
  const auto file = open_file(path.c_str(), abi::k_o_rdwr | abi::k_o_creat, 0600);
  ASSERT(file.has_value(), "there is room for a file in /tmp");
  const int fd = file->get();
  const int32_t me = sys::getpid().value_or(0);

  print("record locks: I hold bytes 0 to 99\n");
  (void)lock_range(fd, 0, 100);
  process::run([&] {
    show("another process wants 100 to 199", lock_range(fd, 100, 100));
    show("it wants 50 to 149", lock_range(fd, 50, 100));
    print("  it asks who is in the way: {}\n", owner_of(fd, 50, 100) == me ? "I am" : "?");
  })->wait();
  print("  it has ended; who holds 100 to 199 now? {}\n",
        owner_of(fd, 100, 100) == 0 ? "nobody" : "somebody");

  print("flock: I hold the whole file\n");
  (void)sys::flock(fd, abi::k_lock_ex);
  process::run([&] {
    const auto own = open_file(path.c_str(), abi::k_o_rdwr);
    const uint32_t at_once = abi::k_lock_ex | abi::k_lock_nb;
    show("another who opened the file wants it", sys::flock(own->get(), at_once));
    show("a child through the file that I opened", sys::flock(fd, at_once));
  })->wait();
  (void)sys::unlink(path.c_str());
  return 0;
}

}  // namespace weft
