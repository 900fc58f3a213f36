// What goes beside a message's bytes: open files, as descriptors of who sends and of who receives them.
#pragma once

#include "core/ipc/socket/socket.hh"
#include "syscall/argument.hh"

namespace weft::syscall {

// What the header's control data name. Errno::inval, Errno::badf, Errno::nobufs, Errno::fault, Errno::nomem;
// Errno::perm and Errno::srch for credentials that the caller can't have.
Result<ipc::Enclosed> load_control(const Context& context, const abi::MessageHeader& header);
// Stores who sent it, if that is wanted, and descriptors for the files, if there are any, where the header
// says; its length and flags say afterwards what was stored. Errno::fault.
Result<> store_control(Context& context, const ipc::Incoming& what, abi::MessageHeader& header);

}  // namespace weft::syscall
