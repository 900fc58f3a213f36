// Run:      safety [atomicity|consistency|visibility|reentrancy|deadlock]
// Look for: each idea twice, first broken, then mended.
// Why:      the compiler and the machine keep none of these promises by themselves; a lock does.
#include "userlib/bin/demos/safety.hh"

#include "userlib/base/print.hh"
#include "userlib/bin/tools.hh"

namespace weft {
namespace {

struct Idea {
  std::string_view name;
  void (*show)();
};
constexpr Idea k_ideas[] = {{"atomicity", show_atomicity},
                            {"consistency", show_consistency},
                            {"visibility", show_visibility},
                            {"reentrancy", show_reentrancy},
                            {"deadlock", show_deadlock}};

}  // namespace

int safety_main(Arguments arguments) {
  const std::string_view wanted = arguments.size() > 1 ? arguments[1] : "";
  bool found = false;
  for (const Idea& idea : k_ideas) {
    if (!wanted.empty() && wanted != idea.name) continue;
    found = true;
    print("{}\n", idea.name);
    idea.show();
  }
  if (!found) print_error("safety: there is no idea '{}'\n", wanted);
  return found ? 0 : 2;
}

}  // namespace weft
