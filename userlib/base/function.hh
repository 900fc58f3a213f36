// unique_function<R(Arguments...)>: any callable, owned, behind one type. It can be moved and not
// copied, so what it captures need not be copied either. (std::move_only_function, without exceptions.)
#pragma once

#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

#include "core/base/assert.hh"

namespace weft {

template <typename Signature>
class unique_function;

template <typename R, typename... Arguments>
class unique_function<R(Arguments...)> {
 public:
  unique_function() = default;
  template <typename Function>
    requires(!std::same_as<std::remove_cvref_t<Function>, unique_function> &&
             std::is_invocable_r_v<R, std::decay_t<Function>&, Arguments...>)
  unique_function(Function&& function)
      : object_(new std::decay_t<Function>(std::forward<Function>(function))),
        call_([](void* object, Arguments... arguments) -> R {
          return std::invoke(*static_cast<std::decay_t<Function>*>(object),
                             std::forward<Arguments>(arguments)...);
        }),
        remove_([](void* object) { delete static_cast<std::decay_t<Function>*>(object); }) {}
  unique_function(unique_function&& other) noexcept { swap(other); }
  unique_function& operator=(unique_function&& other) noexcept {
    unique_function(std::move(other)).swap(*this);
    return *this;
  }
  ~unique_function() {
    if (object_ != nullptr) remove_(object_);
  }

  R operator()(Arguments... arguments) {
    ASSERT(object_ != nullptr, "only a function that is there is called");
    return call_(object_, std::forward<Arguments>(arguments)...);
  }
  explicit operator bool() const { return object_ != nullptr; }
  void swap(unique_function& other) noexcept {
    std::swap(object_, other.object_);
    std::swap(call_, other.call_);
    std::swap(remove_, other.remove_);
  }

 private:
  void* object_ = nullptr;
  R (*call_)(void*, Arguments...) = nullptr;
  void (*remove_)(void*) = nullptr;
};

}  // namespace weft
