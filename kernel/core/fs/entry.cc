#include "core/fs/entry.hh"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/mm/heap.hh"
#include "core/mm/object_cache.hh"

namespace weft::fs {

[[clang::no_destroy]] constinit SpinLock names_lock{Rank::file_name};

namespace {

[[clang::no_destroy]] constinit mm::ObjectCache<Entry> entries("file name");

}  // namespace

Result<Ref<Entry>> Entry::make(Ref<Entry> parent, std::string_view name, Ref<Node> node) {
  Ref<Entry> entry = Ref<Entry>::adopt(TRY(entries.make(std::move(parent), std::move(node))));
  TRY(entry->set_name(name));
  return entry;
}

void Entry::last_reference_gone(Entry& entry) { entries.destroy(&entry); }

Entry::~Entry() {
  if (name_ != short_name_.data()) mm::free(name_);
}

Result<> Entry::set_name(std::string_view name) {
  if (name.size() > k_short) name_ = static_cast<char*>(TRY(mm::allocate(name.size())));
  name.copy(name_, name.size());
  name_length_ = name.size();
  return {};
}

void Entry::swap_names(Entry& other) {
  std::swap(short_name_, other.short_name_);
  std::swap(name_, other.name_);
  std::swap(name_length_, other.name_length_);
  if (name_ == other.short_name_.data()) name_ = short_name_.data();
  if (other.name_ == short_name_.data()) other.name_ = other.short_name_.data();
}

Ref<Entry> Entry::parent() const {
  SpinGuard guard(names_lock);
  return Ref<Entry>::share(parent_ ? *parent_ : const_cast<Entry&>(*this));
}

Result<std::string_view> Entry::path(std::span<char> room) const {
  constexpr std::string_view k_deleted = " (deleted)";
  size_t start = room.size();
  const auto put = [&](std::string_view text) {
    if (text.size() > start) return false;
    start -= text.size();
    text.copy(room.data() + start, text.size());
    return true;
  };
  if (is_removed() && !put(k_deleted)) return fail(Errno::nametoolong);
  SpinGuard guard(names_lock);
  const Entry* at = this;
  if (!at->parent_ && !put(at->name())) return fail(Errno::nametoolong);
  for (; at->parent_; at = at->parent_.get()) {
    if (!put(at->name()) || !put("/")) return fail(Errno::nametoolong);
  }
  return std::string_view(room.data() + start, room.size() - start);
}

bool Entry::is_within(const Entry& folder) const {
  SpinGuard guard(names_lock);
  const Entry* at = this;
  while (at != &folder && at->parent_) at = at->parent_.get();
  return at == &folder;
}

}  // namespace weft::fs
