// print("{} files\n", count): text to standard output, in core/base/format.hh's patterns.
#pragma once

#include <string_view>

#include "core/base/format.hh"
#include "userlib/base/lock.hh"

namespace weft {

// Text on its way to a descriptor, gathered into large writes.
class Output final : public Sink {
 public:
  explicit constexpr Output(int fd) : fd_(fd) {}

  void write(std::string_view text) override;
  // Writes what was gathered. What cannot be written is dropped; failed() tells.
  void flush();
  bool failed() const { return failed_; }
  // Forgets what was gathered: a forked child leaves it to its parent.
  void forget() { used_ = 0; }

 private:
  static constexpr size_t k_room = 4096;

  int fd_;
  bool failed_ = false;
  size_t used_ = 0;
  char room_[k_room] = {};
};

// Standard output. Whoever forks, execs or reads from a terminal flushes it first; exit() does, too.
// Only one thread at a time may use it; print() sees to that.
extern Output out;
namespace detail {
extern Lock print_lock;
}  // namespace detail

// From any thread: what one call prints stays together.
template <typename... Values>
void print(std::string_view pattern, const Values&... values) {
  const LockGuard guard(detail::print_lock);
  format(out, pattern, values...);
}

// To standard error, at once.
template <typename... Values>
void print_error(std::string_view pattern, const Values&... values) {
  Output error(2);
  format(error, pattern, values...);
  error.flush();
}

}  // namespace weft
