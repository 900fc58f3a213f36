// Inbox: one end of a conversation, whatever family of sockets it is: the messages that wait to be read
// there, and how the conversation stands. A socket that a process has (socket.hh) stands on one; so do
// connections that nobody has accepted yet.
//
//      socket --> inbox <---- messages ---- its peer's socket
//                   |  ^
//              peer v  | peer
//      socket --> inbox ---- messages ----> ...
//
// A stream's messages run together when they are read; all others keep their borders.
//
// Each inbox has a mutex, since bytes move under it, as in a pipe. Nobody ever has two of them: what
// concerns both ends is told to one after the other. What a sender may ask of his own end while he has
// the other's mutex stands in atomic words.
#pragma once

#include <optional>

#include "core/abi/socket.hh"
#include "core/base/rbtree.hh"
#include "core/fs/special_node.hh"
#include "core/ipc/socket/message.hh"
#include "core/sched/wait_queue.hh"
#include "core/sync/mutex.hh"

namespace weft::ipc {

enum class SocketType : uint8_t { stream, messages, datagrams };

// An address, as system calls have it; of size 0: none.
struct SocketName {
  uint32_t size = 0;
  abi::SocketAddress address;  // only the first bytes of it mean something

  std::string_view bytes() const { return {reinterpret_cast<const char*>(&address), size}; }
};

// How long a call may wait.
struct Patience {
  bool may_block = true;
  Instant deadline = k_never;
};

// What somebody wants to send.
struct Outgoing {
  fs::IoBuffer& from;
  Inbox& sender;
  Patience patience;
  size_t room;  // how much may be on its way
  mm::Owned<PassedFiles> files{};
  std::optional<abi::SocketCredentials> credentials{};  // as the sender says
};

// What somebody wants to receive, and what he got.
struct Incoming {
  explicit Incoming(fs::IoBuffer& room) : to(room) {}

  fs::IoBuffer& to;
  Patience patience{};
  bool peeks = false;
  bool waits_for_all = false;
  bool discards = false;  // a stream's bytes go nowhere

  bool made_room = false;  // a message is gone
  size_t full_size = 0;    // of the message, if it was cut
  bool is_cut = false;
  SocketName name;  // of the sender
  mm::Owned<PassedFiles> files{};
  std::optional<abi::SocketCredentials> credentials{};  // if the inbox wants them
};

class Inbox final : public fs::Attachment {
 public:
  static constexpr size_t k_room = 212'992;  // on the way to one end, with the messages' heads

  // The manners of a family.
  struct Manners {
    SocketType type;
    bool tells_sender;     // the closing of one end, or its deafness, at once: as Unix sockets
    bool drops_when_full;  // as a network does with datagrams
  };

  // Errno::nomem.
  static Result<Ref<Inbox>> make(const Manners& manners);
  explicit Inbox(const Manners& manners) : manners_(manners) {}
  ~Inbox();

  const Manners& manners() const { return manners_; }
  bool is_stream() const { return manners_.type == SocketType::stream; }

  // ---- How it stands ------------------------------------------------------------------------------

  enum class Phase : uint8_t { alone, connecting, connected, listening };
  Phase phase() const { return phase_.load(acquire); }
  // From one to another; false if it is not in the first.
  bool change_phase(Phase from, Phase to) { return phase_.compare_exchange(from, to, acq_rel); }

  bool hears_no_more() const { return deaf_.load(relaxed); }
  bool says_no_more() const { return mute_.load(relaxed); }
  bool is_closed() const { return closed_.load(relaxed); }
  // Nothing more will come, or be sent; who waits for either is told.
  void end_hearing();
  void end_saying();
  // The next call gets the error.
  void set_error(Errno error);
  // The error, which is told once; {} if there is none.
  Result<> take_error();
  bool has_error() const { return error_.load(relaxed) != 0; }
  // Nothing goes either way any more, and the next call gets the error.
  void break_off(Errno error);

  // The other end; empty if there is none. A stream's is fixed once it is there.
  Ref<Inbox> peer();
  Inbox* fixed_peer() const { return fixed_peer_.load(acquire); }
  void set_peer(Ref<Inbox> peer);
  // Its socket is closed, and the other end hears of it: of a reset, if that is wanted, or if bytes were
  // left that nobody has read.
  void hang_up(bool resets);

  SocketName name();
  void set_name(const SocketName& name);
  // It is to have a name, once; false if somebody said so before.
  bool claim_name() { return !has_name_.exchange(true, relaxed); }
  void give_up_name() { has_name_.store(false, relaxed); }
  // For a table that is sorted by names: while it is there, its name doesn't change.
  std::string_view fixed_name() const NO_THREAD_SAFETY_ANALYSIS { return name_.bytes(); }
  abi::SocketCredentials owner();
  void set_owner(const abi::SocketCredentials& owner);

  // ---- Messages -----------------------------------------------------------------------------------

