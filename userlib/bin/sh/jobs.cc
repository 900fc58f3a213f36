#include "userlib/bin/sh/jobs.hh"

#include <algorithm>

#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/sys/process.hh"
#include "userlib/syscalls.hh"

namespace weft::sh {

int shell_status(int wait_status) {
  if (sys::has_exited(wait_status)) return sys::exit_code(wait_status);
  if (sys::has_stopped(wait_status)) return 128 + sys::stopping_signal(wait_status);
  return 128 + sys::killing_signal(wait_status);
}

Job::State Job::state() const {
  const auto any = [&](State wanted) {
    return std::ranges::any_of(processes,
                               [&](const Process& each) { return each.state == wanted; });
  };
  if (any(State::running)) return State::running;
  return any(State::stopped) ? State::stopped : State::done;
}

int Job::status() const { return processes.empty() ? 0 : shell_status(processes.back().status); }

Job& Jobs::add(String text, bool is_background) {
  unsigned id = 1;
  for (const Job& job : all_) id = std::max(id, job.id + 1);
  all_.push_back({.id = id,
                  .group = 0,
                  .processes = {},
                  .text = std::move(text),
                  .is_background = is_background});
  return all_.back();
}

Job* Jobs::current() {
  for (size_t i = all_.size(); i > 0; --i) {
    if (all_[i - 1].state() == Job::State::stopped) return &all_[i - 1];
  }
  return all_.empty() ? nullptr : &all_.back();
}

Job* Jobs::find_process(int32_t pid) {
  for (Job& job : all_) {
    if (std::ranges::any_of(job.processes, [&](auto& process) { return process.pid == pid; }))
      return &job;
  }
  return nullptr;
}

Job* Jobs::find(std::string_view specification) {
  if (!specification.starts_with('%')) {
    const auto pid = parse_number(specification);
    return pid ? find_process(static_cast<int32_t>(*pid)) : nullptr;
  }
  specification.remove_prefix(1);
  if (specification.empty() || specification == "%" || specification == "+") return current();
  if (specification == "-") {
    for (size_t i = all_.size(); i > 0; --i) {
      if (&all_[i - 1] != current()) return &all_[i - 1];
    }
    return nullptr;
  }
  const auto id = parse_number(specification);
  for (Job& job : all_) {
    if (id ? job.id == static_cast<unsigned>(*id) : job.text.starts_with(specification))
      return &job;
  }
  return nullptr;
}

void Jobs::forget(const Job& job) {
  for (size_t i = 0; i < all_.size(); ++i) {
    if (all_[i].id == job.id) return all_.erase(i);
  }
}

void Jobs::note(int32_t pid, int wait_status) {
  for (Job& job : all_) {
    for (Job::Process& process : job.processes) {
      if (process.pid != pid) continue;
      const Job::State before = job.state();
      if (sys::has_continued(wait_status)) {
        process.state = Job::State::running;
      } else {
        process.status = wait_status;
        process.state = sys::has_stopped(wait_status) ? Job::State::stopped : Job::State::done;
      }
      if (job.state() != before) job.has_changed = true;
    }
  }
}

void Jobs::note_all() {
  for (;;) {
    int wait_status = 0;
    const auto pid = sys::wait4(-1, &wait_status,
                                abi::k_wnohang | abi::k_wuntraced | abi::k_wcontinued, nullptr);
    if (!pid || *pid == 0) return;
    note(*pid, wait_status);
  }
}

void Jobs::wait_for(unsigned id, bool sees_stops) {
  const auto is_busy = [&] {
    for (const Job& job : all_) {
      if (job.id == id)
        return job.state() == Job::State::running ||
               (!sees_stops && job.state() != Job::State::done);
    }
    return false;
  };
  while (is_busy()) {
    int wait_status = 0;
    const auto pid = sys::wait4(-1, &wait_status, sees_stops ? abi::k_wuntraced : 0, nullptr);
    if (pid) {
      note(*pid, wait_status);
    } else if (pid.error() != Errno::intr) {
      return;
    }
  }
}

void Jobs::print(const Job& job, bool with_pids) {
  String state = "Running";
  if (job.state() == Job::State::stopped) state = "Stopped";
  if (job.state() == Job::State::done) {
    const int wait_status = job.processes.back().status;
    state = "Done";
    if (sys::was_killed(wait_status)) {
      state = describe_signal(sys::killing_signal(wait_status));
    } else if (const int code = sys::exit_code(wait_status); code != 0) {
      state = format_string("Done({})", code);
    }
  }
  const char mark = &job == current() ? '+' : ' ';
  const String pid = with_pids ? format_string("{} ", job.processes.front().pid) : String();
  weft::print("[{}] {} {}{:<20} {}\n", job.id, mark, pid.view(), state.view(), job.text.view());
}

void Jobs::tell_changes() {
  note_all();
  for (size_t i = 0; i < all_.size();) {
    Job& job = all_[i];
    if (job.has_changed && job.state() != Job::State::running) print(job, false);
    job.has_changed = false;
    if (job.state() == Job::State::done) {
      all_.erase(i);
    } else {
      ++i;
    }
  }
  out.flush();
}

}  // namespace weft::sh
