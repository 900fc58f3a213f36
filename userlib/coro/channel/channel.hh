// channel<T>: values from those who send to those who receive, in the order in which they were sent.
//
//   channel<int> meeting;                       // rendezvous: a send waits for its receiver
//   channel<int> buffer(16);                    // a send waits while 16 values lie there
//   channel<int> heap(channel<int>::k_unbounded);  // a send never waits
//
//   meeting.send(1);            if (auto n = meeting.receive()) ...
//   meeting.close();            for (int n : meeting) ...
//
// Closed, it takes no more values; those that lie there are still received, and then receive() answers
// with nothing. Everyone who waits is served in the order of coming. All waits are ended by a cancellation
// of who waits; that, too, is a send() that was refused or a receive() of nothing, and the forms with a
// deadline tell them apart.
#pragma once

#include <concepts>
#include <cstddef>
#include <expected>
#include <iterator>
#include <optional>
#include <utility>

#include "userlib/coro/channel/ring.hh"
#include "userlib/coro/channel/transfer.hh"
#include "userlib/coro/sync/wait.hh"

namespace weft::coro {

// Why a value was not sent or received.
enum class Refusal : unsigned char { closed, would_wait, timed_out, cancelled };

template <typename T>
class channel {
  struct Send;
  struct Receive;
  template <typename Ending>
  class SendOperation;
  template <typename Ending>
  class ReceiveOperation;

 public:
  static constexpr size_t k_unbounded = SIZE_MAX;

  explicit channel(size_t capacity = 0) : buffer_(capacity) {}
  channel(const channel&) = delete;
  channel& operator=(const channel&) = delete;

  // Waits until the value has been taken over. False: the channel is closed, or who sends is cancelled.
  [[gnu::always_inline]] bool send(T value) {
    return send_until(std::move(value), k_never).has_value();
  }
  [[gnu::always_inline]] inline std::expected<void, Refusal> send_until(T value, Instant deadline);
  template <typename Rep, typename Period>
  std::expected<void, Refusal> send_for(T value,
                                        const std::chrono::duration<Rep, Period>& duration) {
    return send_until(std::move(value), deadline_after(duration));
  }
  // Only if it need not wait. What is refused is not moved from.
  std::expected<void, Refusal> try_send(T&& value);
  std::expected<void, Refusal> try_send(const T& value)
    requires std::copyable<T>
  {
    return try_send(T(value));
  }

  // Waits for a value. Nothing: the channel is closed and empty, or who receives is cancelled.
  [[gnu::always_inline]] std::optional<T> receive() {
    auto received = receive_until(k_never);
    if (!received) return std::nullopt;
    return std::move(*received);
  }
  [[gnu::always_inline]] inline std::expected<T, Refusal> receive_until(Instant deadline);
  template <typename Rep, typename Period>
  std::expected<T, Refusal> receive_for(const std::chrono::duration<Rep, Period>& duration) {
    return receive_until(deadline_after(duration));
  }
  std::expected<T, Refusal> try_receive();

  // For tasks: co_await answers as the forms with a deadline do.
  auto async_send(T value) { return SendOperation<detail::Cancellable>(*this, std::move(value)); }
  auto async_send_until(T value, Instant deadline) {
    return SendOperation<detail::Timed>(*this, std::move(value), deadline);
  }
  auto async_receive() { return ReceiveOperation<detail::Cancellable>(*this); }
  auto async_receive_until(Instant deadline) {
    return ReceiveOperation<detail::Timed>(*this, deadline);
  }

  // Those who wait to send are refused; those who wait to receive get nothing. May be called again.
  void close();
  bool is_closed();
  // How many values lie in it. It may have changed before the answer is read.
  size_t size();

  // All values until it is closed and empty.
  class iterator;
  iterator begin() { return iterator(*this); }
  std::default_sentinel_t end() const { return {}; }

 private:
  template <typename Function, typename Value>
  friend class ReceiveCase;
  template <typename Function, typename Value>
  friend class SendCase;
  using Transfer = detail::Transfer<T>;

