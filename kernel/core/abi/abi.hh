// All structures of the system-call interface, for the code that is generated from the table.
#pragma once

#include "core/abi/file.hh"
#include "core/abi/poll.hh"
#include "core/abi/process.hh"
#include "core/abi/signal.hh"
#include "core/abi/socket.hh"
#include "core/abi/system_v.hh"
#include "core/abi/terminal.hh"
#include "core/abi/time.hh"
