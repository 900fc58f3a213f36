// Sockets as system calls describe them.
#pragma once

#include <cstdint>

#include "core/abi/file.hh"

namespace weft::abi {

// The longest address there is. What follows the family depends on it.
struct SocketAddress {
  uint16_t family;
  char bytes[126];
};

// An IPv4 address; port and address have their highest byte first.
struct InternetAddress {
  uint16_t family;
  uint16_t port;
  uint32_t address;
  uint8_t padding[8];
};

// What sendmsg() and recvmsg() take.
struct MessageHeader {
  uint64_t name;  // where an address is, or goes
  uint32_t name_length;
  uint32_t padding1;
  uint64_t parts;
  uint64_t part_count;
  uint64_t control;  // where what goes beside the bytes is, or goes
  uint64_t control_length;
  uint32_t flags;
  uint32_t padding2;
};

// Before each piece of what goes beside the bytes. The next one begins at a multiple of 8.
struct ControlHeader {
  uint64_t length;  // with this head
  int32_t level;
  int32_t type;
};

// Whose process it was.
struct SocketCredentials {
  int32_t process;
  uint32_t user;
  uint32_t group;
  bool operator==(const SocketCredentials&) const = default;
};

struct SocketLinger {
  int32_t is_on;
  int32_t seconds;
};

}  // namespace weft::abi
