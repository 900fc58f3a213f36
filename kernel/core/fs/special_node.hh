// SpecialNode: a device, a FIFO or a socket in the tree. The node is only a name for something that
// others provide: a driver registers what opening its device means, and the pipes do so for FIFOs.
#pragma once

#include "core/fs/node.hh"

namespace weft::fs {

// The numbers of a device, in the form that stat() and mknod() have them.
constexpr uint32_t make_device(uint32_t major, uint32_t minor) { return major << 8 | minor; }

// What somebody keeps with a node: the pipe of a FIFO.
class Attachment : public RefCounted {
 public:
  static void last_reference_gone(Attachment& attachment) { attachment.destroy(); }

 protected:
  ~Attachment() = default;
  virtual void destroy() = 0;
};

class SpecialNode final : public Node {
 public:
  // `mode` has the kind, too. Errno::nomem.
  static Result<Ref<Node>> make(uint32_t mode, uint32_t device);
  SpecialNode(uint32_t mode, uint32_t device) : Node(mode), device_(device) {}

  uint32_t device() const override { return device_; }
  Result<Ref<File>> open(uint32_t flags) override;

  // What is attached; empty if nothing is.
  Ref<Attachment> attachment();
  // Attaches it, unless something is attached already; what is attached then.
  Ref<Attachment> attach(Ref<Attachment> attachment);

 private:
  void destroy() override;

  const uint32_t device_;
  SpinLock lock_{Rank::node};
  Ref<Attachment> attachment_ GUARDED_BY(lock_);
};

// Opens a special file; the flags are those of open() that stay with it. May block (FIFOs), and then
// end with Errno::intr.
using Opener = Result<Ref<File>> (*)(SpecialNode& node, uint32_t flags);

// Both at boot, before there is a process. A character device, and its node in /dev, of that name.
void register_device(std::string_view name, uint32_t device, uint32_t permissions, Opener opener);
void register_fifo_opener(Opener opener);

// /dev/null, zero, full, random and urandom. At boot.
void register_memory_devices();

}  // namespace weft::fs
