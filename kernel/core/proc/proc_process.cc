// What /proc tells of processes and threads, but for their memory (proc_memory.cc).
#include "core/proc/group.hh"
#include "core/proc/proc_texts.hh"
#include "core/proc/process_tree.hh"
#include "core/proc/stop.hh"
#include "core/sched/thread_list.hh"

namespace weft::proc {
namespace {

constexpr Nanoseconds k_tick = k_second / 100;

struct SignalSets {
  SignalSet pending = 0, process_pending = 0, blocked = 0, ignored = 0, caught = 0;
};

// What there is to know of a thread and its process at one moment.
struct Moment {
  sched::ThreadView thread;
  char state = 'Z';
  int32_t pid = 0, parent = 0, group = 0, session = 0;
  uint32_t threads = 0;
  int exit_signal = 0, status = 0;
  Usage usage, children;
  SignalSets signals;
  Identity identity;
  Ref<mm::AddressSpace> memory;
};

char state_of(const sched::ThreadView& thread, bool has_stopped) {
  if (has_stopped) return 'T';
  switch (thread.state) {
    case ThreadState::blocked: return thread.reason == BlockReason::locked ? 'D' : 'S';
    case ThreadState::dead: return 'Z';
    default: return 'R';
  }
}

std::string_view word_for_state(char state) {
  switch (state) {
    case 'R': return "R (running)";
    case 'S': return "S (sleeping)";
    case 'D': return "D (disk sleep)";
    case 'T': return "T (stopped)";
    default: return "Z (zombie)";
  }
}

void look_at_thread(UserThread& thread, bool is_for_thread, Moment& moment) REQUIRES(tree_lock) {
  Process& process = thread.process;
  moment.thread = sched::view_thread(thread.thread);
  if (is_for_thread) moment.usage = usage_of(thread);
  SpinGuard guard(process.signal_lock);
  moment.state = state_of(moment.thread, thread.is_stopped);
  moment.signals = {.pending = thread.pending.set(),
                    .process_pending = process.pending.set(),
                    .blocked = thread.blocked,
                    .ignored = process.actions->ignored(),
                    .caught = process.actions->caught()};
}

// `is_for_thread`: the usage is the thread's own. Errno::srch if the process is gone for good.
Result<Moment> look(const Subject& subject, bool is_for_thread) {
  Moment moment;
  Process& process = *subject.process;
  SpinGuard guard(tree_lock);
  UserThread* thread = find_thread(subject.tid);
  if (thread != nullptr && &thread->process != &process) thread = nullptr;
  if (thread == nullptr && find_process(subject.tid) != &process) return fail(Errno::srch);
  moment.pid = process.pid;
  moment.parent = process.parent != nullptr ? process.parent->pid : 0;
  moment.group = process.group->id;
  moment.session = process.group->session->id;
  moment.threads = process.thread_count.load(relaxed);
  moment.exit_signal = process.exit_signal;
  moment.usage = usage_of(process);
  moment.children = process.usage.children;
  moment.identity = process.identity;
  moment.memory = process.memory;
  if (process.has_ended) moment.status = process.status;
  if (thread != nullptr) {
    look_at_thread(*thread, is_for_thread, moment);
  } else {
    moment.thread.name.write(process.last_name.view());
    // Its last thread is still giving things back: it can't be waited for yet.
    if (!process.has_ended && moment.threads == 0) moment.state = 'R';
  }
  return moment;
}

uint64_t ticks(Nanoseconds time) { return time / k_tick; }

// A name with blanks in it would be taken for two by some, with a line's end for the file's end.
std::string_view name_in_a_line(const Moment& moment) { return moment.thread.name.view(); }

}  // namespace

// The fields are numbered in proc(5); those that mean nothing here are 0.
Result<> write_stat(Sink& to, const Subject& subject) {
  const Moment now = TRY(look(subject, subject.is_thread));
  const Usage& usage = now.usage;
  format(to, "{} ({}) {} {} {} {} 0 -1 0 ", subject.tid, name_in_a_line(now), now.state, now.parent,
         now.group, now.session);
  format(to, "{} 0 0 0 {} {} {} {} ", usage.faults, ticks(usage.user_time),
         ticks(usage.system_time), ticks(now.children.user_time), ticks(now.children.system_time));
  format(to, "{} {} {} 0 {} ", 20 + now.thread.nice, now.thread.nice, now.threads,
         ticks(subject.process->started));
  format(to, "{} {} {} ", now.memory ? now.memory->virtual_size() : 0,
         now.memory ? now.memory->resident_pages() : 0, ~uint64_t{0});
  // From startcode to kstkeip, the masks of the first 31 signals, wchan, nswap and cnswap.
  constexpr SignalSet k_old_signals = 0x7fff'ffff;
  const SignalSets& sets = now.signals;
  format(to, "0 0 0 0 0 {} {} {} {} 0 0 0 ", sets.pending & k_old_signals,
         sets.blocked & k_old_signals, sets.ignored & k_old_signals, sets.caught & k_old_signals);
  // exit_signal, processor, rt_priority, policy; delays and guests; where things are in memory.
  format(to, "{} {} 0 0 0 0 0 0 0 0 0 0 0 0 {}\n", now.exit_signal, now.thread.cpu, now.status);
  return {};
}

Result<> write_statm(Sink& to, const Subject& subject) {
  const Moment now = TRY(look(subject, false));
  const uint64_t size = now.memory ? now.memory->virtual_size() / k_page_size : 0;
  format(to, "{} {} 0 0 0 {} 0\n", size, now.memory ? now.memory->resident_pages() : 0, size);
  return {};
}

Result<> write_status(Sink& to, const Subject& subject) {
  constexpr uint64_t k_page_kibibytes = k_page_size / 1024;
  const Moment now = TRY(look(subject, subject.is_thread));
  const Ids& user = now.identity.user;
  const Ids& group = now.identity.group;
  format(to, "Name:\t{}\n", name_in_a_line(now));
  if (const auto context = subject.process->look_at(&Process::file_context)) {
    format(to, "Umask:\t{}{}{}{}\n", 0, context->mask() >> 6 & 7, context->mask() >> 3 & 7,
           context->mask() & 7);
  }
  format(to, "State:\t{}\nTgid:\t{}\nNgid:\t0\nPid:\t{}\nPPid:\t{}\nTracerPid:\t0\n",
         word_for_state(now.state), now.pid, subject.tid, now.parent);
  format(to, "Uid:\t{}\t{}\t{}\t{}\n", user.real, user.effective, user.saved, user.effective);
  format(to, "Gid:\t{}\t{}\t{}\t{}\n", group.real, group.effective, group.saved, group.effective);
  if (now.memory) {
    format(to, "VmSize:\t{:>8} kB\nVmRSS:\t{:>8} kB\n", now.memory->virtual_size() / 1024,
           now.memory->resident_pages() * k_page_kibibytes);
  }
  const SignalSets& sets = now.signals;
  format(to, "Threads:\t{}\nSigPnd:\t{:016x}\nShdPnd:\t{:016x}\nSigBlk:\t{:016x}\n", now.threads,
         sets.pending, sets.process_pending, sets.blocked);
  format(to, "SigIgn:\t{:016x}\nSigCgt:\t{:016x}\n", sets.ignored, sets.caught);
  format(to, "voluntary_ctxt_switches:\t{}\nnonvoluntary_ctxt_switches:\t{}\n", now.usage.switches,
         now.usage.preemptions);
  return {};
}

Result<> write_name(Sink& to, const Subject& subject) {
  format(to, "{}\n", TRY(look(subject, false)).thread.name.view());
  return {};
}

Result<> write_limits(Sink& to, const Subject& subject) {
  struct Kind {
    uint32_t which;
    std::string_view name, unit;
  };
  constexpr Kind k_kinds[] = {
      {abi::k_rlimit_cpu, "Max cpu time", "seconds"},
      {abi::k_rlimit_fsize, "Max file size", "bytes"},
      {abi::k_rlimit_data, "Max data size", "bytes"},
      {abi::k_rlimit_stack, "Max stack size", "bytes"},
      {abi::k_rlimit_core, "Max core file size", "bytes"},
      {abi::k_rlimit_rss, "Max resident set", "bytes"},
      {abi::k_rlimit_nproc, "Max processes", "processes"},
      {abi::k_rlimit_nofile, "Max open files", "files"},
      {abi::k_rlimit_memlock, "Max locked memory", "bytes"},
      {abi::k_rlimit_as, "Max address space", "bytes"},
      {abi::k_rlimit_locks, "Max file locks", "locks"},
      {abi::k_rlimit_sigpending, "Max pending signals", "signals"},
      {abi::k_rlimit_msgqueue, "Max msgqueue size", "bytes"},
      {abi::k_rlimit_nice, "Max nice priority", ""},
      {abi::k_rlimit_rtprio, "Max realtime priority", ""},
      {abi::k_rlimit_rttime, "Max realtime timeout", "us"},
  };
  const auto number = [](uint64_t limit) {
    return limit == abi::k_no_limit ? Text<20>("unlimited") : Text<20>("{}", limit);
  };
  format(to, "{:<26}{:<21}{:<21}{:<10}\n", "Limit", "Soft Limit", "Hard Limit", "Units");
  for (const Kind& kind : k_kinds) {
    const abi::ResourceLimit limit = subject.process->limits.get(kind.which);
    format(to, "{:<26}{:<21}{:<21}{:<10}\n", kind.name, number(limit.soft).view(),
           number(limit.hard).view(), kind.unit);
  }
  return {};
}

}  // namespace weft::proc
