// Files as system calls describe them.
#pragma once

#include <cstdint>

#include "core/abi/time.hh"

namespace weft::abi {

struct Stat {
  uint64_t device;
  uint64_t inode;
  uint64_t links;
  uint32_t mode;
  uint32_t owner;
  uint32_t group;
  uint32_t padding;
  uint64_t special_device;
  int64_t size;
  int64_t block_size;
  int64_t blocks;  // of 512 bytes
  Timespec accessed;
  Timespec modified;
  Timespec changed;
  int64_t unused[3];
};

struct Statfs {
  int64_t type;
  int64_t block_size;
  uint64_t blocks;
  uint64_t blocks_free;
  uint64_t blocks_available;
  uint64_t files;
  uint64_t files_free;
  int32_t id[2];
  int64_t name_length;
  int64_t fragment_size;
  int64_t flags;
  int64_t unused[4];
};

// One entry of a directory's listing; its name follows at once and ends with a zero. The next entry
// begins `length` bytes behind the beginning of this one.
struct DirectoryEntry {
  uint64_t inode;
  int64_t next_offset;
  uint16_t length;
  uint8_t type;
  char name[];
} __attribute__((packed));

// One piece of memory in a transfer that takes several.
struct IoVector {
  void* base;
  uint64_t length;
};

// A lock on a part of a file, for fcntl.
struct FileLock {
  int16_t type;
  int16_t whence;
  int64_t start;
  int64_t length;
  int32_t pid;
};

}  // namespace weft::abi
