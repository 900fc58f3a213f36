// Does a switch keep what it has to? Used by the labs that write one. The code is assembly (registers.cc), since only
// there it is known what is in which register.
#pragma once

#include <array>
#include <string>

namespace weft::labs {

// Any function that switches from one context to another, whatever a context is.
using Switch = void (*)(void* from, void* to);

// Puts marks into all registers that a called function has to keep, switches, and tells which are not as they were: a
// bit each, rbx rbp r12 r13 r14 r15; and 64 if the stack isn't.
extern "C" int lab_switch_and_compare(void* from, void* to, Switch change);

// The same as their names: what a switch has lost, so "" for a good one.
inline std::string lost_by_switch(void* from, void* to, Switch change) {
  static constexpr std::array k_names = {"rbx", "rbp", "r12", "r13", "r14", "r15", "rsp"};
  const int lost = lab_switch_and_compare(from, to, change);
  std::string names;
  for (size_t bit = 0; bit < k_names.size(); ++bit) {
    if ((lost >> bit & 1) == 0) continue;
    if (!names.empty()) names += ' ';
    names += k_names[bit];
  }
  return names;
}

// What the other context runs: spoils all of these registers and switches back to lab_here, again and again.
extern "C" void lab_spoil_registers();
extern "C" void* lab_here;
extern "C" void* lab_there;
extern "C" Switch lab_switch;

}  // namespace weft::labs
