// /dev/null, zero, full, random and urandom.
#include "core/fs/file.hh"
#include "core/fs/random.hh"
#include "core/fs/special_node.hh"
#include "core/mm/object_cache.hh"
#include "core/mm/page_table.hh"

namespace weft::fs {
namespace {

constexpr uint32_t k_major = 1;
enum Minor : uint32_t { k_null = 3, k_zero = 5, k_full = 7, k_random = 8, k_urandom = 9 };

// They have no position, and whoever asks is at 0.
class MemoryDevice final : public File {
 public:
  MemoryDevice(Minor minor, uint32_t flags) : File(flags), minor_(minor) {}

  Result<size_t> read(IoBuffer& to) override {
    if (minor_ == k_null) return 0;
    if (minor_ == k_random || minor_ == k_urandom) return to.result(TRY(read_random(to)));
    return to.result(to.put_zeros(to.left()));
  }
  Result<size_t> write(IoBuffer& from) override {
    if (minor_ == k_full) return fail(Errno::nospc);
    return from.left();
  }
  Result<size_t> read_at(IoBuffer& to, uint64_t) override { return read(to); }
  Result<size_t> write_at(IoBuffer& from, uint64_t) override { return write(from); }
  Result<uint64_t> seek(int64_t, int32_t) override { return 0; }
  bool is_pollable() const override { return false; }
  // Fresh memory for each mapping: /dev/zero is the old way to ask for that.
  Result<Ref<mm::MemoryObject>> memory_object() override {
    if (minor_ != k_zero) return fail(Errno::nodev);
    return mm::MemoryObject::make(mm::k_user_end);
  }

 private:
  void destroy() override;

  const Minor minor_;
};

[[clang::no_destroy]] constinit mm::ObjectCache<MemoryDevice> open_devices("open memory device");

void MemoryDevice::destroy() { open_devices.destroy(this); }

Result<Ref<File>> open_device(SpecialNode& node, uint32_t flags) {
  const auto minor = static_cast<Minor>(node.device() & 0xff);
  return Ref<File>(Ref<MemoryDevice>::adopt(TRY(open_devices.make(minor, flags))));
}

}  // namespace

void register_memory_devices() {
  register_device("null", make_device(k_major, k_null), 0666, open_device);
  register_device("zero", make_device(k_major, k_zero), 0666, open_device);
  register_device("full", make_device(k_major, k_full), 0666, open_device);
  register_device("random", make_device(k_major, k_random), 0666, open_device);
  register_device("urandom", make_device(k_major, k_urandom), 0666, open_device);
}

}  // namespace weft::fs
