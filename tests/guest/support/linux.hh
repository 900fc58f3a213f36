// The ABI as Linux itself publishes it: numbers, flags and structures, and no C library's idea of them.
#pragma once

// libstdc++'s headers have brought glibc's <features.h>. Linux's headers would then leave things to
// glibc, which this program doesn't use.
#pragma push_macro("__GLIBC__")
#undef __GLIBC__

#include <stdint.h>

#include <asm/ioctls.h>
#include <asm/prctl.h>
#include <asm/shmbuf.h>
#include <asm/sigcontext.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <asm/stat.h>
#include <asm/statfs.h>
#include <asm/termbits.h>
#include <asm/termios.h>
#include <asm/ucontext.h>
#include <asm/unistd.h>
#include <linux/auxvec.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/errno.h>
#include <linux/eventpoll.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/in.h>
#include <linux/ipc.h>
#include <linux/limits.h>
#include <linux/membarrier.h>
#include <linux/memfd.h>
#include <linux/mman.h>
#include <linux/msg.h>
#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/random.h>
#include <linux/reboot.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <linux/sem.h>
#include <linux/signal.h>
#include <linux/signalfd.h>
#include <linux/socket.h>
#include <linux/stat.h>
#include <linux/sysinfo.h>
#include <linux/tcp.h>
#include <linux/time.h>
#include <linux/timerfd.h>
#include <linux/times.h>
#include <linux/uio.h>
#include <linux/un.h>
#include <linux/utsname.h>
#include <linux/wait.h>

#pragma pop_macro("__GLIBC__")

namespace weft::guest {

// What those headers leave to the C library, by the names that it gives.
inline constexpr int F_OK = 0;
inline constexpr int X_OK = 1;
inline constexpr int W_OK = 2;
inline constexpr int R_OK = 4;
inline constexpr int EFD_SEMAPHORE = 1;
inline constexpr int EFD_CLOEXEC = O_CLOEXEC;
inline constexpr int EFD_NONBLOCK = O_NONBLOCK;
inline constexpr int AF_UNIX = 1;
inline constexpr int SOCK_STREAM = 1;
inline constexpr int SOCK_DGRAM = 2;
inline constexpr int SOCK_SEQPACKET = 5;
inline constexpr int SOCK_CLOEXEC = O_CLOEXEC;
inline constexpr int SOCK_NONBLOCK = O_NONBLOCK;

inline constexpr int AF_UNSPEC = 0;
inline constexpr int AF_INET = 2;
inline constexpr int SHUT_RD = 0;
inline constexpr int SHUT_WR = 1;
inline constexpr int SHUT_RDWR = 2;
inline constexpr int MSG_PEEK = 2;
inline constexpr int MSG_CTRUNC = 8;
inline constexpr int MSG_TRUNC = 0x20;
inline constexpr int MSG_DONTWAIT = 0x40;
inline constexpr int MSG_WAITALL = 0x100;
inline constexpr int MSG_NOSIGNAL = 0x4000;
inline constexpr int MSG_CMSG_CLOEXEC = 0x40000000;
inline constexpr int SCM_RIGHTS = 1;
inline constexpr int SOL_SOCKET = 1;
inline constexpr int SO_REUSEADDR = 2;
inline constexpr int SO_TYPE = 3;
inline constexpr int SO_ERROR = 4;
inline constexpr int SO_BROADCAST = 6;
inline constexpr int SO_SNDBUF = 7;
inline constexpr int SO_RCVBUF = 8;
inline constexpr int SO_KEEPALIVE = 9;
inline constexpr int SO_LINGER = 13;
inline constexpr int SO_PEERCRED = 17;
inline constexpr int SO_RCVTIMEO = 20;
inline constexpr int SO_SNDTIMEO = 21;
inline constexpr int SO_ACCEPTCONN = 30;
inline constexpr int SO_PROTOCOL = 38;
inline constexpr int SO_DOMAIN = 39;
inline constexpr int SHM_RDONLY = 010000;
inline constexpr int SHM_RND = 020000;
inline constexpr int SHM_REMAP = 040000;
inline constexpr int SHM_LOCK = 11;
inline constexpr int SHM_UNLOCK = 12;
inline constexpr int SHM_STAT = 13;
inline constexpr int SHM_INFO = 14;
inline constexpr int SHM_STAT_ANY = 15;

// What sendmsg() and recvmsg() take.
struct user_msghdr {
  void* msg_name;
  int msg_namelen;
  iovec* msg_iov;
  size_t msg_iovlen;
  void* msg_control;
  size_t msg_controllen;
  unsigned msg_flags;
};

// What shmctl(SHM_INFO) tells.
struct shm_info {
  int used_ids;
  unsigned long shm_tot;
  unsigned long shm_rss;
  unsigned long shm_swp;
  unsigned long swap_attempts;
  unsigned long swap_successes;
};

// What getdents64 fills a buffer with.
struct DirectoryEntry {
  uint64_t inode;
  int64_t next;
  uint16_t length;
  uint8_t type;
  char name[1];
};

}  // namespace weft::guest
