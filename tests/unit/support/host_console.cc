// The console, backtraces and the end of a host machine: the same for both.
#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>

#include "core/hal.hh"
#include "unit/support/host.hh"

namespace weft::host {
namespace {

constexpr size_t k_most_log = 64 * 1024;
constexpr size_t k_log_shown = 4 * 1024;

struct Log {
  std::mutex mutex;  // never held while the core runs
  std::string text;
  // Printed as well: always with WEFT_LOG=1, and from the moment a machine stops.
  bool is_printed = std::getenv("WEFT_LOG") != nullptr;
};

Log& the_log() {
  static Log log;
  return log;
}

void (*reporter)() = nullptr;

}  // namespace

void set_reporter(void (*report)()) { reporter = report; }
void report_threads() {
  if (reporter != nullptr) reporter();
}

std::string log_text() {
  const std::lock_guard guard(the_log().mutex);
  return the_log().text;
}

void clear_log() {
  const std::lock_guard guard(the_log().mutex);
  the_log().text.clear();
}

void stop(std::string_view reason) {
  static std::atomic<bool> stopping{false};
  // Another CPU is at it, or it happened again while telling.
  if (stopping.exchange(true)) std::abort();
  {
    const std::lock_guard guard(the_log().mutex);
    // What was logged just before often tells why.
    const std::string& text = the_log().text;
    if (!the_log().is_printed && !text.empty()) {
      std::fprintf(stderr, "\n%s",
                   text.substr(text.size() - std::min(text.size(), k_log_shown)).c_str());
    }
    the_log().is_printed = true;
    std::fprintf(stderr, "\nmachine stopped: %.*s\n  %s\n", static_cast<int>(reason.size()),
                 reason.data(), describe_moment().c_str());
  }
  uintptr_t addresses[24];
  const size_t count = hal::backtrace(addresses);
  for (size_t i = 0; i < count; ++i) {
    std::fputs("  from ", stderr);
    hal::write_address(addresses[i]);
    std::fputs("\n", stderr);
  }
  upcall::describe_current();
  std::fflush(stderr);
  std::abort();
}

}  // namespace weft::host

namespace weft::hal {

void write_log(std::string_view text) {
  host::Log& log = host::the_log();
  const std::lock_guard guard(log.mutex);
  if (log.is_printed) std::fwrite(text.data(), 1, text.size(), stderr);
  log.text.append(text);
  if (log.text.size() > host::k_most_log) log.text.erase(0, host::k_most_log / 2);
}

// Walks the frame pointers; so all of the program is compiled with them.
__attribute__((noinline, no_sanitize("address", "thread"))) size_t
backtrace(std::span<uintptr_t> addresses) {
  const host::StackBounds bounds = host::stack_bounds();
  auto frame = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  size_t count = 0;
  while (count < addresses.size() && frame >= bounds.begin && frame + 16 <= bounds.end &&
         frame % 8 == 0) {
    const auto* words = reinterpret_cast<const uintptr_t*>(frame);
    if (words[1] == 0) break;
    addresses[count++] = words[1];
    if (words[0] <= frame) break;
    frame = words[0];
  }
  return count;
}

void write_address(uintptr_t address) {
  Dl_info info;
  char line[256];
  if (dladdr(reinterpret_cast<void*>(address), &info) == 0) {
    std::snprintf(line, sizeof line, "0x%lx", address);
  } else if (info.dli_sname != nullptr) {
    std::snprintf(line, sizeof line, "%s+0x%lx", info.dli_sname,
                  address - reinterpret_cast<uintptr_t>(info.dli_saddr));
  } else {
    // As addr2line wants it: the program, and the place in it.
    std::snprintf(line, sizeof line, "%s 0x%lx", info.dli_fname,
                  address - reinterpret_cast<uintptr_t>(info.dli_fbase));
  }
  write_log(line);
}

void stop(std::string_view reason) { host::stop(reason); }

}  // namespace weft::hal
