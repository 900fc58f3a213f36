#include "x86_64/features.hh"

#include <algorithm>
#include <array>

#include "x86_64/registers.hh"

namespace weft::x86 {
namespace {

bool bit(uint32_t word, unsigned number) { return (word >> number & 1) != 0; }

}  // namespace

constinit Features features;

std::string_view detect_features() {
  const uint32_t last_leaf = cpuid(0).eax;
  const CpuidResult basic = cpuid(1);
  features.time_stamp_counter = bit(basic.edx, 4);
  features.local_apic = bit(basic.edx, 9);
  features.global_pages = bit(basic.edx, 13);
  features.x2apic = bit(basic.ecx, 21);
  features.tsc_deadline = bit(basic.ecx, 24);
  features.xsave = bit(basic.ecx, 26);
  features.random = bit(basic.ecx, 30);
  features.hypervisor = bit(basic.ecx, 31);
  if (last_leaf >= 7) {
    const CpuidResult more = cpuid(7);
    features.umip = bit(more.ecx, 2);
    features.smep = bit(more.ebx, 7);
    features.smap = bit(more.ebx, 20);
  }
  const CpuidResult extended = cpuid(0x80000001);  // exists: long mode is announced there
  features.no_execute = bit(extended.edx, 20);
  features.gigabyte_pages = bit(extended.edx, 26);

  if (!features.time_stamp_counter)
    return "a time stamp counter (TSC), which is the kernel's clock";
  if (!features.local_apic) return "a local APIC, which brings timer interrupts";
  return {};
}

std::string_view cpu_model() {
  static constinit std::array<char, 49> text{};
  if (cpuid(0x80000000).eax < 0x80000004) return "unknown";
  for (uint32_t part = 0; part < 3; ++part) {
    const CpuidResult words = cpuid(0x80000002 + part);
    __builtin_memcpy(text.data() + part * sizeof words, &words, sizeof words);
  }
  const std::string_view name(text.data());
  return name.substr(std::min(name.find_first_not_of(' '), name.size()));
}

void use_features() {
  if (features.no_execute) write_msr(Msr::efer, read_msr(Msr::efer) | k_efer_no_execute);
  uint64_t cr4 = read_cr4();
  if (features.global_pages) cr4 |= k_cr4_global_pages;
  if (features.smep) cr4 |= k_cr4_smep;
  if (features.smap) cr4 |= k_cr4_smap;
  if (features.umip) cr4 |= k_cr4_umip;
  write_cr4(cr4);
}

}  // namespace weft::x86
