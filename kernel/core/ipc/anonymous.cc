#include "core/ipc/anonymous.hh"

#include "core/base/atomic.hh"
#include "core/base/types.hh"

namespace weft::ipc {
namespace {

constexpr uint64_t k_device = 8;  // of a tree that nobody sees
constinit Atomic<uint64_t> last_inode{0};

}  // namespace

uint64_t next_anonymous_inode() { return last_inode.fetch_add(1, relaxed) + 1; }

abi::Stat anonymous_status(uint32_t mode, uint64_t inode) {
  abi::Stat status{};
  status.device = k_device;
  status.inode = inode;
  status.links = 1;
  status.mode = mode;
  status.block_size = k_page_size;
  return status;
}

}  // namespace weft::ipc
