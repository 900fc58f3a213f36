#include "unit/support/user_space.hh"

namespace weft {

mm::AddressSpace* host::user_space_in_use = nullptr;

bool upcall::on_user_fault(VirtAddr address, unsigned wanted, bool) {
  return host::user_space_in_use->handle_fault(address, static_cast<mm::Access>(wanted)) ==
         mm::FaultResult::handled;
}

}  // namespace weft
