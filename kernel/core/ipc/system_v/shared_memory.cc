#include "core/ipc/system_v/shared_memory.hh"

#include <algorithm>
#include <limits>

#include "core/ipc/process_hooks.hh"
#include "core/ipc/system_v/registry.hh"
#include "core/mm/object_cache.hh"
#include "core/mm/page_frames.hh"

namespace weft::ipc::system_v {
namespace {

constexpr uint32_t k_most_segments = 4096;
constexpr uint64_t k_largest_segment = std::numeric_limits<uint64_t>::max() - (uint64_t{1} << 24);
constexpr uint32_t k_may_execute = 0111;

class Segment final : public Object, public mm::MappingWatcher {
 public:
  Segment(Ref<mm::MemoryObject> memory, const Actor& maker)
      : memory_(std::move(memory)), creator_(maker.process) {
    memory_->watch_mappings(*this);
  }

  const Ref<mm::MemoryObject>& memory() const { return memory_; }
  uint64_t size() const { return memory_->size(); }

  // Somebody is about to map it: it can't end before he is done().
  Result<> begin_attach(uint32_t rights, const Actor& actor);
  void done() { drop(0, false); }
  Result<> status(const Actor& actor, bool is_for_anybody, abi::SegmentStatus& told);
  Result<> change(const abi::SegmentStatus& wanted, const Actor& actor);
  Result<> mark_removed(const Actor& actor);
  Result<> set_locked(bool locks, const Actor& actor);

  void on_mapped() override;
  void on_unmapped() override { drop(process_hooks.credentials().process, true); }

 private:
  void destroy() override;
  void drop(int32_t process, bool is_detached);
  bool is_marked() const REQUIRES(lock) { return (permissions_.mode & abi::k_shm_dest) != 0; }

