// /dev/console: what is written goes to the log's place; nothing can be read.
#pragma once

namespace weft {

// At boot, when the file tree is there.
void register_console();

}  // namespace weft
