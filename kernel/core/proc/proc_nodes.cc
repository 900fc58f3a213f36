#include "core/proc/proc_nodes.hh"

#include <cstring>
#include <optional>

#include "core/fs/file.hh"
#include "core/mm/heap.hh"
#include "core/mm/object_cache.hh"

namespace weft::proc {
namespace {

class ProcDirectory final : public fs::Directory {
 public:
  ProcDirectory(const Level& level, Subject subject, uint64_t inode)
      : Directory(abi::k_s_ifdir | 0555, inode), level_(level), subject_(std::move(subject)) {}

  uint32_t file_system() const override { return k_proc; }
  Result<Ref<fs::Entry>> lookup(fs::Entry& self, std::string_view name) override;
  bool list(uint64_t position, fs::ListedName& listed) override;

 private:
  // In a listing the names come first, each at the place of its index, then the numbers.
  static constexpr uint64_t k_first_number = 256;

  void destroy() override;
  uint64_t inode_at(uint64_t place) const {
    return static_cast<uint64_t>(subject_.tid) << 32 | level_.id << 24 | (place + 1);
  }
  Result<Ref<fs::Node>> make_node(const ProcName& what, const Subject& subject, uint64_t place);

  const Level& level_;
  const Subject subject_;
};

class ProcText final : public fs::GeneratedFile {
 public:
  ProcText(const ProcName& what, const Subject& subject, uint64_t inode)
      : GeneratedFile(what.mode, inode), what_(what), subject_(subject) {
    change_links(1);
  }
  Result<> generate(Sink& to) override {
    return what_.write == nullptr ? fail(Errno::inval) : what_.write(to, subject_);
  }
  Result<size_t> accept(fs::IoBuffer& from) override {
    return what_.accept == nullptr ? fail(Errno::inval) : what_.accept(from);
  }

 private:
  void destroy() override;
  const ProcName& what_;
  const Subject subject_;
};

class ProcLink final : public fs::Node {
 public:
  ProcLink(const ProcName& what, const Subject& subject, uint64_t inode)
      : Node(what.mode, inode), what_(what), subject_(subject) {
    change_links(1);
  }
  uint32_t file_system() const override { return k_proc; }
  Result<Ref<fs::File>> open(uint32_t) override { return fail(Errno::loop); }
  Result<Ref<fs::Entry>> link_target() override {
    return what_.target != nullptr ? what_.target(subject_) : Result<Ref<fs::Entry>>();
  }
  Result<size_t> read_link(std::span<char> to) override;

 private:
  void destroy() override;
  const ProcName& what_;
  const Subject subject_;
};

[[clang::no_destroy]] constinit mm::ObjectCache<ProcDirectory> directories("/proc folder");
[[clang::no_destroy]] constinit mm::ObjectCache<ProcText> texts("/proc text");
[[clang::no_destroy]] constinit mm::ObjectCache<ProcLink> proc_links("/proc link");

void ProcDirectory::destroy() { directories.destroy(this); }
void ProcText::destroy() { texts.destroy(this); }
void ProcLink::destroy() { proc_links.destroy(this); }

// The number that a name is, written as numbers are.
std::optional<int32_t> to_number(std::string_view name) {
  constexpr size_t k_most_digits = 9;
  if (name.empty() || name.size() > k_most_digits) return std::nullopt;
  if (name[0] == '0' && name.size() > 1) return std::nullopt;
  int32_t number = 0;
  for (const char digit : name) {
    if (digit < '0' || digit > '9') return std::nullopt;
    number = number * 10 + (digit - '0');
  }
  return number;
}

Result<size_t> ProcLink::read_link(std::span<char> to) {
  const Ref<fs::Entry> entry = TRY(link_target());
  const bool has_path = entry && entry->node().has_place();
  return has_path ? copy_path(*entry, to) : what_.text(subject_, to);
}

Result<Ref<fs::Node>> ProcDirectory::make_node(const ProcName& what, const Subject& subject,
                                               uint64_t place) {
  const uint64_t inode = inode_at(place);
  if (what.level != nullptr) {
    Ref<fs::Node> folder = TRY(make_proc_directory(*what.level, subject, inode));
    folder->change_links(2);
    return folder;
  }
  if ((what.mode & abi::k_s_ifmt) == abi::k_s_iflnk) {
    return Ref<fs::Node>(Ref<ProcLink>::adopt(TRY(proc_links.make(what, subject, inode))));
  }
  return Ref<fs::Node>(Ref<ProcText>::adopt(TRY(texts.make(what, subject, inode))));
}

Result<Ref<fs::Entry>> ProcDirectory::lookup(fs::Entry& self, std::string_view name) {
  Ref<fs::Node> node;
  for (size_t index = 0; index < level_.names.size() && !node; ++index) {
    if (level_.names[index].name == name) {
      node = TRY(make_node(level_.names[index], subject_, index));
    }
  }
  if (const auto number = to_number(name); !node && number && level_.numbers != nullptr) {
    const Subject subject = TRY(level_.numbers->find(subject_, *number));
    const auto place = k_first_number + static_cast<uint64_t>(*number);
    node = TRY(make_node(level_.numbers->kind, subject, place));
  }
  if (!node) return fail(Errno::noent);
  return fs::Entry::make(Ref<fs::Entry>::share(self), name, std::move(node));
}

bool ProcDirectory::list(uint64_t position, fs::ListedName& listed) {
  uint64_t place = position < k_first_position ? 0 : position - k_first_position;
  listed.name.clear();
  if (place < level_.names.size()) {
    listed.name.write(level_.names[place].name);
    listed.mode = level_.names[place].mode;
  } else {
    if (level_.numbers == nullptr || place > INT32_MAX) return false;
    const uint64_t from = place < k_first_number ? 0 : place - k_first_number;
    const int32_t number = level_.numbers->next(subject_, static_cast<int32_t>(from));
    if (number < 0) return false;
    place = k_first_number + static_cast<uint64_t>(number);
    format(listed.name, "{}", number);
    listed.mode = level_.numbers->kind.mode;
  }
  listed.inode = inode_at(place);
  listed.next = k_first_position + place + 1;
  return true;
}

}  // namespace

Result<size_t> copy_path(const fs::Entry& entry, std::span<char> to) {
  auto* const room = static_cast<char*>(TRY(mm::allocate(fs::k_longest_path)));
  const auto path = entry.path({room, fs::k_longest_path});
  const Result<size_t> length =
      path.has_value() ? Result<size_t>(path->copy(to.data(), to.size())) : fail(path.error());
  mm::free(room);
  return length;
}

Result<Ref<fs::Node>> make_proc_directory(const Level& level, Subject subject, uint64_t inode) {
  return Ref<fs::Node>(
      Ref<ProcDirectory>::adopt(TRY(directories.make(level, std::move(subject), inode))));
}

}  // namespace weft::proc
