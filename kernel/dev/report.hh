// The report channel: lines for the program that started this machine, beside the console. Each is
//
//     NUMBER word rest
//
// where the number was made up for this run and came on the command line (nonce=); without it
// nothing is sent. What a test prints on the console can't be taken for a verdict.
//
//   start                      the first thread runs
//   prompt                     the first prompt is shown
//   plan N                     so many tests follow
//   test NAME pass|fail TEXT   one of them
//   bench NAME VALUE UNIT      something was measured
//   panic REASON               the machine stops because of a bug
//   end STATUS                 it is switched off
#pragma once

#include <string_view>

#include "core/base/format.hh"

namespace weft::dev {

inline constexpr size_t k_longest_report = 400;

// The number of this run, as text. Nothing is sent if it is empty, or if there is nobody to hear.
void start_reports(std::string_view number);
// Sends a line. Line ends inside `rest` become spaces. Any context.
void report(std::string_view word, std::string_view rest = {});

template <typename... Values>
  requires(sizeof...(Values) > 0)
void report(std::string_view word, std::string_view pattern, const Values&... values) {
  report(word, Text<k_longest_report>(pattern, values...).view());
}

}  // namespace weft::dev
