#include "core/fs/fill.hh"

#include "core/base/list.hh"
#include "core/fs/cpio.hh"
#include "core/fs/regular_file.hh"
#include "core/fs/special_node.hh"
#include "core/fs/tree.hh"
#include "core/mm/heap.hh"

namespace weft::fs {
namespace {

// A file that may have more names: one of them, until all have come.
struct LinkedFile {
  uint32_t inode;
  Ref<Entry> entry;
  ListHook hook;
};

class LinkedFiles {
 public:
  ~LinkedFiles() {
    while (LinkedFile* const file = files_.pop_front()) mm::Owned<LinkedFile>(file).reset();
  }
  // Empty if no name of it has come yet.
  Ref<Entry> find(uint32_t inode) {
    for (LinkedFile& file : files_) {
      if (file.inode == inode) return file.entry;
    }
    return {};
  }
  Result<> add(uint32_t inode, const Ref<Entry>& entry) {
    auto file = TRY(mm::make<LinkedFile>(inode, entry));
    files_.push_front(*file.release());
    return {};
  }

 private:
  List<LinkedFile, &LinkedFile::hook> files_;
};

PathAt at_root(std::string_view path) { return {root(), path}; }

bool has_step_upward(std::string_view path) {
  while (!path.empty()) {
    const size_t length = std::min(path.find('/'), path.size());
    if (path.substr(0, length) == "..") return true;
    path.remove_prefix(std::min(length + 1, path.size()));
  }
  return false;
}

Result<> make_folders_above(std::string_view path) {
  for (size_t end = path.find('/'); end != path.npos; end = path.find('/', end + 1)) {
    const auto made = make_directory(at_root(path.substr(0, end)), 0755);
    if (!made.has_value() && made.error() != Errno::exist) return made;
  }
  return {};
}

Result<> write_content(Node& node, std::span<const std::byte> content) {
  // The buffer is only read from.
  IoBuffer from = IoBuffer::kernel({const_cast<std::byte*>(content.data()), content.size()});
  uint64_t offset = 0;
  TRY(static_cast<RegularFile&>(node).write(from, offset, false));
  return from.left() == 0 ? Result<>() : fail(Errno::nomem);
}

// The file itself, or another name for it; those names that come without content leave it as it is.
Result<> add_regular_file(const CpioEntry& entry, LinkedFiles& linked) {
  const bool may_have_more_names = entry.links > 1;
  if (const Ref<Entry> other = may_have_more_names ? linked.find(entry.inode) : Ref<Entry>()) {
    TRY(make_link(other, at_root(entry.name)));
  } else {
    TRY(make_node(at_root(entry.name), entry.mode, 0));
  }
  const Ref<Entry> file = TRY(find(root(), entry.name, LastLink::keep));
  if (may_have_more_names) TRY(linked.add(entry.inode, file));
  if (!file->node().is_regular()) return fail(Errno::inval);
  return write_content(file->node(), entry.contents);
}

Result<> add_node(const CpioEntry& entry, LinkedFiles& linked) {
  switch (entry.mode & abi::k_s_ifmt) {
    case abi::k_s_ifreg: return add_regular_file(entry, linked);
    case abi::k_s_iflnk:
      return make_symbolic_link(
          {reinterpret_cast<const char*>(entry.contents.data()), entry.contents.size()},
          at_root(entry.name));
    case abi::k_s_ifchr:
    case abi::k_s_ifblk:
    case abi::k_s_ififo:
    case abi::k_s_ifsock:
      return make_node(at_root(entry.name), entry.mode,
                       make_device(entry.device_major, entry.device_minor));
    default: return fail(Errno::inval);
  }
}

// A folder may be there already; of anything else the later one counts.
Result<> add_entry(const CpioEntry& entry, LinkedFiles& linked) {
  if (has_step_upward(entry.name)) return fail(Errno::inval);
  TRY(make_folders_above(entry.name));
  const bool is_root = entry.name.empty() || entry.name == ".";
  if ((entry.mode & abi::k_s_ifmt) == abi::k_s_ifdir) {
    const auto made =
        is_root ? Result<>() : make_directory(at_root(entry.name), entry.mode & 07777);
    if (!made.has_value() && made.error() != Errno::exist) return made;
  } else {
    if (is_root) return fail(Errno::inval);
    (void)remove_file(at_root(entry.name));
    TRY(add_node(entry, linked));
  }
  const Ref<Entry> added = TRY(find(root(), is_root ? "/" : entry.name, LastLink::keep));
  added->node().set_owner(entry.owner, entry.group);
  if (!added->node().is_link()) added->node().set_permissions(entry.mode);
  const abi::Timespec modified{entry.modified, 0};
  added->node().set_times(nullptr, &modified);
  return {};
}

}  // namespace

Result<> fill_tree(std::span<const std::byte> archive, size_t& position) {
  CpioReader reader(archive);
  LinkedFiles linked;
  for (;;) {
    position = reader.position();
    const auto entry = reader.next();
    if (!entry.has_value()) return entry.error() == Errno::noent ? Result<>() : fail(entry.error());
    const auto added = add_entry(*entry, linked);
    if (!added.has_value())
      return fail(added.error() == Errno::nomem ? Errno::nomem : Errno::inval);
  }
}

Result<> add_file(std::string_view path, uint32_t permissions, std::span<const std::byte> content) {
  TRY(make_folders_above(path));
  TRY(make_node(at_root(path), abi::k_s_ifreg | permissions, 0));
  return write_content(TRY(find(root(), path, LastLink::keep))->node(), content);
}

}  // namespace weft::fs
