// Signals: actions, what comes with a signal, and the frame that a handler runs on.
#pragma once

#include <cstdint>

namespace weft::abi {

// What rt_sigaction takes. The handler is an address, or 0 (default), or 1 (ignore). The restorer is
// where the handler returns to; it calls rt_sigreturn.
struct SignalAction {
  uint64_t handler;
  uint64_t flags;
  uint64_t restorer;
  uint64_t mask;
};

inline constexpr uint64_t k_default_action = 0;
inline constexpr uint64_t k_ignore_signal = 1;

union SignalValue {
  int32_t number;
  void* pointer;
};

// Who sent a signal, and why. Which member of the union holds depends on `code` and the signal.
struct SignalInfo {
  int32_t signal;
  int32_t error;
  int32_t code;
  int32_t padding;
  union {
    struct {
      int32_t pid;
      uint32_t user;
      SignalValue value;
    } sender;
    struct {
      int32_t pid;
      uint32_t user;
      int32_t status;
      int64_t user_time;
      int64_t system_time;
    } child;
    struct {
      void* address;
      int16_t address_bits;
    } fault;
    struct {
      int32_t timer;
      int32_t overrun;
      SignalValue value;
    } timer;
    struct {
      int64_t band;
      int32_t fd;
    } poll;
    uint8_t room[112];
  };
};

struct SignalStack {
  uint64_t base;
  int32_t flags;
  uint64_t size;
};

// What a timer does when it ends.
struct SignalEvent {
  SignalValue value;
  int32_t signal;
  int32_t notify;
  int32_t thread;
  int32_t room[11];
};

// The registers that a signal interrupted.
struct SignalContext {
  uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
  uint64_t rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, flags;
  uint16_t cs, gs, fs, ss;
  uint64_t error;
  uint64_t trap;
  uint64_t old_mask;
  uint64_t fault_address;
  void* floating_point;
  uint64_t unused[8];
};

// The third argument of a handler. Whatever it changes here is so when it returns.
struct UserContext {
  uint64_t flags;
  UserContext* link;
  SignalStack stack;
  SignalContext registers;
  uint64_t mask;
};

}  // namespace weft::abi
