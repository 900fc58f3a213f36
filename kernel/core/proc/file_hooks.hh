// What files ask of the process that uses them (fs/process_hooks.hh), answered.
#pragma once

namespace weft::proc {

// From now on files are used by processes only. At boot.
void fill_file_hooks();

}  // namespace weft::proc
