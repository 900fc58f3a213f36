#include "userlib/base/string.hh"

#include <algorithm>
#include <new>
#include <utility>

#include "userlib/base/memory.hh"

namespace weft {

String::~String() { ::operator delete(data_); }

void String::swap(String& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(room_, other.room_);
}

void String::reserve(size_t room) {
  if (room <= room_ && data_ != nullptr) return;
  room = std::max({room, room_ * 2, size_t{15}});
  char* moved = static_cast<char*>(::operator new(room + 1));
  copy_bytes(moved, c_str(), size_ + 1);
  ::operator delete(data_);
  data_ = moved;
  room_ = room;
}

void String::append(std::string_view text) {
  if (text.empty()) return;
  const bool is_own = data_ != nullptr && text.data() >= data_ && text.data() <= data_ + size_;
  const size_t own_offset = is_own ? static_cast<size_t>(text.data() - data_) : 0;
  reserve(size_ + text.size());
  memmove(data_ + size_, is_own ? data_ + own_offset : text.data(), text.size());
  size_ += text.size();
  data_[size_] = '\0';
}

void String::insert(size_t at, std::string_view text) {
  const size_t old_size = size_;
  append(text);
  std::rotate(data_ + at, data_ + old_size, data_ + size_);
}

void String::erase(size_t at, size_t count) {
  if (at >= size_) return;
  count = std::min(count, size_ - at);
  memmove(data_ + at, data_ + at + count, size_ - at - count);
  resize(size_ - count);
}

void String::resize(size_t size, char fill) {
  if (size == 0 && data_ == nullptr) return;
  reserve(size);
  if (size > size_) fill_bytes(data_ + size_, fill, size - size_);
  size_ = size;
  data_[size_] = '\0';
}

String operator+(String left, std::string_view right) {
  left.append(right);
  return left;
}

}  // namespace weft
