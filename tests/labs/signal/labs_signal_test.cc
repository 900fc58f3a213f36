// Lab signal: masks, and the journal under a handler that comes after each single instruction.
#include <ucontext.h>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "core/proc/process.hh"
#include "core/proc/send.hh"
#include "core/proc/signal.hh"
#include "labs/signal/journal.hh"
#include "unit/support/machine.hh"

namespace weft {
namespace {

// ---- Part 3: masks --------------------------------------------------------------------------------

namespace proc_tests {

using namespace proc;  // NOLINT(google-build-using-namespace): all of this is about it

// A process with one thread, a record that never runs.
class Alone {
 public:
  Alone() {
    process.actions = SignalActions::make().value();
    process.threads.push_back(self);
    process.thread_count.fetch_add(1, relaxed);
    process.actions->set(10, {0x1000, 0, 0, 0});
  }
  ~Alone() { process.threads.pop_front(); }

  void send(int signal) {
    SignalInfo info{};
    info.signal = signal;
    SpinGuard guard(tree_lock);
    ASSERT_TRUE(send_locked(process, nullptr, info).has_value());
  }
  bool is_alert() const { return thread.interrupt_pending; }

  Process process;
  Thread thread{"alone"};
  UserThread self{thread, process};
};

TEST(LabSignal, WhatIsBlockedWaitsUntilItIsUnblocked) {
  host::Machine().run([] {
    Alone alone;
    set_blocked(alone.self, bit_of(10));
    alone.send(10);
    EXPECT_FALSE(alone.is_alert());
    EXPECT_FALSE(has_signal(alone.self));
    set_blocked(alone.self, 0);
    EXPECT_TRUE(alone.is_alert());
    set_blocked(alone.self, bit_of(10));
    EXPECT_FALSE(alone.is_alert()) << "blocked again before it was taken";
  });
}

TEST(LabSignal, KillAndStopCannotBeBlocked) {
  host::Machine().run([] {
    Alone alone;
    set_blocked(alone.self, ~SignalSet{0});
    EXPECT_FALSE(contains(alone.self.blocked, abi::k_sigkill));
    EXPECT_FALSE(contains(alone.self.blocked, abi::k_sigstop));
    EXPECT_TRUE(contains(alone.self.blocked, 10));
  });
}

TEST(LabSignal, WhatBecomesIgnoredIsForgottenEvenIfItIsBlocked) {
  host::Machine().run([] {
    Alone alone;
    set_blocked(alone.self, bit_of(10));
    alone.send(10);
    set_action(alone.process, 10, {abi::k_ignore_signal, 0, 0, 0});
    set_action(alone.process, 10, {0x1000, 0, 0, 0});
    set_blocked(alone.self, 0);
    EXPECT_FALSE(alone.is_alert());
  });
}

}  // namespace proc_tests

// ---- Part 6: the journal --------------------------------------------------------------------------

// The CPU's trap flag makes a SIGTRAP after each instruction. After so many of them the handler under test is called:
// that is a signal at exactly that place.
constexpr unsigned long k_trap_flag = 0x100;
std::function<void()>* handler_under_test = nullptr;
unsigned instructions_left = 0;

void on_trap(int, siginfo_t*, void* context) {
  if (--instructions_left > 0) return;
  static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_EFL] &=
      ~static_cast<greg_t>(k_trap_flag);
  (*handler_under_test)();
}

void set_trap_flag() { asm volatile("pushfq; orq $0x100, (%%rsp); popfq" ::: "memory", "cc"); }
void clear_trap_flag() { asm volatile("pushfq; andq $~0x100, (%%rsp); popfq" ::: "memory", "cc"); }

// Runs `program` anew for each place in it at which a signal may come: prepare(), program(), check().
void interrupt_everywhere(const std::function<void()>& prepare,
                          const std::function<void()>& program, std::function<void()> handler,
                          const std::function<void()>& check) {
  struct sigaction action{};
  struct sigaction before{};
  action.sa_sigaction = on_trap;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGTRAP, &action, &before);
  handler_under_test = &handler;
  unsigned places = 0;
  for (bool has_come = true; has_come && !testing::Test::HasFailure();) {
    prepare();
    instructions_left = ++places;
    set_trap_flag();
    program();
    clear_trap_flag();
    has_come = instructions_left == 0;
    if (has_come) check();
  }
  EXPECT_GT(places, 10u);
  sigaction(SIGTRAP, &before, nullptr);
}

using Journal = labs::Journal<2>;

std::vector<uint64_t> all_of(Journal& journal) {
  std::vector<uint64_t> found;
  while (const std::optional<uint64_t> value = journal.take()) found.push_back(*value);
  return found;
}

TEST(LabJournal, KeepsTheOrderAndRefusesWhatDoesNotFit) {
  Journal journal;
  EXPECT_EQ(journal.take(), std::nullopt);
  for (uint64_t round = 0; round < 5; ++round) {
    EXPECT_TRUE(journal.note(round));
    EXPECT_TRUE(journal.note(round + 100));
    EXPECT_FALSE(journal.note(7));
    EXPECT_EQ(all_of(journal), (std::vector<uint64_t>{round, round + 100}));
  }
}

TEST(LabJournal, AHandlerWritesWhileTheProgramWrites) {
  std::optional<Journal> journal;
  bool was_noted = false;
  interrupt_everywhere([&] { journal.emplace(); }, [&] { was_noted = journal->note(1); },
                       [&] { EXPECT_TRUE(journal->note(2)); },
                       [&] {
                         ASSERT_TRUE(was_noted);
                         const std::vector<uint64_t> found = all_of(*journal);
                         ASSERT_EQ(found.size(), 2u);
                         EXPECT_EQ(found[0] + found[1], 3u) << found[0] << ", " << found[1];
                       });
}

TEST(LabJournal, AHandlerTakesTheLastPlaceWhileTheProgramLooks) {
  std::optional<Journal> journal;
  bool was_noted = false;
  bool was_handlers_noted = false;
  interrupt_everywhere(
      [&] {
        journal.emplace();
        ASSERT_TRUE(journal->note(1));
      },
      [&] { was_noted = journal->note(2); }, [&] { was_handlers_noted = journal->note(3); },
      [&] {
        EXPECT_NE(was_noted, was_handlers_noted) << "there was room for one of them";
        const std::vector<uint64_t> wanted{1, was_noted ? 2u : 3u};
        EXPECT_EQ(all_of(*journal), wanted);
      });
}

TEST(LabJournal, AHandlerWritesWhileTheProgramReads) {
  std::optional<Journal> journal;
  std::optional<uint64_t> taken;
  bool was_noted = false;
  interrupt_everywhere(
      [&] {
        journal.emplace();
        ASSERT_TRUE(journal->note(1) && journal->note(2));
      },
      [&] { taken = journal->take(); }, [&] { was_noted = journal->note(3); },
      [&] {
        EXPECT_EQ(taken, 1u);
        const std::vector<uint64_t> wanted =
            was_noted ? std::vector<uint64_t>{2, 3} : std::vector<uint64_t>{2};
        EXPECT_EQ(all_of(*journal), wanted);
      });
}

}  // namespace
}  // namespace weft
