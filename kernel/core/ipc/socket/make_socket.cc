// Which sockets there are.
#include "core/ipc/socket/inet_socket.hh"
#include "core/ipc/socket/unix_socket.hh"

namespace weft::ipc {
namespace {

Result<SocketType> type_of(uint32_t type) {
  switch (type) {
    case abi::k_sock_stream: return SocketType::stream;
    case abi::k_sock_seqpacket: return SocketType::messages;
    case abi::k_sock_dgram: return SocketType::datagrams;
    default: return fail(Errno::socktnosupport);
  }
}

Result<SocketType> unix_type(uint32_t type, int32_t protocol) {
  if (protocol != 0 && protocol != static_cast<int32_t>(abi::k_af_unix)) {
    return fail(Errno::protonosupport);
  }
  return type_of(type);
}

}  // namespace

Result<Ref<fs::File>> make_socket(uint32_t family, uint32_t type, int32_t protocol,
                                  uint32_t flags) {
  if (family == abi::k_af_unix) return make_unix_socket(TRY(unix_type(type, protocol)), flags);
  const SocketType chosen = TRY(type_of(type));
  if (chosen == SocketType::messages) return fail(Errno::socktnosupport);
  const uint32_t own = chosen == SocketType::stream ? abi::k_ipproto_tcp : abi::k_ipproto_udp;
  if (protocol != 0 && protocol != static_cast<int32_t>(own)) return fail(Errno::protonosupport);
  return make_inet_socket(chosen, flags);
}

Result<SocketEnds> make_sockets(uint32_t family, uint32_t type, int32_t protocol, uint32_t flags) {
  if (family == abi::k_af_unix) return make_socket_pair(TRY(unix_type(type, protocol)), flags);
  return fail(Errno::opnotsupp);
}

}  // namespace weft::ipc
