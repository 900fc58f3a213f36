// Message: bytes on their way to a socket, and what goes beside them: who sent them, and files.
#pragma once

#include <cstddef>
#include <span>

#include "core/abi/socket.hh"
#include "core/base/list.hh"
#include "core/base/ref.hh"
#include "core/fs/file.hh"
#include "core/mm/owned.hh"

namespace weft::ipc {

class Inbox;

// Open files that somebody hands to somebody else (SCM_RIGHTS). While their message waits at an inbox
// they are on the list of those on their way (passing.hh).
class PassedFiles {
 public:
  static constexpr size_t k_most = 253;

  // Errno::inval if there are too many.
  Result<> add(Ref<fs::File> file);
  // The same files once more, for who only looks. Errno::nomem.
  Result<mm::Owned<PassedFiles>> copy() const;
  std::span<const Ref<fs::File>> all() const { return std::span(files_).first(count_); }
  std::span<Ref<fs::File>> all() { return std::span(files_).first(count_); }

  // For passing.cc, under its lock.
  ListHook passing_hook;
  Inbox* at = nullptr;

 private:
  size_t count_ = 0;
  std::array<Ref<fs::File>, k_most> files_;
};

// Who it was, is not known.
inline constexpr abi::SocketCredentials k_nobody{0, 65'534, 65'534};

// The bytes stand behind this head.
struct Message {
  // Errno::nomem.
  static Result<Message*> make(size_t size);
  // Files that nobody has taken are let go. No lock of a socket is held: they may be sockets.
  static void free(Message* message);

  std::byte* unread() { return reinterpret_cast<std::byte*>(this + 1) + start; }
  // What it takes of the room.
  size_t weight() const { return sizeof(Message) + start + size; }

  ListHook hook;
  size_t start = 0;
  size_t size = 0;                                // that is unread
  Ref<Inbox> sender;                              // of a datagram
  abi::SocketCredentials credentials = k_nobody;  // of who sent it, if somebody wants to know
  mm::Owned<PassedFiles> files;
};

using Messages = List<Message, &Message::hook>;

void free_all(Messages& messages);

}  // namespace weft::ipc
