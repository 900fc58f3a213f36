// InetPorts: who has which port of the machine's own Internet addresses, 127.x.y.z; one table for
// streams, one for datagrams. All delivery goes by find_listener() and find_receiver(): addresses beyond
// the machine end in is_here(), and that is where a network device would attach.
#pragma once

#include "core/ipc/socket/inbox.hh"

namespace weft::ipc {

class InetPorts {
 public:
  using Place = Inbox::Place;

  static constexpr uint32_t k_any = 0;
  static constexpr uint32_t k_loopback = 0x7f00'0001;

  // The address is this machine's own.
  static bool is_here(uint32_t address) { return address >> 24 == 127; }

  // The inbox gets the place, with a free port if the port is 0; where it is. Errno::addrinuse.
  Result<Place> bind(Inbox& inbox, Place wanted);
  // An accepted one has its listener's port.
  void join(Inbox& inbox);
  // It may have been bound beside another that listens by now: Errno::addrinuse.
  Result<> start_listening(Inbox& inbox);
  // A bound one's own address, and where its datagrams come from and go to; {} there: any.
  void connect(Inbox& inbox, uint32_t here, Place there);
  void release(Inbox& inbox);
  struct Ends {
    Place here, there;
    // From where its datagrams and connections go.
    uint32_t source() const { return here.address == k_any ? k_loopback : here.address; }
  };
  Ends ends(const Inbox& inbox);

  // Who listens there; nobody: an empty one.
  Ref<Inbox> find_listener(Place to);
  // Who gets a datagram for that place, from that one.
  Ref<Inbox> find_receiver(Place to, Place from);

 private:
  struct Order {
    static bool before(const Inbox& a, const Inbox& b) { return a.here.port < b.here.port; }
  };
  using Bound = RbTree<Inbox, &Inbox::by_name, Order>;
  using Listening = RbTree<Inbox, &Inbox::by_listening, Order>;

  template <typename Tree>
  static Inbox* first_at(const Tree& tree, uint16_t port);
  bool is_in_the_way(const Inbox& other, const Inbox& inbox, uint32_t address) const
      REQUIRES(lock_);
  bool is_taken(const Inbox& inbox, Place wanted) const REQUIRES(lock_);
  Result<uint16_t> free_port() REQUIRES(lock_);

  SpinLock lock_{Rank::user_spin};
  Bound bound_ GUARDED_BY(lock_);
  Listening listening_ GUARDED_BY(lock_);
  uint16_t last_chosen_ GUARDED_BY(lock_) = 0;
};

extern InetPorts stream_ports;
extern InetPorts datagram_ports;

}  // namespace weft::ipc
