// What files and terminals, in the rooms below, ask of processes: filled in here.
#pragma once

namespace weft::proc {

// Once, before the first process runs.
void connect_files();

}  // namespace weft::proc
