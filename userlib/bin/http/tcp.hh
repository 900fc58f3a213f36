// Connections over TCP on this machine, for coroutines: 127.0.0.1 and a port.
#pragma once

#include <cstdint>

#include "userlib/base/file.hh"

namespace weft::http {

// Somebody who waits for connections; port 0: any that is free. Non-blocking, so that several coroutines
// may accept from it.
Result<Descriptor> listen_at(uint16_t port);
// Which port it is.
Result<uint16_t> port_of(const Descriptor& listener);
// A connection to who listens at that port. Errno::connrefused if nobody does.
Result<Descriptor> connect_to(uint16_t port);
// The next one who comes.
Result<Descriptor> accept_from(const Descriptor& listener);

// So many descriptors at least, if this process may have them.
void allow_descriptors(uint64_t count);

}  // namespace weft::http
