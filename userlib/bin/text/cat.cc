// cat [FILE...]
#include "userlib/base/print.hh"
#include "userlib/bin/text/lines.hh"

namespace weft {

int cat_main(Arguments arguments) {
  OptionParser options(arguments, "u");
  while (options.next()) {
  }
  if (options.wrong()) return 2;
  int failed = 0;
  const int status = for_each_file(arguments, options.rest(), [&](int fd, std::string_view path) {
    const auto done = copy_all(fd, 1);
    if (!done) failed = complain(arguments, path, done.error());
  });
  return status | failed;
}

}  // namespace weft
