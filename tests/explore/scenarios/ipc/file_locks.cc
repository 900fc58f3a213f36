// Locks on files: one owner at a time, no circle of waiters, and closing lets the next one in.
#include "core/fs/file_locks.hh"

#include "core/fs/regular_file.hh"
#include "core/sched/scheduler.hh"
#include "explore/scenario.hh"

namespace weft::explore {
namespace {

using fs::FileLock;
using Family = FileLock::Family;

const int owners[3] = {};

FileLock exclusive(Family family, int owner, uint64_t byte = 0) {
  return {.family = family,
          .type = FileLock::Type::exclusive,
          .owner = &owners[owner],
          .first = family == Family::whole ? 0 : byte,
          .last = family == Family::whole ? FileLock::k_to_the_end : byte,
          .pid = 100 + owner};
}
Result<> lock(fs::Node& node, const FileLock& wanted) {
  return fs::set_lock(node, wanted, /*waits=*/true);
}
Ref<fs::RegularFile> make_node() { return fs::RegularFile::make(0600).value(); }

const Scenario range{{.name = "record-lock",
                      .about = "three owners lock the same byte, and close",
                      .cpus = 2,
                      .preemptions = 1,
                      .random_runs = 1000},
                     [](Stage& stage) {
                       const Ref<fs::RegularFile> node = make_node();
                       int inside = 0;
                       const auto enter = [&](int owner) {
                         check(lock(*node, exclusive(Family::range, owner)).has_value(),
                               "its turn comes");
                         check(++inside == 1, "one at a time");
                         --inside;
                         fs::drop_locks(*node, Family::range, &owners[owner]);
                       };
                       stage.thread("A", [&] { enter(0); });
                       stage.thread("B", [&] { enter(1); });
                       stage.thread("C", [&] { enter(2); });
                       stage.run();
                     }};

const Scenario circle{
    {.name = "record-lock-circle",
     .about = "two owners lock two bytes in both orders; one is refused",
     .cpus = 2,
     .preemptions = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      const Ref<fs::RegularFile> node = make_node();
      int refused = 0;
      const auto enter = [&](int owner) {
        const auto first = static_cast<uint64_t>(owner);
        check(lock(*node, exclusive(Family::range, owner, first)).has_value(), "no circle yet");
        const auto second = lock(*node, exclusive(Family::range, owner, 1 - first));
        if (!second.has_value()) {
          check(second.error() == Errno::deadlk, "that is why");
          ++refused;
        }
        fs::drop_locks(*node, Family::range, &owners[owner]);
      };
      stage.thread("A", [&] { enter(0); });
      stage.thread("B", [&] { enter(1); });
      stage.run();
      check(refused <= 1, "not both are refused");
    }};

const Scenario whole{
    {.name = "flock",
     .about = "one waits for a file's lock, its owner closes, and a signal comes",
     .cpus = 2,
     .preemptions = 2},
    [](Stage& stage) {
      const Ref<fs::RegularFile> node = make_node();
      check(lock(*node, exclusive(Family::whole, 0)).has_value(), "it is free");
      bool has_it = false;
      stage.thread("waiter", [&] {
        const auto locked = lock(*node, exclusive(Family::whole, 1));
        has_it = locked.has_value();
        check(has_it || locked.error() == Errno::intr, "one of the two ends the wait");
      });
      stage.thread("owner", [&] { fs::drop_locks(*node, Family::whole, &owners[0]); });
      stage.thread("signal", [] { sched::interrupt(thread_named("waiter")); });
      stage.run();
      const auto other = fs::set_lock(*node, exclusive(Family::whole, 2), false);
      check(other.has_value() == !has_it, "the lock is in one place");
      for (const int& owner : owners) fs::drop_locks(*node, Family::whole, &owner);
    }};

}  // namespace
}  // namespace weft::explore
