#include "core/ipc/process_hooks.hh"

namespace weft::ipc {

constinit ProcessHooks process_hooks;

}  // namespace weft::ipc
