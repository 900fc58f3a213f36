// Pipes and pairs of sockets: two files at once.
#include "core/ipc/pipe_file.hh"
#include "syscall/descriptors.hh"
#include "syscall/handlers.hh"

namespace weft::syscall {
namespace {

// Gives both files a number and stores the two; none is left if that fails.
Result<> add_both(Context& context, Ref<fs::File> first, Ref<fs::File> second, bool close_on_exec,
                  UserOut<int32_t> numbers) {
  fs::DescriptorTable& table = *context.process.files;
  const int32_t limit = descriptor_limit(context);
  std::array<int32_t, 2> chosen{};
  chosen[0] = TRY(table.add(std::move(first), close_on_exec, limit));
  const auto other = table.add(std::move(second), close_on_exec, limit);
  if (!other.has_value()) {
    (void)table.close(chosen[0]);
    return fail(other.error());
  }
  chosen[1] = *other;
  const auto stored = numbers.store_all(chosen);
  if (!stored.has_value()) {
    for (const int32_t number : chosen) (void)table.close(number);
  }
  return stored;
}

}  // namespace

Result<uint64_t> sys_pipe2(Context& context, UserOut<int32_t> ends, uint32_t flags) {
  ipc::PipeEnds made = TRY(ipc::make_pipe(flags & abi::k_o_nonblock));
  const bool close_on_exec = (flags & abi::k_o_cloexec) != 0;
  TRY(add_both(context, std::move(made.reader), std::move(made.writer), close_on_exec, ends));
  return 0;
}

}  // namespace weft::syscall
