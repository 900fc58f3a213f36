// What eventfd() makes: a counter that one adds to by writing and takes from by reading.
#pragma once

#include "core/fs/file.hh"

namespace weft::ipc {

// `takes_one`: a read takes 1 and not all (EFD_SEMAPHORE). `flags` may have O_NONBLOCK. Errno::nomem.
Result<Ref<fs::File>> make_event_counter(uint64_t initial, bool takes_one, uint32_t flags);

}  // namespace weft::ipc
