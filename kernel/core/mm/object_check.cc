#include "core/mm/object_check.hh"

#include "core/base/assert.hh"
#include "core/base/log.hh"

#if WEFT_DEBUG

namespace weft::mm {
namespace {

constexpr uint32_t k_live = 0x11fe'0b1e;
constexpr uint32_t k_free = 0xf4ee'0b1e;
// Pointers made of either are addresses that no machine has, so following one faults at once.
constexpr unsigned char k_free_pattern = 0x6b;
constexpr unsigned char k_fresh_pattern = 0x5e;

[[noreturn]] void report(const void* object, size_t size, const char* what) {
  log::error("object at {} of {} bytes", object, size);
  panic(what);
}

void fill(void* object, size_t size, unsigned char pattern) {
  __builtin_memset(object, pattern, size);
}

bool is_filled_as_free(const void* object, size_t size) {
  const auto* bytes = static_cast<const unsigned char*>(object);
  for (size_t i = 0; i < size; ++i)
    if (bytes[i] != k_free_pattern) return false;
  return true;
}

}  // namespace

void prepare_object(void* object, size_t size, ObjectTag& tag) {
  fill(object, size, k_free_pattern);
  tag.state = k_free;
}

void mark_live(void* object, size_t size, ObjectTag& tag) {
  if (tag.state != k_free) report(object, size, "memory behind an object is left alone");
  if (!is_filled_as_free(object, size)) report(object, size, "a freed object is not written to");
  fill(object, size, k_fresh_pattern);
  tag.state = k_live;
}

void mark_free(void* object, size_t size, ObjectTag& tag) {
  if (tag.state == k_free) report(object, size, "an object is freed twice");
  if (tag.state != k_live) report(object, size, "memory behind an object is left alone");
  fill(object, size, k_free_pattern);
  tag.state = k_free;
}

}  // namespace weft::mm

#endif
