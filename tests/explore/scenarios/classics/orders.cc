// How many orders are there of n threads with k steps each? (nk)! / (k!)^n. Without any reduction, the
// search must find exactly so many.
#include <array>

#include "core/base/atomic.hh"
#include "explore/scenario.hh"

namespace weft::explore {
namespace {

// The threads share nothing.
template <unsigned threads, unsigned steps>
void independent(Stage& stage) {
  static constexpr std::array<const char*, 4> k_names = {"A", "B", "C", "D"};
  std::array<Atomic<unsigned>, threads> words{};
  for (unsigned i = 0; i < threads; ++i) {
    stage.thread(k_names[i], [&word = words[i]] {
      for (unsigned step = 0; step < steps; ++step) word.store(step, relaxed);
    });
  }
  stage.run();
}

const Scenario two_by_nine{{.name = "orders-2-9",
                            .about = "two threads of nine steps: 18! / (9! 9!)",
                            .expected_runs = 48'620},
                           independent<2, 9>};
const Scenario three_by_four{{.name = "orders-3-4",
                              .about = "three threads of four steps: 12! / (4! 4! 4!)",
                              .expected_runs = 34'650},
                             independent<3, 4>};
const Scenario four_by_three{{.name = "orders-4-3",
                              .about = "four threads of three steps: 12! / (3! 3! 3! 3!)",
                              .expected_runs = 369'600},
                             independent<4, 3>};

}  // namespace
}  // namespace weft::explore
