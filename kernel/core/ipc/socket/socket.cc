#include "core/ipc/socket/socket.hh"

#include "core/ipc/anonymous.hh"
#include "core/ipc/process_hooks.hh"
#include "core/mm/user_memory.hh"

namespace weft::ipc {
namespace {

constexpr uint32_t k_all_rights = 0777;
constexpr fs::PollEvents k_writable = abi::k_pollout | abi::k_pollwrnorm;

}  // namespace

const char Socket::k_kind = 's';

uint64_t Socket::next_inode() { return next_anonymous_inode(); }

Result<Socket*> Socket::of(fs::File& file) {
  if (file.kind() != &k_kind) return fail(Errno::notsock);
  return static_cast<Socket*>(&file);
}

SocketName Socket::or_unnamed(const SocketName& name) const {
  if (name.size > 0) return name;
  SocketName unnamed{.size = 0, .address = {}};
  unnamed.size =
      family() == abi::k_af_unix ? sizeof unnamed.address.family : sizeof(abi::InternetAddress);
  unnamed.address.family = static_cast<uint16_t>(family());
  return unnamed;
}

Patience Socket::patience(uint32_t flags, const Atomic<Nanoseconds>& limit) const {
  const Nanoseconds longest = limit.load(relaxed);
  return {.may_block = !is_nonblocking() && (flags & abi::k_msg_dontwait) == 0,
          .deadline = longest == 0 ? k_never : hal::now() + longest};
}

Result<Ref<fs::File>> Socket::accept(uint32_t flags, SocketName& from) {
  if (is_for_datagrams()) return fail(Errno::opnotsupp);
  Ref<Inbox> arrival = TRY(inbox_->accept(patience(0, receive_limit_)));
  from = or_unnamed(arrival->fixed_peer()->name());
  const Ref<Inbox> kept = arrival;
  kept->wants_credentials.store(inbox_->wants_credentials.load(relaxed), relaxed);
  auto made = wrap(std::move(arrival), flags);
  if (!made.has_value()) kept->hang_up(true);
  return made;
}

Result<> Socket::shutdown(uint32_t how) {
  if (how > abi::k_shut_rdwr) return fail(Errno::inval);
  const bool reading = how != abi::k_shut_wr;
  const bool writing = how != abi::k_shut_rd;
  const bool lacks_peer = !inbox_->manners().tells_sender && inbox_->phase() == Inbox::Phase::alone;
  if (lacks_peer && !is_for_datagrams()) return fail(Errno::notconn);
  if (reading) inbox_->end_hearing();
  if (writing) inbox_->end_saying();
  Inbox* const peer = inbox_->fixed_peer();
  if (lacks_peer) return fail(Errno::notconn);
  if (is_for_datagrams() || peer == nullptr) return {};
  if (writing) peer->end_hearing();
  if (reading && inbox_->manners().tells_sender) peer->end_saying();
  return {};
}

Result<size_t> Socket::send(fs::IoBuffer& from, const SocketName& to, Enclosed enclosed,
                            uint32_t flags) {
  const size_t size = from.left();
  Result<size_t> sent = 0;
  const Result<Ref<Inbox>> target = receiver(to, size, flags);
  if (!target.has_value()) {
    sent = fail(target.error());
  } else if (!*target) {
    return size;
  } else if (size == 0 && inbox_->is_stream()) {
    return 0;
  } else {
    Outgoing what{.from = from,
                  .sender = *inbox_,
                  .patience = send_patience(flags),
                  .room = send_room_.load(relaxed),
                  .files = std::move(enclosed.files),
                  .credentials = enclosed.credentials};
    sent = (*target)->put(what);
    if (!sent.has_value()) sent = could_not_send(sent.error(), size);
  }
  if (!sent.has_value()) return refuse_to_send(sent.error(), flags);
  return sent;
}

Result<size_t> Socket::receive(Incoming& what, uint32_t flags) {
  TRY(may_receive(flags));
  what.patience = patience(flags, receive_limit_);
  what.peeks = (flags & abi::k_msg_peek) != 0;
  what.waits_for_all = (flags & abi::k_msg_waitall) != 0;
  what.discards = (flags & abi::k_msg_trunc) != 0 && !inbox_->manners().tells_sender;
  const size_t size = TRY(inbox_->take(what));
  const bool tells_full_size = (flags & abi::k_msg_trunc) != 0 && !inbox_->is_stream();
  return tells_full_size ? what.full_size : size;
}

// ---- As a file ------------------------------------------------------------------------------------

Result<size_t> Socket::read(fs::IoBuffer& to) {
  if (to.left() == 0) return 0;
  Incoming what(to);
  return receive(what, 0);
}

// A connected Unix stream keeps its peer as long as it is open, so it goes there without more ado.
Result<size_t> Socket::write(fs::IoBuffer& from) {
  static constinit const SocketName the_peer{.size = 0, .address = {}};
  const Inbox::Manners& manners = inbox_->manners();
  const bool keeps_peer = manners.type == SocketType::stream && manners.tells_sender;
  if (!keeps_peer || inbox_->phase() != Inbox::Phase::connected || from.left() == 0) [[unlikely]]
    return send(from, the_peer, {}, 0);
  Outgoing what{.from = from,
                .sender = *inbox_,
                .patience = send_patience(),
                .room = send_room_.load(relaxed)};
  const Result<size_t> sent = inbox_->fixed_peer()->put(what);
  if (!sent.has_value()) [[unlikely]]
    return refuse_to_send(sent.error(), 0);
  return sent;
}

Result<size_t> Socket::refuse_to_send(Errno error, uint32_t flags) {
  const bool wants_signal = (flags & abi::k_msg_nosignal) == 0;
  if (error == Errno::pipe && wants_signal) process_hooks.signal_self(abi::k_sigpipe);
  return fail(error);
}

Result<uint64_t> Socket::control(uint32_t request, uint64_t argument) {
  if (request != abi::k_fionread) return fail(Errno::notty);
  if (inbox_->phase() == Inbox::Phase::listening) return fail(Errno::inval);
  TRY(mm::UserOut<int32_t>(argument).store(static_cast<int32_t>(inbox_->unread_bytes())));
  return 0;
}

// A connection that isn't there has come to its end, as it were.
fs::PollEvents Socket::poll(fs::PollEntry* entry) {
  fs::PollEvents events = inbox_->poll(entry);
  const Inbox::Phase phase = inbox_->phase();
  if (phase == Inbox::Phase::listening || phase == Inbox::Phase::connecting) return events;
  if (phase == Inbox::Phase::alone && !is_for_datagrams()) events |= abi::k_pollhup;
  const Ref<Inbox> peer = inbox_->peer();
  if (!peer || peer->is_roomy(send_room_.load(relaxed))) {
    events |= k_writable;
    if (is_for_datagrams() || inbox_->manners().tells_sender) events |= abi::k_pollwrband;
  }
  return events;
}

Ender Socket::ender(fs::PollEvents wanted) {
  if ((wanted & abi::k_pollin) != 0) return inbox_->ender(true);
  const Ref<Inbox> peer = inbox_->peer();
  return peer ? peer->ender(false) : Ender();
}

Result<abi::Stat> Socket::status() {
  return anonymous_status(abi::k_s_ifsock | k_all_rights, inode_);
}

}  // namespace weft::ipc
