#include "core/fs/file_context.hh"

#include <utility>

#include "core/fs/path.hh"
#include "core/mm/object_cache.hh"

namespace weft::fs {
namespace {

[[clang::no_destroy]] constinit mm::ObjectCache<FileContext> contexts("file context");

}  // namespace

Result<Ref<FileContext>> FileContext::make() {
  return Ref<FileContext>::adopt(TRY(contexts.make(root(), k_first_mask)));
}

void FileContext::last_reference_gone(FileContext& context) { contexts.destroy(&context); }

Result<Ref<FileContext>> FileContext::copy() {
  return Ref<FileContext>::adopt(TRY(contexts.make(folder(), mask())));
}

Ref<Entry> FileContext::folder() {
  SpinGuard guard(lock_);
  return folder_;
}

void FileContext::set_folder(Ref<Entry> folder) {
  Ref<Entry> old;  // let go when the lock is free
  SpinGuard guard(lock_);
  old = std::exchange(folder_, std::move(folder));
}

}  // namespace weft::fs
