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

bool is_one_of(uint32_t id, const proc::Ids& ids) {
  return id == ids.real || id == ids.effective || id == ids.saved;
}

// Only a privileged process may say that it is another one; and that one must be there.
Result<abi::SocketCredentials> load_credentials(const Context& context, VirtAddr place,
                                                size_t size) {
  if (size != sizeof(abi::SocketCredentials)) return fail(Errno::inval);
  const auto said = TRY(UserIn<abi::SocketCredentials>(place).load());
  const proc::Identity& identity = context.process.identity;
  if (said.user == ~0u || said.group == ~0u) return fail(Errno::inval);
  const bool is_true = said.process == context.process.pid && is_one_of(said.user, identity.user) &&
                       is_one_of(said.group, identity.group);
  if (!is_true && identity.user.effective != 0) return fail(Errno::perm);
  SpinGuard guard(proc::tree_lock);
  const bool is_there =
      proc::find_process(said.process) != nullptr || proc::find_thread(said.process) != nullptr;
  if (!is_there) return fail(Errno::srch);
  return said;
}

// Writes one piece after the other to where recvmsg() wants what came beside the bytes.
class ControlWriter {
 public:
  explicit ControlWriter(abi::MessageHeader& header)
      : header_(header), room_(header.control != 0 ? header.control_length : 0) {}
  ~ControlWriter() { header_.control_length = used_; }

  // Room for what comes behind the head of the next piece.
  size_t room() const { return room_ - used_ > k_head ? room_ - used_ - k_head : 0; }
  VirtAddr place() const { return header_.control + used_ + k_head; }
  bool has_room_for_head() const { return room_ - used_ >= k_head; }
  void note_cut() { header_.flags |= abi::k_msg_ctrunc; }
  // What stands behind the head is there already.
  Result<> finish_piece(uint32_t type, size_t size) {
    const abi::ControlHeader head{
        .length = k_head + size, .level = k_level, .type = static_cast<int32_t>(type)};
    TRY(UserOut<abi::ControlHeader>(header_.control + used_).store(head));
    used_ += std::min(round_up(head.length, sizeof(uint64_t)), room_ - used_);
    return {};
  }

 private:
  abi::MessageHeader& header_;
  const size_t room_;
  size_t used_ = 0;
};

Result<> store_credentials(const abi::SocketCredentials& credentials, ControlWriter& control) {
  const size_t size = std::min(control.room(), sizeof credentials);
  if (size < sizeof credentials) control.note_cut();
  if (!control.has_room_for_head()) return {};
  TRY(mm::copy_to_user(control.place(), &credentials, size));
  return control.finish_piece(abi::k_scm_credentials, size);
}

Result<> store_files(Context& context, const ipc::PassedFiles& files, bool closes_on_exec,
                     ControlWriter& control) {
  size_t stored = 0;
  const UserOut<int32_t> numbers(control.place());
  for (const Ref<fs::File>& file : files.all()) {
    if ((stored + 1) * sizeof(int32_t) > control.room()) break;
    const auto number = add_descriptor(context, file, closes_on_exec);
    if (!number.has_value()) break;
    const auto told = numbers.store(static_cast<int32_t>(*number), stored);
    if (!told.has_value()) {
      (void)context.process.files->close(static_cast<int32_t>(*number));
      break;
    }
    ++stored;
  }
  if (stored < files.all().size()) control.note_cut();
  if (stored == 0) return {};
  return control.finish_piece(abi::k_scm_rights, stored * sizeof(int32_t));
}

}  // namespace

Result<ipc::Enclosed> load_control(const Context& context, const abi::MessageHeader& header) {
  ipc::Enclosed enclosed;
  if (header.control_length > k_most_control) return fail(Errno::nobufs);
  size_t at = 0;
  while (header.control != 0 && at + k_head <= header.control_length) {
    const auto piece = TRY(UserIn<abi::ControlHeader>(header.control + at).load());
    if (piece.length < k_head || piece.length > header.control_length - at) {
      return fail(Errno::inval);
    }
    const VirtAddr place = header.control + at + k_head;
    const size_t size = piece.length - k_head;
    at += round_up(piece.length, sizeof(uint64_t));
    if (piece.level != k_level) continue;
    switch (static_cast<uint32_t>(piece.type)) {
      case abi::k_scm_rights:
        TRY(add_files(context, enclosed.files, place, size / sizeof(int32_t)));
        break;
      case abi::k_scm_credentials:
        enclosed.credentials = TRY(load_credentials(context, place, size));
        break;
      default: return fail(Errno::inval);
    }
  }
  return enclosed;
}

Result<> store_control(Context& context, const ipc::Incoming& what, abi::MessageHeader& header) {
  const bool closes_on_exec = (header.flags & abi::k_msg_cmsg_cloexec) != 0;
  ControlWriter control(header);
  if (what.credentials.has_value()) TRY(store_credentials(*what.credentials, control));
  if (what.files) TRY(store_files(context, *what.files, closes_on_exec, control));
  return {};
}

}  // namespace weft::syscall
