// Builtins about jobs and signals.
#include <utility>

#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/sh/builtins.hh"
#include "userlib/bin/sh/execute.hh"
#include "userlib/bin/tools.hh"
#include "userlib/sys/process.hh"
#include "userlib/syscalls.hh"

namespace weft::sh {
namespace {

Job* job_or_complain(Shell& shell, Words words) {
  Job* job = words.size() > 1 ? shell.jobs.find(words[1]) : shell.jobs.current();
  // `fg 2` means `fg %2`.
  if (job == nullptr && words.size() > 1) job = shell.jobs.find(String("%") + words[1]);
  if (job == nullptr) misuse(words, "there is no such job");
  return job;
}

void let_go_on(Job& job) {
  for (Job::Process& process : job.processes) {
    if (process.state == Job::State::stopped) process.state = Job::State::running;
  }
  (void)sys::kill(-job.group, abi::k_sigcont);
}

// Waits for a job in the background; a trap ends the wait. The status is the job's, or 128 and more.
int wait_in_background(Shell& shell, unsigned id) {
  for (;;) {
    Job* job = nullptr;
    for (Job& each : shell.jobs.all()) {
      if (each.id == id) job = &each;
    }
    if (job == nullptr) return 127;
    if (job->state() == Job::State::done) {
      const int status = job->status();
      shell.jobs.forget(*job);
      return status;
    }
    int wait_status = 0;
    const auto pid = sys::wait4(-1, &wait_status, 0, nullptr);
    if (pid) {
      shell.jobs.note(*pid, wait_status);
    } else if (pid.error() != Errno::intr) {
      return 127;
    } else if (Traps::is_any_pending()) {
      return 128 + abi::k_sigint;
    }
  }
}

}  // namespace

int builtin_jobs(Shell& shell, Words words) {
  const bool only_pids = words.size() > 1 && words[1] == "-p";
  const bool with_pids = words.size() > 1 && words[1] == "-l";
  shell.jobs.note_all();
  for (size_t i = 0; i < shell.jobs.all().size();) {
    Job& job = shell.jobs.all()[i];
    job.has_changed = false;
    if (only_pids) {
      print("{}\n", job.processes.front().pid);
    } else {
      shell.jobs.print(job, with_pids);
    }
    if (job.state() == Job::State::done && !only_pids) {
      shell.jobs.forget(job);
    } else {
      ++i;
    }
  }
  return 0;
}

int builtin_fg(Shell& shell, Words words) {
  if (!shell.options.job_control) return misuse(words, "there is no job control here");
  Job* job = job_or_complain(shell, words);
  if (job == nullptr) return 1;
  job->is_background = false;
  // Who has read the job's name may press Ctrl-C: that must reach the job already.
  Terminal::give_to(job->group);
  print("{}\n", job->text.view());
  out.flush();
  let_go_on(*job);
  return wait_in_front(shell, job->id);
}

int builtin_bg(Shell& shell, Words words) {
  if (!shell.options.job_control) return misuse(words, "there is no job control here");
  Job* job = job_or_complain(shell, words);
  if (job == nullptr) return 1;
  print("[{}] {} &\n", job->id, job->text.view());
  job->is_background = true;
  let_go_on(*job);
  return 0;
}

int builtin_wait(Shell& shell, Words words) {
  if (words.size() == 1) {
    while (!shell.jobs.all().empty()) {
      const Job& job = shell.jobs.all()[0];
      if (job.state() == Job::State::stopped) return 0;
      const int status = wait_in_background(shell, job.id);
      if (status > 128 && Traps::is_any_pending()) return status;
    }
    return 0;
  }
  int status = 0;
  for (const String& word : words.subspan(1)) {
    const Job* job = shell.jobs.find(word);
    status = job != nullptr ? wait_in_background(shell, job->id) : 127;
  }
  return status;
}

int builtin_kill(Shell& shell, Words words) {
  // Jobs become what the tool understands: the pid of a process, or a group's with a minus.
  Vector<String> translated;
  bool has_jobs = false;
  for (const String& word : words) {
    if (!word.starts_with("%")) {
      translated.push_back(word);
      continue;
    }
    const Job* job = shell.jobs.find(word);
    if (job == nullptr) return misuse(words, "there is no such job");
    const int32_t target = job->group != 0 ? -job->group : job->processes.front().pid;
    if (!has_jobs) translated.push_back("--");  // a group's number looks like an option
    has_jobs = true;
    translated.push_back(format_string("{}", target));
  }
  Vector<const char*> arguments;
  for (const String& word : translated) arguments.push_back(word.c_str());
  return kill_main({arguments.data(), arguments.size()});
}

int builtin_trap(Shell& shell, Words words) {
  if (words.size() == 1) {
    for (int signal = 0; signal < Traps::k_count; ++signal) {
      const auto& action = shell.traps.get(signal);
      if (!action) continue;
      print("trap -- '{}' {}\n", action->view(),
            signal == Traps::k_at_exit ? "EXIT" : signal_name(signal));
    }
    return 0;
  }
  size_t first = words[1] == "--" ? 2 : 1;
  // `trap - INT`, or `trap INT` with nothing but signals: back to the default.
  std::optional<String> action;
  if (words.size() > first + 1) {
    if (words[first] != "-") action = words[first];
    ++first;
  }
  for (const String& word : words.subspan(first)) {
    const auto signal = word == "EXIT" ? std::optional(Traps::k_at_exit) : parse_signal(word);
    if (!signal || *signal >= Traps::k_count) return misuse(words, "there is no such signal");
    shell.traps.set(*signal, action);
    if (!action && *signal == abi::k_sigint && shell.options.is_interactive)
      Traps::watch_interrupts();
  }
  return 0;
}

}  // namespace weft::sh
