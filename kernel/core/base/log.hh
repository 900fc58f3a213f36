// log::info("CPU {} is up", id): one line with a time stamp and a level, on the log's console.
// Any context may log, with any lock held.
#pragma once

#include "core/base/format.hh"

namespace weft::log {

enum class Level { error, warn, info, debug };

// Lines less important than this are dropped. At first: info.
void set_level(Level level);
bool is_on(Level level);
void write_line(Level level, std::string_view text);

inline constexpr size_t k_longest_line = 200;

template <typename... Values>
void line(Level level, std::string_view pattern, const Values&... values) {
  if (!is_on(level)) return;
  write_line(level, Text<k_longest_line>(pattern, values...).view());
}

template <typename... Values>
void error(std::string_view pattern, const Values&... values) {
  line(Level::error, pattern, values...);
}
template <typename... Values>
void warn(std::string_view pattern, const Values&... values) {
  line(Level::warn, pattern, values...);
}
template <typename... Values>
void info(std::string_view pattern, const Values&... values) {
  line(Level::info, pattern, values...);
}
template <typename... Values>
void debug(std::string_view pattern, const Values&... values) {
  line(Level::debug, pattern, values...);
}

}  // namespace weft::log
