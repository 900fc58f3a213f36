// UnixSocket: sockets of one machine, with names in the file tree, or in a space of their own.
#pragma once

#include "core/ipc/socket/socket.hh"

namespace weft::ipc {

class UnixSocket final : public Socket {
 public:
  UnixSocket(Ref<Inbox> inbox, uint32_t flags) : Socket(std::move(inbox), flags) {}
  ~UnixSocket();

  Result<> bind(const SocketName& name) override;
  Result<> connect(const SocketName& name) override;
  Result<> listen(int32_t backlog) override;
  Result<SocketName> peer_name() override;
  uint32_t family() const override { return abi::k_af_unix; }
  bool passes_files() const override { return true; }

 protected:
  Result<Ref<Inbox>> receiver(const SocketName& to, size_t size, uint32_t flags) override;
  Result<size_t> could_not_send(Errno error, size_t size) override;
  Result<> may_receive(uint32_t flags) override;
  Result<Ref<fs::File>> wrap(Ref<Inbox> inbox, uint32_t flags) override;

 private:
  void destroy() override;
  Result<> connect_datagrams(const SocketName& name);
};

// `flags` may have O_NONBLOCK, here and below. Errno::nomem.
Result<Ref<fs::File>> make_unix_socket(SocketType type, uint32_t flags);

// Two that are connected with each other, as socketpair() makes them.
struct SocketEnds {
  Ref<fs::File> first;
  Ref<fs::File> second;
};
Result<SocketEnds> make_socket_pair(SocketType type, uint32_t flags);

// The same, as system calls name them. Errno::opnotsupp, and the errors of make_socket().
Result<SocketEnds> make_sockets(uint32_t family, uint32_t type, int32_t protocol, uint32_t flags);

}  // namespace weft::ipc
