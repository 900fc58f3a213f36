// Bad pointers, and buffers that are only half there, for many calls: EFAULT, or as much as was there.
#include "guest/support/files.hh"
#include "guest/support/pages.hh"
#include "guest/support/pipe.hh"
#include "guest/support/signals.hh"

namespace weft::guest {

GUEST_CASE(pointer_calls_that_fill_a_structure) {
  const auto try_pointer = [](std::string_view what, void* pointer) {
    say("{}", what);
    show("uname", sys::uname(pointer));
    show("fstat", sys::fstat(1, pointer));
    show("stat", sys::stat("/", pointer));
    show("clock_gettime", sys::clock_gettime(CLOCK_MONOTONIC, pointer));
    show("gettimeofday", sys::gettimeofday(pointer, nullptr));
    show("getrusage", sys::getrusage(RUSAGE_SELF, pointer));
    show("sysinfo", sys::sysinfo(pointer));
    show("pipe", sys::pipe(pointer));
    show("rt_sigpending", sys::rt_sigpending(pointer, 8));
    show("getitimer", sys::getitimer(ITIMER_REAL, pointer));
    show("prlimit64", sys::prlimit64(0, RLIMIT_NOFILE, nullptr, pointer));
    show("times", sys::times(pointer));
    show("getcwd", sys::getcwd(pointer, 100));
    show("sched_getparam", sys::sched_getparam(0, pointer));
    show("sched_getaffinity", sys::sched_getaffinity(0, 128, pointer));
    show("getresuid", sys::getresuid(pointer, pointer, pointer));
  };
  try_pointer("low memory", k_bad_pointer);
  try_pointer("kernel memory", k_kernel_pointer);
  Pages read_only(1, PROT_READ);
  try_pointer("read-only memory", read_only.page(0));
}

GUEST_CASE(pointer_calls_that_read_a_structure) {
  for (void* pointer : {k_bad_pointer, k_kernel_pointer}) {
    show("nanosleep", sys::nanosleep(pointer, nullptr));
    show("rt_sigprocmask", sys::rt_sigprocmask(SIG_BLOCK, pointer, nullptr, 8));
    show("rt_sigaction", sys::rt_sigaction(SIGUSR1, pointer, nullptr, 8));
    show("sigaltstack", sys::sigaltstack(pointer, nullptr));
    show("setitimer", sys::setitimer(ITIMER_REAL, pointer, nullptr));
    show("poll", sys::poll(pointer, 1, 0));
    show("select", sys::select(1, pointer, nullptr, nullptr, nullptr));
    show("writev", sys::writev(1, pointer, 1));
    show("sched_setparam", sys::sched_setparam(0, pointer));
    show("utimensat", sys::utimensat(AT_FDCWD, "/tmp", pointer, 0));
    show("futex", sys::futex(pointer, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0));
  }
}

GUEST_CASE(pointer_calls_that_read_a_path) {
  for (void* pointer : {static_cast<void*>(nullptr), k_bad_pointer, k_kernel_pointer}) {
    char room[10];
    show("open", sys::open(pointer, O_RDONLY));
    show("stat", sys::stat(pointer, nullptr));
    show("mkdir", sys::mkdir(pointer, 0755));
    show("unlink", sys::unlink(pointer));
    show("rename", sys::rename("/tmp", pointer));
    show("chdir", sys::chdir(pointer));
    show("symlink", sys::symlink("x", pointer));
    show("readlink", sys::readlink(pointer, room, sizeof room));
    show("access", sys::access(pointer, F_OK));
    show("truncate", sys::truncate(pointer, 0));
    show("execve", sys::execve(pointer, nullptr, nullptr));
  }
}

GUEST_CASE(pointer_structure_across_the_edge) {
  // The structure begins in memory that is there, and ends in memory that isn't.
  Edge edge;
  show("uname", sys::uname(edge.last(8)));
  show("fstat", sys::fstat(1, edge.last(16)));
  show("clock_gettime", sys::clock_gettime(CLOCK_MONOTONIC, edge.last(8)));
  show("clock_gettime, all there", sys::clock_gettime(CLOCK_MONOTONIC, edge.last(16)));
  show("pipe", sys::pipe(edge.last(4)));
  show("pipe, all there", sys::pipe(edge.last(8)));
  show("rt_sigprocmask", sys::rt_sigprocmask(SIG_BLOCK, edge.last(4), nullptr, 8));
  show("nanosleep", sys::nanosleep(edge.last(8), nullptr));
}

GUEST_CASE(pointer_path_across_the_edge) {
  Edge edge;
  char* short_path = edge.last(4);
  __builtin_memcpy(short_path, "/tmp", 4);  // its end would be behind the edge
  show("no end before the edge", sys::chdir(short_path));
  char* whole = edge.last(5);
  __builtin_memcpy(whole, "/tmp\0", 5);
  show("the end is the last byte", sys::chdir(whole));
}

GUEST_CASE(pointer_read_into_half_a_buffer) {
  Edge edge;
  write_file("file", "0123456789");
  const int fd = open_or_end("file", O_RDONLY);
  show("read of 10 into 4", sys::read(fd, edge.last(4), 10));
  show("position", sys::lseek(fd, 0, SEEK_CUR));
  show("read into nothing", sys::read(fd, edge.last(0), 10));
}

GUEST_CASE(pointer_write_from_half_a_buffer) {
  Edge edge;
  __builtin_memcpy(edge.last(4), "abcd", 4);
  const int fd = open_or_end("file", O_RDWR | O_CREAT);
  show("write of 10 from 4", sys::write(fd, edge.last(4), 10));
  show("write from nothing", sys::write(fd, edge.last(0), 10));
  show_stat("file", "file");
}

GUEST_CASE(pointer_getdents_into_a_small_or_bad_buffer) {
  const int fd = open_or_end("/", O_RDONLY | O_DIRECTORY);
  char buffer[16];
  show("too small for any name", sys::getdents64(fd, buffer, sizeof buffer));
  show("a bad pointer", sys::getdents64(fd, k_bad_pointer, 4096));
}

GUEST_CASE(pointer_lengths_beyond_all_memory) {
  const int fd = open_or_end("/dev/null", O_RDWR);
  char byte = 0;
  show("write of the whole address space", sys::write(fd, &byte, ~uint64_t{0}));
  show("read of the whole address space", sys::read(fd, &byte, ~uint64_t{0} >> 1));
}

GUEST_CASE(pointer_unaligned_ones_are_fine) {
  alignas(16) char room[200];
  show("clock_gettime", sys::clock_gettime(CLOCK_MONOTONIC, room + 3));
  show("fstat", sys::fstat(1, room + 5));
  show("pipe", sys::pipe(room + 1));
}

GUEST_CASE(syscall_numbers_that_do_not_exist) {
  show("a number far away", raw_syscall(100'000));
  show("-1", raw_syscall(-1));
  show("the number's upper half counts for nothing",
       raw_syscall(static_cast<long>(0x1'0000'0000 + __NR_getuid)));
}

GUEST_CASE(syscall_keeps_the_registers) {
  // All but rax, rcx and r11 are as they were.
  uint64_t rbx = 1, rdi = 2, rsi = 3, rdx = 4, r8 = 5, r9 = 6, r10 = 7, r12 = 8, r13 = 9;
  asm volatile(
      "mov $0x1111, %%rbx\n\tmov $0x2222, %%rdi\n\tmov $0x3333, %%rsi\n\tmov $0x4444, %%rdx\n\t"
      "mov $0x5555, %%r8\n\tmov $0x6666, %%r9\n\tmov $0x7777, %%r10\n\tmov $0x8888, %%r12\n\t"
      "mov $0x9999, %%r13\n\tmov $39, %%eax\n\tsyscall\n\t"
      "mov %%rbx, %0\n\tmov %%rdi, %1\n\tmov %%rsi, %2\n\tmov %%rdx, %3\n\tmov %%r8, %4\n\t"
      "mov %%r9, %5\n\tmov %%r10, %6\n\tmov %%r12, %7\n\tmov %%r13, %8"
      : "=m"(rbx), "=m"(rdi), "=m"(rsi), "=m"(rdx), "=m"(r8), "=m"(r9), "=m"(r10), "=m"(r12),
        "=m"(r13)
      :
      : "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "memory");
  say("{:x} {:x} {:x} {:x} {:x} {:x} {:x} {:x} {:x}", rbx, rdi, rsi, rdx, r8, r9, r10, r12, r13);
}

}  // namespace weft::guest
