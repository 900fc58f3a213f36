#include "userlib/bin/files/tree.hh"

#include "userlib/base/print.hh"

namespace weft {
namespace {

bool is_same_file(const abi::Stat& a, const abi::Stat& b) {
  return a.device == b.device && a.inode == b.inode;
}

Result<> copy_file(const String& from, const String& to, uint32_t mode) {
  const Descriptor source = TRY(open_file(from.c_str()));
  const Descriptor target =
      TRY(open_file(to.c_str(), abi::k_o_wronly | abi::k_o_creat | abi::k_o_trunc, mode & 0777));
  return copy_all(source.get(), target.get());
}

Result<> copy_special(const String& from, const String& to, const abi::Stat& status) {
  if ((status.mode & abi::k_s_ifmt) == abi::k_s_iflnk) {
    return sys::symlink(TRY(link_target(from.c_str())).c_str(), to.c_str());
  }
  return sys::mknod(to.c_str(), status.mode, static_cast<uint32_t>(status.special_device));
}

void keep_times_and_rights(const String& to, const abi::Stat& status) {
  if ((status.mode & abi::k_s_ifmt) == abi::k_s_iflnk) return;
  const abi::Timespec times[2] = {status.accessed, status.modified};
  (void)sys::chmod(to.c_str(), status.mode & 07777);
  (void)sys::utimensat(abi::k_at_fdcwd, to.c_str(), times, 0);
}

bool copy_folder(Arguments arguments, const String& from, const String& to, const abi::Stat& status,
                 const CopyWishes& wishes) {
  const auto made = sys::mkdir(to.c_str(), (status.mode & 0777) | 0700);
  if (!made && made.error() != Errno::exist) {
    complain(arguments, to, made.error());
    return false;
  }
  const auto items = list_directory(from.c_str());
  if (!items) {
    complain(arguments, from, items.error());
    return false;
  }
  bool all = true;
  for (const DirectoryItem& item : *items) {
    all = copy_tree(arguments, join_path(from, item.name), join_path(to, item.name), wishes) && all;
  }
  return all;
}

}  // namespace

bool copy_tree(Arguments arguments, const String& from, const String& to,
               const CopyWishes& wishes) {
  const auto status = wishes.recursive ? status_of_link(from.c_str()) : status_of(from.c_str());
  if (!status) {
    complain(arguments, from, status.error());
    return false;
  }
  if (const auto old = status_of(to.c_str()); old && is_same_file(*status, *old)) {
    complain(arguments, format_string("{} and {} are the same file", from.view(), to.view()));
    return false;
  }
  bool worked = false;
  const uint32_t type = status->mode & abi::k_s_ifmt;
  if (type == abi::k_s_ifdir) {
    if (!wishes.recursive) {
      complain(arguments, from, Errno::isdir);
      return false;
    }
    if ((to + "/").starts_with((from + "/").view())) {
      complain(arguments, format_string("{} cannot be copied into itself", from.view()));
      return false;
    }
    worked = copy_folder(arguments, from, to, *status, wishes);
  } else {
    const bool is_special = wishes.recursive && type != abi::k_s_ifreg;
    const auto done =
        is_special ? copy_special(from, to, *status) : copy_file(from, to, status->mode);
    if (!done) complain(arguments, to, done.error());
    worked = done.has_value();
  }
  if (worked && wishes.keeps_times_and_rights) keep_times_and_rights(to, *status);
  if (worked && wishes.tells) print("{} -> {}\n", from.view(), to.view());
  return worked;
}

bool remove_tree(Arguments arguments, const String& path) {
  const auto status = status_of_link(path.c_str());
  if (!status) {
    complain(arguments, path, status.error());
    return false;
  }
  bool all = true;
  if (is_directory(*status)) {
    const auto items = list_directory(path.c_str());
    if (items) {
      for (const DirectoryItem& item : *items)
        all = remove_tree(arguments, join_path(path, item.name)) && all;
    }
  }
  const auto done = is_directory(*status) ? sys::rmdir(path.c_str()) : sys::unlink(path.c_str());
  if (!done) complain(arguments, path, done.error());
  return all && done;
}

String destination(const char* from, const char* to) {
  const auto status = status_of(to);
  return status && is_directory(*status) ? join_path(to, base_name(from)) : String(to);
}

}  // namespace weft
