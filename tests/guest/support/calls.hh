// System calls as they are: no types, no checks, and the kernel's own result, which is -errno when
// something went wrong. A test must be able to pass nonsense, so these take anything.
#pragma once

#include <asm/unistd.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace weft::guest {

// An argument as the register that carries it.
template <typename Value>
inline uint64_t to_register(Value value) {
  if constexpr (std::is_same_v<Value, std::nullptr_t>) {
    return 0;
  } else if constexpr (std::is_pointer_v<Value>) {
    return reinterpret_cast<uint64_t>(value);
  } else if constexpr (std::is_signed_v<Value>) {
    return static_cast<uint64_t>(static_cast<int64_t>(value));
  } else {
    return static_cast<uint64_t>(value);
  }
}

inline long raw_syscall(long number, uint64_t first = 0, uint64_t second = 0, uint64_t third = 0,
                        uint64_t fourth = 0, uint64_t fifth = 0, uint64_t sixth = 0) {
  register uint64_t r10 asm("r10") = fourth;
  register uint64_t r8 asm("r8") = fifth;
  register uint64_t r9 asm("r9") = sixth;
  long result;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(first), "S"(second), "d"(third), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}

// sys::read is a Call: an object that one calls like a function.
template <long k_number>
struct Call {
  template <typename... Arguments>
  long operator()(Arguments... arguments) const {
    return raw_syscall(k_number, to_register(arguments)...);
  }
};

