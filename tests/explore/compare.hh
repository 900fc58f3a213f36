// Is the reduced search sound? It must see every outcome that a search sees which leaves nothing out.
// The programs are random, and small enough for both.
#pragma once

#include <cstdint>

namespace weft::explore {

bool compare_searches(unsigned programs, uint64_t seed);

}  // namespace weft::explore
