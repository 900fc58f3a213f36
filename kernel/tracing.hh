// What the command line says of tracing.
#pragma once

namespace weft {

// Before there are threads or other CPUs. Ends with one line if there is no memory for the events.
void start_tracing();

}  // namespace weft
