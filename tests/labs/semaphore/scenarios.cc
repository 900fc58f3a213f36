// The explorer's scenarios of lab semaphore: the bounded buffer, and philosophers at a table for three.
#include <array>

#include "explore/scenario.hh"
#include "labs/semaphore/buffer.hh"
#include "labs/semaphore/dining.hh"

namespace weft::explore {
namespace {

constexpr size_t k_seats = 3;
constexpr const char* k_names[k_seats] = {"A", "B", "C"};

const Scenario buffer{{.name = "buffer",
                       .about = "two numbers go through a buffer for one, taken by two",
                       .cpus = 2,
                       .preemptions = 2,
                       .random_runs = 3000},
                      [](Stage& stage) {
                        labs::Buffer<int, 1> buffer;
                        Atomic<int> sum{0};
                        stage.thread("producer", [&] {
                          buffer.put(1);
                          buffer.put(2);
                        });
                        for (const char* name : {"consumer 1", "consumer 2"}) {
                          stage.thread(name, [&] { sum.fetch_add(buffer.take(), relaxed); });
                        }
                        stage.run();
                        check(sum.load(relaxed) == 3, "each number comes through once");
                      }};

const Scenario left_first{
    {.name = "dining-left-first",
     .about = "everybody takes the left fork first: a mistake",
     .cpus = 2,
     .random_runs = 1000,
     // Nobody owns a semaphore: so for the explorer it is a wake-up that doesn't come.
     .expected = Verdict::lost_wakeup},
    [](Stage& stage) {
      std::array forks{Semaphore(1), Semaphore(1), Semaphore(1)};
      for (size_t seat = 0; seat < k_seats; ++seat) {
        stage.thread(k_names[seat], [&, seat] {
          labs::take_left_first(forks, seat);
          labs::put_back(forks, seat);
        });
      }
      stage.run();
    }};

const Scenario lower_first{{.name = "dining-lower-first",
                            .about = "everybody takes the fork with the lower number first",
                            .cpus = 2,
                            .random_runs = 3000},
                           [](Stage& stage) {
                             std::array forks{Semaphore(1), Semaphore(1), Semaphore(1)};
                             std::array<int, k_seats> meals{};
                             for (size_t seat = 0; seat < k_seats; ++seat) {
                               stage.thread(k_names[seat], [&, seat] {
                                 labs::take_lower_first(forks, seat);
                                 ++meals[seat];
                                 labs::put_back(forks, seat);
                               });
                             }
                             stage.run();
                             for (const Semaphore& fork : forks)
                               check(fork.keys() == 1, "all forks are back");
                           }};

const Scenario chairs{{.name = "dining-chairs",
                       .about = "two chairs for three philosophers",
                       .cpus = 2,
                       .random_runs = 3000},
                      [](Stage& stage) {
                        std::array forks{Semaphore(1), Semaphore(1), Semaphore(1)};
                        Semaphore chairs(k_seats - 1);
                        std::array<int, k_seats> meals{};
                        for (size_t seat = 0; seat < k_seats; ++seat) {
                          stage.thread(k_names[seat], [&, seat] {
                            labs::sit_down_and_take(forks, chairs, seat);
                            ++meals[seat];
                            labs::leave_table(forks, chairs, seat);
                          });
                        }
                        stage.run();
                        check(chairs.keys() == k_seats - 1, "all chairs are free");
                        for (const Semaphore& fork : forks)
                          check(fork.keys() == 1, "all forks are back");
                      }};

}  // namespace
}  // namespace weft::explore
