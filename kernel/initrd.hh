// The initial file system that the loader brought: a cpio archive, or one program all by itself.
#pragma once

#include <cstddef>
#include <span>

namespace weft {

// What it is.
void use_initrd(std::span<const std::byte> archive);
bool has_initrd();
// Makes the file tree and starts the first process: /init, /sbin/init or /bin/init. The machine is
// switched off when that ends; it doesn't start with a damaged archive.
void start_init();

}  // namespace weft
