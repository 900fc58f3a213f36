// Exit against wait: children end while their parent decides to sleep for that.
#include "core/sched/scheduler.hh"
#include "core/sync/event.hh"
#include "explore/scenarios/proc/family.hh"

namespace weft::explore {
namespace {

using News = Result<proc::ChildNews>;

bool is_end(const News& news, int code) {
  return news.has_value() && news->pid != 0 && news->status == proc::status_of_exit(code);
}
bool is_error(const News& news, Errno error) { return !news.has_value() && news.error() == error; }

const Program ends_with_3{.run = [] { proc::end_process(proc::status_of_exit(3)); }};
const Program ends_with_4{.run = [] { proc::end_process(proc::status_of_exit(4)); }};

const Scenario exit_and_wait{
    {.name = "exit-wait",
     .about = "a child ends while its parent looks, and sleeps",
     .cpus = 2,
     .preemptions = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      const Program parent{.set_up = [] { static_cast<void>(fork_child("child", ends_with_3)); },
                           .run =
                               [] {
                                 check(is_end(wait_for_any(), 3), "the parent hears of the end");
                                 check(is_error(wait_for_any(), Errno::child),
                                       "and there is no other child");
                               }};
      begin_family(parent);
      stage.run();
    }};

const Scenario look_first{
    {.name = "exit-wait-no-hang",
     .about = "a child ends while its parent looks without waiting, and then waits",
     .cpus = 2,
     .preemptions = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      const Program parent{.set_up = [] { static_cast<void>(fork_child("child", ends_with_3)); },
                           .run =
                               [] {
                                 const News first = wait_for_any(/*may_block=*/false);
                                 check(first.has_value(), "there is a child, alive or not");
                                 check(is_end(first->pid == 0 ? wait_for_any() : first, 3),
                                       "its end is told once");
                               }};
      begin_family(parent);
      stage.run();
    }};

const Scenario two_children{{.name = "exit-wait-two",
                             .about = "two children end at once, and their parent waits twice",
                             .cpus = 3,
                             .preemptions = 1,
                             .random_runs = 1000},
                            [](Stage& stage) {
                              const Program parent{
                                  .set_up =
                                      [] {
                                        static_cast<void>(fork_child("child 1", ends_with_3));
                                        static_cast<void>(fork_child("child 2", ends_with_3));
                                      },
                                  .run =
                                      [] {
                                        const News first = wait_for_any();
                                        const News second = wait_for_any();
                                        check(is_end(first, 3) && is_end(second, 3),
                                              "the parent hears of both");
                                        check(first->pid != second->pid, "and of each once");
                                      }};
                              begin_family(parent);
                              stage.run();
                            }};

const Scenario ignored{
    {.name = "exit-ignored",
     .about = "a child ends whose parent ignores SIGCHLD, and waits all the same",
     .cpus = 2,
     .preemptions = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      const Program parent{.set_up =
                               [] {
                                 proc::current_thread().process.actions->set(
                                     abi::k_sigchld, {abi::k_ignore_signal, 0, 0, 0});
                                 static_cast<void>(fork_child("child", ends_with_3));
                               },
                           .run =
                               [] {
                                 check(is_error(wait_for_any(), Errno::child),
                                       "it waits until there is no child any more");
                               }};
      begin_family(parent);
      stage.run();
    }};

// The grandchild becomes process 1's, dead or alive, and its end is told once.
const Scenario orphan{
    {.name = "exit-orphan",
     .about = "a child and its own child end at the same time",
     .cpus = 3,
     .preemptions = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      const Program child{
          .set_up = [] { static_cast<void>(fork_child("grandchild", ends_with_4)); },
          .run = [] { proc::end_process(proc::status_of_exit(3)); }};
      const Program parent{.set_up = [&] { static_cast<void>(fork_child("child", child)); },
                           .run =
                               [] {
                                 const News first = wait_for_any();
                                 const News second = wait_for_any();
                                 check((is_end(first, 3) && is_end(second, 4)) ||
                                           (is_end(first, 4) && is_end(second, 3)),
                                       "process 1 hears of both ends, of each once");
                                 check(is_error(wait_for_any(), Errno::child),
                                       "and there is nobody else");
                               }};
      begin_family(parent);
      stage.run();
    }};

// A process lives as long as its last thread.
const Scenario leader_first{
    {.name = "exit-leader",
     .about = "the first thread of a process ends before, with or after the other",
     .cpus = 3,
     .preemptions = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      const Program other{.run = [] { proc::end_thread(proc::status_of_exit(5)); }};
      const Program leader{.set_up = [&] { static_cast<void>(fork_thread("other", other)); },
                           .run = [] { proc::end_thread(proc::status_of_exit(5)); }};
      const Program parent{.set_up = [&] { static_cast<void>(fork_child("leader", leader)); },
                           .run =
                               [] {
                                 check(is_end(wait_for_any(), 5),
                                       "the last thread's end is the process's");
                                 check(is_error(wait_for_any(), Errno::child), "and is told once");
                               }};
      begin_family(parent);
      stage.run();
    }};

// One thread ends the whole process while another begins to wait for what never comes.
const Scenario whole_process{
    {.name = "exit-group",
     .about = "one thread ends the process while another falls asleep",
     .cpus = 3,
     .preemptions = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      const Program sleeper{.run = [] {
        check(is_error(wait_for_any(), Errno::child), "it has no children");
        Event never;
        check(!never.wait({k_never, /*interruptible=*/true}).has_value(), "the end wakes it");
      }};
      const Program leader{.set_up = [&] { static_cast<void>(fork_thread("sleeper", sleeper)); },
                           .run = [] { proc::end_process(proc::status_of_exit(3)); }};
      const Program parent{
          .set_up = [&] { static_cast<void>(fork_child("leader", leader)); },
          .run = [] { check(is_end(wait_for_any(), 3), "the status is who ended all's"); }};
      begin_family(parent);
      stage.run();
    }};

// A child's end and a signal come to one who waits: neither is lost.
const Scenario signalled{
    {.name = "exit-wait-signal",
     .about = "a child ends, and a signal comes to its parent, who waits",
     .cpus = 3,
     .preemptions = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      const Program parent{.set_up = [] { static_cast<void>(fork_child("child", ends_with_3)); },
                           .run =
                               [] {
                                 const News news = wait_for_any();
                                 check(is_end(news, 3) || is_error(news, Errno::intr),
                                       "one of the two ends the wait");
                               }};
      begin_family(parent);
      stage.thread("signal", [] { sched::interrupt(thread_named("init")); });
      stage.run();
    }};

}  // namespace
}  // namespace weft::explore
