// Jobs: the pipelines that a shell has started and not yet forgotten, and the terminal they share.
//
// With job control each job is a process group of its own, and the one in the foreground owns the
// terminal: keys such as Ctrl-C reach only that group.
#pragma once

#include <optional>
#include <string_view>

#include "core/abi/terminal.hh"
#include "userlib/base/string.hh"
#include "userlib/base/vector.hh"

namespace weft::sh {

struct Job {
  enum class State { running, stopped, done };

  struct Process {
    int32_t pid;
    State state = State::running;
    int status = 0;  // as wait4 reports it
  };

  unsigned id = 0;
  int32_t group = 0;  // the process group; 0 without job control
  Vector<Process> processes;
  String text;
  bool is_background = false;
  bool has_changed = false;  // since it was last told about

  State state() const;
  // The status that $? gets: that of the last process.
  int status() const;
};

class Jobs {
 public:
  // A new job; its address holds until the next add() or forget.
  Job& add(String text, bool is_background);
  // A job by what a user calls it: %2, %+, %-, %%, %text, or a pid. Without %: pids only.
  Job* find(std::string_view specification);
  Job* find_process(int32_t pid);
  Job* current();
  Vector<Job>& all() { return all_; }
  void forget(const Job& job);
  void forget_all() { all_.clear(); }

  // Takes in what wait4 said.
  void note(int32_t pid, int wait_status);
  // Takes in all that has happened, without waiting.
  void note_all();
  // Waits until the job with that id is done or stopped.
  void wait_for(unsigned id, bool sees_stops);
  // Tells the user about background jobs that changed, and forgets those that are done.
  void tell_changes();
  void print(const Job& job, bool with_pids);

 private:
  Vector<Job> all_;
};

// The status of $? for what wait4 said.
int shell_status(int wait_status);

// The terminal of a shell with job control.
class Terminal {
 public:
  // Makes this process's group the terminal's foreground, as soon as it is allowed to; false if there
  // is no terminal.
  static bool take(int fd, int32_t own_group);
  static void give_to(int32_t group);
  static void take_back();
  static bool is_ours();

 private:
  static int fd_;
  static int32_t own_group_;
  static abi::TerminalModes modes_;
};

}  // namespace weft::sh
