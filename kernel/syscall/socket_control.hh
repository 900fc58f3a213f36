// What goes beside a message's bytes: open files, as descriptors of who sends and of who receives them.
#pragma once

#include "core/ipc/socket/message.hh"
#include "syscall/argument.hh"

namespace weft::syscall {

// The files that the header's control data name; none: an empty one. Errno::inval, Errno::badf,
// Errno::nobufs, Errno::fault, Errno::nomem.
Result<mm::Owned<ipc::PassedFiles>> load_control(const Context& context,
                                                 const abi::MessageHeader& header);
// Gives the files, if there are any, descriptors and stores those where the header says; its length and
// flags say afterwards what was stored. Errno::fault.
Result<> store_control(Context& context, const ipc::PassedFiles* files, abi::MessageHeader& header);

}  // namespace weft::syscall
