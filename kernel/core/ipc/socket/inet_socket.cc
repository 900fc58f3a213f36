#include "core/ipc/socket/inet_socket.hh"

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/ipc/process_hooks.hh"
#include "core/mm/object_cache.hh"

namespace weft::ipc {
namespace {

using Phase = Inbox::Phase;
using Place = InetPorts::Place;

constexpr uint32_t k_most_arrivals = 4096;
constexpr size_t k_largest_datagram = 65'507;

[[clang::no_destroy]] constinit mm::ObjectCache<InetSocket> cache("inet socket");

Inbox::Manners manners_of(SocketType type) {
  return {.type = type, .tells_sender = false, .drops_when_full = type == SocketType::datagrams};
}

Result<Ref<fs::File>> make_around(Ref<Inbox> inbox, uint32_t flags) {
  return Ref<fs::File>(Ref<InetSocket>::adopt(TRY(cache.make(std::move(inbox), flags))));
}

SocketName name_of(Place place) {
  const abi::InternetAddress address{.family = abi::k_af_inet,
                                     .port = std::byteswap(place.port),
                                     .address = std::byteswap(place.address),
                                     .padding = {}};
  SocketName name{.size = sizeof address, .address = {}};
  std::memcpy(&name.address, &address, sizeof address);
  return name;
}

// Errno::inval, Errno::afnosupport.
Result<Place> place_of(const SocketName& name) {
  abi::InternetAddress address;
  if (name.size < sizeof address) return fail(Errno::inval);
  if (name.address.family != abi::k_af_inet) return fail(Errno::afnosupport);
  std::memcpy(&address, &name.address, sizeof address);
  return Place{std::byteswap(address.address), std::byteswap(address.port)};
}

// Where something goes that is sent there. "Any" is this machine. Errno::netunreach.
Result<Place> destination(const SocketName& name) {
  Place place = TRY(place_of(name));
  if (place.address == InetPorts::k_any) place.address = InetPorts::k_loopback;
  if (!InetPorts::is_here(place.address)) return fail(Errno::netunreach);
  return place;
}

}  // namespace

void InetSocket::destroy() { cache.destroy(this); }

// ---- Names ----------------------------------------------------------------------------------------

Result<> InetSocket::bind(const SocketName& name) {
  const Place wanted = TRY(place_of(name));
  if (wanted.address != InetPorts::k_any && !InetPorts::is_here(wanted.address)) {
    return fail(Errno::addrnotavail);
  }
  if (!inbox_->claim_name()) return fail(Errno::inval);
  const auto bound = ports().bind(*inbox_, wanted);
  if (!bound.has_value()) {
    inbox_->give_up_name();
    return fail(bound.error());
  }
  wanted_.store(wanted, relaxed);
  inbox_->set_name(name_of(*bound));
  return {};
}

void InetSocket::connect_ends(uint32_t source, Place to) {
  ports().connect(*inbox_, source, to);
  inbox_->set_name(name_of(ports().ends(*inbox_).here));
}

Result<> InetSocket::bind_if_unbound() {
  const auto bound = bind(name_of({wanted_.load(relaxed).address, 0}));
  if (!bound.has_value() && bound.error() == Errno::addrinuse) return fail(Errno::addrnotavail);
  return {};
}

Result<SocketName> InetSocket::peer_name() {
  if (!is_for_datagrams()) {
    const Ref<Inbox> peer = inbox_->peer();
    if (!peer || inbox_->phase() != Phase::connected) return fail(Errno::notconn);
    return peer->name();
  }
  const Place there = ports().ends(*inbox_).there;
  if (there.port == 0) return fail(Errno::notconn);
  return name_of(there);
}

// ---- Streams --------------------------------------------------------------------------------------

Result<> InetSocket::listen(int32_t backlog) {
  if (is_for_datagrams()) return fail(Errno::opnotsupp);
  const Phase phase = inbox_->phase();
  if (phase != Phase::alone && phase != Phase::listening) return fail(Errno::inval);
  TRY(bind_if_unbound());
  TRY(ports().start_listening(*inbox_));
  inbox_->set_owner(process_hooks.credentials());
  inbox_->listen(std::min(static_cast<uint32_t>(backlog), k_most_arrivals));
  return {};
}

// A connection that need not wait is asked about once more, as one that is still on its way.
Result<> InetSocket::connect(const SocketName& name) {
  if (is_for_datagrams()) return connect_datagrams(name);
  if (name.size < sizeof name.address.family) return fail(Errno::inval);
  if (wants_answer_.load(relaxed)) return finish_connecting();
  if (inbox_->phase() == Phase::connecting) return fail(Errno::already);
  if (inbox_->phase() != Phase::alone) return fail(Errno::isconn);
  const Place to = TRY(destination(name));
  TRY(begin_stream(to));
  wants_answer_.store(true, relaxed);
  if (is_nonblocking()) return fail(Errno::inprogress);
  return finish_connecting();
}

Result<> InetSocket::begin_stream(Place to) {
  TRY(bind_if_unbound());
  if (!inbox_->change_phase(Phase::alone, Phase::connecting)) return fail(Errno::already);
  const Result<Ref<Inbox>> made = Inbox::make(inbox_->manners());
  if (!made.has_value()) {
    (void)inbox_->change_phase(Phase::connecting, Phase::alone);
    return fail(made.error());
  }
  Inbox& end = **made;
  connect_ends(ports().ends(*inbox_).source(), to);
  end.here = to;
  end.set_name(name_of(to));
  end.set_peer(inbox_);
  (void)end.claim_name();
  (void)end.change_phase(Phase::alone, Phase::connected);
  inbox_->set_peer(*made);
  const Ref<Inbox> listener = ports().find_listener(to);
  const Result<bool> placed =
      listener ? listener->knock(*made, {}) : Result<bool>(fail(Errno::connrefused));
  if (!placed.has_value()) {
    end.hang_up(true);  // which tells this end
    inbox_->set_peer({});
  } else if (*placed) {
    inbox_->become_connected();
  }
  return {};
}

// How it went, told once.
Result<> InetSocket::finish_connecting() {
  const Patience patience = send_patience();
  if (inbox_->phase() == Phase::connecting && !patience.may_block) return fail(Errno::already);
  const Result<> waited = inbox_->wait_until_connected(patience);
  if (!waited.has_value()) {
    return fail(waited.error() == Errno::again ? Errno::inprogress : waited.error());
  }
  wants_answer_.store(false, relaxed);
  if (inbox_->phase() == Phase::connected) return {};
  inbox_->begin_anew();
  TRY(inbox_->take_error());
  return fail(Errno::connaborted);
}

// ---- Datagrams ------------------------------------------------------------------------------------

Result<> InetSocket::connect_datagrams(const SocketName& name) {
  if (name.size < sizeof name.address.family) return fail(Errno::inval);
  if (name.address.family == abi::k_af_unspec) {
    const Place wanted = wanted_.load(relaxed);
    connect_ends(wanted.address, {});
    (void)inbox_->change_phase(Phase::connected, Phase::alone);
    if (wanted.port != 0) return {};
    ports().release(*inbox_);  // a port that was chosen goes, too
    inbox_->set_name(name_of(wanted));
    inbox_->give_up_name();
    return {};
  }
  const Place to = TRY(destination(name));
  TRY(bind_if_unbound());
  connect_ends(ports().ends(*inbox_).source(), to);
  (void)inbox_->change_phase(Phase::alone, Phase::connected);
  return {};
}

Result<Ref<Inbox>> InetSocket::datagram_receiver(const SocketName& to, size_t size) {
  if (size > k_largest_datagram) return fail(Errno::msgsize);
  Place there = ports().ends(*inbox_).there;
  const bool is_for_one = there.port != 0;
  if (to.size > 0) {
    there = TRY(destination(to));
    if (there.port == 0) return fail(Errno::inval);
  }
  if (there.port == 0) return fail(Errno::destaddrreq);
  TRY(inbox_->take_error());
  TRY(bind_if_unbound());
  const InetPorts::Ends ends = ports().ends(*inbox_);
  Ref<Inbox> found = ports().find_receiver(there, {ends.source(), ends.here.port});
  if (!found && is_for_one) inbox_->set_error(Errno::connrefused);
  return found;
}

// ---- Both -----------------------------------------------------------------------------------------

Result<Ref<Inbox>> InetSocket::receiver(const SocketName& to, size_t size, uint32_t flags) {
  if (is_for_datagrams()) return datagram_receiver(to, size);
  if (inbox_->phase() == Phase::connecting) {
    const Result<> waited = inbox_->wait_until_connected(send_patience(flags));
    if (!waited.has_value()) return fail(waited.error());
  }
  TRY(inbox_->take_error());
  if (inbox_->phase() != Phase::connected) return fail(Errno::pipe);
  return Ref<Inbox>::share(*inbox_->fixed_peer());
}

// What is sent to an end that has closed is lost, and that one's answer breaks the conversation off.
Result<size_t> InetSocket::could_not_send(Errno error, size_t size) {
  if (is_for_datagrams()) {
    if (error == Errno::connrefused) return size;
    return fail(error);
  }
  if (error == Errno::connreset && !inbox_->has_error()) {
    inbox_->break_off(Errno::pipe);
    return size;
  }
  TRY(inbox_->take_error());
  return fail(error);
}

Result<> InetSocket::may_receive(uint32_t flags) {
  if (is_for_datagrams()) return {};
  if (inbox_->phase() == Phase::connecting) {
    TRY(inbox_->wait_until_connected(send_patience(flags)));
  }
  if (inbox_->phase() == Phase::connected) return {};
  TRY(inbox_->take_error());
  return fail(Errno::notconn);
}

Result<Ref<fs::File>> InetSocket::wrap(Ref<Inbox> inbox, uint32_t flags) {
  const Ref<Inbox> kept = inbox;
  auto made = TRY(make_around(std::move(inbox), flags));
  kept->reuses_address.store(inbox_->reuses_address.load(relaxed), relaxed);
  ports().join(*kept);
  return made;
}

Result<Ref<fs::File>> make_inet_socket(SocketType type, uint32_t flags) {
  return make_around(TRY(Inbox::make(manners_of(type))), flags);
}

}  // namespace weft::ipc
