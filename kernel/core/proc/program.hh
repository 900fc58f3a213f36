// Programs: what execve() does. A file becomes a process's memory, and the arguments become the
// start of its stack.
#pragma once

#include <string_view>

#include "core/base/result.hh"
#include "core/proc/process.hh"
#include "core/proc/start_texts.hh"

namespace weft::proc {

// The running thread's process becomes the program in the file: `registers` are those it starts with;
// `path` is what it was called by. Its other threads end. If there is an error, all is as it was, but for
// those threads: Errno::noexec, Errno::nomem, Errno::too_big, Errno::again.
Result<> execute(UserThread& self, Registers& registers, const Ref<fs::File>& file,
                 std::string_view path, const StartTexts& texts);

}  // namespace weft::proc