  const Ref<mm::MemoryObject> memory_;
  const int32_t creator_;
  uint64_t attachments_ GUARDED_BY(lock) = 0;
  int64_t attached_ GUARDED_BY(lock) = 0;
  int64_t detached_ GUARDED_BY(lock) = 0;
  int32_t last_user_ GUARDED_BY(lock) = 0;
};

[[clang::no_destroy]] constinit mm::ObjectCache<Segment> cache("shared memory segment");
[[clang::no_destroy]] constinit Registry segments(k_most_segments);

void Segment::destroy() { cache.destroy(this); }

Result<> Segment::begin_attach(uint32_t rights, const Actor& actor) {
  SpinGuard guard(lock);
  TRY(check(actor, rights));
  ++attachments_;
  return {};
}

void Segment::on_mapped() {
  SpinGuard guard(lock);
  ++attachments_;
  attached_ = seconds_now();
  last_user_ = process_hooks.credentials().process;
}

// One attachment fewer. The last of a marked one takes it away.
void Segment::drop(int32_t process, bool is_detached) {
  {
    SpinGuard guard(lock);
    if (is_detached) {
      detached_ = seconds_now();
      if (process != 0) last_user_ = process;
    }
    if (--attachments_ > 0 || !is_marked() || is_removed_) return;
    is_removed_ = true;
  }
  segments.remove(*this);
}

Result<> Segment::mark_removed(const Actor& actor) {
  bool goes;
  {
    SpinGuard guard(lock);
    TRY(check_owner(actor));
    permissions_.mode |= abi::k_shm_dest;
    permissions_.key = 0;
    goes = is_removed_ = attachments_ == 0;
  }
  if (goes) {
    segments.remove(*this);
  } else {
    segments.forget_key(*this);
  }
  return {};
}

Result<> Segment::status(const Actor& actor, bool is_for_anybody, abi::SegmentStatus& told) {
  SpinGuard guard(lock);
  TRY(check(actor, is_for_anybody ? 0 : k_may_read));
  told = {.permissions = permissions_,
          .size = size(),
          .attached = attached_,
          .detached = detached_,
          .changed = changed_,
          .creator = creator_,
          .last_user = last_user_,
          .attachments = attachments_,
          .unused = {}};
  return {};
}

Result<> Segment::change(const abi::SegmentStatus& wanted, const Actor& actor) {
  SpinGuard guard(lock);
  TRY(check_owner(actor));
  return change_owner(wanted.permissions);
}

Result<> Segment::set_locked(bool locks, const Actor& actor) {
  SpinGuard guard(lock);
  TRY(check_owner(actor));
  if (locks) {
    permissions_.mode |= abi::k_shm_locked;
  } else {
    permissions_.mode &= ~abi::k_shm_locked;
  }
  return {};
}

uint64_t pages_of(uint64_t size) { return round_up(size, k_page_size) / k_page_size; }

}  // namespace

Result<int32_t> get_segment(int32_t key, size_t size, uint32_t flags, const Actor& actor) {
  return segments.get<Segment>(
      key, flags, actor,
      [size](Segment& segment) -> Result<> {
        if (size > segment.size()) return fail(Errno::inval);
        return {};
      },
      [&]() -> Result<Ref<Segment>> {
        if (size == 0 || size > k_largest_segment) return fail(Errno::inval);
        if (pages_of(size) > mm::page_frames.total()) return fail(Errno::nomem);
        return Ref<Segment>::adopt(TRY(cache.make(TRY(mm::MemoryObject::make(size)), actor)));
      });
}

Result<VirtAddr> attach(mm::AddressSpace& memory, int32_t id, VirtAddr address, uint32_t flags,
                        const Actor& actor) {
  const bool is_fixed = address != 0;
  const bool replaces = (flags & abi::k_shm_remap) != 0;
  if ((flags & abi::k_shm_rnd) != 0) address = round_down(address, k_page_size);
  if (address % k_page_size != 0 || (replaces && address == 0)) return fail(Errno::inval);
  mm::Access access = mm::Access::read;
  uint32_t rights = k_may_read;
  if ((flags & abi::k_shm_rdonly) == 0) {
    access = access | mm::Access::write;
    rights |= k_may_write;
  }
  if ((flags & abi::k_shm_exec) != 0) {
    access = access | mm::Access::execute;
    rights |= k_may_execute;
  }
  const Ref<Segment> segment = TRY(segments.find<Segment>(id));
  TRY(segment->begin_attach(rights, actor));
  const auto place = memory.map({.address = address,
                                 .size = round_up(segment->size(), k_page_size),
                                 .access = access,
                                 .is_fixed = is_fixed && replaces,
                                 .no_replace = is_fixed && !replaces,
                                 .is_shared = true,
                                 .object = segment->memory()});
  segment->done();
  if (!place.has_value() && place.error() == Errno::exist) return fail(Errno::inval);
  return place;
}

// Parts may have been unmapped or split since; all that is left of it goes.
Result<> detach(mm::AddressSpace& memory, VirtAddr address) {
  mm::AddressSpace::View view;
  if (address % k_page_size != 0) return fail(Errno::inval);
  Ref<mm::MemoryObject> object;
  VirtAddr end = mm::k_user_end;
  for (VirtAddr at = address; at < end && memory.view_region(at, view); at = view.end) {
    if (view.start < address || view.start >= end) break;
    const bool is_attached_here = view.object && view.object->mapping_watcher() != nullptr &&
                                  view.start - address == view.offset &&
                                  (!object || object == view.object);
    if (!is_attached_here) continue;
    if (!object) {
      object = view.object;
      end = address + round_up(object->size(), k_page_size);
    }
    TRY(memory.unmap(view.start, view.end - view.start));
  }
  if (!object) return fail(Errno::inval);
  return {};
}

Result<int32_t> segment_status(int32_t id, Find find, const Actor& actor,
                               abi::SegmentStatus& status) {
  const Ref<Segment> segment =
      TRY(find == Find::by_id ? segments.find<Segment>(id) : segments.find_at<Segment>(id));
  TRY(segment->status(actor, find == Find::by_place_for_anybody, status));
  return find == Find::by_id ? 0 : segment->id();
}

Result<> change_segment(int32_t id, const abi::SegmentStatus& wanted, const Actor& actor) {
  return TRY(segments.find<Segment>(id))->change(wanted, actor);
}

Result<> remove_segment(int32_t id, const Actor& actor) {
  const Ref<Segment> segment = TRY(segments.find<Segment>(id));
  return segment->mark_removed(actor);
}

Result<> lock_segment(int32_t id, bool locks, const Actor& actor) {
  return TRY(segments.find<Segment>(id))->set_locked(locks, actor);
}

abi::SegmentLimits segment_limits() {
  return {.largest = k_largest_segment,
          .smallest = 1,
          .segments = k_most_segments,
          .segments_of_process = k_most_segments,
          .pages = k_largest_segment,
          .unused = {}};
}

abi::SegmentUsage segment_usage() {
  abi::SegmentUsage usage{};
  usage.segments = static_cast<int32_t>(segments.count());
  segments.for_each<Segment>([&](const Segment& segment) {
    usage.pages += pages_of(segment.size());
    usage.resident += segment.memory()->resident_pages();
  });
  return usage;
}

int32_t highest_segment() { return segments.highest_place(); }

}  // namespace weft::ipc::system_v
