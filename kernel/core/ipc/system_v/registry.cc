#include "core/ipc/system_v/registry.hh"

#include <algorithm>
#include <cstring>

#include "core/mm/heap.hh"

namespace weft::ipc::system_v {
namespace {

constexpr uint32_t k_places = 32'768;   // that a number can tell apart
constexpr uint32_t k_rounds = 1 << 16;  // and how many objects at each
constexpr uint32_t k_first_size = 64;

}  // namespace

Result<Ref<Object>> Registry::find_object(int32_t id) {
  const uint32_t place = static_cast<uint32_t>(id) % k_places;
  SpinGuardIrqsOn guard(lock_);
  if (id < 0 || place >= end_ || places_[place] == nullptr || places_[place]->id_ != id) {
    return fail(Errno::inval);
  }
  return Ref<Object>::share(*places_[place]);
}

Result<Ref<Object>> Registry::find_object_at(int32_t place) {
  SpinGuard guard(lock_);
  if (place < 0 || static_cast<uint32_t>(place) >= end_ || places_[place] == nullptr) {
    return fail(Errno::inval);
  }
  return Ref<Object>::share(*places_[place]);
}

Object* Registry::object_with(int32_t key) const {
  Object* place = keys_.root();
  while (place != nullptr && place->key_ != key) {
    place = key < place->key_ ? keys_.left_of(*place) : keys_.right_of(*place);
  }
  return place;
}

Ref<Object> Registry::find_key(int32_t key) {
  if (key == k_private) return {};
  SpinGuard guard(lock_);
  Object* const found = object_with(key);
  return found == nullptr ? Ref<Object>() : Ref<Object>::share(*found);
}

// A larger table needs memory, which the lock must not wait for.
Result<uint32_t> Registry::free_place() {
  while (count_ == size_) {
    const uint32_t wanted = std::min(std::max(2 * size_, k_first_size), most_);
    if (wanted == size_) return fail(Errno::nospc);
    lock_.unlock();
    const Result<void*> room = mm::allocate(wanted * sizeof(Object*));
    lock_.lock();
    if (!room.has_value()) return fail(room.error());
    auto* fresh = static_cast<Object**>(*room);
    if (wanted > size_) {
      std::fill_n(std::copy_n(places_, size_, fresh), wanted - size_, nullptr);
      std::swap(fresh, places_);
      size_ = wanted;
    }
    mm::free(fresh);
  }
  while (places_[lowest_free_] != nullptr) ++lowest_free_;
  return lowest_free_;
}

Result<int32_t> Registry::add(Ref<Object> object) {
  SpinGuard guard(lock_);
  const uint32_t place = TRY(free_place());
  if (object->key_ != k_private) {
    if (object_with(object->key_) != nullptr) return fail(Errno::exist);
    keys_.insert(*object);
  }
  const uint32_t round = made_++ % k_rounds;
  const auto id = static_cast<int32_t>(round * k_places + place);
  object->set_id(id, static_cast<uint16_t>(round));
  places_[place] = object.release();
  end_ = std::max(end_, place + 1);
  ++count_;
  return id;
}

void Registry::forget_key(Object& object) {
  SpinGuard guard(lock_);
  if (object.by_key_.is_linked()) keys_.remove(object);
}

// With the last object the table goes, too.
void Registry::remove(Object& object) {
  Object** unused = nullptr;
  {
    SpinGuard guard(lock_);
    const uint32_t place = static_cast<uint32_t>(object.id_) % k_places;
    if (object.by_key_.is_linked()) keys_.remove(object);
    places_[place] = nullptr;
    lowest_free_ = std::min(lowest_free_, place);
    --count_;
    while (end_ > 0 && places_[end_ - 1] == nullptr) --end_;
    if (count_ == 0) {
      unused = std::exchange(places_, nullptr);
      size_ = 0;
    }
  }
  mm::free(unused);
  Ref<Object>::adopt(&object).reset();
}

uint32_t Registry::count() {
  SpinGuard guard(lock_);
  return count_;
}

int32_t Registry::highest_place() {
  SpinGuard guard(lock_);
  return static_cast<int32_t>(std::max(end_, 1u) - 1);
}

}  // namespace weft::ipc::system_v
