// Error numbers, with the values that Linux gives them on x86-64.
#pragma once

namespace weft {

enum class Errno : int {
  perm = 1,
  noent = 2,
  srch = 3,
  intr = 4,
  io = 5,
  nxio = 6,
  too_big = 7,
  noexec = 8,
  badf = 9,
  child = 10,
  again = 11,
  nomem = 12,
  acces = 13,
  fault = 14,
  busy = 16,
  exist = 17,
  xdev = 18,
  nodev = 19,
  notdir = 20,
  isdir = 21,
  inval = 22,
  nfile = 23,
  mfile = 24,
  notty = 25,
  txtbsy = 26,
  fbig = 27,
  nospc = 28,
  spipe = 29,
  rofs = 30,
  mlink = 31,
  pipe = 32,
  dom = 33,
  range = 34,
  deadlk = 35,
  nametoolong = 36,
  nosys = 38,
  notempty = 39,
  loop = 40,
  nomsg = 42,
  idrm = 43,
  overflow = 75,
  notsock = 88,
  msgsize = 90,
  protonosupport = 93,
  socktnosupport = 94,
  opnotsupp = 95,
  afnosupport = 97,
  connreset = 104,
  notconn = 107,
  timedout = 110,
  connrefused = 111,
};

// The name as <errno.h> spells it ("ENOMEM"), for messages.
const char* errno_name(Errno error);

}  // namespace weft
