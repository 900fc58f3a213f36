// UserSpace: an address space for a test, loaded on the CPU whenever it is touched.
#pragma once

#include <optional>
#include <vector>

#include "core/mm/address_space.hh"
#include "core/sync/irq_guard.hh"

namespace weft::host {

// The address space that user accesses of this test go to: what a process is to the kernel.
extern mm::AddressSpace* user_space_in_use;

// Wishes for a mapping: anywhere, or there and nowhere else.
inline constexpr mm::Access k_rw = mm::Access::read | mm::Access::write;
inline mm::MapRequest request(size_t pages, mm::Access access = k_rw) {
  mm::MapRequest wish;
  wish.size = pages * k_page_size;
  wish.access = access;
  return wish;
}

inline mm::MapRequest at(VirtAddr address, size_t pages, mm::Access access = k_rw) {
  mm::MapRequest wish = request(pages, access);
  wish.address = address;
  wish.is_fixed = true;
  return wish;
}

class UserSpace {
 public:
  UserSpace() : UserSpace(mm::AddressSpace::make().value()) {}
  explicit UserSpace(Ref<mm::AddressSpace> space) : space_(std::move(space)) {}
  UserSpace(const UserSpace&) = delete;
  UserSpace& operator=(const UserSpace&) = delete;

  mm::AddressSpace* operator->() const { return space_.get(); }

  bool write(VirtAddr address, uint64_t value) {
    load();
    return hal::copy_to_user(address, &value, 1) == 0;
  }
  std::optional<uint64_t> try_read(VirtAddr address) {
    load();
    uint64_t value = 0;
    if (hal::copy_from_user(&value, address, 1) != 0) return std::nullopt;
    return value;
  }
  uint64_t read(VirtAddr address) { return try_read(address).value(); }

  std::vector<mm::AddressSpace::View> regions() {
    std::vector<mm::AddressSpace::View> all;
    mm::AddressSpace::View view;
    for (VirtAddr at = 0; space_->view_region(at, view); at = view.end) all.push_back(view);
    return all;
  }

 private:
  void load() {
    IrqGuard irqs_off;
    hal::load_root(space_->root());
    user_space_in_use = space_.get();
  }

  Ref<mm::AddressSpace> space_;
};

}  // namespace weft::host
