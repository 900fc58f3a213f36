// Does an operation cost more when there is more of everything else?
#pragma once

#include <string_view>

namespace weft::bench {

// Prints `bench OPERATION/KIND=COUNT VALUE ticks` for 10, 1,000 and 10,000 other processes, threads and
// mappings.
void measure_scaling();

void print_result(std::string_view name, double value, std::string_view unit);

}  // namespace weft::bench
