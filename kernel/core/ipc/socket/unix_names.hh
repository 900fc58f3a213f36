// The names of Unix sockets. A name in the file tree stays when its socket has gone; an abstract one,
// which begins with a zero, goes with it.
#pragma once

#include "core/ipc/socket/inbox.hh"

namespace weft::ipc::unix_names {

// The bytes of an address before a path or an abstract name.
inline constexpr uint32_t k_head = sizeof(uint16_t);

// Errno::inval if it is no Unix address.
Result<> check(const SocketName& name);
// The inbox gets the name, or one that nobody has if it is empty. Errno::addrinuse, Errno::inval if it
// has one, Errno::noent and all others that making a file has.
Result<> bind(Inbox& inbox, const SocketName& name);
// Who has the name. Errno::connrefused if nobody (any more), Errno::noent and its like for a path;
// Errno::prototype if it is of another type.
Result<Ref<Inbox>> find(const SocketName& name, SocketType type);
// Its abstract name, if it has one, is free again.
void release(Inbox& inbox);

}  // namespace weft::ipc::unix_names
