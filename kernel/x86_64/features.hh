// What this CPU can do. Asked once, at the start; all CPUs of the machine are the same.
#pragma once

#include <cstdint>
#include <string_view>

namespace weft::x86 {

struct Features {
  bool local_apic = false;
  bool time_stamp_counter = false;
  bool no_execute = false;      // NX: pages that hold no code
  bool gigabyte_pages = false;  // pages of 1 GiB
  bool global_pages = false;    // mappings that stay when the root table changes
  bool x2apic = false;          // the local APIC as MSRs instead of memory
  bool tsc_deadline = false;    // a timer that takes a time stamp
  bool smep = false;            // the kernel can't execute user pages
  bool smap = false;            // the kernel can't read or write user pages by mistake
  bool umip = false;            // user code can't ask where the kernel's tables are
  bool random = false;          // RDRAND: random numbers
  bool xsave = false;           // saving all of the floating-point state, AVX included
  bool hypervisor = false;      // this is a virtual machine
};

extern constinit Features features;

// Fills `features`. Returns what the kernel cannot do without and this CPU doesn't have, in words;
// nothing if all is well.
std::string_view detect_features();
// The CPU's name for itself, such as "QEMU Virtual CPU version 2.5+".
std::string_view cpu_model();
// Switches on this CPU's protections and what else the features offer.
void use_features();

}  // namespace weft::x86
