// A guest case: one function, registered by its name, that does something to the kernel and prints
// what it sees. It runs on Linux and on Weft, and passes when both print the same; so what it prints
// must be the same each time: no process ids, no addresses, no times. See runner.cc for how it runs.
#pragma once

#include <string_view>

#include "core/base/format.hh"

namespace weft::guest {

struct Case {
  const char* name;
  void (*run)();
};

// One line of the transcript, written at once.
void say_values(std::string_view pattern, std::span<const FormatValue> values);

template <typename... Values>
void say(std::string_view pattern, const Values&... values) {
  if constexpr (sizeof...(Values) == 0) {
    say_values(pattern, {});
  } else {
    const FormatValue all[] = {FormatValue(values)...};
    say_values(pattern, all);
  }
}

// "what: 3", or "what: EBADF": the result of a system call.
void show(std::string_view what, long result);

// "what: yes" or "what: no": for a result that is not the same each time, but has a property that is.
void check(std::string_view what, bool holds);

// For steps that lead to the subject: the result, and the end of the case when it is an error.
long must(std::string_view what, long result);

}  // namespace weft::guest

// The linker gathers the cases of a program in one section, in the order of its sources.
#define GUEST_CASE(case_name)                                                                \
  static void case_##case_name();                                                            \
  [[gnu::section("guest_cases"), gnu::used,                                                  \
    gnu::retain]] static const ::weft::guest::Case registered_##case_name{#case_name,        \
                                                                          case_##case_name}; \
  static void case_##case_name()
