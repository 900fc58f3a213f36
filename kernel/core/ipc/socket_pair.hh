// Two sockets that are connected with each other, as socketpair() makes them: what is written to one
// is read from the other, in both directions.
#pragma once

#include "core/fs/file.hh"

namespace weft::ipc {

enum class SocketType : uint8_t {
  stream,    // just bytes
  messages,  // each write is read by itself (SOCK_SEQPACKET)
  datagrams  // the same, and neither end hears of the other's closing
};

struct SocketEnds {
  Ref<fs::File> first;
  Ref<fs::File> second;
};

// `flags` may have O_NONBLOCK. Errno::nomem.
Result<SocketEnds> make_socket_pair(SocketType type, uint32_t flags);

}  // namespace weft::ipc
