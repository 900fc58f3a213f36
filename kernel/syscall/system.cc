// The machine as a whole: its names, its memory, what may be used of it, randomness, its end.
#include <algorithm>

#include "core/fs/descriptor_table.hh"
#include "core/fs/random.hh"
#include "core/mm/page_frames.hh"
#include "core/proc/load.hh"
#include "dev/power.hh"
#include "syscall/handlers.hh"

namespace weft::syscall {
namespace {

void set_text(char (&to)[65], std::string_view text) {
  text.copy(to, std::min(text.size(), sizeof to - 1));
}

// Runs work(process) for the process with that id (0: the caller's).
template <typename Work>
Result<> with_process(Context& context, int32_t pid, Work work) {
  SpinGuard guard(proc::tree_lock);
  proc::Process* process = &context.process;
  if (pid != 0) {
    proc::UserThread* const thread = proc::find_thread(pid);
    process = thread != nullptr ? &thread->process : proc::find_process(pid);
  }
  if (process == nullptr) return fail(Errno::srch);
  return work(*process);
}

Result<> check(uint32_t resource, const abi::ResourceLimit& limit) {
  if (limit.soft > limit.hard) return fail(Errno::inval);
  if (resource == abi::k_rlimit_nofile && limit.hard > fs::DescriptorTable::k_most) {
    return fail(Errno::perm);
  }
  return {};
}

}  // namespace

// The release is that of the Linux whose calls these are: programs look at it to know what they may use.
Result<uint64_t> sys_uname(Context&, UserOut<abi::SystemNames> names) {
  abi::SystemNames answer{};
  set_text(answer.system, "Weft");
  set_text(answer.node, "weft");
  set_text(answer.release, "6.1.0-weft");
  set_text(answer.version, "#1 SMP");
  set_text(answer.machine, "x86_64");
  set_text(answer.domain, "(none)");
  TRY(names.store(answer));
  return 0;
}

// There is no swap.
Result<uint64_t> sys_sysinfo(Context&, UserOut<abi::SystemInfo> info) {
  const mm::FrameStats frames = proc::settled_memory();
  abi::SystemInfo answer{};
  answer.uptime = static_cast<int64_t>((hal::now() + k_second - 1) / k_second);
  const std::array<uint64_t, 3> loads = proc::load_averages();
  for (size_t i = 0; i < loads.size(); ++i)
    answer.loads[i] = loads[i] * (65'536 / proc::k_load_unit);
  answer.total_ram = frames.total * k_page_size;
  answer.free_ram = (frames.free + frames.cached) * k_page_size;
  answer.unit = 1;
  {
    SpinGuard guard(proc::tree_lock);
    answer.processes = static_cast<uint16_t>(proc::user_thread_count());
  }
  TRY(info.store(answer));
  return 0;
}

Result<uint64_t> sys_prlimit64(Context& context, int32_t pid, int32_t resource,
                               UserIn<abi::ResourceLimit> new_limit,
                               UserOut<abi::ResourceLimit> old_limit) {
  const auto which = static_cast<uint32_t>(resource);
  const bool is_change = !new_limit.is_null();
  const abi::ResourceLimit limit = is_change ? TRY(new_limit.load()) : abi::ResourceLimit{};
  abi::ResourceLimit old{};
  Ref<mm::AddressSpace> memory;
  mm::MemoryLimits memory_limits;
  TRY(with_process(context, pid, [&](proc::Process& process) -> Result<> {
    if (is_change) TRY(check(which, limit));
    old = process.limits.get(which);
    if (!is_change) return {};
    process.limits.set(which, limit);
    memory = process.memory;
    memory_limits = process.limits.of_memory();
    return {};
  }));
  if (memory) memory->set_limits(memory_limits);
  if (!old_limit.is_null()) TRY(old_limit.store(old));
  return 0;
}

Result<uint64_t> sys_getrandom(Context&, UserOut<std::byte> buffer, size_t count, uint32_t flags) {
  constexpr size_t k_most = 0x1ff'ffff;  // one call gives no more, as on Linux
  constexpr uint32_t k_both = abi::k_grnd_random | abi::k_grnd_insecure;
  if ((flags & k_both) == k_both) return fail(Errno::inval);
  count = std::min(count, k_most);
  if (!mm::is_user_range(buffer.raw(), count)) return fail(Errno::fault);
  fs::IoBuffer to = fs::IoBuffer::user(buffer.raw(), count);
  return TRY(fs::read_random(to));
}

// Whoever asks is root. A machine that is halted has nothing left to do here, so it is switched off.
Result<uint64_t> sys_reboot(Context&, int32_t, int32_t, int32_t command, VirtAddr) {
  if (static_cast<uint32_t>(command) == abi::k_linux_reboot_cmd_restart) dev::restart();
  dev::power_off(0);
}

}  // namespace weft::syscall
