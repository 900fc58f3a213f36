// Lab fork, part 5: what is left of a process between its end and its parent's wait.
#include "core/proc/process_tree.hh"

#include "explore/scenarios/proc/family.hh"

namespace weft::explore {
namespace {

const Program ends{.run = [] { proc::end_process(proc::status_of_exit(3)); }};

const Scenario zombie{
    {.name = "exit-zombie",
     .about = "a child ends, and its parent looks at it before it takes it away",
     .cpus = 2,
     .preemptions = 1,
     .random_runs = 300},
    [](Stage& stage) {
      const auto look = [] {
        proc::Process& self = proc::current_thread().process;
        const auto news = wait_for_child(self, {.leaves_it = true});
        check(news.has_value() && news->status == proc::status_of_exit(3), "its end is told");
        {
          SpinGuard guard(proc::tree_lock);
          const proc::Process* const child = proc::find_process(news->pid);
          check(child != nullptr && child->has_ended, "it keeps its number until it is taken away");
          check(!child->memory, "its memory is gone already");
          check(!child->files && !child->file_context, "and so are its descriptors");
          check(!child->program, "and the file that it ran");
        }
        const auto taken = wait_for_any();
        check(taken.has_value() && taken->pid == news->pid, "it is taken away once");
        check(wait_for_any().error() == Errno::child, "and only once");
      };
      const Program parent{.set_up = [] { static_cast<void>(fork_child("child", ends)); },
                           .run = look};
      begin_family(parent);
      stage.run();
    }};

}  // namespace
}  // namespace weft::explore
