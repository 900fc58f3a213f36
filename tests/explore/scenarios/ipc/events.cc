// Counters and timers as files: each event is read once, whatever else happens meanwhile.
#include "core/ipc/event_counter.hh"
#include "core/ipc/timer_file.hh"
#include "core/sched/scheduler.hh"
#include "explore/scenario.hh"
#include "explore/scenarios/ipc/bytes.hh"

namespace weft::explore {
namespace {

const Scenario counter{{.name = "eventfd",
                        .about = "one waits for the counter until it has got all that two add",
                        .cpus = 2,
                        .preemptions = 2},
                       [](Stage& stage) {
                         const Ref<fs::File> file = ipc::make_event_counter(0, false, 0).value();
                         stage.thread("reader", [&] {
                           uint64_t sum = 0;
                           while (sum < 3) sum += read_number(*file).value();
                           check(sum == 3, "each event counts once");
                         });
                         for (const uint64_t amount : {1, 2}) {
                           stage.thread(amount == 1 ? "adds 1" : "adds 2", [&, amount] {
                             check(write_number(*file, amount), "there is room");
                           });
                         }
                         stage.run();
                       }};

const Scenario one_by_one{{.name = "eventfd-semaphore",
                           .about = "two take one each of what is added at once",
                           .cpus = 2,
                           .preemptions = 2},
                          [](Stage& stage) {
                            const Ref<fs::File> file = ipc::make_event_counter(0, true, 0).value();
                            for (const char* name : {"A", "B"}) {
                              stage.thread(
                                  name, [&] { check(read_number(*file) == 1u, "one for each"); });
                            }
                            stage.thread("adds 2", [&] { write_number(*file, 2); });
                            stage.run();
                          }};

const Scenario full{
    {.name = "eventfd-full",
     .about = "one waits for room in the counter, and a signal comes",
     .cpus = 2,
     .preemptions = 2},
    [](Stage& stage) {
      constexpr uint64_t k_most = ~uint64_t{0} - 1;
      const Ref<fs::File> file = ipc::make_event_counter(k_most, false, 0).value();
      bool was_added = false;
      stage.thread("adds", [&] { was_added = write_number(*file, 1); });
      stage.thread("reader", [&] { check(read_number(*file).has_value(), "there is something"); });
      stage.thread("signal", [] { sched::interrupt(thread_named("adds")); });
      stage.run();
      file->set_flags(abi::k_o_nonblock, abi::k_o_nonblock);
      check(read_number(*file).value_or(0) == (was_added ? 1 : 0), "both sides tell the same");
    }};

const Scenario timer{
    {.name = "timerfd",
     .about = "one waits for a timer that another sets, stops and sets again",
     .cpus = 2,
     .preemptions = 1,
     .interrupts = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      const Ref<fs::File> file = ipc::TimerFile::make(false, 0).value();
      stage.thread("reader", [&] { check(read_number(*file) == 1u, "its time comes once"); });
      stage.thread("setter", [&] {
        ipc::TimerFile& timer = *ipc::TimerFile::from(*file);
        timer.set(1000, false, 0);
        timer.set(0, false, 0);
        timer.set(1000, false, 0);
      });
      stage.run();
    }};

// Whoever closes it last may do so on another CPU than the one whose timer it is.
const Scenario timer_closed{{.name = "timerfd-close",
                             .about = "a timer's file is closed just as its time comes",
                             .cpus = 2,
                             .preemptions = 2,
                             .interrupts = 2},
                            [](Stage& stage) {
                              Ref<fs::File> file = ipc::TimerFile::make(false, 0).value();
                              Ref<fs::File> other = file;
                              stage.thread("sets", [&] {
                                ipc::TimerFile::from(*file)->set(1000, false, 0);
                                file.reset();
                              });
                              stage.thread("closes", [&] { other.reset(); });
                              stage.run();
                            }};

}  // namespace
}  // namespace weft::explore
