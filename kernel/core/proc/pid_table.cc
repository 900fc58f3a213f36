#include "core/proc/pid_table.hh"

#include <algorithm>
#include <memory>
#include <utility>

#include "core/mm/heap.hh"

namespace weft::proc {

Result<PidEntry*> PidTable::make(int32_t pid) {
  PidEntry*& chunk = chunks_[static_cast<size_t>(pid) / k_chunk];
  if (chunk == nullptr) {
    chunk = static_cast<PidEntry*>(TRY(mm::allocate(k_chunk * sizeof(PidEntry))));
    std::uninitialized_value_construct_n(chunk, k_chunk);
  }
  return chunk + static_cast<size_t>(pid) % k_chunk;
}

PidEntry* PidTable::find(int32_t pid) {
  if (pid <= 0 || pid >= k_limit) return nullptr;
  PidEntry* const chunk = chunks_[static_cast<size_t>(pid) / k_chunk];
  return chunk == nullptr ? nullptr : chunk + static_cast<size_t>(pid) % k_chunk;
}

int32_t PidTable::next(int32_t pid) const {
  for (++pid; pid < k_limit;
       pid = static_cast<int32_t>(round_up(static_cast<uint64_t>(pid) + 1, k_chunk))) {
    if (chunks_[static_cast<size_t>(pid) / k_chunk] != nullptr) break;
  }
  return pid;
}

void PidTable::trim() {
  const auto is_free = [](const PidEntry& entry) { return entry.is_free(); };
  for (PidEntry*& chunk : chunks_) {
    if (chunk != nullptr && std::all_of(chunk, chunk + k_chunk, is_free)) {
      mm::free(std::exchange(chunk, nullptr));
    }
  }
}

// At most half of the numbers are in use, so the walk to the next free one is short: in the mean two
// steps.
Result<int32_t> PidTable::choose() {
  if (!has_room()) return fail(Errno::again);
  for (;;) {
    const int32_t pid = next_;
    next_ = pid + 1 < k_limit ? pid + 1 : k_first_reused;
    if (!TRY(make(pid))->is_free()) continue;
    ++given_out_;
    return pid;
  }
}

}  // namespace weft::proc
