#include "core/fs/special_node.hh"

#include <array>

#include "core/fs/file.hh"
#include "core/fs/tree.hh"
#include "core/mm/object_cache.hh"

namespace weft::fs {
namespace {

[[clang::no_destroy]] constinit mm::ObjectCache<SpecialNode> special_nodes("special file");

struct Device {
  uint32_t number;
  Opener opener;
};
constexpr size_t k_most_devices = 16;
constinit std::array<Device, k_most_devices> devices{};
constinit size_t device_count = 0;
constinit Opener fifo_opener = nullptr;

Opener opener_of(uint32_t kind, uint32_t number) {
  if (kind == abi::k_s_ififo) return fifo_opener;
  if (kind != abi::k_s_ifchr) return nullptr;
  for (const Device& device : std::span(devices).first(device_count)) {
    if (device.number == number) return device.opener;
  }
  return nullptr;
}

}  // namespace

Result<Ref<Node>> SpecialNode::make(uint32_t mode, uint32_t device) {
  return Ref<Node>(Ref<SpecialNode>::adopt(TRY(special_nodes.make(mode, device))));
}

void SpecialNode::destroy() { special_nodes.destroy(this); }

Result<Ref<File>> SpecialNode::open(uint32_t flags) {
  const Opener opener = opener_of(kind(), device_);
  if (opener == nullptr) return fail(Errno::nxio);
  return opener(*this, flags);
}

Ref<Attachment> SpecialNode::attachment() {
  SpinGuard guard(lock_);
  return attachment_;
}

Ref<Attachment> SpecialNode::attach(Ref<Attachment> attachment) {
  SpinGuard guard(lock_);
  if (!attachment_) attachment_ = std::move(attachment);
  return attachment_;
}

void register_device(std::string_view name, uint32_t device, uint32_t permissions, Opener opener) {
  ASSERT(device_count < k_most_devices, "the table of devices has room for all that there are");
  devices[device_count++] = {device, opener};
  const auto made = make_node_at_boot("dev", name, abi::k_s_ifchr | permissions, device);
  ASSERT(made.has_value() || made.error() == Errno::exist,
         "there is memory for the devices' names at boot");
}

void register_fifo_opener(Opener opener) { fifo_opener = opener; }

}  // namespace weft::fs
