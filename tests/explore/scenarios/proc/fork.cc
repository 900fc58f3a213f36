// Fork against fault: a page that both sides share until one writes. Each keeps its own value.
#include "core/mm/address_space.hh"

#include "explore/scenario.hh"
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

}  // namespace
}  // namespace weft::explore
