// Several threads on one tree, in many interleavings.
#include "unit/fs/scenarios.hh"

#include "unit/support/seeds.hh"

namespace weft::fs {
namespace {

void run(const std::function<void()>& scenario) {
  host::for_seeds(20, [&](uint64_t seed) { with_tree(scenario, host::options_for(seed)); });
}

TEST(TreeScenarios, AReplacedNameIsAlwaysThere) {
  run([] { scenarios::a_replaced_name_is_always_there(10); });
}
TEST(TreeScenarios, ExchangedNamesAreAlwaysThere) {
  run([] { scenarios::exchanged_names_are_always_there(10); });
}
TEST(TreeScenarios, NamesComeAndGo) {
  run([] { scenarios::names_come_and_go(3, 40); });
}

}  // namespace
}  // namespace weft::fs
