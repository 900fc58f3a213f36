#include "unit/hal_threads/cpu.hh"

namespace weft::threads {
namespace {

thread_local Cpu* own_cpu = nullptr;

}  // namespace

[[gnu::noinline]] Cpu& this_cpu() { return *own_cpu; }
[[gnu::noinline]] void become(Cpu& cpu) { own_cpu = &cpu; }

}  // namespace weft::threads
