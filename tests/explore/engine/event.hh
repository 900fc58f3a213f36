// Event: one step of a run, as the story will tell it.
#pragma once

#include <array>
#include <cstdint>

namespace weft::explore {

enum class Op : uint8_t {
  load,
  store,
  update,  // read and write in one
  failed_exchange,
  fence,
  heavy_fence,  // one for all agents
  interrupts_off,
  interrupts_on,
  kick,
  halt,
  relax,
  kick_comes,
  timer_fires,
  sleep,
  wake,
  time_out,
  false_alarm,  // a sleep that ends for no reason, as a signal may end it
};

struct Event {
  uint8_t agent = 0;
  Op op{};
  bool is_old = false;  // a load of a store that was not the newest
  uint32_t tick = 0;
  uint32_t place = 0;                 // the code's address
  std::array<uint32_t, 4> callers{};  // the calls that led there, the innermost first
  uintptr_t address = 0;
  uint64_t seen = 0;
  uint64_t written = 0;
  std::array<char, 24> thread{};
};

}  // namespace weft::explore
