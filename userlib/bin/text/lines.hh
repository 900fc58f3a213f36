// What the tools for text have in common: they go through files, or through standard input, line by
// line.
#pragma once

#include <concepts>
#include <string_view>

#include "userlib/base/file.hh"
#include "userlib/bin/options.hh"

namespace weft {

// Calls `use(fd, path)` for each file, opened; for standard input if there are none, or for "-". The
// status is 1 if one couldn't be opened.
template <typename Use>
int for_each_file(Arguments arguments, Arguments paths, Use&& use) {
  if (paths.empty()) {
    use(0, std::string_view("-"));
    return 0;
  }
  int status = 0;
  for (const char* path : paths) {
    if (std::string_view(path) == "-") {
      use(0, std::string_view("-"));
      continue;
    }
    const auto file = open_file(path);
    if (file) {
      use(file->get(), std::string_view(path));
    } else {
      status = complain(arguments, path, file.error());
    }
  }
  return status;
}

// Calls `use(line)` for each line. It may answer with a bool: false ends it.
template <typename Use>
Result<> for_each_line(int fd, Use&& use) {
  LineReader reader(fd);
  std::string_view line;
  while (TRY(reader.next(line))) {
    if constexpr (std::same_as<decltype(use(line)), bool>) {
      if (!use(line)) break;
    } else {
      use(line);
    }
  }
  return {};
}

}  // namespace weft
