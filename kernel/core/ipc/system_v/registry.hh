// Registry: all System V objects of one kind, by number and by key.
//
// A number says at which place of the table its object stands, and how many had been made before, so
// that the number of an object that was removed does not soon lead to another.
#pragma once

#include "core/ipc/system_v/object.hh"

namespace weft::ipc::system_v {

class Registry {
 public:
  // So many objects at most.
  constexpr explicit Registry(uint32_t most) : most_(most) {}

  // Errno::inval if nobody has that number.
  template <typename T>
  Result<Ref<T>> find(int32_t id) {
    return cast<T>(TRY(find_object(id)));
  }
  // What stands at that place of the table. Errno::inval.
  template <typename T>
  Result<Ref<T>> find_at(int32_t place) {
    return cast<T>(TRY(find_object_at(place)));
  }
  // As the calls that end with "get": the number of the object with that key. fits(object) says whether
  // one that exists will do, make() makes a new one. Errno::noent, Errno::exist, Errno::acces,
  // Errno::nospc, Errno::nomem, and what those two say.
  template <typename T, typename Fits, typename Make>
  Result<int32_t> get(int32_t key, uint32_t flags, const Actor& actor, Fits fits, Make make) {
    const bool creates = (flags & abi::k_ipc_creat) != 0 || key == k_private;
    for (;;) {
      if (Ref<Object> found = find_key(key)) {
        if (creates && (flags & abi::k_ipc_excl) != 0) return fail(Errno::exist);
        TRY(fits(static_cast<T&>(*found)));
        SpinGuard guard(found->lock);
        TRY(found->check(actor, flags));
        return found->id();
      }
      if (!creates) return fail(Errno::noent);
      Ref<T> made = TRY(make());
      made->set_creator(key, flags, actor);
      const Result<int32_t> id = add(std::move(made));
      // Somebody else may have made one with the key meanwhile.
      if (id.has_value() || id.error() != Errno::exist) return id;
    }
  }

  // Nobody finds it any more.
  void remove(Object& object);
  // Only its number leads to it from now on.
  void forget_key(Object& object);

  uint32_t count();
  // The highest place in use; 0 if there is none.
  int32_t highest_place();
  // Calls visit(object) for each, under the registry's lock.
  template <typename T, typename Visit>
  void for_each(Visit visit) {
    SpinGuard guard(lock_);
    for (uint32_t place = 0; place < end_; ++place) {
      if (places_[place] != nullptr) visit(static_cast<T&>(*places_[place]));
    }
  }

 private:
  static constexpr int32_t k_private = 0;  // no key at all

  struct Order {
    static bool before(const Object& a, const Object& b) { return a.key_ < b.key_; }
  };

  template <typename T>
  static Ref<T> cast(Ref<Object> object) {
    return Ref<T>::adopt(static_cast<T*>(object.release()));
  }
  Result<Ref<Object>> find_object(int32_t id);
  Result<Ref<Object>> find_object_at(int32_t place);
  Ref<Object> find_key(int32_t key);
  Object* object_with(int32_t key) const REQUIRES(lock_);
  Result<int32_t> add(Ref<Object> object);
  Result<uint32_t> free_place() REQUIRES(lock_);

  const uint32_t most_;
  SpinLock lock_{Rank::system_v_table};
  Object** places_ GUARDED_BY(lock_) = nullptr;
  uint32_t size_ GUARDED_BY(lock_) = 0;  // places that there are
  uint32_t end_ GUARDED_BY(lock_) = 0;   // behind the highest in use
  uint32_t count_ GUARDED_BY(lock_) = 0;
  uint32_t lowest_free_ GUARDED_BY(lock_) = 0;  // no free one is below
  uint32_t made_ GUARDED_BY(lock_) = 0;
  RbTree<Object, &Object::by_key_, Order> keys_ GUARDED_BY(lock_);
};

}  // namespace weft::ipc::system_v
