// The structures of the system-call interface have the size and the places that the C library gives
// them on this machine. All of it is settled by the compiler.
#include "core/abi/abi.hh"

#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <termios.h>
#include <ucontext.h>

#include <cstddef>
#include <cstdint>

#include <gtest/gtest.h>

namespace weft::abi {
namespace {

#define SAME_SIZE(ours, theirs) static_assert(sizeof(ours) == sizeof(theirs))
#define SAME_PLACE(ours, our_member, theirs, their_member) \
  static_assert(offsetof(ours, our_member) == offsetof(theirs, their_member))

SAME_SIZE(Timespec, struct timespec);
SAME_SIZE(Timeval, struct timeval);
SAME_SIZE(IntervalTimespec, struct itimerspec);
SAME_SIZE(IntervalTimeval, struct itimerval);
SAME_PLACE(IntervalTimespec, value, struct itimerspec, it_value);
SAME_SIZE(ProcessTimes, struct tms);

SAME_SIZE(Stat, struct stat);
SAME_PLACE(Stat, links, struct stat, st_nlink);
SAME_PLACE(Stat, mode, struct stat, st_mode);
SAME_PLACE(Stat, special_device, struct stat, st_rdev);
SAME_PLACE(Stat, size, struct stat, st_size);
SAME_PLACE(Stat, blocks, struct stat, st_blocks);
SAME_PLACE(Stat, changed, struct stat, st_ctim);
SAME_SIZE(Statfs, struct statfs);
SAME_PLACE(Statfs, name_length, struct statfs, f_namelen);
SAME_PLACE(DirectoryEntry, name, struct dirent64, d_name);
SAME_PLACE(DirectoryEntry, type, struct dirent64, d_type);
SAME_SIZE(IoVector, struct iovec);
SAME_SIZE(FileLock, struct flock);
SAME_PLACE(FileLock, pid, struct flock, l_pid);

SAME_SIZE(IpcPermissions, struct ipc_perm);
SAME_PLACE(IpcPermissions, mode, struct ipc_perm, mode);
SAME_SIZE(SegmentStatus, struct shmid_ds);
SAME_PLACE(SegmentStatus, size, struct shmid_ds, shm_segsz);
SAME_PLACE(SegmentStatus, last_user, struct shmid_ds, shm_lpid);
SAME_PLACE(SegmentStatus, attachments, struct shmid_ds, shm_nattch);
SAME_SIZE(SegmentLimits, struct shminfo);
SAME_SIZE(SegmentUsage, struct shm_info);
SAME_SIZE(SemaphoreOperation, struct sembuf);
SAME_SIZE(SemaphoreStatus, struct semid_ds);
SAME_PLACE(SemaphoreStatus, count, struct semid_ds, sem_nsems);
SAME_SIZE(SemaphoreLimits, struct seminfo);
SAME_SIZE(QueueStatus, struct msqid_ds);
SAME_PLACE(QueueStatus, most_bytes, struct msqid_ds, msg_qbytes);
SAME_PLACE(QueueStatus, last_receiver, struct msqid_ds, msg_lrpid);
SAME_SIZE(QueueLimits, struct msginfo);

SAME_SIZE(SocketAddress, struct sockaddr_storage);
SAME_SIZE(InternetAddress, struct sockaddr_in);
SAME_PLACE(InternetAddress, address, struct sockaddr_in, sin_addr);
SAME_SIZE(MessageHeader, struct msghdr);
SAME_PLACE(MessageHeader, parts, struct msghdr, msg_iov);
SAME_PLACE(MessageHeader, control_length, struct msghdr, msg_controllen);
SAME_PLACE(MessageHeader, flags, struct msghdr, msg_flags);
SAME_SIZE(ControlHeader, struct cmsghdr);
SAME_SIZE(SocketCredentials, struct ucred);
SAME_SIZE(SocketLinger, struct linger);

SAME_SIZE(ResourceUsage, struct rusage);
SAME_PLACE(ResourceUsage, involuntary_switches, struct rusage, ru_nivcsw);
SAME_SIZE(ResourceLimit, struct rlimit);
SAME_SIZE(CloneArguments, struct clone_args);
SAME_PLACE(CloneArguments, tls, struct clone_args, tls);
SAME_SIZE(CapabilityHeader, struct __user_cap_header_struct);
SAME_SIZE(CapabilityData, struct __user_cap_data_struct);
SAME_SIZE(SystemNames, struct utsname);
SAME_SIZE(SystemInfo, struct sysinfo);
SAME_PLACE(SystemInfo, processes, struct sysinfo, procs);
SAME_PLACE(SystemInfo, unit, struct sysinfo, mem_unit);
static_assert(sizeof(RobustListHead) == 24);

static_assert(sizeof(SignalAction) == 32);  // the kernel's, not the C library's
SAME_SIZE(SignalInfo, siginfo_t);
SAME_PLACE(SignalInfo, code, siginfo_t, si_code);
SAME_PLACE(SignalInfo, sender.pid, siginfo_t, si_pid);
SAME_PLACE(SignalInfo, sender.value, siginfo_t, si_value);
SAME_PLACE(SignalInfo, child.status, siginfo_t, si_status);
SAME_PLACE(SignalInfo, child.system_time, siginfo_t, si_stime);
SAME_PLACE(SignalInfo, fault.address, siginfo_t, si_addr);
SAME_PLACE(SignalInfo, timer.overrun, siginfo_t, si_overrun);
SAME_PLACE(SignalInfo, timer.value, siginfo_t, si_value);
SAME_PLACE(SignalInfo, poll.fd, siginfo_t, si_fd);
SAME_SIZE(SignalStack, stack_t);
SAME_SIZE(SignalEvent, struct sigevent);
SAME_PLACE(SignalEvent, notify, struct sigevent, sigev_notify);
SAME_SIZE(SignalContext, mcontext_t);
SAME_PLACE(SignalContext, floating_point, mcontext_t, fpregs);
static_assert(offsetof(SignalContext, rip) == offsetof(mcontext_t, gregs) + 8 * REG_RIP);
static_assert(offsetof(SignalContext, fault_address) == offsetof(mcontext_t, gregs) + 8 * REG_CR2);
SAME_PLACE(UserContext, registers, ucontext_t, uc_mcontext);
SAME_PLACE(UserContext, mask, ucontext_t, uc_sigmask);

SAME_SIZE(PollEntry, struct pollfd);
SAME_SIZE(EpollEvent, struct epoll_event);
SAME_PLACE(EpollEvent, data, struct epoll_event, data);
SAME_SIZE(WindowSize, struct winsize);
static_assert(sizeof(TerminalModes) == 36);  // the kernel's: fewer characters, and no speeds

TEST(Abi, StructuresLieAsLinuxLaysThem) { SUCCEED() << "the compiler has checked it"; }

}  // namespace
}  // namespace weft::abi
