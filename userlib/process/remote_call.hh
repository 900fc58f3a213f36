// Procedure calls between processes: a small synchronous call over a pair of sockets. Argument and
// result are copied; each side has its own memory.
//
//   remote_server server;                                          // in the child
//   server.answer<int, int>(k_square, [](int n) { return n * n; });
//   server.serve(fd);                                              // until the client goes
//
//   remote_client client(std::move(end));                          // in the parent
//   Result<int> nine = client.call<int>(k_square, 3);
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include "core/base/result.hh"
#include "userlib/base/file.hh"
#include "userlib/base/function.hh"
#include "userlib/base/string.hh"
#include "userlib/base/vector.hh"
#include "userlib/thread/mutex.hh"

namespace weft {
namespace detail {

template <typename T>
std::string_view bytes_of(const T& value) {
  static_assert(std::is_trivially_copyable_v<T>, "what crosses over is bytes");
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

// Errno::msgsize: that is no T.
template <typename T>
Result<T> value_of(std::string_view bytes) {
  static_assert(std::is_trivially_copyable_v<T>, "what crosses over is bytes");
  if (bytes.size() != sizeof(T)) return fail(Errno::msgsize);
  alignas(T) char room[sizeof(T)];
  bytes.copy(room, sizeof(T));
  return *reinterpret_cast<T*>(room);
}

}  // namespace detail

// The side that asks. Any thread may: the calls take turns.
class remote_client {
 public:
  explicit remote_client(Descriptor connection) : connection_(std::move(connection)) {}

  // Waits for the answer, or for the error that the procedure answered with. Errno::nosys: there is no
  // such procedure; Errno::msgsize: argument or answer are larger than 16 MiB; Errno::pipe or connreset: there
  // is no server any more.
  Result<String> call(uint32_t procedure, std::string_view argument);
  template <typename R, typename Argument>
  Result<R> call(uint32_t procedure, const Argument& argument) {
    return detail::value_of<R>(TRY(call(procedure, detail::bytes_of(argument))));
  }

 private:
  mutex mutex_;
  Descriptor connection_;
};

// The side that answers.
class remote_server {
 public:
  using procedure = unique_function<Result<String>(std::string_view argument)>;

  void answer(uint32_t number, procedure function);
  // For procedures from a value to a value, or to the Result of one.
  template <typename Argument, typename R, typename Function>
  void answer(uint32_t number, Function function) {
    answer(number,
           [function = std::move(function)](std::string_view bytes) mutable -> Result<String> {
             const Argument argument = TRY(detail::value_of<Argument>(bytes));
             const Result<R> result = function(argument);
             if (!result) return fail(result.error());
             return String(detail::bytes_of(*result));
           });
  }

  // Answers one call after the other, until the client has closed its end.
  Result<> serve(int connection);

 private:
  struct Entry {
    uint32_t number;
    procedure function;
  };
  Result<String> run(uint32_t number, std::string_view argument);

  Vector<Entry> procedures_;
};

}  // namespace weft
