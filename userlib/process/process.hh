// process: a child, from its start to the moment when somebody has asked how it ended.
//
//   process child = process::run([] { return 3; }).value();          // a function, in a copy of us
//   process other = process::spawn({"ls", "-l"}).value();            // a program
//   exit_status status = child.wait();                               // exited with 3
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "core/base/assert.hh"
#include "core/base/result.hh"
#include "userlib/base/clock.hh"
#include "userlib/base/string.hh"
#include "userlib/base/vector.hh"
#include "userlib/process/fork.hh"
#include "userlib/sys/process.hh"

namespace weft {

// How a process ended: by itself, or by a signal.
class exit_status {
 public:
  constexpr exit_status() = default;
  constexpr explicit exit_status(int wait_status) : status_(wait_status) {}

  constexpr bool exited() const { return sys::has_exited(status_); }
  constexpr int code() const { return sys::exit_code(status_); }
  constexpr bool killed() const { return sys::was_killed(status_); }
  constexpr int signal() const { return sys::killing_signal(status_); }
  constexpr bool success() const { return status_ == 0; }
  friend constexpr bool operator==(exit_status, exit_status) = default;

 private:
  int status_ = 0;
};

// What a program finds when it starts.
struct spawn_options {
  // What becomes of a descriptor, in this order. All others stay open but those with close-on-exec.
  struct file_action {
    enum class kind : uint8_t { duplicate, close, open } what;
    int fd;                      // the one that the program gets, or does not get
    int from = -1;               // duplicate: of which
    const char* path = nullptr;  // open: what, and how
    uint32_t flags = 0;
    uint32_t mode = 0666;
  };
  static file_action duplicate(int from, int fd) {
    return {file_action::kind::duplicate, fd, from};
  }
  static file_action close(int fd) { return {file_action::kind::close, fd}; }
  static file_action open(int fd, const char* path, uint32_t flags, uint32_t mode = 0666) {
    return {file_action::kind::open, fd, -1, path, flags, mode};
  }

  Vector<file_action> files = {};
  std::optional<Vector<String>> environment = {};  // "NAME=value" each; none: ours
  const char* directory = nullptr;                 // where it starts; none: where we are
  bool new_group = false;                          // it leads a process group of its own
};

class process {
 public:
  process() = default;

  // Calls the function in a child that is a copy of this process. What it answers is the exit status;
  // without an answer that is 0. Nothing else of this program runs there: no other thread, and none of
  // its callers' rest; an exception ends it by SIGABRT.
  template <typename Function>
  static Result<process> run(Function&& function) {
    const int32_t child = TRY(fork_process());
    if (child != 0) return process(child);
    // An exception ends the child here. It must not find those who would catch it in the parent.
    const auto status = [&]() noexcept {
      if constexpr (std::is_void_v<std::invoke_result_t<Function&>>) {
        function();
        return 0;
      } else {
        return static_cast<int>(function());
      }
    };
    leave(status());
  }

  // Starts a program: words[0] is its path, or its name, looked for in PATH. That it cannot be started
  // is an answer, as are errors of the options.
  static Result<process> spawn(const Vector<String>& words, const spawn_options& options = {});

  process(process&& other) noexcept : id_(std::exchange(other.id_, 0)) {}
  process& operator=(process&& other) noexcept {
    ASSERT(!joinable(), "a process is waited for or detached before its handle goes");
    std::swap(id_, other.id_);
    return *this;
  }
  ~process() { ASSERT(!joinable(), "a process is waited for or detached before its handle goes"); }

  bool joinable() const { return id_ != 0; }
  int32_t get_id() const { return id_; }

  // Waits for its end. Throws Errno::child (see sys/exit.hh) if there is nobody to wait for.
  exit_status wait();
  // How it ended, if it has; if so, that was the wait.
  std::optional<exit_status> try_wait();
  // The same, within that time.
  template <typename Rep, typename Period>
  std::optional<exit_status> wait_for(const std::chrono::duration<Rep, Period>& duration) {
    return wait_until_instant(instant_after(duration));
  }
  template <typename Clock, typename Duration>
  std::optional<exit_status> wait_until(const std::chrono::time_point<Clock, Duration>& time) {
    std::optional<exit_status> status;
    (void)wait_until_time(time, [&](Instant deadline) {
      status = wait_until_instant(deadline);
      return status.has_value();
    });
    return status;
  }
  Result<> kill(int signal);
  // Nobody will ask how it ended; whoever collects all children may.
  void detach() { id_ = 0; }

 private:
  explicit process(int32_t id) : id_(id) {}
  [[noreturn]] static void leave(int status);
  std::optional<exit_status> wait_until_instant(Instant deadline);

  int32_t id_ = 0;
};

}  // namespace weft
