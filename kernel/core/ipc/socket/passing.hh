// Files on their way in messages, all over the machine. A socket may be on its way to itself, over others
// perhaps: when no process has any of them, nobody can ever receive it, and it would never end. Such files
// are looked for when a socket is closed, and let go.
#pragma once

#include "core/ipc/socket/message.hh"

namespace weft::ipc {

class Inbox;

// From now on the files wait at that inbox, whose lock is held, or don't any more. Ending does nothing to
// files that are not on their way.
void begin_passing(PassedFiles& files, Inbox& at);
void end_passing(PassedFiles& files);

// Lets all files go that nobody can receive. An end that nobody has accepted yet counts as somebody's.
// No lock of a socket is held.
void let_lost_files_go();

}  // namespace weft::ipc
