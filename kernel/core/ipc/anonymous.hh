// Files that are in no tree: what fstat() tells of them.
#pragma once

#include "core/abi/file.hh"

namespace weft::ipc {

// A number that no other file of this kind has.
uint64_t next_anonymous_inode();

// `mode` has the kind and the rights.
abi::Stat anonymous_status(uint32_t mode, uint64_t inode);

}  // namespace weft::ipc
