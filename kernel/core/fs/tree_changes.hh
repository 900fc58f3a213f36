// What open() needs of the changes of the tree.
#pragma once

#include "core/fs/path.hh"

namespace weft::fs {

// A new regular file with the walk's last name; or what has that name by now. Errno::noent in a folder
// that was removed, Errno::acces in one that can't be changed.
Result<Ref<Entry>> create_regular_file(PathWalk& walk, uint32_t permissions, bool& is_new);

}  // namespace weft::fs
