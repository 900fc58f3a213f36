// Fills the tree at boot, from the archive that the loader brought.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "core/base/result.hh"

namespace weft::fs {

// All that is in the cpio archive, as it says: kinds, permissions, owners, times, hard links. Folders
// that it doesn't have, but needs, are made. Errno::inval if it is damaged: at the byte `position`.
// Errno::nomem.
Result<> fill_tree(std::span<const std::byte> archive, size_t& position);
// A regular file with that content.
Result<> add_file(std::string_view path, uint32_t permissions, std::span<const std::byte> content);

}  // namespace weft::fs
