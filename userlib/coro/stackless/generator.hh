// generator<Yield, Sent>: a function that hands out values one by one, and can be handed values back.
//
//   weft::generator<int> count_to(int last) {
//     for (int n = 1; n <= last; ++n) co_yield n;
//   }
//   for (int n : count_to(10)) ...
//
// With a Sent type, `co_yield reply` is the place where the next sent value comes in. It is empty when
// the generator was resumed by next(), which sends nothing:
//
//   weft::generator<int, int> sum() {
//     int total = 0;
//     while (auto number = co_yield total) total += *number;
//   }
//   auto adder = sum();
//   adder.next();                // up to the first co_yield
//   int total = *adder.send(5);  // 5
//
// The caller and the generator take turns on one thread, so nothing they share needs a lock. Between
// two turns it may go to another thread. An exception that leaves the body leaves next() or send().
#pragma once

#include <coroutine>
#include <iterator>
#include <memory>
#include <optional>
#include <ranges>
#include <type_traits>
#include <utility>

#include "core/base/assert.hh"
#include "userlib/coro/stackless/frame_memory.hh"

namespace weft {

template <typename Yield, typename Sent = void>
class [[nodiscard]] generator : public std::ranges::view_base {
  static_assert(!std::is_void_v<Yield>, "a generator yields something");

 public:
  // Values are handed out in place, in the generator's frame or in the expression it yields.
  using value_type = std::remove_cvref_t<Yield>;
  using pointer = std::add_pointer_t<
      std::conditional_t<std::is_reference_v<Yield>, Yield, const std::remove_cv_t<Yield>>>;
  class promise_type;
  class iterator;

  generator() = default;
  generator(generator&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  generator& operator=(generator&& other) noexcept {
    if (this != &other) {
      close();
      frame_ = std::exchange(other.frame_, nullptr);
    }
    return *this;
  }
  ~generator() { close(); }

  // Runs on to the next co_yield. The value stays where it is until the generator runs again; nullptr
  // when the body is at its end.
  pointer next() {
    // lab:coroutine begin 1
    if (done()) return nullptr;
    frame_.resume();
    return frame_.promise().value_;
    // lab:coroutine stub: panic("not implemented: lab coroutine, part 1");
    // lab:coroutine end
  }

  // The same, with a value for the co_yield at which it waits; so there must be one: next() comes first.
  template <typename Value = Sent>
    requires(!std::is_void_v<Sent>)
  pointer send(Value&& value) {
    // lab:coroutine begin 2
    if (done()) return nullptr;
    ASSERT(frame_.promise().value_ != nullptr,
           "a generator is sent values once it has come to a co_yield");
    frame_.promise().set_sent(std::forward<Value>(value));
    return next();
    // lab:coroutine stub: static_cast<void>(value);
    // lab:coroutine stub: panic("not implemented: lab coroutine, part 2");
    // lab:coroutine end
  }

  // Ends it where it stands: what its body holds is destroyed. From then on it is done.
  void close() {
    // lab:coroutine begin 1
    if (frame_ != nullptr) std::exchange(frame_, nullptr).destroy();
    // lab:coroutine stub: panic("not implemented: lab coroutine, part 1");
    // lab:coroutine end
  }
  bool done() const { return frame_ == nullptr || frame_.done(); }

  // A generator is a range that can be walked once.
  iterator begin();
  std::default_sentinel_t end() const { return {}; }

 private:
  using Frame = std::coroutine_handle<promise_type>;

  explicit generator(Frame frame) : frame_(frame) {}

  Frame frame_;
};

namespace detail {

// What was sent and not yet taken. Without a Sent type, co_yield has no value.
template <typename Sent>
struct Sendable {
  std::optional<Sent> sent;
  // lab:coroutine begin 2
  std::optional<Sent> take_sent() { return std::exchange(sent, std::nullopt); }
  // lab:coroutine stub: std::optional<Sent> take_sent() { panic("not implemented: lab coroutine, part 2"); }
  // lab:coroutine end
};
template <>
struct Sendable<void> {};

}  // namespace detail

template <typename Yield, typename Sent>
class generator<Yield, Sent>::promise_type : public detail::FrameMemory {
 public:
  generator get_return_object() { return generator(Frame::from_promise(*this)); }
  std::suspend_always initial_suspend() const noexcept { return {}; }
  std::suspend_always final_suspend() noexcept {
    // lab:coroutine begin 1
    value_ = nullptr;
    return {};
    // lab:coroutine stub: panic("not implemented: lab coroutine, part 1");
    // lab:coroutine end
  }
  void return_void() const noexcept {}
  // Out of resume(), to whoever wanted the next value; the generator is then done.
  [[noreturn]] void unhandled_exception() {
    value_ = nullptr;
#if __cpp_exceptions
    throw;
#else
    panic("an exception where there are none");
#endif
  }
  // A generator's values have no time to wait: it would stop its caller's whole thread.
  void await_transform() = delete;

  struct PointThatTakes : std::suspend_always {
    PointThatTakes(promise_type* its_promise) : promise(its_promise) {}
    auto await_resume() const { return promise->sendable_.take_sent(); }
    promise_type* promise;
  };
  // Where nothing can be sent, it need not remember whom to ask.
  struct PlainPoint : std::suspend_always {
    PlainPoint(promise_type*) {}
  };
  using YieldPoint = std::conditional_t<std::is_void_v<Sent>, PlainPoint, PointThatTakes>;
  YieldPoint yield_value(std::remove_reference_t<Yield>& value)
    requires std::is_reference_v<Yield>
  {
    // lab:coroutine begin 1
    value_ = std::addressof(value);
    return {this};
    // lab:coroutine stub: static_cast<void>(value);
    // lab:coroutine stub: panic("not implemented: lab coroutine, part 1");
    // lab:coroutine end
  }
  // A temporary lives until the end of its co_yield expression, which is when we come back.
  YieldPoint yield_value(const std::remove_cv_t<Yield>& value)
    requires(!std::is_reference_v<Yield>)
  {
    // lab:coroutine begin 1
    value_ = std::addressof(value);
    return {this};
    // lab:coroutine stub: static_cast<void>(value);
    // lab:coroutine stub: panic("not implemented: lab coroutine, part 1");
    // lab:coroutine end
  }

 private:
  friend class generator;

  template <typename Value>
  void set_sent(Value&& value) {
    // lab:coroutine begin 2
    sendable_.sent.emplace(std::forward<Value>(value));
    // lab:coroutine stub: static_cast<void>(value);
    // lab:coroutine stub: panic("not implemented: lab coroutine, part 2");
    // lab:coroutine end
  }

  pointer value_ = nullptr;
  [[no_unique_address]] detail::Sendable<Sent> sendable_;
};

template <typename Yield, typename Sent>
class generator<Yield, Sent>::iterator {
 public:
  using iterator_concept = std::input_iterator_tag;
  using value_type = generator::value_type;
  using difference_type = std::ptrdiff_t;

  iterator() = default;
  auto& operator*() const { return *frame_.promise().value_; }
  auto* operator->() const { return frame_.promise().value_; }
  iterator& operator++() {
    frame_.resume();
    return *this;
  }
  void operator++(int) { ++*this; }
  bool operator==(std::default_sentinel_t) const { return frame_ == nullptr || frame_.done(); }

 private:
  friend class generator;
  explicit iterator(Frame frame) : frame_(frame) {}

  Frame frame_ = nullptr;
};

template <typename Yield, typename Sent>
auto generator<Yield, Sent>::begin() -> iterator {
  next();
  return iterator(frame_);
}

}  // namespace weft
