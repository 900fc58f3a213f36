#include "syscall/socket_control.hh"

#include "core/mm/heap.hh"
#include "syscall/descriptors.hh"

namespace weft::syscall {
namespace {

constexpr size_t k_most_control = 20'480;
constexpr int32_t k_level = abi::k_sol_socket;
constexpr size_t k_head = sizeof(abi::ControlHeader);

Result<> add_files(const Context& context, mm::Owned<ipc::PassedFiles>& files, VirtAddr place,
                   size_t count) {
  if (!files) files = TRY(mm::make<ipc::PassedFiles>());
  for (size_t i = 0; i < count; ++i) {
    const int32_t number = TRY(UserIn<int32_t>(place).load(i));
    TRY(files->add(TRY(file_of(context, Fd{number}))));
  }
  return {};
}

}  // namespace

Result<mm::Owned<ipc::PassedFiles>> load_control(const Context& context,
                                                 const abi::MessageHeader& header) {
  mm::Owned<ipc::PassedFiles> files;
  if (header.control_length > k_most_control) return fail(Errno::nobufs);
  size_t at = 0;
  while (header.control != 0 && at + k_head <= header.control_length) {
    const auto piece = TRY(UserIn<abi::ControlHeader>(header.control + at).load());
    if (piece.length < k_head || piece.length > header.control_length - at) {
      return fail(Errno::inval);
    }
    const bool is_known = piece.type == static_cast<int32_t>(abi::k_scm_rights) ||
                          piece.type == static_cast<int32_t>(abi::k_scm_credentials);
    if (piece.level == k_level && !is_known) return fail(Errno::inval);
    if (piece.level == k_level && piece.type == static_cast<int32_t>(abi::k_scm_rights)) {
      TRY(add_files(context, files, header.control + at + k_head,
                    (piece.length - k_head) / sizeof(int32_t)));
    }
    at += round_up(piece.length, sizeof(uint64_t));
  }
  return files;
}

Result<> store_control(Context& context, const ipc::PassedFiles* files,
                       abi::MessageHeader& header) {
  const size_t room = header.control != 0 ? header.control_length : 0;
  header.control_length = 0;
  if (files == nullptr) return {};
  size_t stored = 0;
  const bool closes_on_exec = (header.flags & abi::k_msg_cmsg_cloexec) != 0;
  const UserOut<int32_t> numbers(header.control + k_head);
  for (const Ref<fs::File>& file : files->all()) {
    if (k_head + (stored + 1) * sizeof(int32_t) > room) break;
    const auto number = add_descriptor(context, file, closes_on_exec);
    if (!number.has_value()) break;
    const auto told = numbers.store(static_cast<int32_t>(*number), stored);
    if (!told.has_value()) {
      (void)context.process.files->close(static_cast<int32_t>(*number));
      break;
    }
    ++stored;
  }
  if (stored < files->all().size()) header.flags |= abi::k_msg_ctrunc;
  if (stored == 0) return {};
  const size_t length = k_head + stored * sizeof(int32_t);
  TRY(UserOut<abi::ControlHeader>(header.control)
          .store({.length = length,
                  .level = k_level,
                  .type = static_cast<int32_t>(abi::k_scm_rights)}));
  header.control_length = std::min(round_up(length, sizeof(uint64_t)), room);
  return {};
}

}  // namespace weft::syscall
