// The nodes of /proc. What stands there is described by tables (proc_tree.cc): a level is a folder's
// names, and perhaps numbers, each with the function that makes its text, finds where its link leads, or
// the level below. The nodes are made when they are looked up, and hold nothing but their place in a
// table and whom they tell about.
#pragma once

#include "core/fs/directory.hh"
#include "core/fs/generated_file.hh"
#include "core/proc/process.hh"

namespace weft::proc {

// Whom a node tells about: nobody (the machine), or a thread, which may be a process's first.
struct Subject {
  Ref<Process> process;
  int32_t tid = 0;         // 0: of the machine
  int32_t descriptor = 0;  // in /proc/N/fd
  bool is_thread = false;  // in /proc/N/task: what it tells is its own, where it can be
};

struct Level;

struct ProcName {
  std::string_view name;
  uint32_t mode;  // with its kind
  // One of these, as the kind wants. All answer Errno::noent or Errno::srch if the process is gone.
  Result<> (*write)(Sink& to, const Subject& subject) = nullptr;
  Result<size_t> (*accept)(fs::IoBuffer& from) = nullptr;  // beside it, or alone
  Result<Ref<fs::Entry>> (*target)(const Subject& subject) = nullptr;
  Result<size_t> (*text)(const Subject& subject, std::span<char> to) = nullptr;
  const Level* level = nullptr;
};

// The names that are numbers: processes, threads, descriptors.
struct ProcNumbers {
  ProcName kind;  // what each of them is
  // The lowest number from there on that stands in the folder's listing; -1 if there is none.
  int32_t (*next)(const Subject& folder, int32_t from);
  // Whom it tells about. Errno::noent.
  Result<Subject> (*find)(const Subject& folder, int32_t number);
};

struct Level {
  uint32_t id;  // for inode numbers: no two levels have the same
  std::span<const ProcName> names;
  const ProcNumbers* numbers = nullptr;
};

// The path, as a link's text. Errno::nomem, Errno::nametoolong.
Result<size_t> copy_path(const fs::Entry& entry, std::span<char> to);
// A folder of /proc. Errno::nomem.
Result<Ref<fs::Node>> make_proc_directory(const Level& level, Subject subject, uint64_t inode);

}  // namespace weft::proc
