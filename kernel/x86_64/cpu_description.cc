#include "x86_64/cpu_description.hh"

#include "x86_64/features.hh"
#include "x86_64/registers.hh"

namespace weft::x86 {
namespace {

struct Ability {
  std::string_view name;
  uint8_t bit;
};

// Those that programs ask for, by the register that CPUID tells them in.
constexpr Ability k_basic_edx[] = {{"fpu", 0},  {"tsc", 4},      {"msr", 5},  {"pae", 6},
                                   {"cx8", 8},  {"apic", 9},     {"sep", 11}, {"cmov", 15},
                                   {"pat", 16}, {"clflush", 19}, {"mmx", 23}, {"fxsr", 24},
                                   {"sse", 25}, {"sse2", 26}};
constexpr Ability k_basic_ecx[] = {
    {"pni", 0},     {"pclmulqdq", 1}, {"ssse3", 9},  {"fma", 12},    {"cx16", 13},
    {"sse4_1", 19}, {"sse4_2", 20},   {"movbe", 22}, {"popcnt", 23}, {"aes", 25},
    {"xsave", 26},  {"avx", 28},      {"f16c", 29},  {"rdrand", 30}, {"hypervisor", 31}};
constexpr Ability k_more_ebx[] = {{"fsgsbase", 0}, {"bmi1", 3}, {"avx2", 5}, {"smep", 7},
                                  {"bmi2", 8},     {"erms", 9}, {"smap", 20}};
constexpr Ability k_extended_edx[] = {{"syscall", 11}, {"nx", 20}, {"pdpe1gb", 26}, {"lm", 29}};

void write_abilities(Sink& to, std::span<const Ability> abilities, uint32_t word) {
  for (const Ability& ability : abilities) {
    if ((word >> ability.bit & 1) != 0) format(to, " {}", ability.name);
  }
}

}  // namespace

void describe_cpu(Sink& to) {
  format(to, "model name\t: {}\nflags\t\t:", cpu_model());
  const CpuidResult basic = cpuid(1);
  write_abilities(to, k_basic_edx, basic.edx);
  write_abilities(to, k_extended_edx, cpuid(0x8000'0001).edx);
  write_abilities(to, k_basic_ecx, basic.ecx);
  if (cpuid(0).eax >= 7) write_abilities(to, k_more_ebx, cpuid(7).ebx);
  to.write("\n");
}

}  // namespace weft::x86
