#include "userlib/bin/sh/pipeline.hh"

#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/sh/execute.hh"
#include "userlib/bin/sh/expander.hh"
#include "userlib/sys/exit.hh"
#include "userlib/sys/process.hh"

namespace weft::sh {
namespace {

void set_signal_mask(uint64_t mask) {
  (void)sys::rt_sigprocmask(abi::k_sig_setmask, &mask, nullptr);
}

// A new process; 0 in the child, which calls become_subshell(). Nothing printed is printed twice. -1, after
// a message, if there is none.
//
// Signals wait meanwhile: the child still ignores what an interactive shell ignores, and one that was
// sent to it before it stops doing so would be lost.
int32_t fork_or_complain(Shell& shell) {
  out.flush();
  set_signal_mask(~uint64_t{0});
  const auto pid = sys::fork();
  if (!pid || *pid != 0) set_signal_mask(shell.signal_mask);
  if (pid) return *pid;
  print_error("{}: cannot make a process: {}\n", shell.name.view(), describe(pid.error()));
  return -1;
}

// The parent's half of what become_subshell() does: whoever of the two comes first, it is done before
// either goes on.
void adopt(Shell& shell, Job& job, int32_t pid) {
  job.processes.push_back({.pid = pid});
  if (!shell.options.job_control) return;
  if (job.group == 0) job.group = pid;
  (void)sys::setpgid(pid, job.group);
}

// A shell with job control can't be stopped; its children can.
void listen_to_stops() {
  for (const int signal : {abi::k_sigtstp, abi::k_sigttin, abi::k_sigttou})
    (void)sys::default_signal(signal);
}

// In the background without job control: keys and input are for others.
void detach_input() {
  (void)sys::ignore_signal(abi::k_sigint);
  (void)sys::ignore_signal(abi::k_sigquit);
  if (auto nothing = open_file("/dev/null")) (void)sys::dup2(nothing->get(), 0);
}

// One process of a pipeline: between the pipe behind it and the one in front.
[[noreturn]] void run_stage(Shell& shell, const Command& command, int input, int output,
                            int unused) {
  if (unused >= 0) (void)sys::close(unused);
  if (input >= 0) {
    (void)sys::dup2(input, 0);
    (void)sys::close(input);
  }
  if (output >= 0) {
    (void)sys::dup2(output, 1);
    (void)sys::close(output);
  }
  shell.status = run(shell, command, true);
  leave_subshell(shell);
}

// Starts all stages; false if there is no process or pipe for one of them.
bool start_stages(Shell& shell, const Command& command, Job& job, bool is_front) {
  int input = -1;
  for (const Ref<Command>& part : command.parts) {
    int ends[2] = {-1, -1};
    const bool is_last = &part == &command.parts.back();
    if (!is_last && !sys::pipe2(ends, abi::k_o_cloexec)) {
      print_error("{}: cannot make a pipe\n", shell.name.view());
      return false;
    }
    const int32_t pid = fork_or_complain(shell);
    if (pid < 0) return false;
    if (pid == 0) {
      become_subshell(shell, job.group, is_front);
      run_stage(shell, *part, input, ends[1], ends[0]);
    }
    adopt(shell, job, pid);
    if (input >= 0) (void)sys::close(input);
    if (ends[1] >= 0) (void)sys::close(ends[1]);
    input = ends[0];
  }
  return true;
}

}  // namespace

void become_subshell(Shell& shell, int32_t group, bool is_front) {
  if (shell.options.job_control) {
    const int32_t own = group != 0 ? group : sys::getpid().value_or(0);
    (void)sys::setpgid(0, own);
    if (is_front) Terminal::give_to(own);
    listen_to_stops();
  }
  if (shell.options.is_interactive) {
    for (const int signal : {abi::k_sigint, abi::k_sigquit, abi::k_sigterm})
      (void)sys::default_signal(signal);
    (void)sys::setpriority(abi::k_prio_process, 0, shell.niceness);
  }
  shell.traps.enter_subshell();
  shell.jobs.forget_all();
  shell.options.job_control = false;
  shell.options.is_interactive = false;
  shell.is_subshell = true;
  shell.loop_depth = 0;
  set_signal_mask(shell.signal_mask);
}

void leave_subshell(Shell& shell) {
  run_exit_trap(shell);
  weft::exit(shell.status);
}

int wait_in_front(Shell& shell, unsigned job_id) {
  shell.jobs.wait_for(job_id, shell.options.job_control);
  if (shell.options.job_control) Terminal::take_back();
  Job* job = nullptr;
  for (Job& each : shell.jobs.all()) {
    if (each.id == job_id) job = &each;
  }
  if (job == nullptr) return 1;
  const int status = job->status();
  job->has_changed = false;
  if (job->state() == Job::State::stopped) {
    job->is_background = true;
    print("\n");
    shell.jobs.print(*job, false);
    out.flush();
    return status;
  }
  const int wait_status = job->processes.back().status;
  if (sys::was_killed(wait_status)) {
    const int signal = sys::killing_signal(wait_status);
    if (signal == abi::k_sigint && shell.options.is_interactive) {
      print_error("\n");
      shell.give_up(status);  // Ctrl-C was meant for all that stands on this line
    } else if (signal != abi::k_sigint && signal != abi::k_sigpipe) {
      print_error("{}\n", describe_signal(signal));
    }
  }
  shell.jobs.forget(*job);
  return status;
}

int detail::run_child(Shell& shell, const String& text, void (*body)(void*), void* argument) {
  const int32_t pid = fork_or_complain(shell);
  if (pid < 0) return 1;
  if (pid == 0) {
    become_subshell(shell, 0, true);
    body(argument);
    leave_subshell(shell);
  }
  Job& job = shell.jobs.add(text, false);
  adopt(shell, job, pid);
  return wait_in_front(shell, job.id);
}

int run_pipeline(Shell& shell, const Command& command, bool is_last) {
  if (command.parts.size() == 1) {
    // A lone command shows up in `jobs` as it was written.
    Command& only = *command.parts[0];
    if (only.source.empty()) only.source = command.source;
    return run(shell, only, is_last);
  }
  Job& job = shell.jobs.add(command.source, false);
  const unsigned id = job.id;
  const bool started = start_stages(shell, command, job, true);
  const int status = wait_in_front(shell, id);
  return started ? status : 1;
}

int run_in_background(Shell& shell, const Command& command) {
  const Command& inner = *command.parts[0];
  Job& job = shell.jobs.add(command.source, true);
  const bool is_bare_pipeline = inner.kind == Command::Kind::pipeline && inner.parts.size() > 1;
  if (is_bare_pipeline && shell.options.job_control) {
    (void)start_stages(shell, inner, job, false);
  } else {
    const int32_t pid = fork_or_complain(shell);
    if (pid == 0) {
      const bool has_job_control = shell.options.job_control;
      become_subshell(shell, 0, false);
      if (!has_job_control) detach_input();
      shell.status = run(shell, inner, true);
      leave_subshell(shell);
    }
    if (pid > 0) adopt(shell, job, pid);
  }
  if (job.processes.empty()) {
    shell.jobs.forget(job);
    return 1;
  }
  shell.last_background = job.processes.back().pid;
  if (shell.options.is_interactive) print_error("[{}] {}\n", job.id, shell.last_background);
  return 0;
}

int run_in_subshell(Shell& shell, const Command& command, bool is_last) {
  auto body = [&] { shell.status = run(shell, *command.parts[0], true); };
  if (is_last && shell.is_subshell && !shell.traps.get(Traps::k_at_exit)) {
    body();
    leave_subshell(shell);
  }
  return run_child(shell, command.source.empty() ? String("( ... )") : command.source, body);
}

String output_of(Shell& shell, std::string_view commands) {
  int ends[2];
  if (!sys::pipe2(ends, abi::k_o_cloexec)) return {};
  Descriptor reader(ends[0]);
  Descriptor writer(ends[1]);
  const int32_t pid = fork_or_complain(shell);
  if (pid < 0) return {};
  if (pid == 0) {
    // It stays in the shell's own group: it is a part of a command, not a job.
    if (std::exchange(shell.options.job_control, false)) listen_to_stops();
    become_subshell(shell, 0, false);
    (void)sys::close(reader.release());
    (void)sys::dup2(writer.get(), 1);
    writer = Descriptor();
    shell.status = run_text(shell, commands);
    leave_subshell(shell);
  }
  writer = Descriptor();
  String text;
  (void)read_all(reader.get(), text);
  int wait_status = 0;
  for (;;) {
    const auto waited = sys::wait4(pid, &wait_status, 0, nullptr);
    if (waited || waited.error() != Errno::intr) break;
  }
  shell.status = shell_status(wait_status);
  while (text.ends_with("\n")) text.pop_back();
  return text;
}

}  // namespace weft::sh
