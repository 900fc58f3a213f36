// on_readable(), on_writable(): descriptors among the cases of a select().
//
//   select(on_receive(orders, ...), on_readable(socket, [&] { ... }), after(1s, ...));
//
// Each has a coroutine that waits for the descriptor and then tells the select through a channel, so that
// the select itself has to know of channels alone. The coroutine is cancelled when the select is over.
#pragma once

#include <concepts>
#include <optional>
#include <utility>

#include "userlib/coro/channel/select.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/io.hh"
#include "userlib/syscalls.hh"

namespace weft::coro {
namespace detail {

// What the waiting coroutine and the select share; the second of the two to leave deletes it.
class ReadyWatch {
 public:
  // Begins to wait; what is ready already is told at once.
  static ReadyWatch& start(int fd, uint32_t events);
  // For the select, when it is over.
  void stop();
  channel<Result<>>& told() { return told_; }

 private:
  void disown();

  channel<Result<>> told_{1};
  Atomic<uint32_t> owners_{1};
  handle<void> waiting_;
};

}  // namespace detail

// What on_readable() and on_writable() make; only select() uses it.
template <typename Function>
class ReadyCase {
 public:
  ReadyCase(int fd, uint32_t events, Function function)
      : fd_(fd), events_(events), function_(std::move(function)) {}
  ReadyCase(ReadyCase&& other) noexcept
      : fd_(other.fd_), events_(other.events_), function_(std::move(other.function_)) {
    ASSERT(other.watch_ == nullptr, "a case stays where it is once its select has begun");
  }
  ~ReadyCase() {
    if (watch_ != nullptr) watch_->stop();
  }

  detail::SelectEntry entry() {
    watch_ = &detail::ReadyWatch::start(fd_, events_);
    return receive_.emplace(watch_->told(), Keep{this}).entry();
  }
  void done() {
    receive_->done();
    detail::call_case(function_, std::move(outcome_));
  }

 private:
  struct Keep {
    ReadyCase* it;
    void operator()(std::optional<Result<>> told) const { it->outcome_ = *told; }
  };

  int fd_;
  uint32_t events_;
  Function function_;
  Result<> outcome_;
  detail::ReadyWatch* watch_ = nullptr;
  std::optional<ReceiveCase<Keep, Result<>>> receive_;
};

// The descriptor can be read from, or written to, without waiting. The function may take a Result<>: an
// errno if the kernel refuses to watch the descriptor.
template <typename Function>
auto on_readable(int fd, Function function) {
  return ReadyCase<Function>(fd, abi::k_pollin, std::move(function));
}
template <typename Function>
auto on_writable(int fd, Function function) {
  return ReadyCase<Function>(fd, abi::k_pollout, std::move(function));
}

}  // namespace weft::coro
