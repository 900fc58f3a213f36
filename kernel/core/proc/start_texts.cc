#include "core/proc/start_texts.hh"

#include <cstring>
#include <utility>

#include "core/mm/heap.hh"
#include "core/mm/page_frames.hh"
#include "core/mm/user_memory.hh"

namespace weft::proc {
namespace {

constexpr size_t k_first_size = 4 << 10;

}  // namespace

Result<StartTexts> StartTexts::make(size_t most, std::string_view name) {
  auto* const room = static_cast<char*>(TRY(mm::allocate(k_first_size)));
  return StartTexts(room, k_first_size, most - (name.size() + 1));
}

StartTexts::StartTexts(StartTexts&& other)
    : room_(std::exchange(other.room_, nullptr)),
      size_(other.size_),
      left_(other.left_),
      used_(other.used_),
      argument_count_(other.argument_count_),
      environment_count_(other.environment_count_) {}

StartTexts::~StartTexts() { mm::free(room_); }

Result<> StartTexts::grow() {
  const size_t size = 2 * size_;
  if (size > mm::PageFrames::k_largest_block) return fail(Errno::too_big);
  auto* const room = static_cast<char*>(TRY(mm::allocate(size)));
  memcpy(room, room_, used_);
  mm::free(std::exchange(room_, room));
  size_ = size;
  return {};
}

Result<> StartTexts::take_in(size_t size, size_t& count) {
  const size_t cost = size + sizeof(uint64_t);
  if (size > k_longest_text || cost > left_) return fail(Errno::too_big);
  left_ -= cost;
  used_ += size;
  ++count;
  return {};
}

Result<> StartTexts::add(std::string_view text, size_t& count) {
  while (text.size() >= size_ - used_) TRY(grow());
  text.copy(room_ + used_, text.size());
  room_[used_ + text.size()] = '\0';
  return take_in(text.size() + 1, count);
}

Result<> StartTexts::add_from_user(VirtAddr text, size_t& count) {
  for (;;) {
    const size_t room = size_ - used_;
    const auto length = mm::copy_text_from_user({room_ + used_, room}, text);
    if (length.has_value()) return take_in(*length + 1, count);
    if (length.error() != Errno::nametoolong) return fail(length.error());
    if (room > k_longest_text || room > left_) return fail(Errno::too_big);
    TRY(grow());
  }
}

Result<> StartTexts::add_list(VirtAddr list, size_t& count) {
  if (list == 0) return {};
  for (;; list += sizeof(uint64_t)) {
    const VirtAddr text = TRY(mm::UserIn<uint64_t>(list).load());
    if (text == 0) return {};
    TRY(add_from_user(text, count));
  }
}

Result<> StartTexts::add_arguments(VirtAddr list, size_t first) {
  for (; first > 0 && list != 0; --first) {
    if (TRY(mm::UserIn<uint64_t>(list).load()) == 0) break;
    list += sizeof(uint64_t);
  }
  TRY(add_list(list, argument_count_));
  return argument_count_ == 0 ? add_argument("") : Result<>{};
}

size_t StartTexts::argument_bytes() const {
  size_t end = 0;
  for (size_t i = 0; i < argument_count_; ++i) end = texts().find('\0', end) + 1;
  return end;
}

}  // namespace weft::proc
