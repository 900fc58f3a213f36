// rev [FILE...]: each line backwards.
#include <algorithm>

#include "userlib/base/print.hh"
#include "userlib/bin/text/lines.hh"

namespace weft {

int rev_main(Arguments arguments) {
  return for_each_file(arguments, arguments.subspan(1), [](int fd, std::string_view) {
    (void)for_each_line(fd, [](std::string_view line) {
      String turned = line;
      std::reverse(turned.data(), turned.data() + turned.size());
      print("{}\n", turned.view());
    });
  });
}

}  // namespace weft
