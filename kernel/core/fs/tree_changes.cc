// Changes of names: one at a time, under one lock. What is held when a name goes is let go after the
// lock, since a file's end may take long.
#include "core/fs/tree_changes.hh"

#include "core/fs/memory_directory.hh"
#include "core/fs/regular_file.hh"
#include "core/fs/special_node.hh"
#include "core/fs/symbolic_link.hh"
#include "core/fs/tree.hh"
#include "core/sync/mutex.hh"

namespace weft::fs {
namespace {

[[clang::no_destroy]] constinit Mutex changes{Rank::tree};

// A folder's links are its name, its "." and the ".." of each folder in it.
constexpr int k_links_of_folder = 2;

int links_by_name(const Node& node) { return node.is_directory() ? k_links_of_folder : 1; }

// The walk's folder, if names in it can be changed.
Result<MemoryDirectory*> changeable(const PathWalk& walk) {
  MemoryDirectory* const folder = walk.directory().changeable();
  if (folder == nullptr) return fail(Errno::perm);
  if (walk.folder()->is_removed()) return fail(Errno::noent);
  return folder;
}

// The node gets the walk's last name, which nobody has. In a folder whose files belong to the folder's
// group, this one does, too.
Result<Ref<Entry>> give_name(const PathWalk& walk, const Ref<Node>& node) REQUIRES(changes) {
  MemoryDirectory* const folder = TRY(changeable(walk));
  Ref<Entry> entry = TRY(Entry::make(walk.folder(), walk.name(), node));
  if (node->links() == 0 && (folder->mode() & abi::k_s_isgid) != 0) node->inherit_group(*folder);
  node->change_links(links_by_name(*node));
  if (node->is_directory()) folder->change_links(1);
  folder->add(entry);
  folder->note_written();
  return entry;
}

// As give_name(), after the checks of the calls that make files. `make_node` is called last.
template <typename MakeNode>
Result<> make(const PathAt& at, bool is_folder, MakeNode make_node) {
  PathWalk walk(at.start, at.path);
  TRY(walk.go_to_last());
  if (!walk.is_name()) return fail(Errno::exist);
  MutexGuard guard(changes);
  const auto found = walk.look_up();
  if (found.has_value()) return fail(Errno::exist);
  if (found.error() != Errno::noent) return fail(found.error());
  if (walk.has_slash_behind() && !is_folder) return fail(Errno::noent);
  TRY(changeable(walk));
  const Ref<Node> node = TRY(make_node());
  TRY(give_name(walk, node));
  return {};
}

// The name is taken out of its folder; the last one takes the node along.
void take_name(MemoryDirectory& folder, Entry& entry) REQUIRES(changes) {
  Node& node = entry.node();
  node.change_links(-links_by_name(node));
  if (node.is_directory()) folder.change_links(-1);
  folder.remove(entry);
  folder.note_written();
  node.note_changed();
}

// Whether a folder may go: it has no names in it, and no other file system begins there.
Result<> check_removable(Node& folder) {
  const MemoryDirectory* const names = static_cast<Directory&>(folder).changeable();
  if (names == nullptr) return fail(Errno::busy);
  if (!names->is_empty()) return fail(Errno::notempty);
  return {};
}

bool has(uint32_t flags, uint32_t flag) { return (flags & flag) != 0; }

// The slashes behind the names of a rename, which only folders may have.
Result<> check_slashes(const PathWalk& from, const Node& moved, const PathWalk& to,
                       const Node* replaced, bool exchanges) {
  const bool to_is_folder = exchanges ? replaced->is_directory() : moved.is_directory();
  if (to.has_slash_behind() && !to_is_folder) return fail(Errno::notdir);
  if (from.has_slash_behind() && !moved.is_directory()) return fail(Errno::notdir);
  return {};
}

// No folder can become a part of itself.
Result<> check_ancestors(const PathWalk& from, const Entry& moved, const PathWalk& to,
                         const Entry* replaced, bool exchanges) {
  if (to.folder()->is_within(moved)) return fail(Errno::inval);
  if (replaced != nullptr && from.folder()->is_within(*replaced)) {
    return fail(exchanges ? Errno::inval : Errno::notempty);
  }
  return {};
}

Result<> exchange(const PathWalk& from, Entry& one, const PathWalk& to, Entry& other)
    REQUIRES(changes) {
  MemoryDirectory& from_folder = *TRY(changeable(from));
  MemoryDirectory& to_folder = *TRY(changeable(to));
  const int folders_moved =
      (one.node().is_directory() ? 1 : 0) - (other.node().is_directory() ? 1 : 0);
  from_folder.change_links(-folders_moved);
  to_folder.change_links(folders_moved);
  MemoryDirectory::exchange(one, from_folder, other, to_folder);
  from_folder.note_written();
  to_folder.note_written();
  one.node().note_changed();
  other.node().note_changed();
  return {};
}

Result<> move(const PathWalk& from, const Ref<Entry>& moved, const PathWalk& to, Entry* replaced)
    REQUIRES(changes) {
  MemoryDirectory& from_folder = *TRY(changeable(from));
  MemoryDirectory& to_folder = *TRY(changeable(to));
  Node& node = moved->node();
  if (replaced != nullptr) {
    if (node.is_directory() && !replaced->node().is_directory()) return fail(Errno::notdir);
    if (!node.is_directory() && replaced->node().is_directory()) return fail(Errno::isdir);
    if (node.is_directory()) TRY(check_removable(replaced->node()));
  }
  if (node.is_directory() && static_cast<Directory&>(node).changeable() == nullptr) {
    return fail(Errno::busy);
  }
  const Ref<Entry> renamed = TRY(Entry::make(to.folder(), to.name(), Ref<Node>::share(node)));
  if (node.is_directory()) {
    from_folder.change_links(-1);
    to_folder.change_links(replaced == nullptr ? 1 : 0);
  }
  if (replaced != nullptr) replaced->node().change_links(-links_by_name(replaced->node()));
  MemoryDirectory::move(*moved, from_folder, to_folder, *renamed, replaced);
  from_folder.note_written();
  to_folder.note_written();
  node.note_changed();
  if (replaced != nullptr) replaced->node().note_changed();
  return {};
}

Result<Ref<Node>> make_empty_directory(uint32_t permissions) {
  return Ref<Node>(TRY(MemoryDirectory::make(permissions)));
}

}  // namespace

Result<Ref<Entry>> create_regular_file(PathWalk& walk, uint32_t permissions, bool& is_new) {
  MutexGuard guard(changes);
  auto found = walk.look_up();
  if (found.has_value() || found.error() != Errno::noent) return found;
  if (walk.directory().changeable() == nullptr) return fail(Errno::acces);
  TRY(changeable(walk));
  Ref<Entry> entry = TRY(give_name(walk, TRY(RegularFile::make(permissions))));
  is_new = true;
  return entry;
}

Result<> make_directory(const PathAt& at, uint32_t permissions) {
  return make(at, true, [&] { return make_empty_directory(permissions); });
}

Result<> make_node(const PathAt& at, uint32_t mode, uint32_t device) {
  return make(at, false, [&]() -> Result<Ref<Node>> {
    if ((mode & abi::k_s_ifmt) != abi::k_s_ifreg) return SpecialNode::make(mode, device);
    return Ref<Node>(TRY(RegularFile::make(mode & ~abi::k_s_ifmt)));
  });
}

Result<> make_socket_node(const PathAt& at, uint32_t permissions, Ref<Attachment> attachment) {
  return make(at, false, [&]() -> Result<Ref<Node>> {
    const Ref<Node> node = TRY(SpecialNode::make(abi::k_s_ifsock | permissions, 0));
    static_cast<SpecialNode&>(*node).attach(std::move(attachment));
    return node;
  });
}

Result<> make_symbolic_link(std::string_view text, const PathAt& at) {
  if (text.empty()) return fail(Errno::noent);
  return make(at, false, [&] { return SymbolicLink::make(text); });
}

Result<> make_link(const Ref<Entry>& file, const PathAt& at) {
  PathWalk walk(at.start, at.path);
  TRY(walk.go_to_last());
  if (!walk.is_name()) return fail(Errno::exist);
  const Ref<Node> node = Ref<Node>::share(file->node());
  MutexGuard guard(changes);
  const auto found = walk.look_up();
  if (found.has_value()) return fail(Errno::exist);
  if (found.error() != Errno::noent) return fail(found.error());
  if (walk.has_slash_behind()) return fail(Errno::noent);
  if (node->file_system() != walk.directory().file_system()) return fail(Errno::xdev);
  if (node->is_directory()) return fail(Errno::perm);
  if (node->links() == 0) return fail(Errno::noent);
  TRY(give_name(walk, node));
  node->note_changed();
  return {};
}

Result<> remove_file(const PathAt& at) {
  PathWalk walk(at.start, at.path);
  TRY(walk.go_to_last());
  if (!walk.is_name()) return fail(Errno::isdir);
  Ref<Entry> entry;
  MutexGuard guard(changes);
  entry = TRY(walk.look_up());
  if (walk.has_slash_behind() && !entry->node().is_directory()) return fail(Errno::notdir);
  MemoryDirectory* const folder = TRY(changeable(walk));
  if (entry->node().is_directory()) return fail(Errno::isdir);
  take_name(*folder, *entry);
  return {};
}

Result<> remove_directory(const PathAt& at) {
  PathWalk walk(at.start, at.path);
  TRY(walk.go_to_last());
  if (walk.name().empty()) return fail(Errno::busy);
  if (walk.name() == ".") return fail(Errno::inval);
  if (walk.name() == "..") return fail(Errno::notempty);
  Ref<Entry> entry;
  MutexGuard guard(changes);
  entry = TRY(walk.look_up());
  MemoryDirectory* const folder = TRY(changeable(walk));
  if (!entry->node().is_directory()) return fail(Errno::notdir);
  TRY(check_removable(entry->node()));
  take_name(*folder, *entry);
  return {};
}

Result<> rename(const PathAt& from_path, const PathAt& to_path, uint32_t flags) {
  const bool exchanges = has(flags, abi::k_rename_exchange);
  const bool keeps = has(flags, abi::k_rename_noreplace);
  if (exchanges && keeps) return fail(Errno::inval);
  PathWalk from(from_path.start, from_path.path);
  PathWalk to(to_path.start, to_path.path);
  TRY(from.go_to_last());
  TRY(to.go_to_last());
  if (from.directory().file_system() != to.directory().file_system()) return fail(Errno::xdev);
  if (!from.is_name()) return fail(Errno::busy);
  if (!to.is_name()) return fail(keeps ? Errno::exist : Errno::busy);
  Ref<Entry> moved;
  Ref<Entry> replaced;
  MutexGuard guard(changes);
  moved = TRY(from.look_up());
  if (auto found = to.look_up(); found.has_value()) {
    replaced = *std::move(found);
  } else if (exchanges || found.error() != Errno::noent) {
    return fail(found.error());
  }
  if (keeps && replaced) return fail(Errno::exist);
  TRY(check_slashes(from, moved->node(), to, replaced ? &replaced->node() : nullptr, exchanges));
  TRY(check_ancestors(from, *moved, to, replaced.get(), exchanges));
  if (replaced && &replaced->node() == &moved->node()) return {};
  if (exchanges) return exchange(from, *moved, to, *replaced);
  return move(from, moved, to, replaced.get());
}

Result<> add_to_root(std::string_view name, Ref<Node> node) {
  PathWalk walk(root(), name);
  TRY(walk.go_to_last());
  MutexGuard guard(changes);
  if (const auto found = walk.look_up(); found.has_value()) {
    if (!(*found)->node().is_directory()) return fail(Errno::exist);
    TRY(check_removable((*found)->node()));
    take_name(*TRY(changeable(walk)), **found);
  }
  TRY(give_name(walk, node));
  return {};
}

Result<> make_node_at_boot(std::string_view folder, std::string_view name, uint32_t mode,
                           uint32_t device) {
  const auto made = make_directory({root(), folder}, 0755);
  if (!made.has_value() && made.error() != Errno::exist) return fail(made.error());
  const Ref<Entry> place = TRY(find(root(), folder, LastLink::follow));
  return make_node({place, name}, mode, device);
}

}  // namespace weft::fs
