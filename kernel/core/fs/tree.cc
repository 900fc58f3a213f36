#include "core/fs/tree.hh"

#include "core/fs/memory_directory.hh"
#include "core/fs/regular_file.hh"
#include "core/fs/tree_changes.hh"

namespace weft::fs {
namespace {

// Those flags of open() that say what is done once, and not what the file is like then.
constexpr uint32_t k_flags_of_the_moment =
    abi::k_o_creat | abi::k_o_excl | abi::k_o_noctty | abi::k_o_trunc | abi::k_o_cloexec;
// Programs see that positions have 64 bits.
constexpr uint32_t k_large_file = 0100000;

bool has(uint32_t flags, uint32_t flag) { return (flags & flag) == flag; }

// What the walk's last name leads to; a new regular file if nothing.
Result<Ref<Entry>> find_or_create(PathWalk& walk, uint32_t flags, uint32_t mode, bool& is_new) {
  for (;;) {
    if (walk.is_name() && walk.has_slash_behind()) return fail(Errno::isdir);
    auto found = walk.look_up();
    if (!found.has_value() && found.error() == Errno::noent) {
      found = create_regular_file(walk, mode, is_new);
    }
    Ref<Entry> entry = TRY(std::move(found));
    if (is_new) return entry;
    if (has(flags, abi::k_o_excl)) return fail(Errno::exist);
    if (!entry->node().is_link() || has(flags, abi::k_o_nofollow)) return entry;
    TRY(walk.follow(entry));
  }
}

Result<> check_kind(const Node& node, uint32_t flags) {
  if (node.is_directory()) {
    const bool changes = (flags & (abi::k_o_accmode | abi::k_o_creat | abi::k_o_trunc)) != 0;
    if (changes) return fail(Errno::isdir);
  } else if (has(flags, abi::k_o_directory)) {
    return fail(Errno::notdir);
  } else if (node.is_link()) {
    return fail(Errno::loop);
  }
  return {};
}

// Those who run the file are as much against it as against other writers.
Result<> empty(RegularFile& file) {
  TRY(file.begin_writing());
  const auto done = file.truncate(0);
  file.end_writing();
  return done;
}

}  // namespace

Result<> init_tree() {
  const Ref<MemoryDirectory> folder = TRY(MemoryDirectory::make(0755));
  folder->change_links(2);
  set_root(TRY(Entry::make({}, "/", folder)));
  return {};
}

Result<Ref<File>> open(const PathAt& at, uint32_t flags, uint32_t mode) {
  if (has(flags, abi::k_o_creat) && has(flags, abi::k_o_directory)) return fail(Errno::inval);
  PathWalk walk(at.start, at.path);
  TRY(walk.go_to_last());
  if (has(flags, abi::k_o_creat)) {
    bool is_new = false;
    const Ref<Entry> entry = TRY(find_or_create(walk, flags, mode, is_new));
    return open_entry(entry, is_new ? flags & ~abi::k_o_trunc : flags);
  }
  const LastLink last = has(flags, abi::k_o_nofollow) ? LastLink::keep : LastLink::follow;
  return open_entry(TRY(find_last(walk, last)), flags);
}

Result<Ref<File>> open_entry(const Ref<Entry>& entry, uint32_t flags) {
  Node& node = entry->node();
  TRY(check_kind(node, flags));
  Ref<File> file = TRY(node.open((flags & ~k_flags_of_the_moment) | k_large_file));
  if (!node.has_place()) return file;
  file->set_entry(entry);
  node.note_opened();
  if (has(flags, abi::k_o_trunc) && node.is_regular()) TRY(empty(static_cast<RegularFile&>(node)));
  return file;
}

Result<Ref<File>> open_nameless(std::string_view name, uint32_t flags) {
  const Ref<Entry> entry = TRY(Entry::make({}, name, TRY(RegularFile::make(0777))));
  entry->mark_removed();
  return open_entry(entry, flags);
}

}  // namespace weft::fs
