// Sixteen bytes at a time where there are as many. The tail is a second, overlapping block: for any
// count from 16 on, the last 16 bytes are moved as one, wherever the loop ended.
#include "userlib/base/memory.hh"

#include <cstdint>

namespace {

// Unaligned, and allowed to be anything.
typedef uint64_t Block __attribute__((vector_size(16), aligned(1), may_alias));
typedef uint64_t Word __attribute__((aligned(1), may_alias));
constexpr size_t k_block = sizeof(Block);

Block& block_at(void* base, size_t at) {
  return *reinterpret_cast<Block*>(static_cast<char*>(base) + at);
}
const Block& block_at(const void* base, size_t at) {
  return *reinterpret_cast<const Block*>(static_cast<const char*>(base) + at);
}

void copy_small(char* target, const char* source, size_t count) {
  if (count >= 8) {
    const Word head = *reinterpret_cast<const Word*>(source);
    const Word tail = *reinterpret_cast<const Word*>(source + count - 8);
    *reinterpret_cast<Word*>(target) = head;
    *reinterpret_cast<Word*>(target + count - 8) = tail;
    return;
  }
  if (target <= source) {
    for (size_t i = 0; i < count; ++i) target[i] = source[i];
  } else {
    for (size_t i = count; i > 0; --i) target[i - 1] = source[i - 1];
  }
}

}  // namespace

extern "C" void* memcpy(void* target, const void* source, size_t count) {
  return memmove(target, source, count);
}

extern "C" void* memmove(void* target, const void* source, size_t count) {
  if (count < k_block) {
    copy_small(static_cast<char*>(target), static_cast<const char*>(source), count);
    return target;
  }
  // Forwards if the target is in front, else backwards, so that nothing is overwritten unread. The
  // last block of a run is read before the run begins, for the same reason.
  if (target <= source || static_cast<const char*>(source) + count <= target) {
    const Block tail = block_at(source, count - k_block);
    for (size_t at = 0; at + k_block < count; at += k_block)
      block_at(target, at) = block_at(source, at);
    block_at(target, count - k_block) = tail;
  } else {
    const Block head = block_at(source, 0);
    for (size_t at = count; at > k_block; at -= k_block) {
      block_at(target, at - k_block) = block_at(source, at - k_block);
    }
    block_at(target, 0) = head;
  }
  return target;
}

extern "C" void* memset(void* target, int value, size_t count) {
  const uint64_t pattern = static_cast<unsigned char>(value) * 0x0101010101010101u;
  if (count < k_block) {
    for (size_t i = 0; i < count; ++i) static_cast<char*>(target)[i] = static_cast<char>(value);
    return target;
  }
  const Block block = {pattern, pattern};
  for (size_t at = 0; at + k_block < count; at += k_block) block_at(target, at) = block;
  block_at(target, count - k_block) = block;
  return target;
}

extern "C" int memcmp(const void* a, const void* b, size_t count) {
  const auto* left = static_cast<const unsigned char*>(a);
  const auto* right = static_cast<const unsigned char*>(b);
  size_t at = 0;
  while (count - at >= 8 &&
         *reinterpret_cast<const Word*>(left + at) == *reinterpret_cast<const Word*>(right + at)) {
    at += 8;
  }
  for (; at < count; ++at) {
    if (left[at] != right[at]) return left[at] - right[at];
  }
  return 0;
}

extern "C" const void* memchr(const void* bytes, int value, size_t count) {
  const auto* place = static_cast<const unsigned char*>(bytes);
  for (const auto* end = place + count; place != end; ++place) {
    if (*place == static_cast<unsigned char>(value)) return place;
  }
  return nullptr;
}

extern "C" size_t strlen(const char* text) {
  size_t length = 0;
  while (text[length] != '\0') ++length;
  return length;
}
