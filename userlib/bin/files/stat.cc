// stat FILE...: all that is known about a file.
#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/bin/files/calendar.hh"
#include "userlib/bin/files/mode.hh"
#include "userlib/bin/options.hh"

namespace weft {
namespace {

std::string_view kind_name(uint32_t mode) {
  switch (mode & abi::k_s_ifmt) {
    case abi::k_s_ifdir: return "directory";
    case abi::k_s_iflnk: return "symbolic link";
    case abi::k_s_ififo: return "fifo";
    case abi::k_s_ifchr: return "character special file";
    case abi::k_s_ifblk: return "block special file";
    case abi::k_s_ifsock: return "socket";
    default: return "regular file";
  }
}

void show_time(std::string_view what, const abi::Timespec& when) {
  const CalendarTime time = calendar_time(when.seconds);
  print("{}: {}-{:02}-{:02} {:02}:{:02}:{:02}.{:09} +0000\n", what, time.year, time.month, time.day,
        time.hour, time.minute, time.second, when.nanoseconds);
}

}  // namespace

int stat_main(Arguments arguments) {
  int status = 0;
  for (const char* path : arguments.subspan(1)) {
    const auto found = status_of_link(path);
    if (!found) {
      status = complain(arguments, path, found.error());
      continue;
    }
    print("  File: {}", path);
    if ((found->mode & abi::k_s_ifmt) == abi::k_s_iflnk) {
      const auto target = link_target(path);
      if (target) print(" -> {}", target->view());
    }
    print("\n  Size: {:<10} Blocks: {:<10} IO Block: {:<6} {}\n", found->size, found->blocks,
          found->block_size, kind_name(found->mode));
    print("Inode: {:<10} Links: {}\n", found->inode, found->links);
    print("Access: (0{}{}{}/{})  Uid: {}  Gid: {}\n", found->mode >> 6 & 7, found->mode >> 3 & 7,
          found->mode & 7, mode_text(found->mode).view(), found->owner, found->group);
    show_time("Access", found->accessed);
    show_time("Modify", found->modified);
    show_time("Change", found->changed);
  }
  return status;
}

int chmod_main(Arguments arguments) {
  // A mode may begin with a minus, so there are no options here.
  if (arguments.size() < 3) return complain(arguments, "a mode and a file are wanted");
  int status = 0;
  for (const char* path : arguments.subspan(2)) {
    const auto found = status_of(path);
    if (!found) {
      status = complain(arguments, path, found.error());
      continue;
    }
    const auto mode = parse_mode(arguments[1], found->mode);
    if (!mode) return complain(arguments, "that is no mode");
    const auto done = sys::chmod(path, *mode);
    if (!done) status = complain(arguments, path, done.error());
  }
  return status;
}

}  // namespace weft
