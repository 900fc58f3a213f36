// tr [-d] [-s] SET [SET]: replaces, deletes or squeezes characters.
#include <array>

#include "userlib/base/print.hh"
#include "userlib/base/string.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/options.hh"
#include "userlib/bin/text/escapes.hh"
#include "userlib/syscalls.hh"

namespace weft {
namespace {

void add_range(String& set, char low, char high) {
  for (int c = static_cast<unsigned char>(low); c <= static_cast<unsigned char>(high); ++c) {
    set += static_cast<char>(c);
  }
}

// a-z, [:lower:] and \n written out.
String written_out(std::string_view text) {
  String set;
  for (size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("[:")) {
      const size_t end = rest.find(":]");
      const std::string_view name = rest.substr(2, end == std::string_view::npos ? 0 : end - 2);
      if (name == "lower" || name == "alpha" || name == "alnum") add_range(set, 'a', 'z');
      if (name == "upper" || name == "alpha" || name == "alnum") add_range(set, 'A', 'Z');
      if (name == "digit" || name == "alnum") add_range(set, '0', '9');
      if (name == "space") set += " \t\n\v\f\r";
      if (!name.empty()) {
        at += end + 2;
        continue;
      }
    }
    char low = text[at++];
    if (low == '\\') low = read_escape(text, at);
    if (at + 1 < text.size() && text[at] == '-') {
      ++at;
      char high = text[at++];
      if (high == '\\') high = read_escape(text, at);
      add_range(set, low, high);
    } else {
      set += low;
    }
  }
  return set;
}

}  // namespace

int tr_main(Arguments arguments) {
  bool deletes = false;
  bool squeezes = false;
  bool complements = false;
  OptionParser options(arguments, "dscC");
  while (const auto option = options.next()) {
    if (option->letter == 'd') deletes = true;
    if (option->letter == 's') squeezes = true;
    if (option->letter == 'c' || option->letter == 'C') complements = true;
  }
  if (options.wrong()) return 2;
  const Arguments words = options.rest();
  if (words.empty()) return complain(arguments, "which characters?");
  String from = written_out(words[0]);
  const String to = words.size() > 1 ? written_out(words[1]) : String();
  if (complements) {
    String others;
    for (int c = 0; c < 256; ++c) {
      if (!from.view().contains(static_cast<char>(c))) others += static_cast<char>(c);
    }
    from = others;
  }
  if (!deletes && !squeezes && to.empty()) return complain(arguments, "replaced by what?");

  std::array<char, 256> table;
  for (size_t i = 0; i < table.size(); ++i) table[i] = static_cast<char>(i);
  const bool replaces = !deletes && !to.empty();
  for (size_t i = 0; replaces && i < from.size(); ++i) {
    table[static_cast<unsigned char>(from[i])] = to[std::min(i, to.size() - 1)];
  }
  const std::string_view squeezed = to.empty() ? from.view() : to.view();
  std::optional<char> last;
  char room[4096];
  for (;;) {
    const auto count = sys::read(0, room, sizeof room);
    if (!count || *count == 0) return 0;
    for (size_t i = 0; i < *count; ++i) {
      if (deletes && from.view().contains(room[i])) continue;
      const char c = table[static_cast<unsigned char>(room[i])];
      if (squeezes && last == c && squeezed.contains(c)) continue;
      out.write({&c, 1});
      last = c;
    }
  }
}

}  // namespace weft
