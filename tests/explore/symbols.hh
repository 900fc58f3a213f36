// Which function, file and line a place in the code is: asked from the debug information of this program.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace weft::explore {

struct Place {
  std::string function;  // without namespaces and parameters
  std::string file;      // its last part
  unsigned line = 0;
  std::string text;  // of that line, without blanks at its ends
};

// Of inlined code, the innermost call that is no mere cover of another (Atomic::load, List::push_back).
std::map<uint32_t, Place> find_places(const std::vector<uint32_t>& addresses);

}  // namespace weft::explore
