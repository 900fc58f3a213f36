#include "explore/engine/locations.hh"

#include <cstdio>
#include <cstdlib>

namespace weft::explore {

void Locations::start_run(bool keeps_old_stores) {
  ++run_;
  keeps_old_stores_ = keeps_old_stores;
  used_view_ = k_most_agents;
  store_count_ = 1;
}

void Locations::forget_sharing() {
  for (Location* location : slots_) {
    if (location == nullptr) continue;
    location->readers = location->writers = 0;
    location->is_contended = false;
  }
}

Location* Locations::find_known(uintptr_t address) {
  for (size_t slot = slot_of(address);; slot = (slot + 1) % k_slots) {
    Location* location = slots_[slot];
    if (location == nullptr || location->address == address) return location;
  }
}

Location& Locations::find(uintptr_t address) {
  size_t slot = slot_of(address);
  while (slots_[slot] != nullptr) {
    if (slots_[slot]->address == address) return *slots_[slot];
    slot = (slot + 1) % k_slots;
  }
  if (++count_ > k_slots / 2) {
    std::fputs("explore: too many atomic variables\n", stderr);
    std::abort();
  }
  slots_[slot] = allocate();
  slots_[slot]->address = address;
  return *slots_[slot];
}

Location* Locations::allocate() {
  constexpr size_t k_block = 256;
  if (left_in_block_ == 0) {
    blocks_.push_back(new Location[k_block]);
    left_in_block_ = k_block;
  }
  return blocks_.back() + --left_in_block_;
}

void Locations::begin(Location& location, uint64_t value) {
  if (location.numbered_in != run_) {
    location.numbered_in = run_;
    location.stores = 0;
    location.view_entry = keeps_old_stores_ && used_view_ < k_view_size ? used_view_++ : 0;
  }
  location.run = run_;
  location.newest = 0;
  location.last_sequential = 0;
  location.owner = 0;
  location.write_hash = 0;
  location.read_hash = 0;
  Store& first = add_store(location);
  first.used_view = 0;
  first.value = value;
  first.hash = 0;
  first.place = 0;
}

Store& Locations::add_store(Location& location) {
  const bool reuses = !keeps_old_stores_ && location.newest != 0;
  if (!reuses) {
    if (store_count_ == stores_.size()) stores_.resize(stores_.size() * 2);
    stores_[store_count_].older = location.newest;
    location.newest = store_count_++;
  }
  Store& store = stores_[location.newest];
  store.stamp = ++location.stores;
  store.is_sequential = false;
  return store;
}

}  // namespace weft::explore
