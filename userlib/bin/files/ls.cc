// ls [-aAlRdFtrS1i] [FILE...]: what is in a folder.
#include <algorithm>

#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/bin/files/calendar.hh"
#include "userlib/bin/files/mode.hh"
#include "userlib/bin/options.hh"

namespace weft {
namespace {

struct Wishes {
  bool hidden = false;
  bool dots = false;  // . and .. too
  bool details = false;
  bool recursive = false;
  bool folders_themselves = false;
  bool marks = false;
  bool by_time = false;
  bool by_size = false;
  bool reversed = false;
  bool one_per_line = false;
  bool inodes = false;
};

struct Entry {
  String name;
  String path;
  abi::Stat status;
};

class Lister {
 public:
  Lister(Arguments arguments, const Wishes& wishes) : arguments_(arguments), wishes_(wishes) {}

  int run(Arguments paths) {
    Vector<Entry> files;
    Vector<Entry> folders;
    for (const char* path : paths) {
      const auto own = status_of_link(path);
      if (!own) {
        status_ = complain(arguments_, path, own.error());
        continue;
      }
      // A link to a folder stands for the folder, unless details of the link are wanted.
      const auto target = status_of(path);
      const bool follows = !wishes_.details && !wishes_.folders_themselves && target;
      const abi::Stat& status = follows ? *target : *own;
      const bool is_folder = is_directory(status) && !wishes_.folders_themselves;
      (is_folder ? folders : files).push_back({path, path, status});
    }
    sort(files);
    sort(folders);
    show(files);
    const bool with_names = paths.size() > 1 || wishes_.recursive;
    bool is_first = files.empty();
    for (const Entry& folder : folders) {
      if (!is_first) print("\n");
      is_first = false;
      list(folder.path, with_names);
    }
    return status_;
  }

 private:
  void list(const String& folder, bool with_name) {
    if (with_name) print("{}:\n", folder.view());
    const auto items = list_directory(folder.c_str());
    if (!items) {
      status_ = complain(arguments_, folder, items.error());
      return;
    }
    Vector<Entry> entries;
    if (wishes_.dots) {
      add(folder, ".", entries);
      add(folder, "..", entries);
    }
    for (const DirectoryItem& item : *items) {
      if (wishes_.hidden || !item.name.starts_with(".")) add(folder, item.name, entries);
    }
    sort(entries);
    if (wishes_.details) {
      int64_t blocks = 0;
      for (const Entry& entry : entries) blocks += entry.status.blocks;
      print("total {}\n", blocks / 2);
    }
    show(entries);
    if (!wishes_.recursive) return;
    for (const Entry& entry : entries) {
      if (!is_directory(entry.status) || entry.name == "." || entry.name == "..") continue;
      print("\n");
      list(entry.path, true);
    }
  }

  void add(const String& folder, std::string_view name, Vector<Entry>& entries) {
    const String path = join_path(folder, name);
    const auto status = status_of_link(path.c_str());
    if (status) {
      entries.push_back({name, path, *status});
    } else {
      status_ = complain(arguments_, path, status.error());
    }
  }

  void sort(Vector<Entry>& entries) const {
    std::sort(entries.begin(), entries.end(), [&](const Entry& a, const Entry& b) {
      const Entry& first = wishes_.reversed ? b : a;
      const Entry& second = wishes_.reversed ? a : b;
      if (wishes_.by_size && first.status.size != second.status.size)
        return first.status.size > second.status.size;
      const abi::Timespec& left = first.status.modified;
      const abi::Timespec& right = second.status.modified;
      if (wishes_.by_time && left.seconds != right.seconds) return left.seconds > right.seconds;
      if (wishes_.by_time && left.nanoseconds != right.nanoseconds)
        return left.nanoseconds > right.nanoseconds;
      return first.name < second.name;
    });
  }

  void show(const Vector<Entry>& entries) const {
    if (wishes_.details) {
      show_details(entries);
    } else if (wishes_.one_per_line || !is_terminal(1)) {
      for (const Entry& entry : entries) print("{}\n", label(entry).view());
    } else {
      show_columns(entries);
    }
  }

