// Run:      forks
// Look for: fork answers twice; a page is copied when it is written, not before; nobody knows who is first.
// Why:      a copy that is never written need not be made. vfork makes none at all, and so the parent waits.
#include "userlib/base/print.hh"
#include "userlib/base/vector.hh"
#include "userlib/bin/tools.hh"
#include "userlib/process/process.hh"
#include "userlib/process/shared_memory.hh"
#include "userlib/sys/exit.hh"
#include "userlib/sys/process.hh"

namespace weft {
namespace {

constexpr size_t k_page = 4096;
constexpr size_t k_pages = 64;

int64_t page_faults() {
  abi::ResourceUsage usage{};
  (void)sys::getrusage(abi::k_rusage_self, &usage);
  return usage.minor_faults;
}

void fork_answers_twice() {
  const Result<int32_t> answer = fork_process();
  ASSERT(answer.has_value(), "there may be one more process");
  if (*answer == 0) {
    print("  in the child:  0\n");
    exit(0);
  }
  (void)sys::wait4(*answer, nullptr, 0, nullptr);
  print("  in the parent: the child's number, {} than 0\n", *answer > 0 ? "more" : "less");
}

void copies_are_made_late() {
  Vector<char> memory;
  for (size_t i = 0; i < k_pages * k_page; ++i) memory.push_back(1);
  auto child = process::run([&] {
    volatile char* bytes = memory.data();
    int64_t before = page_faults();
    int sum = 0;
    for (size_t i = 0; i < k_pages; ++i) sum += bytes[i * k_page];
    print("  reads {} pages: {} page faults\n", sum, page_faults() - before);
    before = page_faults();
    for (size_t i = 0; i < k_pages; ++i) bytes[i * k_page] = 2;
    print("  writes {} pages: {} page faults\n", k_pages, page_faults() - before);
  });
  child->wait();
  print("  the parent's are as before: {}\n", memory[0] == 1);
}

void who_is_first() {
  constexpr int k_times = 50;
  int child_first = 0;
  for (int i = 0; i < k_times; ++i) {
    const shared<Atomic<int>> first(0);
    auto child = process::run([&] {
      int nobody = 0;
      (void)first->compare_exchange(nobody, 1, relaxed);
    });
    int nobody = 0;
    if (!first->compare_exchange(nobody, 2, relaxed)) ++child_first;
    child->wait();
  }
  print("  the child was first {} times of {}\n", child_first, k_times);
}

[[gnu::noinline]] void vfork_borrows() {
  volatile int number = 1;
  const int64_t child = weft_vfork();
  if (child == 0) {
    number = 2;  // in the parent's memory
    sys::exit_group(0);
  }
  print("  the child was first, and has set the parent's number from 1 to {}\n", number);
  (void)sys::wait4(static_cast<int32_t>(child), nullptr, 0, nullptr);
}

}  // namespace

int forks_main(Arguments) {
  print("fork answers\n");
  fork_answers_twice();
  print("a child\n");
  copies_are_made_late();
  print("the order\n");
  who_is_first();
  print("vfork\n");
  vfork_borrows();
  return 0;
}

}  // namespace weft
