#include "guest/support/files.hh"

#include <algorithm>

#include "guest/support/names.hh"

namespace weft::guest {
namespace {

const char* type_name(unsigned mode) {
  switch (mode & S_IFMT) {
    case S_IFREG: return "regular";
    case S_IFDIR: return "directory";
    case S_IFLNK: return "symlink";
    case S_IFIFO: return "fifo";
    case S_IFCHR: return "character device";
    case S_IFSOCK: return "socket";
    default: return "something else";
  }
}

Text<12> permission_text(unsigned mode) {
  Text<12> text;
  for (int shift = 6; shift >= 0; shift -= 3) {
    const unsigned bits = mode >> shift;
    text.write((bits & 4) != 0 ? "r" : "-");
    text.write((bits & 2) != 0 ? "w" : "-");
    text.write((bits & 1) != 0 ? "x" : "-");
  }
  return text;
}

}  // namespace

int open_or_end(const char* path, int flags, int mode) {
  return static_cast<int>(must(Text<100>("open {}", path).view(), sys::open(path, flags, mode)));
}

void write_file(const char* path, std::string_view text) {
  const int fd = open_or_end(path, O_WRONLY | O_CREAT | O_TRUNC);
  must("write a file", sys::write(fd, text.data(), text.size()));
  sys::close(fd);
}

std::string_view read_file(const char* path, std::span<char> room) {
  const int fd = static_cast<int>(sys::open(path, O_RDONLY));
  if (fd < 0) return {};
  size_t length = 0;
  while (length < room.size()) {
    const long count = sys::read(fd, room.data() + length, room.size() - length);
    if (count <= 0) break;
    length += static_cast<size_t>(count);
  }
  sys::close(fd);
  return {room.data(), length};
}

void show_read(std::string_view what, int fd, size_t count) {
  char room[400];
  const long result = sys::read(fd, room, std::min(count, sizeof room));
  if (is_error(result)) {
    show(what, result);
  } else if (result == 0) {
    say("{}: nothing", what);
  } else {
    say("{}: '{}'", what, std::string_view(room, static_cast<size_t>(result)));
  }
}

void show_file(std::string_view what, const char* path) {
  const long fd = sys::open(path, O_RDONLY);
  if (is_error(fd)) return show(what, fd);
  show_read(what, static_cast<int>(fd));
  sys::close(fd);
}

void show_stat(std::string_view what, const char* path, int flags) {
  struct stat status;
  const long result = sys::newfstatat(AT_FDCWD, path, &status, flags);
  if (is_error(result)) return show(what, result);
  const unsigned mode = status.st_mode;
  const Text<12> permissions = permission_text(mode);
  if ((mode & S_IFMT) == S_IFREG) {
    say("{}: {} {}, {} bytes, {} links", what, type_name(mode), permissions.view(), status.st_size,
        status.st_nlink);
  } else {
    say("{}: {} {}", what, type_name(mode), permissions.view());
  }
}

void show_names(std::string_view what, const char* path) {
  const long fd = sys::open(path, O_RDONLY | O_DIRECTORY);
  if (is_error(fd)) return show(what, fd);
  alignas(8) char buffer[4096];
  const long length = sys::getdents64(fd, buffer, sizeof buffer);
  sys::close(static_cast<int>(fd));
  if (is_error(length)) return show(what, length);
  std::string_view names[100];
  size_t count = 0;
  for (long at = 0; at < length;) {
    const auto* entry = reinterpret_cast<const DirectoryEntry*>(buffer + at);
    const std::string_view name(entry->name);
    if (name != "." && name != ".." && count < 100) names[count++] = name;
    at += entry->length;
  }
  std::sort(names, names + count);
  Text<900> line;
  for (size_t at = 0; at < count; ++at) format(line, " {}", names[at]);
  say("{}:{}", what, count == 0 ? std::string_view(" nothing") : line.view());
}

}  // namespace weft::guest
