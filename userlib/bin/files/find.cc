// find [PATH...] [-name PATTERN] [-type f|d|l|p|c] [-maxdepth N] [-print]
#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/options.hh"
#include "userlib/bin/sh/pattern.hh"

namespace weft {
namespace {

struct Wishes {
  const char* name = nullptr;
  uint32_t type = 0;
  int64_t deepest = INT64_MAX;
};

class Finder {
 public:
  Finder(Arguments arguments, const Wishes& wishes) : arguments_(arguments), wishes_(wishes) {}

  void visit(const String& path, int64_t depth) {
    const auto status = status_of_link(path.c_str());
    if (!status) {
      status_ = complain(arguments_, path, status.error());
      return;
    }
    const bool fits_name = wishes_.name == nullptr || sh::matches(wishes_.name, base_name(path));
    const bool fits_type = wishes_.type == 0 || (status->mode & abi::k_s_ifmt) == wishes_.type;
    if (fits_name && fits_type) print("{}\n", path.view());
    if (!is_directory(*status) || depth >= wishes_.deepest) return;
    const auto items = list_directory(path.c_str());
    if (!items) {
      status_ = complain(arguments_, path, items.error());
      return;
    }
    for (const DirectoryItem& item : *items) visit(join_path(path, item.name), depth + 1);
  }

  int status() const { return status_; }

 private:
  Arguments arguments_;
  const Wishes& wishes_;
  int status_ = 0;
};

uint32_t type_of(char letter) {
  switch (letter) {
    case 'f': return abi::k_s_ifreg;
    case 'd': return abi::k_s_ifdir;
    case 'l': return abi::k_s_iflnk;
    case 'p': return abi::k_s_ififo;
    case 'c': return abi::k_s_ifchr;
    default: return 0;
  }
}

}  // namespace

int find_main(Arguments arguments) {
  Wishes wishes;
  size_t at = 1;
  while (at < arguments.size() && arguments[at][0] != '-') ++at;
  const Arguments paths = arguments.subspan(1, at - 1);
  for (; at < arguments.size(); ++at) {
    const std::string_view word = arguments[at];
    const char* value = at + 1 < arguments.size() ? arguments[at + 1] : nullptr;
    if (word == "-print") continue;
    if (value == nullptr) return complain(arguments, word, Errno::inval);
    if (word == "-name") {
      wishes.name = value;
    } else if (word == "-type") {
      wishes.type = type_of(value[0]);
      if (wishes.type == 0) return complain(arguments, value, Errno::inval);
    } else if (word == "-maxdepth") {
      wishes.deepest = parse_number(value).value_or(0);
    } else {
      return complain(arguments, word, Errno::inval);
    }
    ++at;
  }
  Finder finder(arguments, wishes);
  if (paths.empty()) finder.visit(".", 0);
  for (const char* path : paths) finder.visit(path, 0);
  return finder.status();
}

}  // namespace weft
