// Waiting for several descriptors.
#pragma once

#include <cstdint>

namespace weft::abi {

struct PollEntry {
  int32_t fd;
  int16_t wanted;
  int16_t happened;
};

struct EpollEvent {
  uint32_t events;
  uint64_t data;
} __attribute__((packed));

// pselect6 has no argument left for the mask and its size, so it takes a pointer to both.
struct MaskArgument {
  const uint64_t* mask;
  uint64_t size;
};

}  // namespace weft::abi
