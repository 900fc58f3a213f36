// setsockopt() and getsockopt().
#include <algorithm>
#include <cstring>

#include "core/ipc/socket/socket.hh"
#include "core/mm/user_memory.hh"
#include "core/sched/time_values.hh"

namespace weft::ipc {
namespace {

constexpr int32_t k_least_room = 2304;
constexpr int32_t k_most_room = Inbox::k_room;
constexpr int32_t k_longest_linger = 1 << 30;

// Options that are on or off, without an effect in a machine of its own: a bit each.
uint32_t bit_of(int32_t level, int32_t option) {
  const auto wanted = static_cast<uint32_t>(option);
  if (level == static_cast<int32_t>(abi::k_ipproto_tcp)) {
    return wanted == abi::k_tcp_nodelay ? 1 : 0;
  }
  if (level != static_cast<int32_t>(abi::k_sol_socket)) return 0;
  switch (wanted) {
    case abi::k_so_broadcast: return 2;
    case abi::k_so_keepalive: return 4;
    case abi::k_so_dontroute: return 8;
    default: return 0;
  }
}

// As Linux keeps it: twice what was asked for, within limits.
uint32_t room_for(int32_t wanted) {
  return static_cast<uint32_t>(std::max(2 * std::clamp(wanted, 0, k_most_room), k_least_room));
}

Result<Nanoseconds> time_limit(VirtAddr value, uint32_t size) {
  if (size < sizeof(abi::Timeval)) return fail(Errno::inval);
  const abi::Timeval time = TRY(mm::UserIn<abi::Timeval>(value).load());
  if (static_cast<uint64_t>(time.microseconds) >= 1'000'000) return fail(Errno::dom);
  return time.seconds < 0 ? Nanoseconds{1} : sched::to_nanoseconds(time);
}

// As much of it as there is room for.
template <typename T>
Result<> store(const T& stored, VirtAddr value, uint32_t& size) {
  size = std::min<uint32_t>(size, sizeof stored);
  return mm::copy_to_user(value, &stored, size);
}

}  // namespace

Result<> Socket::set_option(int32_t level, int32_t option, VirtAddr value, uint32_t size) {
  const bool is_tcp = family() == abi::k_af_inet && inbox_->is_stream();
  const bool is_general = level == static_cast<int32_t>(abi::k_sol_socket);
  if (!is_general && !(level == static_cast<int32_t>(abi::k_ipproto_tcp) && is_tcp)) {
    return fail(family() == abi::k_af_unix ? Errno::opnotsupp : Errno::noprotoopt);
  }
  if (is_general && option == static_cast<int32_t>(abi::k_so_linger)) {
    if (size < sizeof(abi::SocketLinger)) return fail(Errno::inval);
    const abi::SocketLinger linger = TRY(mm::UserIn<abi::SocketLinger>(value).load());
    lingers_.store(linger.is_on == 0 ? -1 : std::clamp(linger.seconds, 0, k_longest_linger),
                   relaxed);
    return {};
  }
  if (size < sizeof(int32_t)) return fail(Errno::inval);
  const int32_t number = TRY(mm::UserIn<int32_t>(value).load());
  if (const uint32_t bit = bit_of(level, option)) {
    if (number != 0) {
      switches_.fetch_or(bit, relaxed);
    } else {
      switches_.fetch_and(~bit, relaxed);
    }
    return {};
  }
  if (!is_general) return fail(Errno::noprotoopt);
  switch (static_cast<uint32_t>(option)) {
    case abi::k_so_reuseaddr: inbox_->reuses_address.store(number != 0, relaxed); return {};
    case abi::k_so_passcred:
      if (family() != abi::k_af_unix) return fail(Errno::opnotsupp);
      inbox_->wants_credentials.store(number != 0, relaxed);
      return {};
    case abi::k_so_sndbuf: send_room_.store(room_for(number), relaxed); return {};
    case abi::k_so_rcvbuf: receive_room_.store(room_for(number), relaxed); return {};
    case abi::k_so_sndtimeo: send_limit_.store(TRY(time_limit(value, size)), relaxed); return {};
    case abi::k_so_rcvtimeo: receive_limit_.store(TRY(time_limit(value, size)), relaxed); return {};
    default: return fail(Errno::noprotoopt);
  }
}

// Those whose value is a number.
Result<int32_t> Socket::number_option(int32_t level, int32_t option) const {
  if (const uint32_t bit = bit_of(level, option)) return (switches_.load(relaxed) & bit) != 0;
  if (level != static_cast<int32_t>(abi::k_sol_socket)) return fail(Errno::noprotoopt);
  switch (static_cast<uint32_t>(option)) {
    case abi::k_so_reuseaddr: return inbox_->reuses_address.load(relaxed);
    case abi::k_so_passcred: return inbox_->wants_credentials.load(relaxed);
    case abi::k_so_sndbuf: return static_cast<int32_t>(send_room_.load(relaxed));
    case abi::k_so_rcvbuf: return static_cast<int32_t>(receive_room_.load(relaxed));
    case abi::k_so_acceptconn: return inbox_->phase() == Inbox::Phase::listening;
    case abi::k_so_domain: return static_cast<int32_t>(family());
    case abi::k_so_protocol: return static_cast<int32_t>(protocol());
    case abi::k_so_error: {
      const Result<> error = inbox_->take_error();
      return error.has_value() ? 0 : static_cast<int32_t>(error.error());
    }
    case abi::k_so_type:
      switch (inbox_->manners().type) {
        case SocketType::stream: return abi::k_sock_stream;
        case SocketType::messages: return abi::k_sock_seqpacket;
        case SocketType::datagrams: return abi::k_sock_dgram;
      }
      __builtin_unreachable();
    default: return fail(Errno::noprotoopt);
  }
}

Result<> Socket::get_option(int32_t level, int32_t option, VirtAddr value, uint32_t& size) {
  const bool is_tcp = family() == abi::k_af_inet && inbox_->is_stream();
  const bool is_general = level == static_cast<int32_t>(abi::k_sol_socket);
  if (!is_general && !(level == static_cast<int32_t>(abi::k_ipproto_tcp) && is_tcp)) {
    return fail(Errno::opnotsupp);
  }
  const auto wanted = is_general ? static_cast<uint32_t>(option) : 0;
  if (wanted == abi::k_so_linger) {
    const int32_t seconds = lingers_.load(relaxed);
    return store(abi::SocketLinger{seconds >= 0, std::max(seconds, 0)}, value, size);
  }
  if (wanted == abi::k_so_sndtimeo || wanted == abi::k_so_rcvtimeo) {
    const auto& limit = wanted == abi::k_so_sndtimeo ? send_limit_ : receive_limit_;
    return store(sched::to_timeval(limit.load(relaxed)), value, size);
  }
  if (wanted == abi::k_so_peercred) {
    const Ref<Inbox> peer = inbox_->phase() == Inbox::Phase::listening ? inbox_ : inbox_->peer();
    return store(peer ? peer->owner() : abi::SocketCredentials{0, ~0u, ~0u}, value, size);
  }
  return store(TRY(number_option(level, option)), value, size);
}

}  // namespace weft::ipc