  // Puts something in. A stream takes all of it, if it may wait. Errno::again, Errno::intr, Errno::fault,
  // Errno::nomem; Errno::pipe if the sender, or this end, has finished; Errno::connrefused if it is gone
  // and is for datagrams. For a stream that doesn't tell: Errno::connreset if it is gone.
  Result<size_t> put(Outgoing& what);
  // Takes something out. 0 is the end. Errno::again, Errno::intr, Errno::fault, and a pending error.
  Result<size_t> take(Incoming& what);
  // What can be read, and what has happened. Whether anything can be sent, the peer knows:
  fs::PollEvents poll(fs::PollEntry* entry);
  bool is_roomy(size_t room);
  // Of a stream all, otherwise of the first message.
  size_t unread_bytes();

  // Who can end the wait of those who want to take something out (true) of here, or put it in; and whether
  // the socket around this one can.
  Ender ender(bool of_readers) const NO_THREAD_SAFETY_ANALYSIS {
    return Ender::having(of_readers ? &waiting_readers_ : &waiting_writers_);
  }
  bool serves(const void* object) {
    const Ref<Inbox> other = peer();
    return object == ender(false).object() || (other && object == other->ender(true).object());
  }

  // ---- Listening (listener.cc) --------------------------------------------------------------------

  // So many may wait to be accepted, and one more.
  void listen(uint32_t most);
  // A connection arrives: `arrival` is this side's end of it, and has a peer. With too many there, a
  // family that tells the sender makes him wait here: Errno::again, Errno::intr. Otherwise the peer stays
  // on its way until there is room; true if there was. Errno::connrefused if this doesn't listen.
  Result<bool> knock(Ref<Inbox> arrival, const Patience& patience);
  // The first that has arrived. Errno::inval if this doesn't listen, Errno::again, Errno::intr.
  Result<Ref<Inbox>> accept(const Patience& patience);
  // It was on its way, and has arrived.
  void become_connected();
  // It could not be connected, and may be tried again.
  void begin_anew();
  // Until this end is no longer on its way to be connected. Errno::intr, Errno::timedout.
  Result<> wait_until_connected(const Patience& patience);

  // ---- For the tables of names (unix_names.hh, inet_ports.hh), under their locks ------------------

  // Where the two ends of an Internet conversation are, as this end sees it; 0: nowhere yet.
  struct Place {
    uint32_t address = 0;
    uint16_t port = 0;
    bool operator==(const Place&) const = default;
  };
  Place here, there;
  RbNode by_name;
  RbNode by_listening;
  Atomic<bool> reuses_address{false};

  // Who sends to here is told with each message.
  Atomic<bool> wants_credentials{false};

  // For passing.cc, under its lock: how often its socket is on its way, and whether nobody can get it.
  struct {
    uint32_t times;
    bool is_lost;
  } passed{};

 private:
  void destroy() override;

  Result<> may_send(const Inbox& sender) REQUIRES(lock_);
  bool has_room(const Outgoing& what) const REQUIRES(lock_);
  Result<size_t> append(Outgoing& what) REQUIRES(lock_);
  Result<size_t> put_all(Outgoing& what) REQUIRES(lock_);
  Result<size_t> take_all(Incoming& what, Messages& used) REQUIRES(lock_);
  Result<size_t> take_stream(Incoming& what, Messages& used) REQUIRES(lock_);
  Result<size_t> take_one(Incoming& what, Messages& used) REQUIRES(lock_);
  void note_sender(Message& message, const Outgoing& what) const;
  Result<> hand_files(Message& message, Incoming& what) REQUIRES(lock_);
  void remove_first(Incoming& what, Messages& used) REQUIRES(lock_);
  Result<Message*> new_message(size_t size) REQUIRES(lock_);
  // Sleeps on that queue, without the mutex.
  Result<> wait(WaitQueue& queue, const Patience& patience) REQUIRES(lock_);
  void wake_all() REQUIRES(lock_);
  void hear_of_closing(bool is_reset);

  const Manners manners_;
  Atomic<Phase> phase_{Phase::alone};
  Atomic<bool> deaf_{false};
  Atomic<bool> mute_{false};
  Atomic<bool> closed_{false};
  Atomic<bool> has_name_{false};
  Atomic<int> error_{0};
  Atomic<Inbox*> fixed_peer_{nullptr};

  Mutex lock_{Rank::pipe};
  Ref<Inbox> peer_ GUARDED_BY(lock_);
  SocketName name_ GUARDED_BY(lock_);
  abi::SocketCredentials owner_ GUARDED_BY(lock_){0, ~uint32_t{0}, ~uint32_t{0}};
  size_t used_ GUARDED_BY(lock_) = 0;   // of the room
  size_t count_ GUARDED_BY(lock_) = 0;  // messages
  Messages messages_ GUARDED_BY(lock_);
  Message* spare_ GUARDED_BY(lock_) = nullptr;   // of a stream: kept for the next bytes that come,
  size_t spare_room_ GUARDED_BY(lock_) = 0;      // if they are no more than these
  WaitQueue waiting_readers_ GUARDED_BY(lock_);  // and those who accept, and connect
  WaitQueue waiting_writers_ GUARDED_BY(lock_);  // for room on the way to here
  fs::PollSource changes_;

  ListHook arrival_hook_;
  uint32_t most_arrivals_ GUARDED_BY(lock_) = 0;
  uint32_t arrival_count_ GUARDED_BY(lock_) = 0;
  List<Inbox, &Inbox::arrival_hook_> arrivals_ GUARDED_BY(lock_);  // each with a reference
};

}  // namespace weft::ipc
