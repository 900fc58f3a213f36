// Calls that the table has and nobody handles yet: they answer as a kernel without them does. The
// definitions here are weak, so that of a family's file takes their place.
#include "syscall/handlers.hh"

namespace weft::syscall {

[[gnu::weak]] Result<uint64_t> sys_read(Context&, Fd, UserOut<std::byte>, size_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_pread64(Context&, Fd, UserOut<std::byte>, size_t, int64_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_pwrite64(Context&, Fd, UserIn<std::byte>, size_t, int64_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_readv(Context&, Fd, UserIn<abi::IoVector>, size_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_preadv(Context&, Fd, UserIn<abi::IoVector>, size_t, int64_t,
                                          uint64_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_pwritev(Context&, Fd, UserIn<abi::IoVector>, size_t, int64_t,
                                           uint64_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_sendfile(Context&, Fd, Fd, UserInOut<int64_t>, size_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_lseek(Context&, Fd, int64_t, int32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_openat(Context&, Fd, UserPath, uint32_t, uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_close(Context&, Fd) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_close_range(Context&, uint32_t, uint32_t, uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_dup(Context&, Fd) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_dup2(Context&, Fd, Fd) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_dup3(Context&, Fd, Fd, uint32_t) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_fcntl(Context&, Fd, int32_t, uint64_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_ioctl(Context&, Fd, int32_t, uint64_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_flock(Context&, Fd, uint32_t) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_fsync(Context&, Fd) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_pipe2(Context&, UserOut<int32_t>, uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_socketpair(Context&, int32_t, int32_t, int32_t,
                                              UserOut<int32_t>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_fstat(Context&, Fd, UserOut<abi::Stat>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_newfstatat(Context&, Fd, UserPath, UserOut<abi::Stat>,
                                              uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_faccessat2(Context&, Fd, UserPath, uint32_t, uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_readlinkat(Context&, Fd, UserPath, UserOut<std::byte>, int32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_truncate(Context&, UserPath, int64_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_ftruncate(Context&, Fd, int64_t) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_fchmod(Context&, Fd, uint32_t) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_fchmodat(Context&, Fd, UserPath, uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_fchown(Context&, Fd, uint32_t, uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_fchownat(Context&, Fd, UserPath, uint32_t, uint32_t, uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_utimensat(Context&, Fd, UserPath, UserIn<abi::Timespec>,
                                             uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_statfs(Context&, UserPath, UserOut<abi::Statfs>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_memfd_create(Context&, UserPath, uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_getcwd(Context&, UserOut<char>, size_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_chdir(Context&, UserPath) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_fchdir(Context&, Fd) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_umask(Context&, uint32_t) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_getdents64(Context&, Fd, UserOut<std::byte>, uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_mkdirat(Context&, Fd, UserPath, uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_unlinkat(Context&, Fd, UserPath, uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_linkat(Context&, Fd, UserPath, Fd, UserPath, uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_symlinkat(Context&, UserPath, Fd, UserPath) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_renameat2(Context&, Fd, UserPath, Fd, UserPath, uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_mknodat(Context&, Fd, UserPath, uint32_t, uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_mremap(Context&, VirtAddr, size_t, size_t, uint32_t, VirtAddr) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_msync(Context&, VirtAddr, size_t, uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_mincore(Context&, VirtAddr, size_t, UserOut<std::byte>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_madvise(Context&, VirtAddr, size_t, int32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_mlock(Context&, VirtAddr, size_t) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_munlock(Context&, VirtAddr, size_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_clone3(Context&, UserIn<std::byte>, size_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_waitid(Context&, int32_t, int32_t, UserOut<abi::SignalInfo>,
                                          uint32_t, UserOut<abi::ResourceUsage>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_prctl(Context&, int32_t, uint64_t, uint64_t, uint64_t,
                                         uint64_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_pidfd_open(Context&, int32_t, uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_pidfd_send_signal(Context&, Fd, int32_t, UserIn<abi::SignalInfo>,
                                                     uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_setpgid(Context&, int32_t, int32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_getpgid(Context&, int32_t) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_setsid(Context&) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_getsid(Context&, int32_t) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_setuid(Context&, uint32_t) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_setgid(Context&, uint32_t) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_setreuid(Context&, uint32_t, uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_setregid(Context&, uint32_t, uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_setresuid(Context&, uint32_t, uint32_t, uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_getresuid(Context&, UserOut<uint32_t>, UserOut<uint32_t>,
                                             UserOut<uint32_t>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_setresgid(Context&, uint32_t, uint32_t, uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_getresgid(Context&, UserOut<uint32_t>, UserOut<uint32_t>,
                                             UserOut<uint32_t>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_getgroups(Context&, int32_t, UserOut<uint32_t>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_setgroups(Context&, int32_t, UserIn<uint32_t>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_capget(Context&, UserInOut<abi::CapabilityHeader>,
                                          UserOut<abi::CapabilityData>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_kill(Context&, int32_t, int32_t) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_tkill(Context&, int32_t, int32_t) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_tgkill(Context&, int32_t, int32_t, int32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_rt_sigaction(Context&, int32_t, UserIn<abi::SignalAction>,
                                                UserOut<abi::SignalAction>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_rt_sigprocmask(Context&, int32_t, UserIn<uint64_t>,
                                                  UserOut<uint64_t>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_rt_sigreturn(Context&) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_rt_sigpending(Context&, UserOut<std::byte>, size_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_rt_sigsuspend(Context&, UserIn<uint64_t>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_rt_sigtimedwait(Context&, UserIn<uint64_t>,
                                                   UserOut<abi::SignalInfo>,
                                                   UserIn<abi::Timespec>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_rt_sigqueueinfo(Context&, int32_t, int32_t,
                                                   UserIn<abi::SignalInfo>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_sigaltstack(Context&, UserIn<abi::SignalStack>,
                                               UserOut<abi::SignalStack>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_pause(Context&) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_signalfd4(Context&, Fd, UserIn<uint64_t>, uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_restart_syscall(Context&) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_get_robust_list(Context&, int32_t, UserOut<uint64_t>,
                                                   UserOut<uint64_t>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_poll(Context&, UserInOut<abi::PollEntry>, uint32_t, int32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_ppoll(Context&, UserInOut<abi::PollEntry>, uint32_t,
                                         UserInOut<abi::Timespec>, UserIn<uint64_t>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_select(Context&, int32_t, UserInOut<std::byte>,
                                          UserInOut<std::byte>, UserInOut<std::byte>,
                                          UserInOut<abi::Timeval>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_pselect6(Context&, int32_t, UserInOut<std::byte>,
                                            UserInOut<std::byte>, UserInOut<std::byte>,
                                            UserInOut<abi::Timespec>, UserIn<abi::MaskArgument>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_epoll_create(Context&, int32_t) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_epoll_create1(Context&, uint32_t) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_epoll_ctl(Context&, Fd, int32_t, Fd, UserIn<abi::EpollEvent>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_epoll_pwait(Context&, Fd, UserOut<abi::EpollEvent>, int32_t,
                                               int32_t, UserIn<uint64_t>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_eventfd2(Context&, uint32_t, uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_time(Context&, UserOut<int64_t>) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_gettimeofday(Context&, UserOut<abi::Timeval>,
                                                UserOut<abi::Timezone>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_clock_gettime(Context&, int32_t, UserOut<abi::Timespec>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_clock_getres(Context&, int32_t, UserOut<abi::Timespec>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_clock_nanosleep(Context&, int32_t, uint32_t,
                                                   UserIn<abi::Timespec>, UserOut<abi::Timespec>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_alarm(Context&, uint32_t) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_getitimer(Context&, int32_t, UserOut<abi::IntervalTimeval>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_setitimer(Context&, int32_t, UserIn<abi::IntervalTimeval>,
                                             UserOut<abi::IntervalTimeval>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_timer_create(Context&, int32_t, UserIn<abi::SignalEvent>,
                                                UserOut<int32_t>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_timer_settime(Context&, int32_t, uint32_t,
                                                 UserIn<abi::IntervalTimespec>,
                                                 UserOut<abi::IntervalTimespec>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_timer_gettime(Context&, int32_t,
                                                 UserOut<abi::IntervalTimespec>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_timer_getoverrun(Context&, int32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_timer_delete(Context&, int32_t) { return fail(Errno::nosys); }
[[gnu::weak]] Result<uint64_t> sys_timerfd_create(Context&, int32_t, uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_timerfd_settime(Context&, Fd, uint32_t,
                                                   UserIn<abi::IntervalTimespec>,
                                                   UserOut<abi::IntervalTimespec>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_timerfd_gettime(Context&, Fd, UserOut<abi::IntervalTimespec>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_times(Context&, UserOut<abi::ProcessTimes>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_getrusage(Context&, int32_t, UserOut<abi::ResourceUsage>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_getpriority(Context&, int32_t, int32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_setpriority(Context&, int32_t, int32_t, int32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_sched_setparam(Context&, int32_t,
                                                  UserIn<abi::SchedulingParameter>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_sched_getparam(Context&, int32_t,
                                                  UserOut<abi::SchedulingParameter>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_sched_setscheduler(Context&, int32_t, int32_t,
                                                      UserIn<abi::SchedulingParameter>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_sched_getscheduler(Context&, int32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_sched_get_priority_max(Context&, int32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_sched_get_priority_min(Context&, int32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_sched_rr_get_interval(Context&, int32_t,
                                                         UserOut<abi::Timespec>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_sched_setaffinity(Context&, int32_t, uint32_t,
                                                     UserIn<std::byte>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_sched_getaffinity(Context&, int32_t, uint32_t,
                                                     UserOut<std::byte>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_uname(Context&, UserOut<abi::SystemNames>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_sysinfo(Context&, UserOut<abi::SystemInfo>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_prlimit64(Context&, int32_t, int32_t, UserIn<abi::ResourceLimit>,
                                             UserOut<abi::ResourceLimit>) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_getrandom(Context&, UserOut<std::byte>, size_t, uint32_t) {
  return fail(Errno::nosys);
}
[[gnu::weak]] Result<uint64_t> sys_reboot(Context&, int32_t, int32_t, int32_t, VirtAddr) {
  return fail(Errno::nosys);
}

}  // namespace weft::syscall