namespace sys {

// Files and descriptors.
inline constexpr Call<__NR_read> read;
inline constexpr Call<__NR_write> write;
inline constexpr Call<__NR_open> open;
inline constexpr Call<__NR_close> close;
inline constexpr Call<__NR_stat> stat;
inline constexpr Call<__NR_fstat> fstat;
inline constexpr Call<__NR_lstat> lstat;
inline constexpr Call<__NR_lseek> lseek;
inline constexpr Call<__NR_pread64> pread64;
inline constexpr Call<__NR_pwrite64> pwrite64;
inline constexpr Call<__NR_readv> readv;
inline constexpr Call<__NR_writev> writev;
inline constexpr Call<__NR_preadv> preadv;
inline constexpr Call<__NR_pwritev> pwritev;
inline constexpr Call<__NR_access> access;
inline constexpr Call<__NR_dup> dup;
inline constexpr Call<__NR_dup2> dup2;
inline constexpr Call<__NR_dup3> dup3;
inline constexpr Call<__NR_fcntl> fcntl;
inline constexpr Call<__NR_flock> flock;
inline constexpr Call<__NR_fsync> fsync;
inline constexpr Call<__NR_fdatasync> fdatasync;
inline constexpr Call<__NR_truncate> truncate;
inline constexpr Call<__NR_ftruncate> ftruncate;
inline constexpr Call<__NR_getdents64> getdents64;
inline constexpr Call<__NR_getcwd> getcwd;
inline constexpr Call<__NR_chdir> chdir;
inline constexpr Call<__NR_fchdir> fchdir;
inline constexpr Call<__NR_rename> rename;
inline constexpr Call<__NR_mkdir> mkdir;
inline constexpr Call<__NR_rmdir> rmdir;
inline constexpr Call<__NR_creat> creat;
inline constexpr Call<__NR_link> link;
inline constexpr Call<__NR_unlink> unlink;
inline constexpr Call<__NR_symlink> symlink;
inline constexpr Call<__NR_readlink> readlink;
inline constexpr Call<__NR_chmod> chmod;
inline constexpr Call<__NR_fchmod> fchmod;
inline constexpr Call<__NR_chown> chown;
inline constexpr Call<__NR_fchown> fchown;
inline constexpr Call<__NR_lchown> lchown;
inline constexpr Call<__NR_umask> umask;
inline constexpr Call<__NR_mknod> mknod;
inline constexpr Call<__NR_statfs> statfs;
inline constexpr Call<__NR_fstatfs> fstatfs;
inline constexpr Call<__NR_openat> openat;
inline constexpr Call<__NR_mkdirat> mkdirat;
inline constexpr Call<__NR_mknodat> mknodat;
inline constexpr Call<__NR_unlinkat> unlinkat;
inline constexpr Call<__NR_renameat> renameat;
inline constexpr Call<__NR_renameat2> renameat2;
inline constexpr Call<__NR_linkat> linkat;
inline constexpr Call<__NR_symlinkat> symlinkat;
inline constexpr Call<__NR_readlinkat> readlinkat;
inline constexpr Call<__NR_fchmodat> fchmodat;
inline constexpr Call<__NR_fchownat> fchownat;
inline constexpr Call<__NR_newfstatat> newfstatat;
inline constexpr Call<__NR_faccessat> faccessat;
inline constexpr Call<__NR_faccessat2> faccessat2;
inline constexpr Call<__NR_utimensat> utimensat;
inline constexpr Call<__NR_sendfile> sendfile;
inline constexpr Call<__NR_ioctl> ioctl;
inline constexpr Call<__NR_close_range> close_range;
inline constexpr Call<__NR_memfd_create> memfd_create;
inline constexpr Call<__NR_sync> sync;

// Pipes, polling, events, sockets.
inline constexpr Call<__NR_pipe> pipe;
inline constexpr Call<__NR_pipe2> pipe2;
inline constexpr Call<__NR_poll> poll;
inline constexpr Call<__NR_ppoll> ppoll;
inline constexpr Call<__NR_select> select;
inline constexpr Call<__NR_pselect6> pselect6;
inline constexpr Call<__NR_epoll_create> epoll_create;
inline constexpr Call<__NR_epoll_create1> epoll_create1;
inline constexpr Call<__NR_epoll_ctl> epoll_ctl;
inline constexpr Call<__NR_epoll_wait> epoll_wait;
inline constexpr Call<__NR_epoll_pwait> epoll_pwait;
inline constexpr Call<__NR_eventfd> eventfd;
inline constexpr Call<__NR_eventfd2> eventfd2;
inline constexpr Call<__NR_signalfd4> signalfd4;
inline constexpr Call<__NR_timerfd_create> timerfd_create;
inline constexpr Call<__NR_timerfd_settime> timerfd_settime;
inline constexpr Call<__NR_timerfd_gettime> timerfd_gettime;
inline constexpr Call<__NR_socketpair> socketpair;
inline constexpr Call<__NR_sendto> sendto;
inline constexpr Call<__NR_recvfrom> recvfrom;
inline constexpr Call<__NR_sendmsg> sendmsg;
inline constexpr Call<__NR_recvmsg> recvmsg;
inline constexpr Call<__NR_shutdown> shutdown;
inline constexpr Call<__NR_socket> socket;
inline constexpr Call<__NR_connect> connect;
inline constexpr Call<__NR_accept> accept;
inline constexpr Call<__NR_accept4> accept4;
inline constexpr Call<__NR_bind> bind;
inline constexpr Call<__NR_listen> listen;
inline constexpr Call<__NR_getsockname> getsockname;
inline constexpr Call<__NR_getpeername> getpeername;
inline constexpr Call<__NR_setsockopt> setsockopt;
inline constexpr Call<__NR_getsockopt> getsockopt;

// Memory.
inline constexpr Call<__NR_mmap> mmap;
inline constexpr Call<__NR_mprotect> mprotect;
inline constexpr Call<__NR_munmap> munmap;
inline constexpr Call<__NR_brk> brk;
inline constexpr Call<__NR_mremap> mremap;
inline constexpr Call<__NR_msync> msync;
inline constexpr Call<__NR_mincore> mincore;
inline constexpr Call<__NR_madvise> madvise;
inline constexpr Call<__NR_mlock> mlock;
inline constexpr Call<__NR_munlock> munlock;

// System V.
inline constexpr Call<__NR_shmget> shmget;
inline constexpr Call<__NR_shmat> shmat;
inline constexpr Call<__NR_shmdt> shmdt;
inline constexpr Call<__NR_shmctl> shmctl;
inline constexpr Call<__NR_semget> semget;
inline constexpr Call<__NR_semop> semop;
inline constexpr Call<__NR_semtimedop> semtimedop;
inline constexpr Call<__NR_semctl> semctl;
inline constexpr Call<__NR_msgget> msgget;
inline constexpr Call<__NR_msgsnd> msgsnd;
inline constexpr Call<__NR_msgrcv> msgrcv;
inline constexpr Call<__NR_msgctl> msgctl;

// Processes and threads.
inline constexpr Call<__NR_fork> fork;
inline constexpr Call<__NR_vfork> vfork;
inline constexpr Call<__NR_clone> clone;
inline constexpr Call<__NR_clone3> clone3;
inline constexpr Call<__NR_execve> execve;
inline constexpr Call<__NR_exit> exit;
inline constexpr Call<__NR_exit_group> exit_group;
inline constexpr Call<__NR_wait4> wait4;
inline constexpr Call<__NR_waitid> waitid;
inline constexpr Call<__NR_getpid> getpid;
inline constexpr Call<__NR_getppid> getppid;
inline constexpr Call<__NR_gettid> gettid;
inline constexpr Call<__NR_set_tid_address> set_tid_address;
inline constexpr Call<__NR_set_robust_list> set_robust_list;
inline constexpr Call<__NR_get_robust_list> get_robust_list;
inline constexpr Call<__NR_futex> futex;
inline constexpr Call<__NR_arch_prctl> arch_prctl;
inline constexpr Call<__NR_setpgid> setpgid;
inline constexpr Call<__NR_getpgid> getpgid;
inline constexpr Call<__NR_getpgrp> getpgrp;
inline constexpr Call<__NR_setsid> setsid;
inline constexpr Call<__NR_getsid> getsid;
inline constexpr Call<__NR_prctl> prctl;
inline constexpr Call<__NR_prlimit64> prlimit64;
inline constexpr Call<__NR_getrlimit> getrlimit;
inline constexpr Call<__NR_setrlimit> setrlimit;
inline constexpr Call<__NR_getrusage> getrusage;
inline constexpr Call<__NR_times> times;
inline constexpr Call<__NR_uname> uname;
inline constexpr Call<__NR_sysinfo> sysinfo;
inline constexpr Call<__NR_pidfd_open> pidfd_open;
inline constexpr Call<__NR_pidfd_send_signal> pidfd_send_signal;

// Signals.
inline constexpr Call<__NR_rt_sigaction> rt_sigaction;
inline constexpr Call<__NR_rt_sigprocmask> rt_sigprocmask;
inline constexpr Call<__NR_rt_sigreturn> rt_sigreturn;
inline constexpr Call<__NR_rt_sigpending> rt_sigpending;
inline constexpr Call<__NR_rt_sigtimedwait> rt_sigtimedwait;
inline constexpr Call<__NR_rt_sigqueueinfo> rt_sigqueueinfo;
inline constexpr Call<__NR_rt_tgsigqueueinfo> rt_tgsigqueueinfo;
inline constexpr Call<__NR_rt_sigsuspend> rt_sigsuspend;
inline constexpr Call<__NR_sigaltstack> sigaltstack;
inline constexpr Call<__NR_kill> kill;
inline constexpr Call<__NR_tkill> tkill;
inline constexpr Call<__NR_tgkill> tgkill;
inline constexpr Call<__NR_pause> pause;
inline constexpr Call<__NR_alarm> alarm;
inline constexpr Call<__NR_getitimer> getitimer;
inline constexpr Call<__NR_setitimer> setitimer;
inline constexpr Call<__NR_timer_create> timer_create;
inline constexpr Call<__NR_timer_settime> timer_settime;
inline constexpr Call<__NR_timer_gettime> timer_gettime;
inline constexpr Call<__NR_timer_getoverrun> timer_getoverrun;
inline constexpr Call<__NR_timer_delete> timer_delete;
inline constexpr Call<__NR_restart_syscall> restart_syscall;

// Time and scheduling.
inline constexpr Call<__NR_nanosleep> nanosleep;
inline constexpr Call<__NR_clock_nanosleep> clock_nanosleep;
inline constexpr Call<__NR_clock_gettime> clock_gettime;
inline constexpr Call<__NR_clock_getres> clock_getres;
inline constexpr Call<__NR_clock_settime> clock_settime;
inline constexpr Call<__NR_gettimeofday> gettimeofday;
inline constexpr Call<__NR_time> time;
inline constexpr Call<__NR_sched_yield> sched_yield;
inline constexpr Call<__NR_sched_setparam> sched_setparam;
inline constexpr Call<__NR_sched_getparam> sched_getparam;
inline constexpr Call<__NR_sched_setscheduler> sched_setscheduler;
inline constexpr Call<__NR_sched_getscheduler> sched_getscheduler;
inline constexpr Call<__NR_sched_get_priority_max> sched_get_priority_max;
inline constexpr Call<__NR_sched_get_priority_min> sched_get_priority_min;
inline constexpr Call<__NR_sched_rr_get_interval> sched_rr_get_interval;
inline constexpr Call<__NR_sched_setaffinity> sched_setaffinity;
inline constexpr Call<__NR_sched_getaffinity> sched_getaffinity;
inline constexpr Call<__NR_getpriority> getpriority;
inline constexpr Call<__NR_setpriority> setpriority;
inline constexpr Call<__NR_getcpu> getcpu;

// Identity and the machine.
inline constexpr Call<__NR_getuid> getuid;
inline constexpr Call<__NR_geteuid> geteuid;
inline constexpr Call<__NR_getgid> getgid;
inline constexpr Call<__NR_getegid> getegid;
inline constexpr Call<__NR_setuid> setuid;
inline constexpr Call<__NR_setgid> setgid;
inline constexpr Call<__NR_setreuid> setreuid;
inline constexpr Call<__NR_setregid> setregid;
inline constexpr Call<__NR_setresuid> setresuid;
inline constexpr Call<__NR_getresuid> getresuid;
inline constexpr Call<__NR_setresgid> setresgid;
inline constexpr Call<__NR_getresgid> getresgid;
inline constexpr Call<__NR_getgroups> getgroups;
inline constexpr Call<__NR_setgroups> setgroups;
inline constexpr Call<__NR_capget> capget;
inline constexpr Call<__NR_getrandom> getrandom;
inline constexpr Call<__NR_reboot> reboot;
inline constexpr Call<__NR_membarrier> membarrier;

}  // namespace sys
}  // namespace weft::guest
