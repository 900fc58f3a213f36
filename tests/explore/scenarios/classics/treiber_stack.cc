// The stack without locks, with and without tags: the known answer is ABA.
#include "explore/scenario.hh"
#include "explore/scenarios/classics/tagged_stack.hh"

namespace weft::explore {
namespace {

// One takes a node; the other takes two and brings the first one back.
template <typename Top>
void pop_against_pops_and_push(Stage& stage) {
  TreiberStack<Top> stack;
  for (const uint32_t node : {2u, 1u, 0u}) stack.push(node);
  std::array<Atomic<int>, 4> holders{};
  const auto take = [&] {
    const uint32_t node = stack.pop();
    if (node != k_no_node) check(holders[node].fetch_add(1, relaxed) == 0, "a node has one holder");
    return node;
  };
  stage.thread("A", [&] { take(); });
  stage.thread("B", [&] {
    const uint32_t first = take();
    take();
    if (first == k_no_node) return;
    holders[first].fetch_sub(1, relaxed);
    stack.push(first);
  });
  stage.run();
  for (uint32_t node = stack.pop(); node != k_no_node; node = stack.pop()) {
    check(holders[node].load(relaxed) == 0, "a node that is on the stack is nobody's");
  }
}

const Scenario tagged{{.name = "treiber-tagged",
                       .about = "a stack without locks, with tags",
                       .preemptions = 6,
                       .old_stores = 1},
                      pop_against_pops_and_push<Tagged>};
const Scenario untagged{{.name = "treiber-untagged",
                         .about = "a stack without locks and without tags: ABA",
                         .expected = Verdict::assertion},
                        pop_against_pops_and_push<Untagged>};

}  // namespace
}  // namespace weft::explore
