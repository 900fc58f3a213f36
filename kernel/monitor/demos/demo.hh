// Demo: a small program of kernel threads that shows one idea. Each is a file of this folder; the
// table of all is in demos.cc.
#pragma once

#include <span>
#include <string_view>

#include "core/base/format.hh"

namespace weft::monitor {

struct Demo {
  std::string_view name;
  std::string_view idea;  // in a few words, for the list
  std::string_view look;  // what to look for, in three lines
  // Runs it to its end. False if what it shows did not come true.
  bool (*run)(Sink& out);
};

std::span<const Demo* const> all_demos();

extern const Demo ring_demo;
extern const Demo pingpong_demo;
extern const Demo storm_demo;
extern const Demo inherit_demo;
extern const Demo philosophers_demo;
extern const Demo rw_demo;
extern const Demo bounded_buffer_demo;
extern const Demo barrier_demo;
extern const Demo sleepers_demo;
extern const Demo fairness_demo;
extern const Demo preempt_demo;

}  // namespace weft::monitor
