#include "unit/support/seeds.hh"

#include <cstdlib>

namespace weft::host {
namespace {

std::optional<uint64_t> from_environment(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return {};
  return std::strtoull(text, nullptr, 0);
}

std::optional<uint64_t>& seed() {
  static std::optional<uint64_t> the_seed = from_environment("WEFT_SEED");
  return the_seed;
}

}  // namespace

std::optional<uint64_t> wanted_seed() { return seed(); }
uint64_t seed_factor() { return from_environment("WEFT_SEED_FACTOR").value_or(1); }
void set_wanted_seed(uint64_t wanted) { seed() = wanted; }

}  // namespace weft::host
