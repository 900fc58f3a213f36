// Which function, file and line a place in the code is, and which variable a place in memory: asked from
// the debug information of this program.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace weft::explore {

struct Place {
  std::string function;  // without namespaces and parameters; a lambda has no name
  std::string file;      // its last part; of a scenario with its folders
  unsigned line = 0;
  std::string text;  // of that line, without blanks at its ends
};

// Of inlined code, the innermost call that is no mere cover of another (Atomic::load, List::push_back).
std::map<uint32_t, Place> find_places(const std::vector<uint32_t>& addresses);

// Of global variables: "tree_lock", or "page_frames+64" for a place within.
std::map<uintptr_t, std::string> find_variables(const std::set<uintptr_t>& addresses);

}  // namespace weft::explore
