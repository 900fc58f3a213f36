// Fork against fault: a page that both sides share until one writes. Each keeps its own value. And fork
// against exit: whoever is made is waited for.
#include "core/mm/address_space.hh"

#include "explore/scenarios/proc/family.hh"
#include "unit/support/user_space.hh"

namespace weft::explore {
namespace {

const Scenario fork_and_fault{
    {.name = "fork-fault",
     .about = "one thread forks the memory while another writes to it",
     .cpus = 2,
     .preemptions = 1,
     .random_runs = 3000},
    [](Stage& stage) {
      auto* parent = new host::UserSpace;
      mm::MapRequest request;
      request.size = k_page_size;
      request.access = mm::Access::read | mm::Access::write;
      const VirtAddr page = (*parent)->map(request).value();
      parent->write(page, 1);
      Ref<mm::AddressSpace> child;
      const auto touch = [&](mm::Access wanted) {
        return (*parent)->handle_fault(page, wanted) == mm::FaultResult::handled;
      };
      stage.thread("forks", [&] { child = (*parent)->fork().value(); });
      stage.thread("writes",
                   [&] { check(touch(mm::Access::write), "its own page may be written"); });
      stage.run();
      host::UserSpace copy(child);
      parent->write(page, 2);
      check(copy.read(page) == 1, "the child has the page as it was");
    }};

const Scenario fork_and_exit{
    {.name = "fork-exit",
     .about = "one thread forks while another ends their process",
     .cpus = 3,
     .preemptions = 1,
     .random_runs = 300},
    [](Stage& stage) {
      const Program grandchild{.run = [] { proc::end_process(0); }};
      bool has_forked = false;
      const Program forks{
          .run = [&] { has_forked = fork_child("grandchild", grandchild).has_value(); }};
      const Program ends{.set_up = [&] { static_cast<void>(fork_thread("forks", forks)); },
                         .run = [] { proc::end_process(proc::status_of_exit(3)); }};
      const Program parent{.set_up = [&] { static_cast<void>(fork_child("ends", ends)); },
                           .run =
                               [&] {
                                 int ends_heard_of = 0;
                                 while (wait_for_any().has_value()) ++ends_heard_of;
                                 check(ends_heard_of == (has_forked ? 2 : 1),
                                       "process 1 hears of every end");
                               }};
      begin_family(parent);
      stage.run();
    }};

}  // namespace
}  // namespace weft::explore
