#include "core/ipc/socket/inet_ports.hh"

namespace weft::ipc {
namespace {

constexpr uint16_t k_first_free = 32'768;
constexpr uint16_t k_last_free = 60'999;

bool share_an_address(uint32_t one, uint32_t other) {
  return one == other || one == InetPorts::k_any || other == InetPorts::k_any;
}

}  // namespace

[[clang::no_destroy]] constinit InetPorts stream_ports;
[[clang::no_destroy]] constinit InetPorts datagram_ports;

template <typename Tree>
Inbox* InetPorts::first_at(const Tree& tree, uint16_t port) {
  Inbox* best = nullptr;
  for (Inbox* place = tree.root(); place != nullptr;) {
    if (place->here.port < port) {
      place = tree.right_of(*place);
    } else {
      if (place->here.port == port) best = place;
      place = tree.left_of(*place);
    }
  }
  return best;
}

// Two share a place if both allow it; but of streams only one listens there.
bool InetPorts::is_in_the_way(const Inbox& other, const Inbox& inbox, uint32_t address) const {
  if (&other == &inbox || !share_an_address(other.here.address, address)) return false;
  const bool both_allow = other.reuses_address.load(relaxed) && inbox.reuses_address.load(relaxed);
  return !both_allow || other.by_listening.is_linked();
}

bool InetPorts::is_taken(const Inbox& inbox, Place wanted) const {
  for (Inbox* other = first_at(bound_, wanted.port);
       other != nullptr && other->here.port == wanted.port; other = bound_.after(*other)) {
    if (is_in_the_way(*other, inbox, wanted.address)) return true;
  }
  return false;
}

Result<uint16_t> InetPorts::free_port() {
  for (uint32_t tries = 0; tries <= k_last_free - k_first_free; ++tries) {
    last_chosen_ = last_chosen_ < k_first_free || last_chosen_ >= k_last_free
                       ? k_first_free
                       : static_cast<uint16_t>(last_chosen_ + 1);
    if (first_at(bound_, last_chosen_) == nullptr) return last_chosen_;
  }
  return fail(Errno::addrinuse);
}

Result<InetPorts::Place> InetPorts::bind(Inbox& inbox, Place wanted) {
  SpinGuard guard(lock_);
  if (wanted.port == 0) {
    wanted.port = TRY(free_port());
  } else if (is_taken(inbox, wanted)) {
    return fail(Errno::addrinuse);
  }
  inbox.here = wanted;
  bound_.insert(inbox);
  return wanted;
}

void InetPorts::join(Inbox& inbox) {
  SpinGuard guard(lock_);
  bound_.insert(inbox);
}

Result<> InetPorts::start_listening(Inbox& inbox) {
  SpinGuard guard(lock_);
  if (inbox.by_listening.is_linked()) return {};
  if (is_taken(inbox, inbox.here)) return fail(Errno::addrinuse);
  listening_.insert(inbox);
  return {};
}

void InetPorts::connect(Inbox& inbox, uint32_t here, Place there) {
  SpinGuard guard(lock_);
  inbox.here.address = here;
  inbox.there = there;
}

void InetPorts::release(Inbox& inbox) {
  SpinGuard guard(lock_);
  if (inbox.by_name.is_linked()) bound_.remove(inbox);
  if (inbox.by_listening.is_linked()) listening_.remove(inbox);
}

InetPorts::Ends InetPorts::ends(const Inbox& inbox) {
  SpinGuard guard(lock_);
  return {inbox.here, inbox.there};
}

// Who has exactly that address goes before who takes any.
Ref<Inbox> InetPorts::find_listener(Place to) {
  SpinGuard guard(lock_);
  Inbox* best = nullptr;
  for (Inbox* inbox = first_at(listening_, to.port);
       inbox != nullptr && inbox->here.port == to.port; inbox = listening_.after(*inbox)) {
    if (inbox->here.address == to.address) best = inbox;
    if (inbox->here.address == k_any && best == nullptr) best = inbox;
  }
  return best == nullptr ? Ref<Inbox>() : Ref<Inbox>::share(*best);
}

// The more exactly it fits, the better: an address of its own counts once, the right sender twice.
Ref<Inbox> InetPorts::find_receiver(Place to, Place from) {
  SpinGuard guard(lock_);
  Inbox* best = nullptr;
  int best_fit = -1;
  for (Inbox* inbox = first_at(bound_, to.port); inbox != nullptr && inbox->here.port == to.port;
       inbox = bound_.after(*inbox)) {
    if (!share_an_address(inbox->here.address, to.address)) continue;
    const bool is_for_one = inbox->there.port != 0;
    if (is_for_one && inbox->there != from) continue;
    const int fit = (inbox->here.address != k_any ? 1 : 0) + (is_for_one ? 2 : 0);
    if (fit < best_fit) continue;  // of equals the last who came
    best_fit = fit;
    best = inbox;
  }
  return best == nullptr ? Ref<Inbox>() : Ref<Inbox>::share(*best);
}

}  // namespace weft::ipc
