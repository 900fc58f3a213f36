#include "core/base/log.hh"

#include "core/base/atomic.hh"
#include "core/hal.hh"

namespace weft::log {
namespace {

Atomic<Level> least_important{Level::info};

const char* level_name(Level level) {
  switch (level) {
    case Level::error: return "error: ";
    case Level::warn: return "warning: ";
    case Level::info: return "";
    case Level::debug: return "debug: ";
  }
  return "";
}

}  // namespace

void set_level(Level level) { least_important.store(level, relaxed); }
bool is_on(Level level) { return level <= least_important.load(relaxed); }

void write_line(Level level, std::string_view text) {
  const Instant now = hal::now();
  // One call, so that lines of several CPUs don't mix: hal::write_log keeps a call together.
  hal::write_log(Text<k_longest_line + 40>("[{:>5}.{:06}] {}{}\n", now / k_second,
                                           now % k_second / k_microsecond, level_name(level), text)
                     .view());
}

}  // namespace weft::log
