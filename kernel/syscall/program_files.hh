// Where execve() finds programs.
#pragma once

#include <string_view>

#include "core/base/result.hh"
#include "core/mm/memory_object.hh"

namespace weft {

// The file's contents, shared with all who run it. Errno::noent, Errno::nomem.
Result<Ref<mm::MemoryObject>> open_program(std::string_view path);

}  // namespace weft
