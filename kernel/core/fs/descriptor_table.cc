#include "core/fs/descriptor_table.hh"

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/mm/heap.hh"
#include "core/mm/object_cache.hh"

namespace weft::fs {
namespace {

[[clang::no_destroy]] constinit mm::ObjectCache<DescriptorTable> tables("descriptor table");

}  // namespace

// A file on its way out of the table, until the lock is free.
struct DescriptorTable::Closing {
  ~Closing() {
    if (file) file->note_closed_by(&table);
  }
  DescriptorTable& table;
  Ref<File> file;
};

Result<Ref<DescriptorTable>> DescriptorTable::make() {
  return Ref<DescriptorTable>::adopt(TRY(tables.make()));
}

void DescriptorTable::last_reference_gone(DescriptorTable& table) { tables.destroy(&table); }

// Nobody else has the table any more: no lock is needed, and files may be closed one by one.
DescriptorTable::~DescriptorTable() NO_THREAD_SAFETY_ANALYSIS {
  for (int32_t number = 0; number < end_; ++number) {
    const Closing closing{*this, Ref<File>::adopt(files_[number])};
  }
  if (size_ > k_first_size) {
    mm::free(files_);
    mm::free(marks_);
  }
}

Result<Ref<DescriptorTable>> DescriptorTable::copy() {
  Ref<DescriptorTable> child = TRY(make());
  int32_t end;
  {
    SpinGuard guard(lock_);
    end = end_;
  }
  if (end > 0) TRY(child->grow(end - 1));
  SpinGuard guard(lock_);
  copy_to(*child);
  return child;
}

// Another thread may have opened files since the child's table was made: it gets those that fit.
// Nobody else knows the child's table yet.
void DescriptorTable::copy_to(DescriptorTable& child) NO_THREAD_SAFETY_ANALYSIS {
  const int32_t end = std::min(end_, child.size_);
  for (int32_t number = 0; number < end; ++number) {
    if (files_[number] == nullptr) continue;
    child.files_[number] = Ref<File>::share(*files_[number]).release();
  }
  std::copy_n(marks_, (end + k_bits - 1) / k_bits, child.marks_);
  child.end_ = end;
  child.lowest_free_ = std::min(lowest_free_, end);
}

Result<> DescriptorTable::grow(int32_t number) {
  int32_t size;
  {
    SpinGuard guard(lock_);
    if (number < size_) return {};
    size = size_;
  }
  while (size <= number) size *= 2;
  const size_t files_bytes = static_cast<size_t>(size) * sizeof(File*);
  const size_t marks_bytes = static_cast<size_t>(size) / k_bits * sizeof(uint64_t);
  auto* files = static_cast<File**>(TRY(mm::allocate(files_bytes)));
  const auto marks_memory = mm::allocate(marks_bytes);
  if (!marks_memory.has_value()) {
    mm::free(files);
    return fail(Errno::nomem);
  }
  auto* marks = static_cast<uint64_t*>(*marks_memory);
  memset(files, 0, files_bytes);
  memset(marks, 0, marks_bytes);
  bool frees_old;
  {
    SpinGuard guard(lock_);
    frees_old = size_ >= size || size_ > k_first_size;
    if (size_ < size) {  // or another thread was faster
      std::copy_n(files_, size_, files);
      std::copy_n(marks_, size_ / k_bits, marks);
      std::swap(files, files_);
      std::swap(marks, marks_);
      size_ = size;
    }
  }
  if (frees_old) {
    mm::free(files);
    mm::free(marks);
  }
  return {};
}

void DescriptorTable::set_mark(int32_t number, bool closes) {
  const uint64_t bit = uint64_t{1} << number % k_bits;
  uint64_t& word = marks_[number / k_bits];
  word = closes ? word | bit : word & ~bit;
}

Ref<File> DescriptorTable::remove(int32_t number) {
  lowest_free_ = std::min(lowest_free_, number);
  return Ref<File>::adopt(std::exchange(files_[number], nullptr));
}

Result<Ref<File>> DescriptorTable::get(int32_t number) {
  SpinGuard guard(lock_);
  if (!is_used(number)) return fail(Errno::badf);
  return Ref<File>::share(*files_[number]);
}

Result<int32_t> DescriptorTable::add(Ref<File> file, bool close_on_exec, int32_t limit,
                                     int32_t lowest) {
  limit = std::min(limit, k_most);
  for (;;) {
    int32_t number;
    {
      SpinGuard guard(lock_);
      number = std::max(lowest, lowest_free_);
      while (is_used(number)) ++number;
      if (number >= limit) return fail(Errno::mfile);
      if (lowest <= lowest_free_) lowest_free_ = number;
      if (number < size_) {
        files_[number] = file.release();
        set_mark(number, close_on_exec);
        end_ = std::max(end_, number + 1);
        return number;
      }
    }
    TRY(grow(number));
  }
}

Result<> DescriptorTable::replace(int32_t number, Ref<File> file, bool close_on_exec,
                                  int32_t limit) {
  if (number < 0 || number >= std::min(limit, k_most)) return fail(Errno::badf);
  TRY(grow(number));
  Closing old{*this, {}};
  SpinGuard guard(lock_);
  if (files_[number] != nullptr) old.file = remove(number);
  files_[number] = file.release();
  set_mark(number, close_on_exec);
  end_ = std::max(end_, number + 1);
  return {};
}

Result<> DescriptorTable::close(int32_t number) {
  Closing closing{*this, {}};  // ends after the lock
  SpinGuard guard(lock_);
  if (!is_used(number)) return fail(Errno::badf);
  closing.file = remove(number);
  return {};
}

void DescriptorTable::close_range(uint32_t first, uint32_t last) {
  for (uint32_t number = first; number <= last; ++number) {
    Closing closing{*this, {}};
    SpinGuard guard(lock_);
    if (number >= static_cast<uint32_t>(end_)) return;
    if (files_[number] != nullptr) closing.file = remove(static_cast<int32_t>(number));
  }
}

void DescriptorTable::mark_range(uint32_t first, uint32_t last) {
  SpinGuard guard(lock_);
  for (uint32_t number = first; number <= last && number < static_cast<uint32_t>(end_); ++number) {
    if (files_[number] != nullptr) set_mark(static_cast<int32_t>(number), true);
  }
}

void DescriptorTable::close_for_exec() {
  for (int32_t number = 0;; ++number) {
    Closing closing{*this, {}};
    SpinGuard guard(lock_);
    while (number < end_ && (marks_[number / k_bits] >> number % k_bits & 1) == 0) ++number;
    if (number >= end_) return;
    set_mark(number, false);
    if (files_[number] != nullptr) closing.file = remove(number);
  }
}

Result<bool> DescriptorTable::closes_on_exec(int32_t number) {
  SpinGuard guard(lock_);
  if (!is_used(number)) return fail(Errno::badf);
  return (marks_[number / k_bits] >> number % k_bits & 1) != 0;
}

Result<> DescriptorTable::set_closes_on_exec(int32_t number, bool closes) {
  SpinGuard guard(lock_);
  if (!is_used(number)) return fail(Errno::badf);
  set_mark(number, closes);
  return {};
}

int32_t DescriptorTable::room() {
  SpinGuard guard(lock_);
  return size_;
}

int32_t DescriptorTable::next_used(int32_t number) {
  SpinGuard guard(lock_);
  while (number < end_ && files_[number] == nullptr) ++number;
  return number < end_ ? number : -1;
}

}  // namespace weft::fs
