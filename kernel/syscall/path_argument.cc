#include "syscall/path_argument.hh"

#include "core/mm/object_cache.hh"

namespace weft::syscall {
namespace {

struct PathRoom {
  char bytes[fs::k_longest_path];
};
[[clang::no_destroy]] constinit mm::ObjectCache<PathRoom> path_rooms("path");

Result<Ref<fs::Entry>> start_of(const Context& context, Fd folder, std::string_view path) {
  if (path.starts_with('/')) return fs::root();
  if (folder.number == k_at_working_folder) return context.process.file_context->folder();
  const Ref<fs::File> file = TRY(file_of(context, folder));
  if (!file->entry()) return fail(Errno::notdir);
  return file->entry();
}

}  // namespace

LongText::~LongText() {
  if (room_ != nullptr) path_rooms.destroy(reinterpret_cast<PathRoom*>(room_));
}

Result<std::span<char>> LongText::room() {
  if (room_ == nullptr) room_ = TRY(path_rooms.make())->bytes;
  return std::span<char>(room_, fs::k_longest_path);
}

Result<> UserText::load(VirtAddr address) {
  auto length = mm::copy_text_from_user(short_, address);
  const char* text = short_;
  if (!length.has_value() && length.error() == Errno::nametoolong) {
    const std::span<char> room = TRY(long_.room());
    length = mm::copy_text_from_user(room, address);
    text = room.data();
  }
  text_ = {text, TRY(length)};
  return {};
}

Result<> PathArgument::load(const Context& context, Fd folder, UserPath path) {
  TRY(text_.load(path.address));
  start_ = TRY(start_of(context, folder, text_.view()));
  return {};
}

}  // namespace weft::syscall
