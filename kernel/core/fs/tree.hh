// The file tree: opening, making, removing, linking and moving files by their paths, as the system
// calls do. All changes of names are made one at a time, under one lock; who only looks takes just the
// folders' own locks, one after the other (path.hh).
#pragma once

#include "core/fs/file.hh"
#include "core/fs/path.hh"

namespace weft::fs {

// The tree begins with an empty root. Errno::nomem.
Result<> init_tree();

// A path and the folder in which it begins. All calls that take one may end with the errors of a walk:
// Errno::noent, notdir, loop, nametoolong, nomem. Modes have been masked.
struct PathAt {
  const Ref<Entry>& start;
  std::string_view path;
};

// As open(), with its flags. Errno::exist, isdir, nxio, txtbsy; and what the kind of file says.
Result<Ref<File>> open(const PathAt& at, uint32_t flags, uint32_t mode);
// Opens what was found; the flags are those of open() again. The same errors.
Result<Ref<File>> open_entry(const Ref<Entry>& entry, uint32_t flags);
// A file without a name in the tree, open for reading and writing.
Result<Ref<File>> open_nameless(std::string_view name, uint32_t flags);

// Errno::exist; Errno::perm in folders that can't be changed, here and below.
Result<> make_directory(const PathAt& at, uint32_t permissions);
// `mode` has the kind: a regular file, a device, a FIFO or a socket.
Result<> make_node(const PathAt& at, uint32_t mode, uint32_t device);
// A socket's name; whoever finds it finds what is attached.
class Attachment;
Result<> make_socket_node(const PathAt& at, uint32_t permissions, Ref<Attachment> attachment);
Result<> make_symbolic_link(std::string_view text, const PathAt& at);
// Another name for a file. Errno::perm for a folder, Errno::xdev, Errno::mlink.
Result<> make_link(const Ref<Entry>& file, const PathAt& at);
// unlink(): Errno::isdir. rmdir(): Errno::notempty, busy, inval.
Result<> remove_file(const PathAt& at);
Result<> remove_directory(const PathAt& at);
// As renameat2(), with its flags. Errno::exist, isdir, notdir, notempty, inval, busy, xdev.
Result<> rename(const PathAt& from, const PathAt& to, uint32_t flags);

// A node in a folder of the root, which is made, too, if need be. At boot. Errno::exist.
Result<> make_node_at_boot(std::string_view folder, std::string_view name, uint32_t mode,
                           uint32_t device);
// Gives the root of another file system a name in the root; an empty folder of that name goes away.
// Errno::exist, Errno::notempty.
Result<> add_to_root(std::string_view name, Ref<Node> node);

}  // namespace weft::fs
