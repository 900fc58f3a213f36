// The program that cases execute: it says what it was given.
//
//   helper arguments ...      its arguments and environment      helper exit N
//   helper start              registers, stack, auxiliary vector
//   helper descriptors        which of the first 32 are open     helper signals      blocked, ignored ...
//   helper pid N              is that its process id?             helper pause        nothing, for ever
#include "guest/support/calls.hh"
#include "guest/support/case.hh"
#include "guest/support/linux.hh"
#include "guest/support/names.hh"
#include "guest/support/signals.hh"
#include "guest/support/start.hh"

namespace weft::guest {
namespace {

int show_arguments(const StartStack& start) {
  for (int index = 0; index < start.argument_count; ++index) {
    say("argument {}: '{}'", index, start.arguments[index]);
  }
  check("the list of arguments ends with null", start.arguments[start.argument_count] == nullptr);
  for (char** entry = start.environment; *entry != nullptr; ++entry)
    say("environment: '{}'", *entry);
  return 0;
}

bool has_auxiliary(const StartStack& start, uint64_t type) {
  for (const AuxiliaryEntry* entry = start.auxiliary; entry->type != AT_NULL; ++entry) {
    if (entry->type == type) return true;
  }
  return false;
}

extern "C" const char __ehdr_start[];

int show_start(const StartStack& start) {
  const auto stack = reinterpret_cast<uint64_t>(start.raw);
  check("the stack pointer is a multiple of 16", stack % 16 == 0);
  check("AT_PAGESZ is 4096", auxiliary_value(AT_PAGESZ) == 4096);
  check("AT_PHDR is the program's header table",
        auxiliary_value(AT_PHDR) == reinterpret_cast<uint64_t>(__ehdr_start) + 64);
  check("AT_PHENT is 56", auxiliary_value(AT_PHENT) == 56);
  check("AT_PHNUM is what the header says",
        auxiliary_value(AT_PHNUM) == *reinterpret_cast<const uint16_t*>(__ehdr_start + 56));
  check("AT_ENTRY is what the header says",
        auxiliary_value(AT_ENTRY) == *reinterpret_cast<const uint64_t*>(__ehdr_start + 24));
  check("there is AT_BASE, and it is 0",
        has_auxiliary(start, AT_BASE) && auxiliary_value(AT_BASE) == 0);
  check("AT_UID, EUID, GID and EGID are there and 0",
        has_auxiliary(start, AT_UID) && has_auxiliary(start, AT_EUID) &&
            has_auxiliary(start, AT_GID) && has_auxiliary(start, AT_EGID) &&
            (auxiliary_value(AT_UID) | auxiliary_value(AT_GID)) == 0);
  check("AT_SECURE is 0", has_auxiliary(start, AT_SECURE) && auxiliary_value(AT_SECURE) == 0);
  show("AT_CLKTCK", static_cast<long>(auxiliary_value(AT_CLKTCK)));
  const auto* random = reinterpret_cast<const uint8_t*>(auxiliary_value(AT_RANDOM));
  uint8_t any = 0;
  for (int at = 0; random != nullptr && at < 16; ++at) any |= random[at];
  check("AT_RANDOM leads to 16 bytes that aren't all 0", any != 0);
  const auto* name = reinterpret_cast<const char*>(auxiliary_value(AT_EXECFN));
  say("AT_EXECFN: '{}'", name);
  check("the strings stand above the vector", reinterpret_cast<uint64_t>(start.arguments[0]) >
                                                  reinterpret_cast<uint64_t>(start.auxiliary));
  return 0;
}

int show_descriptors() {
  for (int fd = 3; fd < 32; ++fd) {
    if (sys::fcntl(fd, F_GETFD) >= 0) say("descriptor {} is open", fd);
  }
  return 0;
}

int show_signals() {
  for (const int number : {SIGUSR1, SIGUSR2, SIGTERM, SIGCHLD}) {
    uint64_t action[4] = {};
    sys::rt_sigaction(number, nullptr, action, k_signal_set_size);
    say("{}: {}{}{}", signal_name(number),
        action[0] == 0 ? "default" : (action[0] == 1 ? "ignored" : "handled"),
        (blocked_signals() & signal_set(number)) != 0 ? ", blocked" : "",
        (pending_signals() & signal_set(number)) != 0 ? ", pending" : "");
  }
  stack_t stack;
  sys::sigaltstack(nullptr, &stack);
  check("there is an alternate stack", (stack.ss_flags & SS_DISABLE) == 0);
  return 0;
}

int number_of(const char* text) {
  int value = 0;
  for (; *text != '\0'; ++text) value = value * 10 + (*text - '0');
  return value;
}

}  // namespace

int main_program(const StartStack& start) {
  const std::string_view job = start.argument_count > 1 ? start.arguments[1] : "arguments";
  if (job == "start") return show_start(start);
  if (job == "descriptors") return show_descriptors();
  if (job == "signals") return show_signals();
  if (job == "pause") {
    for (;;) sys::pause();
  }
  if (job == "exit") return number_of(start.arguments[2]);
  if (job == "pid") {
    check("the process id is the same", sys::getpid() == number_of(start.arguments[2]));
    check("so is the thread's", sys::gettid() == number_of(start.arguments[2]));
    return 0;
  }
  return show_arguments(start);
}

}  // namespace weft::guest
