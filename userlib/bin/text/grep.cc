// grep [-EFivnclqorh] PATTERN [FILE...]: the lines in which a pattern occurs.
#include "userlib/base/print.hh"
#include "userlib/bin/text/lines.hh"
#include "userlib/bin/text/regex.hh"

namespace weft {
namespace {

constexpr int k_found = 0;
constexpr int k_not_found = 1;
constexpr int k_trouble = 2;

struct Wishes {
  Regex::Syntax syntax = Regex::Syntax::basic;
  bool ignore_case = false;
  bool invert = false;
  bool number_lines = false;
  bool count = false;
  bool only_names = false;
  bool quiet = false;
  bool only_matches = false;
  bool recursive = false;
  bool with_names = false;
  bool without_names = false;
  bool whole_lines = false;
};

class Grep {
 public:
  Grep(Arguments arguments, const Wishes& wishes, const Regex& regex)
      : arguments_(arguments), wishes_(wishes), regex_(regex) {}

  void search(int fd, std::string_view path) {
    const std::string_view name = path == "-" ? "(standard input)" : path;
    uint64_t number = 0;
    uint64_t found = 0;
    const auto done = for_each_line(fd, [&](std::string_view line) {
      ++number;
      const auto match = regex_.search(line);
      const bool fits = match && (!wishes_.whole_lines || match->length == line.size());
      if (fits == wishes_.invert) return true;
      ++found;
      if (wishes_.quiet || wishes_.only_names) return false;
      if (!wishes_.count) show(name, number, line);
      return true;
    });
    if (!done) trouble_ = complain(arguments_, path, done.error());
    if (wishes_.only_names && found > 0) print("{}\n", name);
    if (wishes_.count) {
      begin_line(name, 0);
      print("{}\n", found);
    }
    any_ = any_ || found > 0;
  }

  void search_below(const char* folder) {
    const auto items = list_directory(folder);
    if (!items) {
      trouble_ = complain(arguments_, folder, items.error());
      return;
    }
    for (const DirectoryItem& item : *items) {
      const String path = join_path(folder, item.name);
      const auto status = status_of_link(path.c_str());
      if (!status) continue;
      if (is_directory(*status)) {
        search_below(path.c_str());
      } else if ((status->mode & abi::k_s_ifmt) == abi::k_s_ifreg) {
        if (const auto file = open_file(path.c_str())) search(file->get(), path);
      }
    }
  }

  int status() const { return trouble_ != 0 ? k_trouble : (any_ ? k_found : k_not_found); }

 private:
  void begin_line(std::string_view name, uint64_t number) {
    if (wishes_.with_names && !wishes_.without_names) print("{}:", name);
    if (wishes_.number_lines && number > 0) print("{}:", number);
  }

  void show(std::string_view name, uint64_t number, std::string_view line) {
    if (!wishes_.only_matches) {
      begin_line(name, number);
      print("{}\n", line);
      return;
    }
    for (size_t at = 0; const auto match = regex_.search(line, at);) {
      if (match->length > 0) {
        begin_line(name, number);
        print("{}\n", line.substr(match->at, match->length));
      }
      at = match->at + std::max<size_t>(match->length, 1);
      if (at > line.size()) break;
    }
  }

  Arguments arguments_;
  const Wishes& wishes_;
  const Regex& regex_;
  bool any_ = false;
  int trouble_ = 0;
};

}  // namespace

int grep_main(Arguments arguments) {
  Wishes wishes;
  const char* pattern = nullptr;
  OptionParser options(arguments, "EFivnclqorhHxe:");
  while (const auto option = options.next()) {
    switch (option->letter) {
      case 'E': wishes.syntax = Regex::Syntax::extended; break;
      case 'F': wishes.syntax = Regex::Syntax::fixed; break;
      case 'i': wishes.ignore_case = true; break;
      case 'v': wishes.invert = true; break;
      case 'n': wishes.number_lines = true; break;
      case 'c': wishes.count = true; break;
      case 'l': wishes.only_names = true; break;
      case 'q': wishes.quiet = true; break;
      case 'o': wishes.only_matches = true; break;
      case 'r': wishes.recursive = true; break;
      case 'h': wishes.without_names = true; break;
      case 'H': wishes.with_names = true; break;
      case 'x': wishes.whole_lines = true; break;
      case 'e': pattern = option->value; break;
    }
  }
  if (options.wrong()) return k_trouble;
  Arguments paths = options.rest();
  if (pattern == nullptr) {
    if (paths.empty()) {
      complain(arguments, "which pattern?");
      return k_trouble;
    }
    pattern = paths[0];
    paths = paths.subspan(1);
  }
  const Regex regex(pattern, wishes.syntax, wishes.ignore_case);
  if (paths.size() > 1 || wishes.recursive) wishes.with_names = true;
  Grep grep(arguments, wishes, regex);
  if (wishes.recursive) {
    if (paths.empty()) grep.search_below(".");
    for (const char* path : paths) {
      const auto status = status_of(path);
      if (status && is_directory(*status)) {
        grep.search_below(path);
      } else if (const auto file = open_file(path)) {
        grep.search(file->get(), path);
      } else {
        complain(arguments, path, file.error());
      }
    }
    return grep.status();
  }
  const int failed = for_each_file(arguments, paths,
                                   [&](int fd, std::string_view path) { grep.search(fd, path); });
  return failed != 0 ? k_trouble : grep.status();
}

}  // namespace weft
