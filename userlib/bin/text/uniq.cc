// uniq [-c] [-d] [-u] [FILE]: lines that repeat the one before count as one.
#include "userlib/base/print.hh"
#include "userlib/bin/text/lines.hh"

namespace weft {

int uniq_main(Arguments arguments) {
  bool counts = false;
  bool only_repeated = false;
  bool only_single = false;
  OptionParser options(arguments, "cdu");
  while (const auto option = options.next()) {
    if (option->letter == 'c') counts = true;
    if (option->letter == 'd') only_repeated = true;
    if (option->letter == 'u') only_single = true;
  }
  if (options.wrong()) return 2;
  String last;
  uint64_t times = 0;
  const auto show = [&] {
    if (times == 0 || (only_repeated && times == 1) || (only_single && times > 1)) return;
    if (counts) print("{:7} ", times);
    print("{}\n", last.view());
  };
  const Arguments files = options.rest().first(std::min<size_t>(options.rest().size(), 1));
  const int status = for_each_file(arguments, files, [&](int fd, std::string_view) {
    (void)for_each_line(fd, [&](std::string_view line) {
      if (times > 0 && last == line) {
        ++times;
        return;
      }
      show();
      last = line;
      times = 1;
    });
  });
  show();
  return status;
}

}  // namespace weft
