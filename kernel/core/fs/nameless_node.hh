// What a file that is in no tree (a pipe's end, a socket) looks like where it is found by a path all the
// same: in /proc/self/fd. It can be asked about there, and some kinds be opened anew.
#pragma once

#include "core/fs/entry.hh"
#include "core/fs/file.hh"

namespace weft::fs {

// Errno::nomem, and what File::status() says.
Result<Ref<Entry>> make_entry_of_nameless(Ref<File> file);

}  // namespace weft::fs
