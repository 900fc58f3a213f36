// Paths as arguments: the text out of the program's memory, and the folder in which it begins.
#pragma once

#include "core/fs/tree.hh"
#include "syscall/argument.hh"
#include "syscall/descriptors.hh"

namespace weft::syscall {

inline constexpr int32_t k_at_working_folder = static_cast<int32_t>(abi::k_at_fdcwd);

// Room for the longest path; from the heap, when it is first asked for.
class LongText {
 public:
  LongText() = default;
  ~LongText();
  LongText(const LongText&) = delete;
  LongText& operator=(const LongText&) = delete;

  // Errno::nomem.
  Result<std::span<char>> room();

 private:
  char* room_ = nullptr;
};

// A text out of the program's memory: most are short, and need no more than this.
class UserText {
 public:
  UserText() = default;
  UserText(const UserText&) = delete;
  UserText& operator=(const UserText&) = delete;

  // Errno::fault, Errno::nametoolong, Errno::nomem.
  Result<> load(VirtAddr address);
  std::string_view view() const { return text_; }

 private:
  static constexpr size_t k_short = 120;

  std::string_view text_;
  LongText long_;
  char short_[k_short];
};

// A path, and what it is relative to.
class PathArgument {
 public:
  // Errors: those of UserText; Errno::badf, Errno::notdir for the descriptor of a relative path.
  Result<> load(const Context& context, Fd folder, UserPath path);

  fs::PathAt at() const { return {start_, text_.view()}; }
  bool is_empty() const { return text_.view().empty(); }
  Result<Ref<fs::Entry>> find(bool follows) const {
    return fs::find(start_, text_.view(), follows ? fs::LastLink::follow : fs::LastLink::keep);
  }
  // The same, but an empty path stands for what it would be relative to (AT_EMPTY_PATH).
  Result<Ref<fs::Entry>> find_or_start(bool follows, bool empty_is_start) const {
    return empty_is_start && is_empty() ? Result<Ref<fs::Entry>>(start_) : find(follows);
  }

 private:
  UserText text_;
  Ref<fs::Entry> start_;
};

}  // namespace weft::syscall
