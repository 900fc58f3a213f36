// The stack that a handler runs on, and handlers of faults.
#include "guest/support/pages.hh"
#include "guest/support/process.hh"
#include "guest/support/signals.hh"

namespace weft::guest {

GUEST_CASE(handler_keeps_off_the_red_zone) {
  // The 128 bytes below the stack pointer belong to the function that was interrupted.
  handle(SIGUSR1, [](int) {
    volatile char deep[600];
    for (auto& byte : deep) byte = 'x';
  });
  uint64_t kept;
  asm volatile(
      "mov $39, %%eax\n\tsyscall\n\tmov %%rax, %%rdi\n\tmov $10, %%esi\n\t"
      "sub $256, %%rsp\n\t"
      "movq $1234, -8(%%rsp)\n\tmovq $5678, -128(%%rsp)\n\t"
      "mov $62, %%eax\n\tsyscall\n\t"
      "mov -8(%%rsp), %%rax\n\tadd -128(%%rsp), %%rax\n\t"
      "add $256, %%rsp\n\tmov %%rax, %0"
      : "=r"(kept)
      :
      : "rax", "rcx", "rdi", "rsi", "r11", "memory");
  say("{}", kept);
}

GUEST_CASE(handler_stack_is_aligned) {
  handle(SIGUSR1, [](int) {
    check("16 bytes and the return address",
          reinterpret_cast<uint64_t>(__builtin_frame_address(0)) % 16 == 0);
  });
  raise(SIGUSR1);
}

GUEST_CASE(handler_of_a_fault_in_a_handler) {
  handle(SIGSEGV, [](int) {
    say("the fault's handler");
    sys::exit_group(7);
  });
  show_child("child", [] {
    handle(SIGUSR1, [](int) { *static_cast<volatile char*>(k_bad_pointer) = 1; });
    raise(SIGUSR1);
  });
}

GUEST_CASE(handler_of_a_fault_that_is_blocked_is_not_called) {
  show_child("child", [] {
    handle(SIGSEGV, [](int) { say("never"); });
    block(signal_set(SIGSEGV));
    *static_cast<volatile char*>(k_bad_pointer) = 1;
  });
}

GUEST_CASE(handler_of_a_fault_that_is_ignored_is_not_spared) {
  show_child("child", [] {
    ignore(SIGSEGV);
    *static_cast<volatile char*>(k_bad_pointer) = 1;
  });
  show_child("sent by kill, it is ignored", [] {
    ignore(SIGSEGV);
    sys::kill(sys::getpid(), SIGSEGV);
  });
}

GUEST_CASE(handler_without_room_on_its_stack_kills) {
  show_child("child", [] {
    handle(SIGUSR1, [](int) {});
    asm volatile(
        "mov $39, %%eax\n\tsyscall\n\tmov %%rax, %%rdi\n\tmov $10, %%esi\n\t"
        "xor %%esp, %%esp\n\t"  // a stack that isn't there
        "mov $62, %%eax\n\tsyscall\n\t"
        "mov $3, %%edi\n\tmov $231, %%eax\n\tsyscall"
        :
        :
        : "rax", "rcx", "rdi", "rsi", "r11", "memory");
  });
}

GUEST_CASE(altstack_is_used_by_handlers_that_ask_for_it) {
  static Pages* pages;
  Pages room(16);
  pages = &room;
  const stack_t stack{room.page(0), 0, room.size()};
  show("sigaltstack", sys::sigaltstack(&stack, nullptr));
  const auto on_it = [] {
    const auto* here = static_cast<char*>(__builtin_frame_address(0));
    return here >= pages->page(0) && here < pages->page(16);
  };
  static auto is_on_it = on_it;
  handle(SIGUSR1, [](int) { check("SIGUSR1 runs on it", is_on_it()); });
  handle(
      SIGUSR2,
      [](int) {
        check("SIGUSR2 runs on it", is_on_it());
        stack_t now;
        sys::sigaltstack(nullptr, &now);
        show("flags", now.ss_flags);
        show("it can't be changed now", sys::sigaltstack(&now, nullptr));
      },
      SA_ONSTACK);
  raise(SIGUSR1);
  raise(SIGUSR2);
  stack_t now;
  must("sigaltstack", sys::sigaltstack(nullptr, &now));
  show("flags outside", now.ss_flags);
}

GUEST_CASE(altstack_saves_a_process_whose_stack_overflows) {
  static char room[64 * 1024];
  show_child("child", [] {
    const stack_t stack{room, 0, sizeof room};
    must("sigaltstack", sys::sigaltstack(&stack, nullptr));
    const rlimit limit{256 * 1024, 256 * 1024};
    must("prlimit64", sys::prlimit64(0, RLIMIT_STACK, &limit, nullptr));
    handle(
        SIGSEGV,
        [](int) {
          say("overflow!");
          sys::exit_group(8);
        },
        SA_ONSTACK);
    volatile char* below = static_cast<char*>(__builtin_frame_address(0));
    for (;;) {
      below -= 1000;
      *below = 'x';
    }
  });
}

GUEST_CASE(altstack_errors_and_disabling) {
  static char room[8192];
  stack_t stack{room, 0, 2047};
  show("too small", sys::sigaltstack(&stack, nullptr));
  stack = {room, 77, sizeof room};
  show("unknown flags", sys::sigaltstack(&stack, nullptr));
  stack = {room, 0, sizeof room};
  show("good", sys::sigaltstack(&stack, nullptr));
  stack = {nullptr, SS_DISABLE, 0};
  stack_t old;
  show("disable", sys::sigaltstack(&stack, &old));
  check("the old one comes back", old.ss_sp == room && old.ss_size == sizeof room);
  must("sigaltstack", sys::sigaltstack(nullptr, &old));
  show("flags", old.ss_flags);
}

}  // namespace weft::guest
