// Words for errnos and signals.
#include "abi/constants.hh"
#include "userlib/base/text.hh"

namespace weft {
namespace {

struct SignalWords {
  int number;
  std::string_view name;
  std::string_view words;
};

constexpr SignalWords k_signals[] = {
    {abi::k_sighup, "HUP", "Hangup"},
    {abi::k_sigint, "INT", "Interrupt"},
    {abi::k_sigquit, "QUIT", "Quit"},
    {abi::k_sigill, "ILL", "Illegal instruction"},
    {abi::k_sigtrap, "TRAP", "Trace trap"},
    {abi::k_sigabrt, "ABRT", "Aborted"},
    {abi::k_sigbus, "BUS", "Bus error"},
    {abi::k_sigfpe, "FPE", "Arithmetic exception"},
    {abi::k_sigkill, "KILL", "Killed"},
    {abi::k_sigusr1, "USR1", "User signal 1"},
    {abi::k_sigsegv, "SEGV", "Segmentation fault"},
    {abi::k_sigusr2, "USR2", "User signal 2"},
    {abi::k_sigpipe, "PIPE", "Broken pipe"},
    {abi::k_sigalrm, "ALRM", "Alarm clock"},
    {abi::k_sigterm, "TERM", "Terminated"},
    {abi::k_sigstkflt, "STKFLT", "Stack fault"},
    {abi::k_sigchld, "CHLD", "Child changed state"},
    {abi::k_sigcont, "CONT", "Continued"},
    {abi::k_sigstop, "STOP", "Stopped (signal)"},
    {abi::k_sigtstp, "TSTP", "Stopped"},
    {abi::k_sigttin, "TTIN", "Stopped (tty input)"},
    {abi::k_sigttou, "TTOU", "Stopped (tty output)"},
    {abi::k_sigurg, "URG", "Urgent data"},
    {abi::k_sigxcpu, "XCPU", "CPU time limit exceeded"},
    {abi::k_sigxfsz, "XFSZ", "File size limit exceeded"},
    {abi::k_sigvtalrm, "VTALRM", "Virtual timer expired"},
    {abi::k_sigprof, "PROF", "Profiling timer expired"},
    {abi::k_sigwinch, "WINCH", "Window changed"},
    {abi::k_sigio, "IO", "I/O possible"},
    {abi::k_sigpwr, "PWR", "Power failure"},
    {abi::k_sigsys, "SYS", "Bad system call"},
};

}  // namespace

std::string_view signal_name(int signal) {
  for (const SignalWords& each : k_signals) {
    if (each.number == signal) return each.name;
  }
  return {};
}

std::string_view describe_signal(int signal) {
  for (const SignalWords& each : k_signals) {
    if (each.number == signal) return each.words;
  }
  return "Killed by a real-time signal";
}

std::optional<int> parse_signal(std::string_view text) {
  if (const auto number = parse_number(text)) {
    if (*number < 0 || *number > 64) return std::nullopt;
    return static_cast<int>(*number);
  }
  if (text.starts_with("SIG")) text.remove_prefix(3);
  for (const SignalWords& each : k_signals) {
    if (each.name == text) return each.number;
  }
  return std::nullopt;
}

std::string_view describe(Errno error) {
  switch (error) {
    case Errno::perm: return "operation not permitted";
    case Errno::noent: return "no such file or directory";
    case Errno::srch: return "no such process";
    case Errno::intr: return "interrupted";
    case Errno::io: return "input/output error";
    case Errno::nxio: return "no such device or address";
    case Errno::too_big: return "argument list too long";
    case Errno::noexec: return "not an executable program";
    case Errno::badf: return "bad file descriptor";
    case Errno::child: return "no child processes";
    case Errno::again: return "try again later";
    case Errno::nomem: return "out of memory";
    case Errno::acces: return "permission denied";
    case Errno::fault: return "bad address";
    case Errno::busy: return "in use";
    case Errno::exist: return "file exists";
    case Errno::xdev: return "not on the same file system";
    case Errno::notdir: return "not a directory";
    case Errno::isdir: return "is a directory";
    case Errno::inval: return "invalid argument";
    case Errno::nfile: return "too many open files in the system";
    case Errno::mfile: return "too many open files";
    case Errno::notty: return "not a terminal";
    case Errno::fbig: return "file too large";
    case Errno::nospc: return "no space left";
    case Errno::spipe: return "cannot seek";
    case Errno::rofs: return "read-only file system";
    case Errno::mlink: return "too many links";
    case Errno::pipe: return "broken pipe";
    case Errno::nametoolong: return "file name too long";
    case Errno::nosys: return "not supported by this kernel";
    case Errno::notempty: return "directory not empty";
    case Errno::loop: return "too many symbolic links";
    case Errno::opnotsupp: return "operation not supported";
    case Errno::timedout: return "timed out";
    default: return errno_name(error);
  }
}

}  // namespace weft
