#include "userlib/process/shared_memory.hh"

#include "userlib/sys/exit.hh"

namespace weft {
namespace {

Result<void*> map_shared(size_t size, uint32_t flags, int fd) {
  return sys::mmap(nullptr, size, abi::k_prot_read | abi::k_prot_write, abi::k_map_shared | flags,
                   fd, 0);
}

}  // namespace

Result<shared_memory> shared_memory::make(size_t size) {
  return shared_memory(TRY(map_shared(size, abi::k_map_anonymous, -1)), size);
}

Result<shared_memory> shared_memory::map(int fd, size_t size) {
  return shared_memory(TRY(map_shared(size, 0, fd)), size);
}

Result<Descriptor> shared_memory::make_descriptor(const char* name, size_t size) {
  Descriptor memory(TRY(sys::memfd_create(name, abi::k_mfd_cloexec)));
  TRY(sys::ftruncate(memory.get(), static_cast<int64_t>(size)));
  return memory;
}

shared_memory::~shared_memory() {
  if (data_ != nullptr) (void)sys::munmap(data_, size_);
}

shared_memory detail::take_shared_memory(size_t size) {
  auto memory = shared_memory::make(size);
  if (!memory) throw_error(memory.error(), "there is no shared memory");
  return std::move(*memory);
}

int32_t detail::current_process() { return sys::getpid().value_or(0); }

}  // namespace weft
