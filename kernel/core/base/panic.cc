#include "core/base/assert.hh"
#include "core/base/format.hh"
#include "core/hal.hh"

namespace weft {

void panic(const char* reason, const char* file, int line) noexcept {
  hal::irq_save();
  hal::stop(Text<256>("{} ({}:{})", reason, file, line).view());
}

}  // namespace weft