  String label(const Entry& entry) const {
    String text = wishes_.inodes ? format_string("{:6} ", entry.status.inode) : String();
    text += entry.name;
    if (wishes_.marks) {
      const uint32_t type = entry.status.mode & abi::k_s_ifmt;
      if (type == abi::k_s_ifdir)
        text += '/';
      else if (type == abi::k_s_iflnk)
        text += '@';
      else if (type == abi::k_s_ififo)
        text += '|';
      else if ((entry.status.mode & 0111) != 0)
        text += '*';
    }
    return text;
  }

  // Downwards, then to the right, in as many columns as the terminal has room for.
  void show_columns(const Vector<Entry>& entries) const {
    abi::WindowSize window{};
    (void)sys::ioctl(1, abi::k_tiocgwinsz, reinterpret_cast<uint64_t>(&window));
    const size_t room = window.columns > 0 ? window.columns : 80;
    size_t width = 0;
    for (const Entry& entry : entries) width = std::max(width, label(entry).size() + 2);
    if (entries.empty()) return;
    const size_t columns = std::max<size_t>(1, room / width);
    const size_t rows = (entries.size() + columns - 1) / columns;
    for (size_t row = 0; row < rows; ++row) {
      for (size_t i = row; i < entries.size(); i += rows) {
        String text = label(entries[i]);
        if (i + rows < entries.size()) text.resize(width, ' ');
        print("{}", text.view());
      }
      print("\n");
    }
  }

  void show_details(const Vector<Entry>& entries) const {
    size_t links_width = 1;
    size_t size_width = 1;
    for (const Entry& entry : entries) {
      links_width = std::max(links_width, format_string("{}", entry.status.links).size());
      size_width = std::max(size_width, size_text(entry).size());
    }
    for (const Entry& entry : entries) {
      const CalendarTime time = calendar_time(entry.status.modified.seconds);
      String links = format_string("{}", entry.status.links);
      links.insert(
          0,
          String("        ").substr(0, links_width - std::min<size_t>(links.size(), links_width)));
      String size = size_text(entry);
      while (size.size() < size_width) size.insert(0, " ");
      print("{} {} {:<5} {:<5} {} {} {:>2} {:02}:{:02} {}", mode_text(entry.status.mode).view(),
            links.view(), owner(entry.status.owner).view(), owner(entry.status.group).view(),
            size.view(), k_month_names[time.month - 1], time.day, time.hour, time.minute,
            label(entry).view());
      if ((entry.status.mode & abi::k_s_ifmt) == abi::k_s_iflnk) {
        const auto target = link_target(entry.path.c_str());
        if (target) print(" -> {}", target->view());
      }
      print("\n");
    }
  }

  static String owner(uint32_t id) { return id == 0 ? String("root") : format_string("{}", id); }

  // Of a device its numbers.
  static String size_text(const Entry& entry) {
    const uint32_t type = entry.status.mode & abi::k_s_ifmt;
    const uint64_t device = entry.status.special_device;
    if (type == abi::k_s_ifchr || type == abi::k_s_ifblk) {
      return format_string("{}, {}", device >> 8 & 0xfff,
                           (device & 0xff) | (device >> 12 & 0xfff00));
    }
    return format_string("{}", entry.status.size);
  }

  Arguments arguments_;
  const Wishes& wishes_;
  int status_ = 0;
};

}  // namespace

int ls_main(Arguments arguments) {
  Wishes wishes;
  OptionParser options(arguments, "aAlRdFtrS1i");
  while (const auto option = options.next()) {
    switch (option->letter) {
      case 'a': wishes.hidden = wishes.dots = true; break;
      case 'A': wishes.hidden = true; break;
      case 'l': wishes.details = true; break;
      case 'R': wishes.recursive = true; break;
      case 'd': wishes.folders_themselves = true; break;
      case 'F': wishes.marks = true; break;
      case 't': wishes.by_time = true; break;
      case 'r': wishes.reversed = true; break;
      case 'S': wishes.by_size = true; break;
      case '1': wishes.one_per_line = true; break;
      case 'i': wishes.inodes = true; break;
    }
  }
  if (options.wrong()) return 2;
  constexpr const char* k_here[] = {"."};
  return Lister(arguments, wishes).run(options.rest().empty() ? Arguments(k_here) : options.rest());
}

}  // namespace weft
