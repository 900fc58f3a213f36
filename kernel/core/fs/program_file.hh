// Programs as files: what execve() finds in the tree.
#pragma once

#include "core/fs/file.hh"
#include "core/fs/path.hh"

namespace weft::fs {

// The file, open for being run: as long as somebody holds it, nobody can open it for writing.
// Errno::acces if it isn't a regular file, or nobody may execute it; Errno::txtbsy if it is open for
// writing; Errno::nomem.
Result<Ref<File>> open_program(const Ref<Entry>& entry);

}  // namespace weft::fs
