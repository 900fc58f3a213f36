// main NUMBER ARGUMENT...: makes one call through the generated dispatch, to handlers that print what
// they got. Then prints the answer.
#include <cstdlib>
#include <iostream>

#include "syscall/argument.hh"
#include "syscall/handlers.hh"

namespace weft::syscall {

template <typename T>
auto shown(T argument) {
  if constexpr (requires { argument.raw; }) {
    return argument.raw;
  } else {
    return argument;
  }
}

#include "recording_handlers.inc"
#include "syscall/dispatch.inc"

Result<uint64_t> dispatch(uint64_t number, const RawArguments& arguments) {
  Context context;
  if (number >= std::size(k_calls) || k_calls[number].run == nullptr) return fail(Errno::nosys);
  return k_calls[number].run(context, arguments);
}

}  // namespace weft::syscall

int main(int argc, char** argv) {
  weft::syscall::RawArguments arguments{};
  for (int i = 2; i < argc; ++i)
    arguments[static_cast<size_t>(i - 2)] = static_cast<uint64_t>(std::atoll(argv[i]));
  const auto answer =
      weft::syscall::dispatch(static_cast<uint64_t>(std::atoll(argv[1])), arguments);
  std::cout << (answer ? static_cast<int64_t>(*answer) : -static_cast<int64_t>(answer.error()))
            << '\n';
}
