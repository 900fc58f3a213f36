#include "core/fs/node.hh"

#include "core/fs/entry.hh"
#include "core/fs/file.hh"
#include "core/sched/time_values.hh"
#include "core/sched/wall_clock.hh"

namespace weft::fs {
namespace {

constexpr uint32_t k_permissions = 07777;
constexpr int64_t k_day = 24 * 60 * 60;
constexpr int64_t k_block_size = 4096;
constexpr uint64_t k_stat_block = 512;

constinit Atomic<uint64_t> last_number{0};

abi::Timespec now() { return sched::to_timespec(sched::real_time()); }

}  // namespace

uint64_t Node::next_number() { return last_number.fetch_add(1, relaxed) + 1; }

Node::Node(uint32_t mode, uint64_t number) : number_(number), mode_(mode) {
  accessed_ = modified_ = changed_ = now();
}

abi::Stat Node::status() {
  abi::Stat stat{};
  stat.device = file_system();
  stat.inode = number_;
  stat.links = links();
  stat.mode = mode();
  stat.special_device = device();
  stat.size = static_cast<int64_t>(size());
  stat.block_size = k_block_size;
  stat.blocks = static_cast<int64_t>(bytes_used() / k_stat_block);
  SpinGuard guard(lock_);
  stat.owner = owner_;
  stat.group = group_;
  stat.accessed = accessed_;
  stat.modified = modified_;
  stat.changed = changed_;
  return stat;
}

void Node::set_permissions(uint32_t permissions) {
  mode_.store(kind() | (permissions & k_permissions), relaxed);
  note_changed();
}

void Node::set_owner(uint32_t owner, uint32_t group) {
  constexpr uint32_t k_keep = ~uint32_t{0};
  constexpr uint32_t k_group_executes = 010;
  if (!is_directory()) {
    uint32_t cleared = abi::k_s_isuid;
    if ((mode() & k_group_executes) != 0) cleared |= abi::k_s_isgid;
    mode_.fetch_and(~cleared, relaxed);
  }
  {
    SpinGuard guard(lock_);
    if (owner != k_keep) owner_ = owner;
    if (group != k_keep) group_ = group;
  }
  note_changed();
}

void Node::inherit_group(Node& folder) {
  const uint32_t group = folder.status().group;
  if (is_directory()) mode_.fetch_or(abi::k_s_isgid, relaxed);
  SpinGuard guard(lock_);
  group_ = group;
}

void Node::set_times(const abi::Timespec* accessed, const abi::Timespec* modified) {
  const abi::Timespec time = now();
  SpinGuard guard(lock_);
  if (accessed != nullptr) accessed_ = *accessed;
  if (modified != nullptr) modified_ = *modified;
  changed_ = time;
  read_is_noted_.store(false, relaxed);
}

void Node::note_first_read() {
  const abi::Timespec time = now();
  SpinGuard guard(lock_);
  accessed_ = time;
  read_is_noted_.store(true, relaxed);
}

void Node::note_opened() {
  if (!read_is_noted_.load(relaxed)) return;
  const int64_t seconds = now().seconds;
  SpinGuard guard(lock_);
  if (seconds - accessed_.seconds >= k_day) read_is_noted_.store(false, relaxed);
}

void Node::note_written() {
  const abi::Timespec time = now();
  SpinGuard guard(lock_);
  modified_ = changed_ = time;
  read_is_noted_.store(false, relaxed);
}

void Node::note_changed() {
  const abi::Timespec time = now();
  SpinGuard guard(lock_);
  changed_ = time;
  read_is_noted_.store(false, relaxed);
}

Result<> Node::truncate(uint64_t) { return fail(Errno::inval); }
Result<size_t> Node::read_link(std::span<char>) { return fail(Errno::inval); }
Result<Ref<Entry>> Node::link_target() { return Ref<Entry>(); }

}  // namespace weft::fs