  // Under lock_. True: it is settled, the value moved or the channel closed. Whoever was waiting on the
  // other side is then `chosen`, to be woken when the lock has been let go.
  bool send_now(Transfer& transfer, Coroutine*& chosen);
  bool receive_now(Transfer& transfer, Coroutine*& chosen);

  static std::expected<void, Refusal> sent(Wake outcome, const Transfer& transfer);
  static std::expected<T, Refusal> received(Wake outcome, Transfer& transfer);

  ObjectLock lock_;
  bool closed_ = false;
  uint32_t turn_ = 0;  // of selects: which of their cases is to be looked at first
  detail::Ring<T> buffer_;
  // At most one of the two has somebody in it. If it is the receivers, the buffer is empty; if it is
  // the senders, it is full. When it is closed, nobody waits.
  WaitList receivers_;
  WaitList senders_;
};

template <typename T>
struct channel<T>::Send {
  static constexpr Reason k_reason = Reason::channel;
  using Queued = detail::ChannelWaiter;
  channel& it;
  Transfer& transfer;
  Coroutine* chosen = nullptr;
  const void* object() const { return &it; }
  ObjectLock& lock() const { return it.lock_; }
  WaitList& waiters() const { return it.senders_; }
  bool succeeds(Queued& waiter) {
    waiter.word = &transfer;
    return it.send_now(transfer, chosen);
  }
  void after_unlock() {
    if (chosen != nullptr) unpark(*chosen);
  }
};

template <typename T>
struct channel<T>::Receive {
  static constexpr Reason k_reason = Reason::channel;
  using Queued = detail::ChannelWaiter;
  channel& it;
  Transfer& transfer;
  Coroutine* chosen = nullptr;
  const void* object() const { return &it; }
  ObjectLock& lock() const { return it.lock_; }
  WaitList& waiters() const { return it.receivers_; }
  bool succeeds(Queued& waiter) {
    waiter.word = &transfer;
    return it.receive_now(transfer, chosen);
  }
  void after_unlock() {
    if (chosen != nullptr) unpark(*chosen);
  }
};

template <typename T>
bool channel<T>::send_now(Transfer& transfer, Coroutine*& chosen) {
  transfer.state = detail::TransferState::done;
  if (closed_) {
    transfer.state = detail::TransferState::closed;
  } else if (Waiter* receiver = receivers_.claim_waiter()) {
    auto& other = detail::transfer_of<T>(*receiver);
    other.value.emplace(std::move(*transfer.value));
    other.state = detail::TransferState::done;
    chosen = receiver->coroutine;
  } else if (!buffer_.full()) {
    buffer_.push(std::move(*transfer.value));
  } else {
    transfer.state = detail::TransferState::waiting;
  }
  return transfer.state != detail::TransferState::waiting;
}

template <typename T>
bool channel<T>::receive_now(Transfer& transfer, Coroutine*& chosen) {
  transfer.state = detail::TransferState::done;
  Waiter* sender = senders_.claim_waiter();
  if (!buffer_.empty()) transfer.value.emplace(buffer_.pop());
  if (sender != nullptr) {  // its value is the next, behind those in the buffer
    auto& other = detail::transfer_of<T>(*sender);
    if (transfer.value) {
      buffer_.push(std::move(*other.value));
    } else {
      transfer.value.emplace(std::move(*other.value));
    }
    other.state = detail::TransferState::done;
    chosen = sender->coroutine;
  }
  if (!transfer.value)
    transfer.state = closed_ ? detail::TransferState::closed : detail::TransferState::waiting;
  return transfer.state != detail::TransferState::waiting;
}

template <typename T>
std::expected<void, Refusal> channel<T>::sent(Wake outcome, const Transfer& transfer) {
  if (outcome == Wake::timed_out) return std::unexpected(Refusal::timed_out);
  if (outcome == Wake::cancelled) return std::unexpected(Refusal::cancelled);
  if (transfer.state == detail::TransferState::closed) return std::unexpected(Refusal::closed);
  return {};
}

template <typename T>
std::expected<T, Refusal> channel<T>::received(Wake outcome, Transfer& transfer) {
  if (outcome == Wake::timed_out) return std::unexpected(Refusal::timed_out);
  if (outcome == Wake::cancelled) return std::unexpected(Refusal::cancelled);
  if (transfer.state == detail::TransferState::closed) return std::unexpected(Refusal::closed);
  return std::move(*transfer.value);
}

template <typename T>
std::expected<void, Refusal> channel<T>::send_until(T value, Instant deadline) {
  Transfer transfer{std::move(value)};
  const Wake outcome = detail::wait_until(Send{*this, transfer}, deadline);
  return sent(outcome, transfer);
}

template <typename T>
std::expected<T, Refusal> channel<T>::receive_until(Instant deadline) {
  Transfer transfer;
  const Wake outcome = detail::wait_until(Receive{*this, transfer}, deadline);
  return received(outcome, transfer);
}

template <typename T>
std::expected<void, Refusal> channel<T>::try_send(T&& value) {
  Transfer transfer{std::move(value)};
  Send attempt{*this, transfer};
  detail::ChannelWaiter waiter;
  lock_.lock();
  const bool settled = attempt.succeeds(waiter);
  lock_.unlock();
  attempt.after_unlock();
  if (settled && transfer.state == detail::TransferState::done) return {};
  value = std::move(*transfer.value);
  return std::unexpected(settled ? Refusal::closed : Refusal::would_wait);
}

template <typename T>
std::expected<T, Refusal> channel<T>::try_receive() {
  Transfer transfer;
  Receive attempt{*this, transfer};
  detail::ChannelWaiter waiter;
  lock_.lock();
  const bool settled = attempt.succeeds(waiter);
  lock_.unlock();
  attempt.after_unlock();
  if (!settled) return std::unexpected(Refusal::would_wait);
  return received(Wake::woken, transfer);
}

template <typename T>
void channel<T>::close() {
  WakeList woken;
  {
    ObjectGuard guard(lock_);
    closed_ = true;
    for (WaitList* waiters : {&receivers_, &senders_}) {
      while (Waiter* waiter = waiters->claim_waiter()) {
        detail::transfer_of<T>(*waiter).state = detail::TransferState::closed;
        woken.add(*waiter);
      }
    }
  }
  woken.wake();
}

template <typename T>
bool channel<T>::is_closed() {
  ObjectGuard guard(lock_);
  return closed_;
}

template <typename T>
size_t channel<T>::size() {
  ObjectGuard guard(lock_);
  return buffer_.size();
}

template <typename T>
template <typename Ending>
class [[nodiscard]] channel<T>::SendOperation {
 public:
  template <typename... Deadline>
  SendOperation(channel& it, T value, Deadline... deadline)
      : transfer_{std::move(value)}, wait_(Send{it, transfer_}, deadline...) {}
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> handle) { return wait_.await_suspend(handle); }
  std::expected<void, Refusal> await_resume() { return sent(wait_.await_resume(), transfer_); }

