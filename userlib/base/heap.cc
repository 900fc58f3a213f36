#include "userlib/base/heap.hh"

#include <array>
#include <bit>

#include "core/base/assert.hh"
#include "core/base/atomic.hh"
#include "core/base/types.hh"
#include "userlib/base/lock.hh"
#include "userlib/syscalls.hh"

namespace weft::heap {
namespace {

constexpr size_t k_span_size = 64 * 1024;
constexpr uint64_t k_span_mark = 0x776566746e617073;  // in each header: catches a foreign free

constexpr std::array<uint32_t, 20> k_class_sizes = {16,   32,   48,   64,   80,   96,  112,
                                                    128,  192,  256,  320,  384,  512, 768,
                                                    1024, 1536, 2048, 3072, 4096, 8192};
constexpr size_t k_largest = k_class_sizes.back();

struct FreeBlock {
  FreeBlock* next;
};

struct Span {
  uint64_t mark;
  uint64_t block_size;  // what one block can hold
  uint64_t length;      // of a span that holds one large block; 0 in a span of a size class
  uint64_t padding;     // keeps the blocks behind it aligned
};
static_assert(sizeof(Span) % 16 == 0, "blocks are aligned to 16 bytes");

// All blocks of one size: the freed ones, and the rest of the newest span.
struct SizeClass {
  Lock lock;
  FreeBlock* free = nullptr;
  char* fresh = nullptr;
  char* fresh_end = nullptr;
};

constinit std::array<SizeClass, k_class_sizes.size()> classes;
constinit Atomic<size_t> blocks_in_use(0);
constinit Atomic<size_t> bytes_in_use(0);

size_t class_of(size_t size) {
  if (size <= 128) return size == 0 ? 0 : (size - 1) / 16;
  size_t index = 8;
  while (k_class_sizes[index] < size) ++index;
  return index;
}

Span* span_of(void* block) {
  auto* span = reinterpret_cast<Span*>(round_down(reinterpret_cast<uint64_t>(block), k_span_size));
  ASSERT(span->mark == k_span_mark, "what is freed came from this heap");
  return span;
}

// Memory aligned to k_span_size: asks for more, and gives back both ends.
void* map_aligned(size_t length) {
  const auto mapped = sys::mmap(nullptr, length + k_span_size, abi::k_prot_read | abi::k_prot_write,
                                abi::k_map_private | abi::k_map_anonymous, -1, 0);
  if (!mapped) return nullptr;
  char* start = static_cast<char*>(*mapped);
  char* aligned = reinterpret_cast<char*>(round_up(reinterpret_cast<uint64_t>(start), k_span_size));
  const size_t before = static_cast<size_t>(aligned - start);
  if (before > 0) (void)sys::munmap(start, before);
  if (before < k_span_size) (void)sys::munmap(aligned + length, k_span_size - before);
  return aligned;
}

void count(size_t bytes) {
  blocks_in_use.fetch_add(1, relaxed);
  bytes_in_use.fetch_add(bytes, relaxed);
}

void* allocate_large(size_t size) {
  if (size > SIZE_MAX / 2) return nullptr;
  const size_t length = round_up(size + sizeof(Span), k_page_size);
  void* memory = map_aligned(length);
  if (memory == nullptr) return nullptr;
  auto* span = static_cast<Span*>(memory);
  *span = {k_span_mark, length - sizeof(Span), length, 0};
  count(span->block_size);
  return span + 1;
}

}  // namespace

void* allocate(size_t size) {
  if (size > k_largest) return allocate_large(size);
  const size_t index = class_of(size);
  const size_t block_size = k_class_sizes[index];
  SizeClass& own = classes[index];
  LockGuard guard(own.lock);
  if (own.free == nullptr && static_cast<size_t>(own.fresh_end - own.fresh) < block_size) {
    auto* span = static_cast<Span*>(map_aligned(k_span_size));
    if (span == nullptr) return nullptr;
    *span = {k_span_mark, block_size, 0, 0};
    own.fresh = reinterpret_cast<char*>(span + 1);
    own.fresh_end = reinterpret_cast<char*>(span) + k_span_size;
  }
  count(block_size);
  if (own.free != nullptr) {
    FreeBlock* block = own.free;
    own.free = block->next;
    return block;
  }
  char* block = own.fresh;
  own.fresh += block_size;
  return block;
}

void free(void* block) {
  if (block == nullptr) return;
  Span* span = span_of(block);
  blocks_in_use.fetch_sub(1, relaxed);
  bytes_in_use.fetch_sub(span->block_size, relaxed);
  if (span->length > 0) {
    span->mark = 0;
    (void)sys::munmap(span, span->length);
    return;
  }
  SizeClass& own = classes[class_of(span->block_size)];
  LockGuard guard(own.lock);
  own.free = new (block) FreeBlock{own.free};
}

size_t usable_size(void* block) { return span_of(block)->block_size; }

void lock_all() NO_THREAD_SAFETY_ANALYSIS {
  for (SizeClass& each : classes) each.lock.lock();
}
void unlock_all() NO_THREAD_SAFETY_ANALYSIS {
  for (SizeClass& each : classes) each.lock.unlock();
}

Statistics statistics() { return {blocks_in_use.load(relaxed), bytes_in_use.load(relaxed)}; }

}  // namespace weft::heap
