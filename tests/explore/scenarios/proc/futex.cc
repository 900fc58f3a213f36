// The kernel's side of futexes: whoever waits is on the list before it reads the word, whoever wakes has
// changed the word before.
#include "core/proc/futex.hh"

#include "core/proc/process.hh"
#include "core/sched/scheduler.hh"
#include "explore/scenario.hh"
#include "unit/support/user_space.hh"

namespace weft::explore {
namespace {

using proc::FutexWord;
using proc::k_any_bit;

// A process with one word of memory, which is 0.
struct World {
  World() {
    auto space = mm::AddressSpace::make().value();
    process.memory = space;
    mm::MapRequest request;
    request.size = k_page_size;
    request.access = mm::Access::read | mm::Access::write;
    word.address = space->map(request).value();
    user.emplace(std::move(space));
    user->write(word.address, 0);
    state.root = (*user)->root();
  }

  // The running thread belongs to the process from now on: wherever it runs, its memory is loaded.
  void enter() {
    IrqGuard irqs_off;
    hal::current()->user = &state;
    hal::load_root(state.root);
  }

  proc::Process process;
  std::optional<host::UserSpace> user;
  hal::UserState state;
  FutexWord word;
};

const Scenario wait_and_wake{
    {.name = "futex",
     .about = "one waits while the word is 0, one changes it and wakes",
     .cpus = 2,
     .preemptions = 1,
     .random_runs = 3000},
    [](Stage& stage) {
      auto* world = new World;
      stage.thread("waiter", [&] {
        world->enter();
        static_cast<void>(futex_wait(world->process, world->word, 0, k_never, k_any_bit));
        check(hal::load_user_word(world->word.address) == 1u, "nobody comes back too early");
      });
      stage.thread("waker", [&] {
        world->enter();
        static_cast<void>(hal::compare_exchange_user_word(world->word.address, 0, 1));
        static_cast<void>(futex_wake(world->process, world->word, 1, k_any_bit));
      });
      stage.run();
    }};

const Scenario time_out{
    {.name = "futex-time-out",
     .about = "the wake-up comes just as the wait ends",
     .cpus = 2,
     .preemptions = 1,
     .interrupts = 1,
     .random_runs = 3000},
    [](Stage& stage) {
      auto* world = new World;
      bool was_woken = false;
      uint32_t woken = 0;
      stage.thread("waiter", [&] {
        world->enter();
        was_woken = futex_wait(world->process, world->word, 0, 1000, k_any_bit).has_value();
      });
      stage.thread("waker",
                   [&] { woken = futex_wake(world->process, world->word, 1, k_any_bit).value(); });
      stage.run();
      check(was_woken == (woken == 1), "both sides tell the same");
    }};

const Scenario interrupted{
    {.name = "futex-signal",
     .about = "a wake-up and a signal come to one who waits",
     .cpus = 2,
     .preemptions = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      auto* world = new World;
      bool was_woken = false;
      uint32_t woken = 0;
      stage.thread("waiter", [&] {
        world->enter();
        was_woken = futex_wait(world->process, world->word, 0, k_never, k_any_bit).has_value();
      });
      stage.thread("waker", [&] {
        world->enter();
        static_cast<void>(hal::compare_exchange_user_word(world->word.address, 0, 1));
        woken = futex_wake(world->process, world->word, 1, k_any_bit).value();
      });
      stage.thread("signal", [] { sched::interrupt(thread_named("waiter")); });
      stage.run();
      check(was_woken == (woken == 1), "both sides tell the same");
    }};

}  // namespace
}  // namespace weft::explore
