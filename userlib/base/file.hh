// Files and directories, a little more comfortably than by bare calls.
#pragma once

#include <string_view>
#include <utility>

#include "core/base/result.hh"
#include "userlib/base/string.hh"
#include "userlib/base/vector.hh"
#include "userlib/syscalls.hh"

namespace weft {

// A descriptor that is closed when its owner goes.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) (void)sys::close(fd_);
  }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  // The caller closes it from now on.
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

// Opens for reading; with abi::k_o_... for more.
Result<Descriptor> open_file(const char* path, uint32_t flags = 0, uint32_t mode = 0666);

// Writes all of it, in as many calls as that takes.
Result<> write_all(int fd, std::string_view text);

// Appends all that comes until the end of the file.
Result<> read_all(int fd, String& text);
Result<String> read_file(const char* path);

// Copies from one descriptor to the other until the end.
Result<> copy_all(int from, int to);

// Reads line by line, in large reads.
class LineReader {
 public:
  explicit LineReader(int fd) : fd_(fd) {}

  // The next line, without its newline; false at the end. A last line without a newline counts.
  // The text holds until the next call.
  Result<bool> next(std::string_view& line);
  // Whether the line that next() gave ended in a newline.
  bool had_newline() const { return had_newline_; }

 private:
  int fd_;
  String text_;
  size_t at_ = 0;
  bool ended_ = false;
  bool had_newline_ = false;
};

struct DirectoryItem {
  String name;
  uint8_t type;  // abi::k_dt_...
};

// All names in a directory but "." and "..", sorted.
Result<Vector<DirectoryItem>> list_directory(const char* path);

// "directory/name", with one slash.
String join_path(std::string_view directory, std::string_view name);
// The part behind the last slash: of "/a/b/" it is "b".
std::string_view base_name(std::string_view path);
// The part in front of it: "/a"; "." if there is none.
std::string_view directory_name(std::string_view path);

Result<abi::Stat> status_of(const char* path);
// The same, but of a symbolic link it is the link's own.
Result<abi::Stat> status_of_link(const char* path);
Result<String> link_target(const char* path);
constexpr bool is_directory(const abi::Stat& status) {
  return (status.mode & abi::k_s_ifmt) == abi::k_s_ifdir;
}

// Whether the descriptor leads to a terminal.
bool is_terminal(int fd);

}  // namespace weft
