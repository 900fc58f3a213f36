#include "core/ipc/socket/unix_socket.hh"

#include <algorithm>

#include "core/ipc/process_hooks.hh"
#include "core/ipc/socket/passing.hh"
#include "core/ipc/socket/unix_names.hh"
#include "core/mm/object_cache.hh"

namespace weft::ipc {
namespace {

using Phase = Inbox::Phase;

constexpr uint32_t k_most_arrivals = 4096;

[[clang::no_destroy]] constinit mm::ObjectCache<UnixSocket> cache("unix socket");

Inbox::Manners manners_of(SocketType type) {
  return {.type = type, .tells_sender = true, .drops_when_full = false};
}

Result<Ref<fs::File>> make_around(Ref<Inbox> inbox, uint32_t flags) {
  return Ref<fs::File>(Ref<UnixSocket>::adopt(TRY(cache.make(std::move(inbox), flags))));
}

}  // namespace

UnixSocket::~UnixSocket() { unix_names::release(*inbox_); }
void UnixSocket::destroy() {
  cache.destroy(this);
  let_lost_files_go();
}

Result<> UnixSocket::bind(const SocketName& name) { return unix_names::bind(*inbox_, name); }

Result<> UnixSocket::listen(int32_t backlog) {
  if (is_for_datagrams()) return fail(Errno::opnotsupp);
  const Phase phase = inbox_->phase();
  if (inbox_->name().size == 0 || (phase != Phase::alone && phase != Phase::listening)) {
    return fail(Errno::inval);
  }
  inbox_->set_owner(process_hooks.credentials());
  inbox_->listen(std::min(static_cast<uint32_t>(backlog), k_most_arrivals));
  return {};
}

// The other end is made here, and waits at the listener to be accepted; both can be used at once.
Result<> UnixSocket::connect(const SocketName& name) {
  if (is_for_datagrams()) return connect_datagrams(name);
  const Ref<Inbox> listener = TRY(unix_names::find(name, inbox_->manners().type));
  if (listener->phase() != Phase::listening) return fail(Errno::connrefused);
  if (!inbox_->change_phase(Phase::alone, Phase::connecting)) {
    return fail(inbox_->phase() == Phase::connected ? Errno::isconn : Errno::inval);
  }
  const Result<Ref<Inbox>> made = Inbox::make(inbox_->manners());
  Result<> knocked = made.has_value() ? Result<>() : fail(made.error());
  if (made.has_value()) {
    inbox_->set_owner(process_hooks.credentials());
    Inbox& end = **made;
    end.set_name(listener->name());
    end.set_owner(listener->owner());
    end.set_peer(inbox_);
    end.wants_credentials.store(true, relaxed);  // until it is accepted nobody knows
    (void)end.claim_name();
    (void)end.change_phase(Phase::alone, Phase::connected);
    inbox_->set_peer(*made);
    const auto placed = listener->knock(*made, send_patience());
    if (!placed.has_value()) knocked = fail(placed.error());
  }
  (void)inbox_->change_phase(Phase::connecting,
                             knocked.has_value() ? Phase::connected : Phase::alone);
  if (!knocked.has_value() && made.has_value()) {
    inbox_->set_peer({});
    (*made)->set_peer({});
  }
  return knocked;
}

// Only where what is sent without a name goes, and from whom something is received.
Result<> UnixSocket::connect_datagrams(const SocketName& name) {
  Ref<Inbox> target;
  if (name.size < sizeof name.address.family) return fail(Errno::inval);
  if (name.address.family != abi::k_af_unspec) {
    target = TRY(unix_names::find(name, SocketType::datagrams));
    const Ref<Inbox> its_peer = target->peer();
    if (its_peer && its_peer.get() != inbox_.get()) return fail(Errno::perm);
  }
  (void)inbox_->change_phase(target ? Phase::alone : Phase::connected,
                             target ? Phase::connected : Phase::alone);
  inbox_->set_peer(std::move(target));
  return {};
}

Result<SocketName> UnixSocket::peer_name() {
  const Ref<Inbox> peer = inbox_->peer();
  if (!peer) return fail(Errno::notconn);
  return or_unnamed(peer->name());
}

Result<Ref<Inbox>> UnixSocket::receiver(const SocketName& to, size_t size, uint32_t) {
  const SocketType type = inbox_->manners().type;
  if (type == SocketType::stream) {
    const bool is_connected = inbox_->phase() == Phase::connected;
    if (to.size > 0) return fail(is_connected ? Errno::isconn : Errno::opnotsupp);
    if (!is_connected) return fail(Errno::notconn);
    return Ref<Inbox>::share(*inbox_->fixed_peer());
  }
  if (type == SocketType::messages && inbox_->phase() != Phase::connected) {
    return fail(Errno::notconn);
  }
  if (size + sizeof(Message) > Inbox::k_room) return fail(Errno::msgsize);
  if (type == SocketType::messages) return Ref<Inbox>::share(*inbox_->fixed_peer());
  if (to.size == 0) {
    Ref<Inbox> peer = inbox_->peer();
    if (!peer) return fail(Errno::notconn);
    return peer;
  }
  Ref<Inbox> target = TRY(unix_names::find(to, type));
  const Ref<Inbox> its_peer = target->peer();
  if (its_peer && its_peer.get() != inbox_.get()) return fail(Errno::perm);
  return target;
}

// A datagram's peer that has gone is forgotten.
Result<size_t> UnixSocket::could_not_send(Errno error, size_t) {
  const Ref<Inbox> peer = inbox_->peer();
  if (is_for_datagrams() && error == Errno::connrefused && peer && peer->is_closed()) {
    inbox_->set_peer({});
    (void)inbox_->change_phase(Phase::connected, Phase::alone);
  }
  return fail(error);
}

Result<> UnixSocket::may_receive(uint32_t) {
  if (is_for_datagrams() || inbox_->phase() == Phase::connected) return {};
  return fail(inbox_->is_stream() ? Errno::inval : Errno::notconn);
}

Result<Ref<fs::File>> UnixSocket::wrap(Ref<Inbox> inbox, uint32_t flags) {
  return make_around(std::move(inbox), flags);
}

Result<Ref<fs::File>> make_unix_socket(SocketType type, uint32_t flags) {
  return make_around(TRY(Inbox::make(manners_of(type))), flags);
}

Result<SocketEnds> make_socket_pair(SocketType type, uint32_t flags) {
  const Ref<Inbox> one = TRY(Inbox::make(manners_of(type)));
  const Ref<Inbox> other = TRY(Inbox::make(manners_of(type)));
  SocketEnds ends;
  ends.first = TRY(make_around(one, flags));
  ends.second = TRY(make_around(other, flags));
  const abi::SocketCredentials owner = process_hooks.credentials();
  for (const Ref<Inbox>& inbox : {one, other}) {
    inbox->set_owner(owner);
    inbox->set_peer(inbox == one ? other : one);
    (void)inbox->change_phase(Phase::alone, Phase::connected);
  }
  return ends;
}

}  // namespace weft::ipc
