// Signal handlers: when they run, on which stack, with which mask, and what they are told.
#include "guest/support/files.hh"
#include "guest/support/names.hh"
#include "guest/support/pages.hh"
#include "guest/support/process.hh"
#include "guest/support/signals.hh"
#include "guest/support/thread.hh"

namespace weft::guest {
namespace {

int g_count;
siginfo_t g_info;

void count(int) { ++g_count; }
void keep_info(int, siginfo_t* info, void*) { g_info = *info; }

}  // namespace

GUEST_CASE(sigaction_gives_the_old_action_back) {
  uint64_t old[4] = {9, 9, 9, 9};
  show("at first", sys::rt_sigaction(SIGUSR1, nullptr, old, 8));
  say("handler {}, flags {:x}, mask {:x}", old[0], old[1], old[3]);
  must("sigaction", handle(SIGUSR1, count, SA_RESTART | SA_NODEFER, signal_set(SIGINT)));
  show("then", sys::rt_sigaction(SIGUSR1, nullptr, old, 8));
  check("the handler", old[0] == reinterpret_cast<uint64_t>(count));
  say("flags {:x}, mask {:x}", old[1], old[3]);
}

GUEST_CASE(sigaction_errors) {
  uint64_t action[4] = {};
  for (const int number : {0, -1, 65, SIGKILL, SIGSTOP}) {
    show(Text<20>("signal {}", number).view(), sys::rt_sigaction(number, action, nullptr, 8));
  }
  show("asking for SIGKILL's is fine", sys::rt_sigaction(SIGKILL, nullptr, action, 8));
  show("a set of another size", sys::rt_sigaction(SIGUSR1, action, nullptr, 4));
  show("a bad new pointer", sys::rt_sigaction(SIGUSR1, k_bad_pointer, nullptr, 8));
  show("a bad old pointer", sys::rt_sigaction(SIGUSR1, nullptr, k_bad_pointer, 8));
}

GUEST_CASE(sigaction_mask_never_holds_sigkill_and_sigstop) {
  handle(SIGUSR1, count, 0, ~SignalSet{0});
  uint64_t old[4];
  must("sigaction", sys::rt_sigaction(SIGUSR1, nullptr, old, 8));
  say("{:x}", ~old[3]);
}

GUEST_CASE(handler_runs_before_kill_returns_to_its_sender) {
  handle(SIGUSR1, count);
  show("kill", sys::kill(sys::getpid(), SIGUSR1));
  show("handled", g_count);
  show("tkill", sys::tkill(sys::gettid(), SIGUSR1));
  show("tgkill", sys::tgkill(sys::getpid(), sys::gettid(), SIGUSR1));
  show("handled", g_count);
}

GUEST_CASE(handler_of_an_ignored_signal_is_not_called) {
  ignore(SIGUSR1);
  show("kill", sys::kill(sys::getpid(), SIGUSR1));
  check("nothing is pending", pending_signals() == 0);
}

GUEST_CASE(handler_default_actions) {
  // What each signal does to a process that says nothing about it.
  for (int number = 1; number <= 31; ++number) {
    if (number == SIGSTOP || number == SIGTSTP || number == SIGTTIN || number == SIGTTOU) continue;
    show_child(signal_name(number), [&] {
      sys::kill(sys::getpid(), number);
      return 0;
    });
  }
  show_child("SIGRTMAX", [] {
    sys::kill(sys::getpid(), 64);
    return 0;
  });
}

GUEST_CASE(handler_info_of_kill) {
  handle_with_info(SIGUSR1, keep_info);
  sys::kill(sys::getpid(), SIGUSR1);
  say("{} SI_USER {}", signal_name(g_info.si_signo), g_info.si_code == SI_USER);
  check("from this process", g_info.si_pid == sys::getpid());
  check("and user", g_info.si_uid == sys::getuid());
  show("si_errno", g_info.si_errno);
}

GUEST_CASE(handler_info_of_tgkill) {
  handle_with_info(SIGUSR1, keep_info);
  raise(SIGUSR1);
  check("SI_TKILL", g_info.si_code == SI_TKILL);
  check("from this process", g_info.si_pid == sys::getpid());
}

GUEST_CASE(handler_info_from_a_child) {
  static volatile int arrived;
  handle_with_info(SIGUSR1, [](int, siginfo_t* info, void*) {
    g_info = *info;
    arrived = 1;
  });
  const int parent = static_cast<int>(sys::getpid());
  const int child = start_child([&] { sys::kill(parent, SIGUSR1); });
  wait_for(child);
  check("it is here when the child has been waited for", arrived == 1);
  check("from the child", g_info.si_pid == child);
}

GUEST_CASE(handler_runs_with_its_own_signal_blocked) {
  handle(SIGUSR1, [](int) {
    ++g_count;
    if (g_count == 1) {
      raise(SIGUSR1);
      show("inside, after a second one", g_count);
      check("it is pending", pending_signals() == signal_set(SIGUSR1));
      check("and blocked", blocked_signals() == signal_set(SIGUSR1));
    }
  });
  raise(SIGUSR1);
  show("outside", g_count);
  check("nothing is blocked any more", blocked_signals() == 0);
}

GUEST_CASE(handler_with_nodefer_can_nest) {
  handle(
      SIGUSR1,
      [](int) {
        ++g_count;
        say("{} in", g_count);
        if (g_count < 3) raise(SIGUSR1);
        say("out");
      },
      SA_NODEFER);
  raise(SIGUSR1);
}

GUEST_CASE(handler_mask_blocks_others_while_it_runs) {
  handle(SIGUSR2, [](int) { say("SIGUSR2"); });
  handle(
      SIGUSR1,
      [](int) {
        say("SIGUSR1 begins");
        raise(SIGUSR2);
        say("SIGUSR1 ends");
      },
      0, signal_set(SIGUSR2));
  raise(SIGUSR1);
}

GUEST_CASE(handler_with_resethand_runs_once) {
  show_child("child", [] {
    handle(SIGUSR1, count, SA_RESETHAND);
    raise(SIGUSR1);
    show("handled", g_count);
    uint64_t now[4];
    sys::rt_sigaction(SIGUSR1, nullptr, now, 8);
    check("the action is the default again", now[0] == 0);
    raise(SIGUSR1);
  });
}

GUEST_CASE(handler_restores_the_mask_it_interrupted) {
  handle(SIGUSR1, [](int) { block(signal_set(SIGINT)); });
  block(signal_set(SIGTERM));
  raise(SIGUSR1);
  check("only SIGTERM is blocked", blocked_signals() == signal_set(SIGTERM));
}

GUEST_CASE(handler_may_change_the_mask_that_is_restored) {
  handle_with_info(SIGUSR1, [](int, siginfo_t*, void* context) {
    auto* mask = reinterpret_cast<SignalSet*>(&static_cast<ucontext*>(context)->uc_sigmask);
    check("the context has the old mask", *mask == signal_set(SIGTERM));
    *mask = signal_set(SIGINT, SIGKILL);
  });
  block(signal_set(SIGTERM));
  raise(SIGUSR1);
  check("SIGINT is blocked, SIGKILL cannot be", blocked_signals() == signal_set(SIGINT));
}

GUEST_CASE(handler_may_change_the_registers) {
  handle_with_info(SIGUSR1,
                   [](int, siginfo_t*, void* context) { registers_of(context).rbx = 4711; });
  uint64_t value;
  asm volatile(
      "mov $1, %%rbx\n\t"
      "mov $39, %%eax\n\t"  // getpid
      "syscall\n\t"
      "mov %%rax, %%rdi\n\t"
      "mov $10, %%esi\n\t"  // SIGUSR1
      "mov $62, %%eax\n\t"  // kill
      "syscall\n\t"
      "mov %%rbx, %0"
      : "=m"(value)
      :
      : "rax", "rbx", "rcx", "rdi", "rsi", "r11", "memory");
  say("rbx is {}", value);
}

GUEST_CASE(handler_may_go_on_elsewhere) {
  // How a runtime turns a fault into something else: by another instruction pointer.
  handle_with_info(SIGSEGV, [](int, siginfo_t*, void* context) { registers_of(context).rip += 2; });
  uint64_t value = 5;
  asm volatile(
      "xor %%eax, %%eax\n\t"
      "mov $7, %0\n\t"
      ".byte 0x88, 0x00\n\t"  // mov %al, (%rax): two bytes
      "add $1, %0"
      : "+r"(value)
      :
      : "rax", "memory");
  say("{}", value);
}

GUEST_CASE(handler_finds_all_registers_as_they_were) {
  handle(SIGUSR1, [](int) {
    // The handler's own work changes all it may.
    asm volatile("xor %%eax, %%eax\n\txor %%ecx, %%ecx\n\txor %%r8d, %%r8d\n\txor %%r15d, %%r15d"
                 :
                 :
                 : "rax", "rcx", "r8", "r15");
  });
  uint64_t sum;
  asm volatile(
      "mov $39, %%eax\n\tsyscall\n\tmov %%rax, %%rdi\n\tmov $10, %%esi\n\t"
      "mov $2, %%ebx\n\tmov $3, %%r8d\n\tmov $5, %%r9d\n\tmov $7, %%r10d\n\tmov $11, %%r12d\n\t"
      "mov $13, %%r13d\n\tmov $17, %%r14d\n\tmov $19, %%r15d\n\tmov $23, %%edx\n\t"
      "mov $62, %%eax\n\tsyscall\n\t"
      "add %%rbx, %%rax\n\tadd %%r8, %%rax\n\tadd %%r9, %%rax\n\tadd %%r10, %%rax\n\t"
      "add %%r12, %%rax\n\tadd %%r13, %%rax\n\tadd %%r14, %%rax\n\tadd %%r15, %%rax\n\t"
      "add %%rdx, %%rax\n\tmov %%rax, %0"
      : "=m"(sum)
      :
      : "rax", "rbx", "rcx", "rdx", "rdi", "rsi", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
        "r15", "memory");
  say("{}", sum);
}

GUEST_CASE(handler_keeps_floating_point_registers) {
  handle(SIGUSR1, [](int) {
    asm volatile("pxor %%xmm0, %%xmm0\n\tpxor %%xmm15, %%xmm15\n\tfninit\n\tfldz" : : : "memory");
  });
  double low = 1.5;
  double high = 2.25;
  double x87 = 0;
  const double seed = 3.75;
  const uint32_t control = 0x9f80;  // flush to zero, beside the default
  uint32_t control_after = 0;
  asm volatile(
      "ldmxcsr %6\n\t"
      "fldl %5\n\t"
      "movsd %0, %%xmm0\n\tmovsd %1, %%xmm15\n\t"
      "mov $39, %%eax\n\tsyscall\n\tmov %%rax, %%rdi\n\tmov $10, %%esi\n\t"
      "mov $62, %%eax\n\tsyscall\n\t"
      "movsd %%xmm0, %0\n\tmovsd %%xmm15, %1\n\tfstpl %2\n\tstmxcsr %3"
      : "+m"(low), "+m"(high), "=m"(x87), "=m"(control_after)
      : "m"(low), "m"(seed), "m"(control)
      : "rax", "rcx", "rdi", "rsi", "r11", "xmm0", "xmm15", "memory");
  check("xmm0", low == 1.5);
  check("xmm15", high == 2.25);
  check("x87", x87 == 3.75);
  say("mxcsr {:x}", control_after);
}

GUEST_CASE(handler_finds_floating_point_state_in_its_context) {
  static double in_context;
  handle_with_info(SIGUSR1, [](int, siginfo_t*, void* context) {
    const auto* state = reinterpret_cast<const char*>(registers_of(context).fpstate);
    check("there is a state", state != nullptr);
    check("aligned to 64", reinterpret_cast<uint64_t>(state) % 64 == 0);
    __builtin_memcpy(&in_context, state + 160 + 16 * 6, 8);  // xmm6 in the FXSAVE layout
    const double other = 9.5;
    __builtin_memcpy(const_cast<char*>(state) + 160 + 16 * 6, &other, 8);
  });
  double value = 6.5;
  asm volatile(
      "movsd %0, %%xmm6\n\t"
      "mov $39, %%eax\n\tsyscall\n\tmov %%rax, %%rdi\n\tmov $10, %%esi\n\t"
      "mov $62, %%eax\n\tsyscall\n\t"
      "movsd %%xmm6, %0"
      : "+m"(value)
      :
      : "rax", "rcx", "rdi", "rsi", "r11", "xmm6", "memory");
  check("the handler saw xmm6", in_context == 6.5);
  check("and its change came back", value == 9.5);
}

GUEST_CASE(handler_interrupts_a_busy_loop) {
  static volatile int done;
  handle(SIGUSR1, [](int) { done = 1; });
  const int child = start_child([] {
    while (done == 0) {
    }
    return 5;
  });
  must("kill", sys::kill(child, SIGUSR1));
  show_status("child", wait_for(child));
}

GUEST_CASE(handler_keeps_the_upper_halves_of_avx_registers) {
  // Where the processor has them, and the kernel saves them.
  uint32_t ecx = 0;
  asm volatile("cpuid" : "=c"(ecx) : "a"(1), "c"(0) : "ebx", "edx");
  if ((ecx >> 27 & 3) != 3) return check("kept", true);
  handle(SIGUSR1, [](int) { asm volatile("vpxor %%xmm7, %%xmm7, %%xmm7" : : : "xmm7"); });
  const uint64_t wanted[4] = {1, 2, 3, 4};
  uint64_t got[4] = {};
  asm volatile(
      "vmovdqu %1, %%ymm7\n\t"
      "mov $39, %%eax\n\tsyscall\n\tmov %%rax, %%rdi\n\tmov $10, %%esi\n\t"
      "mov $62, %%eax\n\tsyscall\n\t"
      "vmovdqu %%ymm7, %0"
      : "=m"(got)
      : "m"(wanted)
      : "rax", "rcx", "rdi", "rsi", "r11", "xmm7", "memory");
  check("kept", got[0] == 1 && got[1] == 2 && got[2] == 3 && got[3] == 4);
}

}  // namespace weft::guest
