// Sockets: made, named, connected; and what is sent and received. What goes beside the bytes is in
// socket_control.cc.
#include "core/ipc/socket/unix_socket.hh"
#include "syscall/handlers.hh"
#include "syscall/parts.hh"
#include "syscall/path_argument.hh"
#include "syscall/socket_control.hh"

namespace weft::syscall {
namespace {

using ipc::Socket;
using ipc::SocketName;

constexpr uint32_t k_kind = 0xf, k_kinds = 11;

// A socket, for as long as a call takes.
class SocketArgument {
 public:
  // Errno::badf, Errno::notsock.
  Result<> load(const Context& context, Fd fd) {
    file_ = TRY(file_of(context, fd));
    socket_ = TRY(Socket::of(*file_));
    return {};
  }
  Socket* operator->() const { return socket_; }
  Socket& operator*() const { return *socket_; }

 private:
  Ref<fs::File> file_;
  Socket* socket_ = nullptr;
};

// Errno::inval if it has bits that a type of socket doesn't have.
Result<uint32_t> check_type(int32_t type) {
  const auto bits = static_cast<uint32_t>(type);
  const bool is_known = (bits & ~(k_kind | abi::k_sock_nonblock | abi::k_sock_cloexec)) == 0;
  if (!is_known || (bits & k_kind) >= k_kinds) return fail(Errno::inval);
  return bits;
}

Result<SocketName> load_name(VirtAddr place, int64_t size) {
  SocketName name;
  if (size < 0 || static_cast<size_t>(size) > sizeof name.address) return fail(Errno::inval);
  name.size = static_cast<uint32_t>(size);
  TRY(mm::copy_from_user(&name.address, place, name.size));
  return name;
}

// As much of it as there is room for; all of its size. Without a place, nothing.
Result<> store_name(const SocketName& name, VirtAddr place, UserInOut<int32_t> size) {
  if (place == 0) return {};
  const int32_t room = TRY(size.load());
  if (room < 0) return fail(Errno::inval);
  TRY(mm::copy_to_user(place, &name.address, std::min(static_cast<uint32_t>(room), name.size)));
  return size.store(static_cast<int32_t>(name.size));
}

Result<fs::IoBuffer> buffer_of(VirtAddr address, size_t count) {
  if (!mm::is_user_range(address, count)) return fail(Errno::fault);
  return fs::IoBuffer::user(address, std::min(count, Parts::k_most_bytes));
}

Result<fs::IoBuffer> parts_of(Parts& parts, const abi::MessageHeader& header) {
  return parts.load(UserIn<abi::IoVector>(header.parts), header.part_count, Errno::msgsize);
}

}  // namespace

// ---- Making and connecting ------------------------------------------------------------------------

Result<uint64_t> sys_socket(Context& context, int32_t domain, int32_t type, int32_t protocol) {
  const uint32_t bits = TRY(check_type(type));
  auto made = TRY(ipc::make_socket(static_cast<uint32_t>(domain), bits & k_kind, protocol,
                                   bits & abi::k_sock_nonblock));
  return add_descriptor(context, std::move(made), (bits & abi::k_sock_cloexec) != 0);
}

Result<uint64_t> sys_socketpair(Context& context, int32_t domain, int32_t type, int32_t protocol,
                                UserOut<int32_t> ends) {
  const uint32_t bits = TRY(check_type(type));
  auto made = TRY(ipc::make_sockets(static_cast<uint32_t>(domain), bits & k_kind, protocol,
                                    bits & abi::k_sock_nonblock));
  TRY(add_descriptors(context, std::move(made.first), std::move(made.second),
                      (bits & abi::k_sock_cloexec) != 0, ends));
  return 0;
}

Result<uint64_t> sys_bind(Context& context, Fd fd, UserIn<std::byte> name, int32_t size) {
  SocketArgument socket;
  TRY(socket.load(context, fd));
  TRY(socket->bind(TRY(load_name(name.raw(), size))));
  return 0;
}

Result<uint64_t> sys_listen(Context& context, Fd fd, int32_t backlog) {
  SocketArgument socket;
  TRY(socket.load(context, fd));
  TRY(socket->listen(backlog));
  return 0;
}

Result<uint64_t> sys_accept4(Context& context, Fd fd, UserOut<std::byte> place,
                             UserInOut<int32_t> size, uint32_t flags) {
  SocketArgument socket;
  TRY(socket.load(context, fd));
  SocketName from;
  Ref<fs::File> accepted = TRY(socket->accept(flags & abi::k_sock_nonblock, from));
  TRY(store_name(from, place.raw(), size));
  return add_descriptor(context, std::move(accepted), (flags & abi::k_sock_cloexec) != 0);
}

Result<uint64_t> sys_connect(Context& context, Fd fd, UserIn<std::byte> name, int32_t size) {
  SocketArgument socket;
  TRY(socket.load(context, fd));
  TRY(socket->connect(TRY(load_name(name.raw(), size))));
  return 0;
}

Result<uint64_t> sys_shutdown(Context& context, Fd fd, int32_t how) {
  SocketArgument socket;
  TRY(socket.load(context, fd));
  TRY(socket->shutdown(static_cast<uint32_t>(how)));
  return 0;
}

Result<uint64_t> sys_getsockname(Context& context, Fd fd, UserOut<std::byte> place,
                                 UserInOut<int32_t> size) {
  SocketArgument socket;
  TRY(socket.load(context, fd));
  TRY(store_name(socket->name(), place.raw(), size));
  return 0;
}

Result<uint64_t> sys_getpeername(Context& context, Fd fd, UserOut<std::byte> place,
                                 UserInOut<int32_t> size) {
  SocketArgument socket;
  TRY(socket.load(context, fd));
  TRY(store_name(TRY(socket->peer_name()), place.raw(), size));
  return 0;
}

Result<uint64_t> sys_setsockopt(Context& context, Fd fd, int32_t level, int32_t option,
                                UserIn<std::byte> value, int32_t size) {
  SocketArgument socket;
  TRY(socket.load(context, fd));
  if (size < 0) return fail(Errno::inval);
  TRY(socket->set_option(level, option, value.raw(), static_cast<uint32_t>(size)));
  return 0;
}

Result<uint64_t> sys_getsockopt(Context& context, Fd fd, int32_t level, int32_t option,
                                UserOut<std::byte> value, UserInOut<int32_t> size) {
  SocketArgument socket;
  TRY(socket.load(context, fd));
  const int32_t room = TRY(size.load());
  if (room < 0) return fail(Errno::inval);
  auto used = static_cast<uint32_t>(room);
  TRY(socket->get_option(level, option, value.raw(), used));
  TRY(size.store(static_cast<int32_t>(used)));
  return 0;
}

// ---- Sending and receiving ------------------------------------------------------------------------

Result<uint64_t> sys_sendto(Context& context, Fd fd, UserIn<std::byte> buffer, size_t count,
                            uint32_t flags, UserIn<std::byte> name, int32_t size) {
  SocketArgument socket;
  fs::IoBuffer from = TRY(buffer_of(buffer.raw(), count));
  TRY(socket.load(context, fd));
  const SocketName to = name.is_null() ? SocketName() : TRY(load_name(name.raw(), size));
  return socket->send(from, to, {}, flags);
}

Result<uint64_t> sys_recvfrom(Context& context, Fd fd, UserOut<std::byte> buffer, size_t count,
                              uint32_t flags, UserOut<std::byte> name, UserInOut<int32_t> size) {
  SocketArgument socket;
  fs::IoBuffer to = TRY(buffer_of(buffer.raw(), count));
  TRY(socket.load(context, fd));
  ipc::Incoming what(to);
  const size_t received = TRY(socket->receive(what, flags));
  TRY(store_name(what.name, name.raw(), size));
  return received;
}

Result<uint64_t> sys_sendmsg(Context& context, Fd fd, UserIn<abi::MessageHeader> message,
                             uint32_t flags) {
  SocketArgument socket;
  TRY(socket.load(context, fd));
  const abi::MessageHeader header = TRY(message.load());
  SocketName to;
  if (header.name != 0) {
    const auto room = static_cast<int32_t>(header.name_length);
    to = TRY(load_name(header.name, std::min<int64_t>(room, sizeof to.address)));
  }
  Parts parts;
  fs::IoBuffer from = TRY(parts_of(parts, header));
  ipc::Enclosed enclosed;
  if (socket->passes_files()) enclosed = TRY(load_control(context, header));
  return socket->send(from, to, std::move(enclosed), flags);
}

Result<uint64_t> sys_recvmsg(Context& context, Fd fd, UserInOut<abi::MessageHeader> message,
                             uint32_t flags) {
  SocketArgument socket;
  TRY(socket.load(context, fd));
  abi::MessageHeader header = TRY(message.load());
  if (static_cast<int32_t>(header.name_length) < 0) return fail(Errno::inval);
  Parts parts;
  fs::IoBuffer to = TRY(parts_of(parts, header));
  ipc::Incoming what(to);
  const size_t received = TRY(socket->receive(what, flags));
  if (header.name != 0) {
    TRY(mm::copy_to_user(header.name, &what.name.address,
                         std::min(header.name_length, what.name.size)));
    header.name_length = what.name.size;
  }
  header.flags = flags & abi::k_msg_cmsg_cloexec;
  if (what.is_cut) header.flags |= abi::k_msg_trunc;
  TRY(store_control(context, what, header));
  TRY(message.store(header));
  return received;
}

}  // namespace weft::syscall
