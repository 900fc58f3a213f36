// System V IPC as system calls describe it.
#pragma once

#include <cstdint>

namespace weft::abi {

// Whose an object is, and who may use it.
struct IpcPermissions {
  int32_t key;
  uint32_t owner;
  uint32_t group;
  uint32_t creator;
  uint32_t creator_group;
  uint32_t mode;
  uint16_t sequence;
  uint16_t padding;
  uint64_t unused[2];
};

// ---- Shared memory --------------------------------------------------------------------------------

struct SegmentStatus {
  IpcPermissions permissions;
  uint64_t size;
  int64_t attached;  // when somebody last did
  int64_t detached;
  int64_t changed;
  int32_t creator;
  int32_t last_user;
  uint64_t attachments;
  uint64_t unused[2];
};

struct SegmentLimits {
  uint64_t largest;
  uint64_t smallest;
  uint64_t segments;
  uint64_t segments_of_process;
  uint64_t pages;
  uint64_t unused[4];
};

struct SegmentUsage {
  int32_t segments;
  uint64_t pages;
  uint64_t resident;
  uint64_t swapped;
  uint64_t swap_attempts;
  uint64_t swap_successes;
};

// ---- Semaphores -----------------------------------------------------------------------------------

struct SemaphoreOperation {
  uint16_t number;
  int16_t change;
  int16_t flags;
};

struct SemaphoreStatus {
  IpcPermissions permissions;
  int64_t operated;
  uint64_t unused1;
  int64_t changed;
  uint64_t unused2;
  uint64_t count;
  uint64_t unused3[2];
};

// Limits, or, where the call asks for it, what is in use.
struct SemaphoreLimits {
  int32_t map;
  int32_t sets;
  int32_t semaphores;
  int32_t undo_structures;
  int32_t semaphores_of_set;
  int32_t operations;
  int32_t undo_entries;
  int32_t undo_size_or_sets_used;
  int32_t largest_value;
  int32_t largest_undo_or_semaphores_used;
};

// ---- Message queues -------------------------------------------------------------------------------

struct QueueStatus {
  IpcPermissions permissions;
  int64_t sent;
  int64_t received;
  int64_t changed;
  uint64_t bytes;
  uint64_t messages;
  uint64_t most_bytes;
  int32_t last_sender;
  int32_t last_receiver;
  uint64_t unused[2];
};

// Limits, or, where the call asks for it, what is in use.
struct QueueLimits {
  int32_t pool_or_queues_used;
  int32_t map_or_messages_used;
  int32_t largest_message;
  int32_t most_bytes;
  int32_t queues;
  int32_t segment_size;
  int32_t most_messages_or_bytes_used;
  uint16_t segments;
};

}  // namespace weft::abi
