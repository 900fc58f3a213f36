#include "core/mm/stats.hh"

namespace weft::mm {
namespace {

constexpr uint64_t kibibytes(uint64_t frames) { return frames * (k_page_size / 1024); }

}  // namespace

size_t MemoryStats::live_objects() const {
  size_t sum = 0;
  for (size_t i = 0; i < cache_count; ++i) sum += caches[i].live;
  return sum;
}

MemoryStats snapshot() {
  MemoryStats stats;
  stats.frames = page_frames.stats();
  stats.stacks = stack_stats();
  stats.cache_count = SlabCache::all_stats(stats.caches);
  return stats;
}

void write_report(Sink& sink, const MemoryStats& stats) {
  const FrameStats& frames = stats.frames;
  format(sink, "memory         {:>10} KiB\n", kibibytes(frames.total));
  format(sink, "  free         {:>10} KiB, {} KiB of it never used yet\n", kibibytes(frames.free),
         kibibytes(frames.untouched));
  format(sink, "  CPU caches   {:>10} KiB\n", kibibytes(frames.cached));
  for (unsigned use = 0; use < k_frame_uses; ++use)
    format(sink, "  {:<13}{:>10} KiB\n", frame_use_name(static_cast<FrameUse>(use)),
           kibibytes(frames.used[use]));
  format(sink, "stacks in use  {:>10}, {} ready\n", stats.stacks.live, stats.stacks.pooled);
  format(sink, "{:<16}{:>6}{:>10}{:>10}{:>8}{:>10}\n", "cache", "bytes", "live", "cached", "slabs",
         "KiB");
  for (size_t i = 0; i < stats.cache_count; ++i) {
    const CacheStats& cache = stats.caches[i];
    format(sink, "{:<16}{:>6}{:>10}{:>10}{:>8}{:>10}\n", cache.name, cache.object_size, cache.live,
           cache.cached, cache.slabs, kibibytes(cache.frames));
  }
}

}  // namespace weft::mm
