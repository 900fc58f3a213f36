// tee [-a] FILE...: copies standard input to standard output and to files.
#include "userlib/base/file.hh"
#include "userlib/bin/options.hh"

namespace weft {

int tee_main(Arguments arguments) {
  uint32_t how = abi::k_o_trunc;
  OptionParser options(arguments, "a");
  while (options.next()) how = abi::k_o_append;
  if (options.wrong()) return 2;
  int status = 0;
  Vector<Descriptor> files;
  for (const char* path : options.rest()) {
    auto file = open_file(path, abi::k_o_wronly | abi::k_o_creat | how);
    if (file) {
      files.push_back(std::move(*file));
    } else {
      status = complain(arguments, path, file.error());
    }
  }
  char room[4096];
  for (;;) {
    const auto count = sys::read(0, room, sizeof room);
    if (!count || *count == 0) return status;
    if (!write_all(1, {room, *count})) status = 1;
    for (const Descriptor& file : files) {
      if (!write_all(file.get(), {room, *count})) status = 1;
    }
  }
}

}  // namespace weft
