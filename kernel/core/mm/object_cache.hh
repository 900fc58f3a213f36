// ObjectCache<T>: makes and destroys objects of one type that come and go often, each at the price of
// a few instructions. One cache for each such type, as a global:
//   constinit ObjectCache<Thread> threads("thread");
#pragma once

#include <memory>
#include <utility>

#include "core/base/result.hh"
#include "core/mm/slab_cache.hh"

namespace weft::mm {

template <typename T>
class ObjectCache {
 public:
  // The name is a literal: the statistics show it.
  constexpr explicit ObjectCache(const char* name) : memory_(name, sizeof(T), alignof(T)) {}

  // A new object. Errno::nomem if there is no memory.
  template <typename... Arguments>
  Result<T*> make(Arguments&&... arguments) {
    void* const place = TRY(memory_.allocate());
    return std::construct_at(static_cast<T*>(place), std::forward<Arguments>(arguments)...);
  }

  // Destroys an object of this cache.
  void destroy(T* object) {
    std::destroy_at(object);
    memory_.free(object);
  }

  void trim() { memory_.trim(); }
  CacheStats stats() { return memory_.stats(); }

 private:
  SlabCache memory_;
};

}  // namespace weft::mm
