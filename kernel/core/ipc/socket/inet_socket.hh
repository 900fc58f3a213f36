// InetSocket: streams and datagrams between ports of 127.x.y.z, with the manners of TCP and UDP. Nothing
// is cut into packets: what one end sends is at the other's inbox at once.
#pragma once

#include "core/ipc/socket/inet_ports.hh"
#include "core/ipc/socket/socket.hh"

namespace weft::ipc {

class InetSocket final : public Socket {
 public:
  InetSocket(Ref<Inbox> inbox, uint32_t flags) : Socket(std::move(inbox), flags) {}
  ~InetSocket() { ports().release(*inbox_); }

  Result<> bind(const SocketName& name) override;
  Result<> connect(const SocketName& name) override;
  Result<> listen(int32_t backlog) override;
  Result<SocketName> peer_name() override;
  uint32_t family() const override { return abi::k_af_inet; }
  uint32_t protocol() const override {
    return inbox_->is_stream() ? abi::k_ipproto_tcp : abi::k_ipproto_udp;
  }

 protected:
  Result<Ref<Inbox>> receiver(const SocketName& to, size_t size, uint32_t flags) override;
  Result<size_t> could_not_send(Errno error, size_t size) override;
  Result<> may_receive(uint32_t flags) override;
  Result<Ref<fs::File>> wrap(Ref<Inbox> inbox, uint32_t flags) override;

 private:
  using Place = InetPorts::Place;

  void destroy() override;
  InetPorts& ports() const { return inbox_->is_stream() ? stream_ports : datagram_ports; }
  // A port of its own, if it has none.
  Result<> bind_if_unbound();
  Result<> begin_stream(Place to);
  Result<> finish_connecting();
  Result<> connect_datagrams(const SocketName& name);
  Result<Ref<Inbox>> datagram_receiver(const SocketName& to, size_t size);
  void connect_ends(uint32_t source, Place to);

  Atomic<bool> wants_answer_{false};  // connect() has not said yet how it went
  Atomic<Place> wanted_{Place{}};     // by bind()
};

// `flags` may have O_NONBLOCK. Errno::nomem.
Result<Ref<fs::File>> make_inet_socket(SocketType type, uint32_t flags);

}  // namespace weft::ipc
