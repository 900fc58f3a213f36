// The walk along a path, from folder to folder, through symbolic links. It stops before the last name,
// so that whoever wants to make, remove or move that name finds its folder; find() goes on to the end.
#pragma once

#include <string_view>

#include "core/fs/directory.hh"

namespace weft::fs {

// The root of the tree.
const Ref<Entry>& root();
// At boot, before anybody walks. (Tests take it away again.)
void set_root(Ref<Entry> root);

class PathWalk {
 public:
  // As many symbolic links are followed, then it is Errno::loop.
  static constexpr unsigned k_most_links = 40;

  // A path that doesn't begin with "/" begins in `start`. The path stays where it is meanwhile.
  PathWalk(Ref<Entry> start, std::string_view path);
  ~PathWalk();

  // Walks to the folder of the last name. Errno::noent (also for an empty path), Errno::notdir,
  // Errno::loop, Errno::nametoolong, Errno::nomem.
  Result<> go_to_last();
  // Goes on where the link that the last name leads to leads, up to its last name.
  Result<> follow(const Ref<Entry>& link);

  // What go_to_last() has found.
  const Ref<Entry>& folder() const { return at_; }
  Directory& directory() const { return static_cast<Directory&>(at_->node()); }
  // "" if the path was "/" or if a link led to something that has no name: folder() is it, then.
  std::string_view name() const { return name_; }
  bool is_name() const { return !name_.empty() && name_ != "." && name_ != ".."; }
  bool has_slash_behind() const { return has_slash_behind_; }

  // What the last name leads to; links are not followed. Errno::noent.
  Result<Ref<Entry>> look_up() const;

 private:
  Result<> follow_link(const Ref<Entry>& link, std::string_view rest);
  Result<std::string_view> read_link(Node& link, std::string_view rest);

  Ref<Entry> at_;
  std::string_view rest_;
  std::string_view name_;
  bool has_slash_behind_ = false;
  unsigned links_ = 0;
  char* link_room_ = nullptr;
};

enum class LastLink { follow, keep };

// What the path leads to. A link at its end is kept only if no slash stands behind it.
Result<Ref<Entry>> find(const Ref<Entry>& start, std::string_view path, LastLink last);
// The same, if the walk stands at its last name already.
Result<Ref<Entry>> find_last(PathWalk& walk, LastLink last);

}  // namespace weft::fs
