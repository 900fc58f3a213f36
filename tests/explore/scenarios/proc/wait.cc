// Exit against wait: a child ends while its parent decides to sleep for that.
#include "core/proc/children.hh"
#include "core/proc/process.hh"
#include "core/proc/process_tree.hh"
#include "explore/scenario.hh"

namespace weft::explore {
namespace {

using proc::Process;

// The tree's last lines of an end; what comes before them is the child's own affair.
void end(Process& child) {
  SpinGuard guard(proc::tree_lock);
  Process& parent = *child.parent;
  child.has_ended = true;
  decltype(parent.children)::remove(child);
  parent.ended.push_back(child);
  report_end(child);
}

const Scenario exit_and_wait{
    {.name = "exit-wait",
     .about = "a child ends while its parent looks, and sleeps",
     .cpus = 2,
     .preemptions = 2,
     .random_runs = 2000},
    [](Stage& stage) {
      auto* parent = new Process;
      auto* child = new Process;
      parent->actions = proc::SignalActions::make().value();
      child->parent = parent;
      child->pid = 7;
      child->status = proc::status_of_exit(3);
      {
        SpinGuard guard(proc::tree_lock);
        parent->children.push_back(*child);
      }
      stage.thread("parent", [&] {
        const auto news = wait_for_child(*parent, {.leaves_it = true});
        check(news.has_value() && news->pid == 7 && news->status == proc::status_of_exit(3),
              "the parent hears of the end");
      });
      stage.thread("child", [&] { end(*child); });
      stage.run();
    }};

}  // namespace
}  // namespace weft::explore
