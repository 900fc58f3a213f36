// Several threads on one tree, with host threads as CPUs, under TSan.
#include "unit/fs/scenarios.hh"

namespace weft::fs {
namespace {

TEST(TreeOnThreads, AReplacedNameIsAlwaysThere) {
  with_tree([] { scenarios::a_replaced_name_is_always_there(100); }, {.cpus = 4});
}
TEST(TreeOnThreads, ExchangedNamesAreAlwaysThere) {
  with_tree([] { scenarios::exchanged_names_are_always_there(100); }, {.cpus = 4});
}
TEST(TreeOnThreads, NamesComeAndGo) {
  with_tree([] { scenarios::names_come_and_go(4, 200); }, {.cpus = 4});
}

}  // namespace
}  // namespace weft::fs
