#include "userlib/bin/http/server.hh"

namespace weft::http {

Result<size_t> serve(Stream& stream, Service& service) {
  Dialogue dialogue(service);
  while (dialogue.wants() != Dialogue::Wants::nothing) {
    if (dialogue.wants() == Dialogue::Wants::input) {
      const auto room = dialogue.room();
      dialogue.came_in(TRY(stream.read(room.data(), room.size())));
    } else {
      TRY(stream.write_all(dialogue.output()));
      dialogue.went_out(dialogue.output().size());
    }
  }
  return dialogue.answered();
}

}  // namespace weft::http
