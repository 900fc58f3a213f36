#include "userlib/base/file.hh"

#include <algorithm>

namespace weft {

Result<Descriptor> open_file(const char* path, uint32_t flags, uint32_t mode) {
  return Descriptor(TRY(sys::open(path, flags | abi::k_o_cloexec, mode)));
}

Result<> write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    auto written = sys::write(fd, text.data(), text.size());
    if (!written && written.error() == Errno::intr) continue;
    text.remove_prefix(TRY(written));
  }
  return {};
}

Result<> read_all(int fd, String& text) {
  char room[4096];
  for (;;) {
    auto count = sys::read(fd, room, sizeof room);
    if (!count && count.error() == Errno::intr) continue;
    if (TRY(count) == 0) return {};
    text.append({room, *count});
  }
}

Result<String> read_file(const char* path) {
  const Descriptor file = TRY(open_file(path));
  String text;
  TRY(read_all(file.get(), text));
  return text;
}

Result<> copy_all(int from, int to) {
  char room[16384];
  for (;;) {
    auto count = sys::read(from, room, sizeof room);
    if (!count && count.error() == Errno::intr) continue;
    if (TRY(count) == 0) return {};
    TRY(write_all(to, {room, *count}));
  }
}

Result<bool> LineReader::next(std::string_view& line) {
  for (;;) {
    const size_t end = text_.find('\n', at_);
    if (end != String::npos) {
      line = text_.substr(at_, end - at_);
      at_ = end + 1;
      had_newline_ = true;
      return true;
    }
    if (ended_) {
      had_newline_ = false;
      line = text_.substr(at_);
      at_ = text_.size();
      return !line.empty();
    }
    text_.erase(0, at_);
    at_ = 0;
    char room[4096];
    auto count = sys::read(fd_, room, sizeof room);
    if (!count && count.error() == Errno::intr) continue;
    ended_ = TRY(count) == 0;
    text_.append({room, *count});
  }
}

Result<Vector<DirectoryItem>> list_directory(const char* path) {
  const Descriptor directory = TRY(open_file(path, abi::k_o_directory));
  Vector<DirectoryItem> items;
  alignas(8) char room[4096];
  for (;;) {
    const size_t count = TRY(sys::getdents64(directory.get(), room, sizeof room));
    if (count == 0) break;
    for (size_t at = 0; at < count;) {
      const auto* entry = reinterpret_cast<const abi::DirectoryEntry*>(room + at);
      const std::string_view name = entry->name;
      if (name != "." && name != "..") items.push_back({name, entry->type});
      at += entry->length;
    }
  }
  std::sort(items.begin(), items.end(),
            [](const DirectoryItem& a, const DirectoryItem& b) { return a.name < b.name; });
  return items;
}

String join_path(std::string_view directory, std::string_view name) {
  String path = directory;
  if (!path.empty() && !path.ends_with("/")) path += '/';
  path += name;
  return path;
}

std::string_view base_name(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || path.size() == 1) return path;
  return path.substr(slash + 1);
}

std::string_view directory_name(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  path = path.substr(0, slash);
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path.empty() ? "/" : path;
}

Result<abi::Stat> status_of(const char* path) {
  abi::Stat status;
  TRY(sys::stat(path, &status));
  return status;
}

Result<abi::Stat> status_of_link(const char* path) {
  abi::Stat status;
  TRY(sys::lstat(path, &status));
  return status;
}

Result<String> link_target(const char* path) {
  char room[4096];
  const size_t length = TRY(sys::readlink(path, room, sizeof room));
  return String(std::string_view(room, length));
}

bool is_terminal(int fd) {
  abi::TerminalModes modes;
  return sys::ioctl(fd, abi::k_tcgets, reinterpret_cast<uint64_t>(&modes)).has_value();
}

}  // namespace weft
