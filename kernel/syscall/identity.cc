// Who is who: numbers of processes, threads, groups and sessions; and users. Ids of users and groups are
// kept and told as they were set; whoever has them, the program may do what root may.
#include <algorithm>

#include "core/proc/group.hh"
#include "core/proc/process_tree.hh"
#include "syscall/handlers.hh"

namespace weft::syscall {
namespace {

using proc::Ids;

constexpr uint32_t k_unchanged = ~uint32_t{0};

void change(uint32_t& id, uint32_t wanted) {
  if (wanted != k_unchanged) id = wanted;
}

// As setreuid(): with a new real one, or an effective one that is not the real one, the saved one is
// the new effective one.
void change_real_and_effective(Ids& ids, uint32_t real, uint32_t effective) {
  const uint32_t old_real = ids.real;
  change(ids.real, real);
  change(ids.effective, effective);
  if (real != k_unchanged || (effective != k_unchanged && effective != old_real)) {
    ids.saved = ids.effective;
  }
}

void change_all(Ids& ids, uint32_t real, uint32_t effective, uint32_t saved) {
  change(ids.real, real);
  change(ids.effective, effective);
  change(ids.saved, saved);
}

Result<> store_all(const Ids& ids, UserOut<uint32_t> real, UserOut<uint32_t> effective,
                   UserOut<uint32_t> saved) {
  TRY(real.store(ids.real));
  TRY(effective.store(ids.effective));
  return saved.store(ids.saved);
}

Result<> check_id(uint32_t id) {
  if (id == k_unchanged) return fail(Errno::inval);
  return {};
}

}  // namespace

// ---- Processes and threads ------------------------------------------------------------------------

Result<uint64_t> sys_getpid(Context& context) { return static_cast<uint64_t>(context.process.pid); }
Result<uint64_t> sys_gettid(Context& context) { return static_cast<uint64_t>(context.thread.tid); }

Result<uint64_t> sys_getppid(Context& context) {
  return static_cast<uint64_t>(context.process.parent_pid.load(relaxed));
}

Result<uint64_t> sys_setpgid(Context& context, int32_t pid, int32_t group) {
  TRY(proc::set_group(context.process, pid, group));
  return 0;
}

Result<uint64_t> sys_getpgid(Context& context, int32_t pid) {
  return static_cast<uint64_t>(TRY(proc::group_of(context.process, pid)));
}

Result<uint64_t> sys_setsid(Context& context) {
  return static_cast<uint64_t>(TRY(proc::start_session(context.process)));
}

Result<uint64_t> sys_getsid(Context& context, int32_t pid) {
  return static_cast<uint64_t>(TRY(proc::session_of(context.process, pid)));
}

// ---- Users and groups -----------------------------------------------------------------------------

Result<uint64_t> sys_getuid(Context& context) { return context.process.identity.user.real; }
Result<uint64_t> sys_getgid(Context& context) { return context.process.identity.group.real; }
Result<uint64_t> sys_geteuid(Context& context) { return context.process.identity.user.effective; }
Result<uint64_t> sys_getegid(Context& context) { return context.process.identity.group.effective; }

Result<uint64_t> sys_setuid(Context& context, uint32_t user) {
  TRY(check_id(user));
  context.process.identity.user = {user, user, user};
  return 0;
}

Result<uint64_t> sys_setgid(Context& context, uint32_t group) {
  TRY(check_id(group));
  context.process.identity.group = {group, group, group};
  return 0;
}

Result<uint64_t> sys_setreuid(Context& context, uint32_t user, uint32_t effective) {
  change_real_and_effective(context.process.identity.user, user, effective);
  return 0;
}

Result<uint64_t> sys_setregid(Context& context, uint32_t group, uint32_t effective) {
  change_real_and_effective(context.process.identity.group, group, effective);
  return 0;
}

Result<uint64_t> sys_setresuid(Context& context, uint32_t user, uint32_t effective,
                               uint32_t saved) {
  change_all(context.process.identity.user, user, effective, saved);
  return 0;
}

Result<uint64_t> sys_setresgid(Context& context, uint32_t group, uint32_t effective,
                               uint32_t saved) {
  change_all(context.process.identity.group, group, effective, saved);
  return 0;
}

Result<uint64_t> sys_getresuid(Context& context, UserOut<uint32_t> user,
                               UserOut<uint32_t> effective, UserOut<uint32_t> saved) {
  TRY(store_all(context.process.identity.user, user, effective, saved));
  return 0;
}

Result<uint64_t> sys_getresgid(Context& context, UserOut<uint32_t> group,
                               UserOut<uint32_t> effective, UserOut<uint32_t> saved) {
  TRY(store_all(context.process.identity.group, group, effective, saved));
  return 0;
}

Result<uint64_t> sys_getgroups(Context& context, int32_t size, UserOut<uint32_t> groups) {
  const proc::Identity& identity = context.process.identity;
  const uint32_t count = identity.other_group_count;
  if (size < 0) return fail(Errno::inval);
  if (size == 0) return count;
  if (static_cast<uint32_t>(size) < count) return fail(Errno::inval);
  TRY(groups.store_all(std::span(identity.other_groups).first(count)));
  return count;
}

Result<uint64_t> sys_setgroups(Context& context, int32_t size, UserIn<uint32_t> groups) {
  proc::Identity& identity = context.process.identity;
  if (size < 0 || static_cast<size_t>(size) > identity.other_groups.size()) {
    return fail(Errno::inval);
  }
  std::array<uint32_t, proc::Identity::k_most_groups> wanted{};
  const auto used = std::span(wanted).first(static_cast<size_t>(size));
  TRY(groups.load_all(used));
  std::ranges::sort(used);
  identity.other_groups = wanted;
  identity.other_group_count = static_cast<uint32_t>(size);
  return 0;
}

Result<uint64_t> sys_capget(Context& context, UserInOut<abi::CapabilityHeader> header,
                            UserOut<abi::CapabilityData> data) {
  constexpr uint32_t k_first_version = 0x1998'0330, k_second_version = 0x2007'1026,
                     k_version = 0x2008'0522;
  constexpr abi::CapabilityData k_low{.effective = ~0U, .permitted = ~0U, .inheritable = 0};
  constexpr uint32_t k_high_bits = 0x1ff;  // 41 capabilities
  constexpr abi::CapabilityData k_high{
      .effective = k_high_bits, .permitted = k_high_bits, .inheritable = 0};
  const abi::CapabilityHeader asked = TRY(header.load());
  const bool is_short = asked.version == k_first_version;
  if (!is_short && asked.version != k_second_version && asked.version != k_version) {
    TRY(header.store({.version = k_version, .pid = asked.pid}));
    return data.is_null() ? Result<uint64_t>(0) : fail(Errno::inval);
  }
  if (asked.pid < 0) return fail(Errno::inval);
  if (asked.pid != 0) {
    SpinGuard guard(proc::tree_lock);
    if (proc::find_process(asked.pid) == nullptr && proc::find_thread(asked.pid) == nullptr) {
      return fail(Errno::srch);
    }
  }
  if (data.is_null()) return 0;
  TRY(data.store(k_low));
  if (!is_short) TRY(data.store(k_high, 1));
  (void)context;
  return 0;
}

}  // namespace weft::syscall