 private:
  Transfer transfer_;
  Operation<Send, Ending> wait_;
};

template <typename T>
template <typename Ending>
class [[nodiscard]] channel<T>::ReceiveOperation {
 public:
  template <typename... Deadline>
  explicit ReceiveOperation(channel& it, Deadline... deadline)
      : wait_(Receive{it, transfer_}, deadline...) {}
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> handle) { return wait_.await_suspend(handle); }
  std::expected<T, Refusal> await_resume() { return received(wait_.await_resume(), transfer_); }

 private:
  Transfer transfer_;
  Operation<Receive, Ending> wait_;
};

template <typename T>
class channel<T>::iterator {
 public:
  using iterator_concept = std::input_iterator_tag;
  using value_type = T;
  using difference_type = ptrdiff_t;

  iterator() = default;
  explicit iterator(channel& from) : from_(&from), value_(from.receive()) {}
  T& operator*() const { return *value_; }
  T* operator->() const { return &*value_; }
  iterator& operator++() {
    value_ = from_->receive();
    return *this;
  }
  void operator++(int) { ++*this; }
  bool operator==(std::default_sentinel_t) const { return !value_; }

 private:
  channel* from_ = nullptr;
  mutable std::optional<T> value_;  // whoever has the iterator may take it
};

}  // namespace weft::coro
