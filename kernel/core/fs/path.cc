#include "core/fs/path.hh"

#include <cstring>

#include "core/mm/heap.hh"

namespace weft::fs {
namespace {

[[clang::no_destroy]] constinit Ref<Entry> the_root;

// Room for what a link's text and the path behind it make together.
constexpr size_t k_link_room = 2 * k_longest_path;

std::string_view without_slashes(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  return path;
}

}  // namespace

const Ref<Entry>& root() { return the_root; }
void set_root(Ref<Entry> root) { the_root = std::move(root); }

PathWalk::PathWalk(Ref<Entry> start, std::string_view path)
    : at_(path.starts_with('/') ? root() : std::move(start)), rest_(path) {}

PathWalk::~PathWalk() {
  if (link_room_ != nullptr) mm::free(link_room_);
}

Result<> PathWalk::go_to_last() {
  if (rest_.empty()) return fail(Errno::noent);
  for (;;) {
    rest_ = without_slashes(rest_);
    const size_t length = std::min(rest_.find('/'), rest_.size());
    if (length > k_longest_name) return fail(Errno::nametoolong);
    name_ = rest_.substr(0, length);
    const std::string_view behind = rest_.substr(length);
    if (!at_->node().is_directory()) return fail(Errno::notdir);
    if (without_slashes(behind).empty()) {
      has_slash_behind_ = !behind.empty();
      return {};
    }
    Ref<Entry> next = TRY(look_up());
    if (next->node().is_link()) [[unlikely]] {
      TRY(follow_link(next, behind));
    } else {
      at_ = std::move(next);
      rest_ = behind;
    }
  }
}

Result<> PathWalk::follow(const Ref<Entry>& link) {
  TRY(follow_link(link, has_slash_behind_ ? "/" : ""));
  if (!rest_.empty()) return go_to_last();
  name_ = {};
  return {};
}

// The walk goes on with what the link leads to, and then with `rest`.
Result<> PathWalk::follow_link(const Ref<Entry>& link, std::string_view rest) {
  if (++links_ > k_most_links) return fail(Errno::loop);
  Ref<Entry> target = TRY(link->node().link_target());
  if (target) {
    at_ = std::move(target);
    rest_ = rest;
    return {};
  }
  rest_ = TRY(read_link(link->node(), rest));
  if (rest_.starts_with('/')) at_ = root();
  return {};
}

// The link's text with `rest` behind it, at the end of the room; `rest` may stand there already.
Result<std::string_view> PathWalk::read_link(Node& link, std::string_view rest) {
  if (link_room_ == nullptr) link_room_ = static_cast<char*>(TRY(mm::allocate(k_link_room)));
  char* const place = link_room_ + k_link_room - rest.size();
  if (rest.data() != place) memmove(place, rest.data(), rest.size());
  const auto room = static_cast<size_t>(place - link_room_);
  if (room < k_longest_path) return fail(Errno::nametoolong);
  const size_t length = TRY(link.read_link({link_room_, room}));
  if (length == 0) return fail(Errno::noent);
  memmove(place - length, link_room_, length);
  return std::string_view(place - length, length + rest.size());
}

Result<Ref<Entry>> PathWalk::look_up() const {
  if (name_.empty() || name_ == ".") return at_;
  if (name_ == "..") return at_->parent();
  return directory().lookup(*at_, name_);
}

Result<Ref<Entry>> find_last(PathWalk& walk, LastLink last) {
  for (;;) {
    Ref<Entry> entry = TRY(walk.look_up());
    if (entry->node().is_link() && (last == LastLink::follow || walk.has_slash_behind())) {
      TRY(walk.follow(entry));
      continue;
    }
    if (walk.has_slash_behind() && !entry->node().is_directory()) return fail(Errno::notdir);
    return entry;
  }
}

Result<Ref<Entry>> find(const Ref<Entry>& start, std::string_view path, LastLink last) {
  PathWalk walk(start, path);
  TRY(walk.go_to_last());
  return find_last(walk, last);
}

}  // namespace weft::fs
