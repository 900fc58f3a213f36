// How functions are called, where that is not as usual.
#pragma once

// A function that gives back no register as it found it: its callers keep what they need. For those that
// switch to another thread, which saves all registers anyway. (Address sanitizer's build addresses its
// frames by a register that this would take from it.)
#define KEEPS_NO_REGISTERS
#if defined(__clang__)
#if !__has_feature(address_sanitizer)
#undef KEEPS_NO_REGISTERS
#define KEEPS_NO_REGISTERS __attribute__((preserve_none))
#endif
#endif
