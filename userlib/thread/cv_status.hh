// cv_status: how a timed wait for a condition ended; of threads, processes and coroutines.
#pragma once

namespace weft {

enum class cv_status { no_timeout, timeout };

}  // namespace weft
