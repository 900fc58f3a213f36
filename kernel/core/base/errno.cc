#include "core/base/errno.hh"

namespace weft {

const char* errno_name(Errno error) {
  switch (error) {
    case Errno::perm: return "EPERM";
    case Errno::noent: return "ENOENT";
    case Errno::srch: return "ESRCH";
    case Errno::intr: return "EINTR";
    case Errno::io: return "EIO";
    case Errno::nxio: return "ENXIO";
    case Errno::too_big: return "E2BIG";
    case Errno::noexec: return "ENOEXEC";
    case Errno::badf: return "EBADF";
    case Errno::child: return "ECHILD";
    case Errno::again: return "EAGAIN";
    case Errno::nomem: return "ENOMEM";
    case Errno::acces: return "EACCES";
    case Errno::fault: return "EFAULT";
    case Errno::busy: return "EBUSY";
    case Errno::exist: return "EEXIST";
    case Errno::xdev: return "EXDEV";
    case Errno::nodev: return "ENODEV";
    case Errno::notdir: return "ENOTDIR";
    case Errno::isdir: return "EISDIR";
    case Errno::inval: return "EINVAL";
    case Errno::nfile: return "ENFILE";
    case Errno::mfile: return "EMFILE";
    case Errno::notty: return "ENOTTY";
    case Errno::txtbsy: return "ETXTBSY";
    case Errno::fbig: return "EFBIG";
    case Errno::nospc: return "ENOSPC";
    case Errno::spipe: return "ESPIPE";
    case Errno::rofs: return "EROFS";
    case Errno::mlink: return "EMLINK";
    case Errno::pipe: return "EPIPE";
    case Errno::dom: return "EDOM";
    case Errno::range: return "ERANGE";
    case Errno::deadlk: return "EDEADLK";
    case Errno::nametoolong: return "ENAMETOOLONG";
    case Errno::nosys: return "ENOSYS";
    case Errno::notempty: return "ENOTEMPTY";
    case Errno::loop: return "ELOOP";
    case Errno::nomsg: return "ENOMSG";
    case Errno::idrm: return "EIDRM";
    case Errno::overflow: return "EOVERFLOW";
    case Errno::notsock: return "ENOTSOCK";
    case Errno::socktnosupport: return "ESOCKTNOSUPPORT";
    case Errno::afnosupport: return "EAFNOSUPPORT";
    case Errno::opnotsupp: return "EOPNOTSUPP";
    case Errno::timedout: return "ETIMEDOUT";
    case Errno::msgsize: return "EMSGSIZE";
    case Errno::protonosupport: return "EPROTONOSUPPORT";
    case Errno::connreset: return "ECONNRESET";
    case Errno::notconn: return "ENOTCONN";
    case Errno::connrefused: return "ECONNREFUSED";
    case Errno::destaddrreq: return "EDESTADDRREQ";
    case Errno::prototype: return "EPROTOTYPE";
    case Errno::noprotoopt: return "ENOPROTOOPT";
    case Errno::addrinuse: return "EADDRINUSE";
    case Errno::addrnotavail: return "EADDRNOTAVAIL";
    case Errno::netunreach: return "ENETUNREACH";
    case Errno::connaborted: return "ECONNABORTED";
    case Errno::nobufs: return "ENOBUFS";
    case Errno::isconn: return "EISCONN";
    case Errno::already: return "EALREADY";
    case Errno::inprogress: return "EINPROGRESS";
  }
  return "E?";
}

}  // namespace weft
