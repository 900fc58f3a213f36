// Socket: an inbox with a file around it, so that a process can have it. What differs between families,
// which is how ends find each other, is in UnixSocket and InetSocket.
#pragma once

#include "core/ipc/socket/inbox.hh"

namespace weft::ipc {

// What goes beside the bytes of a message.
struct Enclosed {
  mm::Owned<PassedFiles> files{};
  std::optional<abi::SocketCredentials> credentials{};
};

class Socket : public fs::File {
 public:
  // Errno::notsock.
  static Result<Socket*> of(fs::File& file);

  // ---- As the system calls of these names ---------------------------------------------------------

  virtual Result<> bind(const SocketName& name) = 0;
  virtual Result<> connect(const SocketName& name) = 0;
  virtual Result<> listen(int32_t backlog) = 0;
  // `flags` are those of the new file. The name of who has come is in `from`.
  Result<Ref<fs::File>> accept(uint32_t flags, SocketName& from);
  Result<> shutdown(uint32_t how);
  SocketName name() { return or_unnamed(inbox_->name()); }
  // The name itself, or what this family says when there is none.
  SocketName or_unnamed(const SocketName& name) const;
  virtual Result<SocketName> peer_name() = 0;

  // To that name, or to the peer if it is empty. `flags` are those of sendmsg().
  Result<size_t> send(fs::IoBuffer& from, const SocketName& to, Enclosed enclosed, uint32_t flags);
  // Fills in what was asked for; with the flags of recvmsg(). A message's full size with MSG_TRUNC.
  Result<size_t> receive(Incoming& what, uint32_t flags);

  // socket_options.cc
  Result<> set_option(int32_t level, int32_t option, VirtAddr value, uint32_t size);
  // How many bytes of it there are is stored in `size`, which is the room before.
  Result<> get_option(int32_t level, int32_t option, VirtAddr value, uint32_t& size);

  Inbox& inbox() const { return *inbox_; }
  virtual uint32_t family() const = 0;
  virtual uint32_t protocol() const { return 0; }
  // Files can go along.
  virtual bool passes_files() const { return false; }

  // ---- As a file ----------------------------------------------------------------------------------

  Result<size_t> read(fs::IoBuffer& to) override;
  Result<size_t> write(fs::IoBuffer& from) override;
  Result<uint64_t> control(uint32_t request, uint64_t argument) override;
  fs::PollEvents poll(fs::PollEntry* entry) override;
  Ender ender(fs::PollEvents wanted) override;
  bool serves(const void* object) override { return inbox_->serves(object); }
  Result<abi::Stat> status() override;

 protected:
  Socket(Ref<Inbox> inbox, uint32_t flags)
      : File(flags | abi::k_o_rdwr, &k_kind), inbox_(std::move(inbox)) {}
  ~Socket() { inbox_->hang_up(!inbox_->manners().tells_sender && lingers_.load(relaxed) == 0); }

  bool is_for_datagrams() const { return inbox_->manners().type == SocketType::datagrams; }
  Patience patience(uint32_t flags, const Atomic<Nanoseconds>& limit) const;
  Patience send_patience(uint32_t flags = 0) const { return patience(flags, send_limit_); }
  // Who gets what is sent, if somebody does; nobody, and it is lost. Errno::notconn and its like.
  virtual Result<Ref<Inbox>> receiver(const SocketName& to, size_t size, uint32_t flags) = 0;
  // It could not be sent; the error that the program gets, or how much of it was.
  virtual Result<size_t> could_not_send(Errno error, size_t size) = 0;
  // It can be read from. Errno::notconn and its like.
  virtual Result<> may_receive(uint32_t flags) = 0;
  // A socket around an end that has been accepted.
  virtual Result<Ref<fs::File>> wrap(Ref<Inbox> inbox, uint32_t flags) = 0;

  const Ref<Inbox> inbox_;

 private:
  static const char k_kind;

  [[gnu::noinline]] Result<size_t> refuse_to_send(Errno error, uint32_t flags);
  Result<int32_t> number_option(int32_t level, int32_t option) const;

  const uint64_t inode_ = next_inode();
  static uint64_t next_inode();

  // What options have set.
  Atomic<uint32_t> send_room_{Inbox::k_room};
  Atomic<uint32_t> receive_room_{Inbox::k_room};  // only kept and told
  Atomic<Nanoseconds> send_limit_{0};             // 0: none
  Atomic<Nanoseconds> receive_limit_{0};
  Atomic<int32_t> lingers_{-1};   // seconds; -1: not at all
  Atomic<uint32_t> switches_{0};  // options that are on or off, and only kept and told
};

// A new socket that is connected with nobody. The types of system calls: Errno::inval,
// Errno::socktnosupport, Errno::protonosupport, Errno::nomem.
Result<Ref<fs::File>> make_socket(uint32_t family, uint32_t type, int32_t protocol, uint32_t flags);

}  // namespace weft::ipc
