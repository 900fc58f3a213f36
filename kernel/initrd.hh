// The initial file system that the loader brought: a cpio archive, or one program all by itself.
#pragma once

#include <cstddef>
#include <span>

namespace weft {

// What it is; it stays in memory for ever.
void use_initrd(std::span<const std::byte> archive);
bool has_initrd();
// Starts the first process: /init, /sbin/init or /bin/init. The machine is switched off when it ends.
void start_init();

}  // namespace weft
