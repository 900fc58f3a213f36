// Signal frames: the registers, and the floating-point state with its marks.
#include "core/hal.hh"
#include "x86_64/registers.hh"
#include "x86_64/user_memory.hh"
#include "x86_64/user_mode.hh"

// In user_copy.S.
extern "C" {
bool user_save_short(void* to);
bool user_load_short(const void* from);
bool user_save_long(void* to, uint32_t components);
bool user_load_long(const void* from, uint32_t components);
bool user_save_frame(void* place, const weft::hal::SignalFrame* frame,
                     const weft::Registers* registers);
bool user_load_frame(const void* place, weft::hal::SignalFrame* frame, weft::Registers* registers);
}

namespace weft {
namespace x86 {
namespace {

constexpr size_t k_short_size = 512;   // FXSAVE's area, with which XSAVE's begins
constexpr size_t k_header_size = 64;   // of XSAVE's, behind that
constexpr size_t k_marks_place = 464;  // which the CPU leaves to software
constexpr uint32_t k_first_mark = 0x46505853, k_last_mark = 0x46505845;
constexpr uint32_t k_short_components = 3;

// By these a program knows that there is more than the short state.
struct Marks {
  uint32_t first_mark;
  uint32_t size;  // with the last mark
  uint64_t components;
  uint32_t state_size;
  uint32_t unused[7];
};
static_assert(sizeof(Marks) == k_short_size - k_marks_place);

struct alignas(64) FreshState {
  uint16_t control_word = 0x37f;
  uint8_t between[22] = {};
  uint32_t simd_control = 0x1f80;
  uint8_t rest[k_short_size + k_header_size - 28] = {};  // no component differs from its beginning
};
const FreshState fresh_state;

void load_fresh(uint32_t components) {
  if (components != 0) {
    asm volatile("xrstor64 (%0)" ::"r"(&fresh_state), "a"(components), "d"(0) : "memory");
  } else {
    asm volatile("fxrstor64 (%0)" ::"r"(&fresh_state) : "memory");
  }
}

bool is_long(VirtAddr place) {
  Marks marks;
  if (hal::copy_from_user(&marks, place + k_marks_place, sizeof marks) != 0) return false;
  if (marks.first_mark != k_first_mark || marks.state_size != floating_point_size()) return false;
  const auto last_mark = hal::load_user_word(place + floating_point_size());
  return last_mark.has_value() && *last_mark == k_last_mark;
}

bool load_short(VirtAddr place) {
  const UserAccess access;
  return user_load_short(reinterpret_cast<const void*>(place));
}

[[gnu::noinline]] bool save_long(VirtAddr place, uint32_t components) {
  // XSAVE writes only a part of its header, and the CPU refuses one with anything else in it.
  if (hal::clear_user(place + k_short_size, k_header_size) != 0) return false;
  {
    const UserAccess access;
    if (!user_save_long(reinterpret_cast<void*>(place), components)) return false;
  }
  const uint32_t size = floating_point_size();
  const Marks marks{.first_mark = k_first_mark,
                    .size = size + static_cast<uint32_t>(sizeof k_last_mark),
                    .components = components,
                    .state_size = size,
                    .unused = {}};
  return hal::copy_to_user(place + k_marks_place, &marks, sizeof marks) == 0 &&
         hal::copy_to_user(place + size, &k_last_mark, sizeof k_last_mark) == 0;
}

// Of a CPU that has more than the short state; the place may still hold just that.
[[gnu::noinline]] bool load_any(VirtAddr place, uint32_t components) {
  if (!is_long(place)) {
    // What a short state doesn't have is as in a new program.
    if (components > k_short_components) load_fresh(components);
    return load_short(place);
  }
  const UserAccess access;
  return user_load_long(reinterpret_cast<const void*>(place), components);
}

}  // namespace
}  // namespace x86

namespace hal {

SignalState signal_state() {
  if (x86::floating_point_components() == 0) return {x86::k_short_size, false};
  return {x86::floating_point_size() + sizeof x86::k_last_mark, true};
}

Result<> load_signal_state(VirtAddr place) {
  const uint32_t components = x86::floating_point_components();
  if (place == 0) {
    x86::load_fresh(components);
    return {};
  }
  const bool is_good = components == 0 ? x86::load_short(place) : x86::load_any(place, components);
  return is_good ? Result<>{} : fail(Errno::fault);
}

Result<> save_signal_frame(VirtAddr place, const SignalFrame& frame, const Registers& registers) {
  const uint32_t components = x86::floating_point_components();
  if (components != 0 && !x86::save_long(frame.floating_point, components)) {
    return fail(Errno::fault);
  }
  {
    const x86::UserAccess access;
    if ((components == 0 && !user_save_short(reinterpret_cast<void*>(frame.floating_point))) ||
        !user_save_frame(reinterpret_cast<void*>(place), &frame, &registers)) {
      return fail(Errno::fault);
    }
  }
  x86::load_fresh(components);
  return {};
}

Result<> load_signal_frame(SignalFrame& frame, Registers& registers, VirtAddr place) {
  const x86::UserAccess access;
  const bool is_good = user_load_frame(reinterpret_cast<const void*>(place), &frame, &registers);
  return is_good ? Result<>{} : fail(Errno::fault);
}

}  // namespace hal
}  // namespace weft
