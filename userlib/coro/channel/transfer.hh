// Transfer<T>: where a value goes to, or comes from, while somebody waits at a channel for it. It lies with
// the waiter; whoever comes from the other side moves the value straight from or into it, under the
// channel's lock.
#pragma once

#include <optional>

#include "userlib/coro/park.hh"

namespace weft::coro::detail {

enum class TransferState : unsigned char {
  waiting,
  done,    // the value has been moved
  closed,  // the channel was closed; a value to be sent is still here
};

template <typename T>
struct Transfer {
  std::optional<T> value;
  TransferState state = TransferState::waiting;
};

// Who waits at a channel queues with the address of its Transfer, of whatever T: selects don't know it.
using ChannelWaiter = WaiterWith<void*>;

template <typename T>
Transfer<T>& transfer_of(Waiter& waiter) {
  return *static_cast<Transfer<T>*>(word_of<void*>(waiter));
}

}  // namespace weft::coro::detail
