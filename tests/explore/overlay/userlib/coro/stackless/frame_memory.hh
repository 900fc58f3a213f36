// In the place of userlib/coro/stackless/frame_memory.hh, in the explorer's build: tasks' frames come from the heap,
// which is as new in each run.
#pragma once

namespace weft::detail {

struct FrameMemory {};

}  // namespace weft::detail
