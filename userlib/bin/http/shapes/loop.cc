// A server that is an event loop: one thread, which never waits for one connection, but for all at once. A connection's
// state cannot be in a function's variables, since no function stays in it; so it is in a Guest, and each event takes it
// a step further.
//
//     wait for events --> for each: of the listener?  welcome() all who have come
//          ^                        of a guest?       attend() to it, as far as goes without waiting
//          +------------------------------+
#include <span>
#include <utility>

#include "core/base/assert.hh"
#include "userlib/base/vector.hh"
#include "userlib/bin/http/event_set.hh"
#include "userlib/bin/http/shapes/shape.hh"

namespace weft::http {
namespace {

struct Guest {
  Guest(Connection taken, Service& service) : connection(std::move(taken)), dialogue(service) {}

  Connection connection;
  Dialogue dialogue;
  uint32_t awaited = EventSet::k_readable;  // what the set tells of it
};

class Loop {
 public:
  explicit Loop(const Setup& setup) : setup_(setup) {}
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop() {
    for (Guest* guest : guests_) delete guest;
  }

  Result<> run() {
    TRY(set_.open());
    TRY(set_.add(setup_.listener.fd(), EventSet::k_readable));
    for (;;) {
      for (const EventSet::Event& event : TRY(set_.wait())) {
        if (event.fd() == setup_.listener.fd()) {
          TRY(welcome());
        } else if (Guest* guest = find(event.fd())) {
          TRY(attend(*guest));
        }  // else it has gone since, by an event of the same turn
      }
    }
  }

 private:
  Guest* find(int fd) const {
    const auto place = static_cast<size_t>(fd);
    return place < guests_.size() ? guests_[place] : nullptr;
  }

  // Takes it in, and begins to listen to it.
  Result<> take_in(Connection connection) {
    const int fd = connection.fd();
    TRY(set_.add(fd, EventSet::k_readable));
    while (guests_.size() <= static_cast<size_t>(fd)) guests_.push_back(nullptr);
    ASSERT(find(fd) == nullptr, "a descriptor is given anew when its guest has gone");
    guests_[static_cast<size_t>(fd)] = new Guest(std::move(connection), setup_.service);
    return {};
  }

  // Hangs up. The guest is no more after this.
  Result<> part_with(Guest& guest) {
    guests_[static_cast<size_t>(guest.connection.fd())] = nullptr;
    delete &guest;
    return hold_back(false);
  }

  // All who have come. Level-triggered, it could be one at a time; but many come together.
  Result<> welcome() {
    // lab:server begin 3
    for (;;) {
      auto connection = setup_.listener.take();
      if (connection) {
        TRY(take_in(std::move(*connection)));
      } else if (connection.error() == Errno::again) {
        return {};
      } else if (is_short_of_something(connection.error())) {
        return hold_back(true);
      } else {
        return fail(connection.error());
      }
    }
    // lab:server stub: panic("not implemented: lab server, part 3");
    // lab:server end
  }

  // While there is nothing left to serve others with, the listener would be told of in each turn, for
  // nothing. Until somebody goes it isn't awaited.
  Result<> hold_back(bool now) {
    if (std::exchange(holds_back_, now) == now) return {};
    return set_.change(setup_.listener.fd(), now ? EventSet::k_nothing : EventSet::k_readable);
  }

  // Something can be done for this guest: one piece is read, and all is written that there is room for. Whoever
  // always has more to say comes again in the next turn, after the others.
  Result<> attend(Guest& guest) {
    // lab:server begin 3
    if (guest.dialogue.wants() == Dialogue::Wants::input) {
      const auto room = guest.dialogue.room();
      const auto count = guest.connection.read_now(room.data(), room.size());
      if (!count) return go_on_later(guest, count.error(), EventSet::k_readable);
      guest.dialogue.came_in(*count);
    }
    while (guest.dialogue.wants() == Dialogue::Wants::output) {
      const auto count = guest.connection.write_now(guest.dialogue.output());
      if (!count) return go_on_later(guest, count.error(), EventSet::k_writable);
      guest.dialogue.went_out(*count);
    }
    if (guest.dialogue.wants() == Dialogue::Wants::nothing) return part_with(guest);
    return await(guest, EventSet::k_readable);
    // lab:server stub: static_cast<void>(guest);
    // lab:server stub: panic("not implemented: lab server, part 3");
    // lab:server end
  }

  // It stopped at an error: is it only that it would have to wait for one of these events?
  Result<> go_on_later(Guest& guest, Errno error, uint32_t events) {
    // lab:server begin 4
    if (error != Errno::again && error != Errno::intr) return part_with(guest);
    return await(guest, events);
    // lab:server stub: static_cast<void>(error), static_cast<void>(events);
    // lab:server stub: return part_with(guest);
    // lab:server end
  }

  // Has the set tell of those events and no others, if it doesn't already.
  Result<> await(Guest& guest, uint32_t events) {
    // lab:server begin 4
    if (std::exchange(guest.awaited, events) == events) return {};
    return set_.change(guest.connection.fd(), events);
    // lab:server stub: static_cast<void>(guest), static_cast<void>(events);
    // lab:server stub: return {};
    // lab:server end
  }

  const Setup& setup_;
  EventSet set_;
  Vector<Guest*> guests_;  // by their descriptors
  bool holds_back_ = false;
};

}  // namespace

Result<> serve_in_loop(const Setup& setup) {
  Loop loop(setup);
  return loop.run();
}

}  // namespace weft::http
