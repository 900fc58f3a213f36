// What an atomic access does and sees. The order of stores to one location is the order in which they
// are executed; a load sees the newest, or an older one where the C++ memory model allows that:
// no older than what the agent knows of (its view), and, if the load is sequentially consistent, no
// older than the last sequentially consistent store. Whoever acquires joins the view that was released.
//
// Two things that the model allows are not tried: a load never sees a store that comes later, and an
// exchange that fails sees the newest store.
#include <algorithm>
#include <cstring>
#include <utility>

#include "explore/engine/engine.hh"
#include "explore/engine/ground.hh"

namespace weft::explore {
namespace {

bool acquires(memory_order order) { return order != relaxed && order != release; }
bool releases(memory_order order) {
  return order == release || order == acq_rel || order == seq_cst;
}

uint64_t mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0xff51afd7ed558ccdu;
  return hash ^ hash >> 32;
}

}  // namespace

// ---- The accesses ---------------------------------------------------------------------------------

uint64_t Engine::load(uintptr_t address, unsigned size, memory_order order, uint32_t place) {
  Location& location = touch(address, size);
  note_sharing(location, false);
  arrive(&location);
  const uint32_t number = choose_store(location, order);
  const Store& store = locations_.store(number);
  acquire_from(store, order);
  know_of(location, store);
  note_event(Op::load, location, false, store.hash);
  record(Op::load, address, store.value, 0, place, number != location.newest);
  watch(location);
  check_race({address, size, place, false, true});
  advance_clock();
  return store.value;
}

void Engine::store(uintptr_t address, unsigned size, uint64_t value, memory_order order,
                   uint32_t place) {
  Location& location = touch(address, size);
  note_sharing(location, true);
  arrive(&location);
  record(Op::store, address, locations_.newest(location).value, value, place);
  poke(address, size, value);
  make_store(location, value, order, false, place);
}

uint64_t Engine::update(uintptr_t address, unsigned size, Change change, uint64_t argument,
                        memory_order order, uint32_t place) {
  Location& location = touch(address, size);
  note_sharing(location, true);
  arrive(&location);
  const Store& old = locations_.newest(location);
  const uint64_t seen = old.value;
  acquire_from(old, order);
  const uint64_t value = change(seen, argument);
  poke(address, size, value);
  const uint64_t written = peek(address, size);  // cut to the word's size
  record(Op::update, address, seen, written, place);
  make_store(location, written, order, true, place);
  note_owner(location, seen, order);
  return seen;
}

bool Engine::compare_exchange(uintptr_t address, unsigned size, uint64_t& expected,
                              uint64_t desired, memory_order success, memory_order failure,
                              uint32_t place) {
  Location& location = touch(address, size);
  note_sharing(location, true);
  arrive(&location);
  const Store& old = locations_.newest(location);
  const uint64_t seen = old.value;
  if (seen == expected) {
    acquire_from(old, success);
    record(Op::update, address, seen, desired, place);
    poke(address, size, desired);
    make_store(location, desired, success, true, place);
    note_owner(location, seen, success);
    return true;
  }
  acquire_from(old, failure);
  know_of(location, old);
  note_event(Op::failed_exchange, location, false, old.hash);
  record(Op::failed_exchange, address, seen, expected, place);
  watch(location);
  check_race({address, size, place, false, true});
  advance_clock();
  expected = seen;
  return false;
}

void Engine::fence(memory_order order, uint32_t place) {
  Location* fences = nullptr;
  if (order == seq_cst) {
    fences = &touch_line(k_fences);
  }
  arrive(fences);
  const unsigned self = world_.current;
  const unsigned used = locations_.used_view();
  if (acquires(order)) views_[self].join(to_acquire_[self], used);
  if (order == seq_cst) {
    views_[self].join(sequential_, used);
    sequential_.join(views_[self], used);
    note_event(Op::fence, *fences, true, 0);
  }
  if (releases(order)) released_[self].copy(views_[self], used);
  record(Op::fence, 0, 0, 0, place);
  advance_clock();
}

void Engine::heavy_fence(uint32_t place) {
  const unsigned self = world_.current;
  // It meets everyone, wherever they are.
  for (world_.current = 1; world_.current < world_.agent_count; ++world_.current)
    touch_line(k_fences);
  world_.current = self;
  arrive(&touch_line(k_fences));
  fence_fully(self);
  for (unsigned other = 1; other < world_.agent_count; ++other) {
    if (other != self) fence_fully(other);
  }
  fence_fully(self);
  record(Op::heavy_fence, 0, 0, 0, place);
}

// That agent's part of it, at its present place.
void Engine::fence_fully(unsigned agent) {
  const unsigned self = std::exchange(world_.current, agent);
  const unsigned used = locations_.used_view();
  views_[agent].join(to_acquire_[agent], used);
  views_[agent].join(sequential_, used);
  sequential_.join(views_[agent], used);
  released_[agent].copy(views_[agent], used);
  note_event(Op::heavy_fence, touch_line(k_fences), true, 0);
  advance_clock();
  world_.current = self;
}

// Most locks are taken by acquiring their word from 0. It is only for telling who waits for whom.
void Engine::note_owner(Location& location, uint64_t seen, memory_order order) {
  if (acquires(order) && seen == 0) location.owner = static_cast<uint8_t>(world_.current);
}

unsigned Engine::owner_of(uintptr_t address) {
  const Location* location = locations_.find_known(address);
  return location == nullptr ? 0 : location->owner;
}

// From now on the agent sees nothing older.
void Engine::know_of(const Location& location, const Store& store) {
  if (location.view_entry == 0) return;
  uint32_t& known = views_[world_.current].at[location.view_entry];
  known = std::max(known, store.stamp);
}

// ---- Stores and views -------------------------------------------------------------------------------

// The compiler calls no hook for writes to a local variable that nobody else can know of yet. So a new
// variable in an old one's place shows by its value, if not by a plain write.
Location& Engine::touch(uintptr_t address, unsigned size) {
  const OnHost on_host(*this);
  Location& location = locations_.find(address);
  const uint64_t value = peek(address, size);
  if (!locations_.is_of_this_run(location) || locations_.newest(location).value != value) {
    locations_.begin(location, value);
    const size_t granule = ground.granule(address);
    if (granule != Ground::k_elsewhere) roles_[granule] |= k_has_atomics;
  }
  return location;
}

// The same for what is no variable.
Location& Engine::touch_line(uintptr_t address) {
  const OnHost on_host(*this);
  Location& location = locations_.find(address);
  note_sharing(location, true);
  if (!locations_.is_of_this_run(location)) locations_.begin(location, 0);
  return location;
}

void Engine::note_sharing(Location& location, bool writes) {
  const auto bit = static_cast<uint8_t>(1u << world_.current);
  uint8_t& who = writes ? location.writers : location.readers;
  if ((who & bit) != 0) return;
  who |= bit;
  if (location.is_contended || !location.is_shared()) return;
  const OnHost on_host(*this);
  newly_contended_.push_back(&location);
}

uint64_t Engine::note_event(Op op, Location& location, bool writes, uint64_t extra) {
  Agent& self = agent();
  uint64_t hash = mix(self.hash, location.address * 32 + static_cast<uint64_t>(op));
  hash = mix(hash, world_.current + extra * 8);
  hash = mix(hash, location.write_hash + (writes ? location.read_hash * 31 : 0));
  self.hash = hash;
  world_.trace += hash;
  if (writes) {
    location.write_hash = hash;
    location.read_hash = 0;
  } else {
    location.read_hash += hash;
  }
  return hash;
}

void Engine::acquire_from(const Store& store, memory_order order) {
  const unsigned self = world_.current;
  (acquires(order) ? views_ : to_acquire_)[self].join(store.view, store.used_view);
}

Store& Engine::make_store(Location& location, uint64_t value, memory_order order, bool continues,
                          uint32_t place) {
  const unsigned self = world_.current;
  const uint64_t hash = note_event(continues ? Op::update : Op::store, location, true, value);
  const OnHost on_host(*this);
  const uint32_t previous = location.newest;
  Store& store = locations_.add_store(location);
  const unsigned used = locations_.used_view();
  // Another's release goes on through an update: who acquires from this one acquires from that, too.
  const bool goes_on = continues && locations_.keeps_old_stores();
  View& view = views_[self];
  if (location.view_entry != 0) view.at[location.view_entry] = store.stamp;
  const View& told = releases(order) ? view : released_[self];
  if (goes_on) {
    const Store& before = locations_.store(previous);
    store.view.copy(told, used);
    store.view.join(before.view, before.used_view);
  } else if (continues && store.used_view != 0) {
    store.view.join(told, used);
  } else {
    store.view.copy(told, used);
  }
  store.used_view = used;
  store.value = value;
  store.hash = hash;
  store.place = place;
  store.agent = static_cast<uint8_t>(self);
  store.is_sequential = order == seq_cst;
  if (store.is_sequential) location.last_sequential = store.stamp;
  if (releases(order) && location.owner == self) location.owner = 0;
  agent().watched_count = 0;  // who has stored something is not merely waiting
  fruitless_spins_ = 0;
  check_race({location.address, 1, place, true, true});
  advance_clock();
  return store;
}

// The number of the store that a load sees.
uint32_t Engine::choose_store(Location& location, memory_order order) {
  if (location.view_entry == 0 || phase_ != Phase::running) return location.newest;
  uint32_t oldest = views_[world_.current].at[location.view_entry];
  if (order == seq_cst) oldest = std::max(oldest, location.last_sequential);
  if (locations_.newest(location).stamp <= oldest) return location.newest;
  options_.clear();
  for (uint32_t number = location.newest; options_.size() < 8;) {
    const Store& store = locations_.store(number);
    if (store.stamp < oldest) break;
    const bool is_first = options_.empty();
    options_.push_back({static_cast<uint8_t>(world_.current), is_first ? Act::go_on : Act::read_old,
                        static_cast<uint8_t>(options_.size()),
                        is_first ? Price::free : Price::old_store});
    if (store.older == 0) break;
    number = store.older;
  }
  uint32_t number = location.newest;
  for (size_t depth = ask(options_, true); depth > 0; --depth)
    number = locations_.store(number).older;
  return number;
}

void Engine::watch(const Location& location) {
  Agent& self = agent();
  for (unsigned i = 0; i < self.watched_count; ++i) {
    if (self.watched[i].location != &location) continue;
    self.watched[i].stores = location.stores;
    return;
  }
  // A busy wait's loop reads few words; what was read before it is forgotten first.
  if (self.watched_count == self.watched.size()) {
    std::copy(self.watched.begin() + 1, self.watched.end(), self.watched.begin());
    --self.watched_count;
  }
  self.watched[self.watched_count++] = {&location, location.stores};
}

// ---- Plain accesses -----------------------------------------------------------------------------------

void Engine::plain_access(size_t granule, const Access& access) {
  Agent& self = agent();
  ++self.tick;
  if (phase_ == Phase::running && chooser_->wants_interrupts() && !self.is_in_prelude) {
    offer_interrupt(granule, access.is_write);
  }
  if (access.is_write) note_plain_write(granule, access);
  check_race(access);
}

// Handlers run on the CPU that they interrupt, so nothing orders the two: if both come here, an
// interrupt before this access may make a difference.
void Engine::offer_interrupt(size_t granule, bool is_write) {
  const Agent& self = agent();
  uint8_t mine = 0;
  if (self.is_in_handler) {
    mine = is_write ? k_handler | k_handler_writes : k_handler;
  } else if (self.interrupts_on) {
    mine = is_write ? k_interrupted | k_interrupted_writes : k_interrupted;
  }
  uint8_t& role = roles_[granule];
  if ((role & mine) != mine) {
    role |= mine;
    if ((role & k_handler) != 0 && (role & k_interrupted) != 0 &&
        (role & (k_handler_writes | k_interrupted_writes)) != 0) {
      const OnHost on_host(*this);
      newly_interrupted_.push_back(granule);
    }
  }
  if (self.interrupts_on &&
      ((role & k_offers_interrupt) != 0 || chooser_->plans(world_.current, self.tick + 1))) {
    arrive(nullptr);
  }
}

// A plain write to an atomic's place is its construction: older stores were to something else.
void Engine::note_plain_write(size_t granule, const Access& access) {
  const uintptr_t end = access.address + access.size;
  for (uintptr_t at = access.address; at < end; ++granule) {
    const uintptr_t next = std::min(end, (at / Ground::k_granule + 1) * Ground::k_granule);
    if ((roles_[granule] & k_has_atomics) == 0) {
      at = next;
      continue;
    }
    for (; at < next; ++at) {
      Location* location = locations_.find_known(at);
      if (location != nullptr) location->run = 0;
    }
  }
}

void Engine::check_race(const Access& access) {
  if (ground.granule(access.address) == Ground::k_elsewhere) return;
  const Races::Trace* other =
      races_.check(static_cast<uint8_t>(world_.current), views_[world_.current], access);
  if (other == nullptr) return;
  const OnHost on_host(*this);
  Finding finding;
  finding.verdict = Verdict::data_race;
  finding.place = access.place;
  finding.other_place = other->place;
  if (other->agent == Races::k_freed) {
    finding.verdict = Verdict::use_after_free;
    finding.text = std::string(machine_.thread_name()) + (access.is_write ? " writes" : " reads") +
                   " memory that was freed";
    fail(std::move(finding));
  }
  std::string who = world_.agents[other->agent].name;
  if (who == "CPU") who += " " + std::to_string(other->agent);
  finding.text = std::string(machine_.thread_name()) + (access.is_write ? " writes" : " reads") +
                 " what " + who + (other->is_write ? " wrote" : " read") +
                 ", and nothing orders the two";
  fail(std::move(finding));
}

uint64_t Engine::peek(uintptr_t address, unsigned size) {
  uint64_t value = 0;
  std::memcpy(&value, reinterpret_cast<const void*>(address), size);
  return value;
}

void Engine::poke(uintptr_t address, unsigned size, uint64_t value) {
  std::memcpy(reinterpret_cast<void*>(address), &value, size);
  ground.note_write(address, size);
}

// The code is compiled with frame pointers; the engine's own calls are on top of it.
__attribute__((noinline)) void Engine::find_callers(Event& event) const {
  auto frame = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  const uintptr_t top = Ground::stack_top(frame);
  size_t found = 0;
  bool is_beyond_place = event.place == 0;
  while (found < event.callers.size() && frame > top - Ground::k_stack_size && frame + 16 <= top) {
    const auto* words = reinterpret_cast<const uintptr_t*>(frame);
    if (words[1] == 0) return;
    const auto caller = static_cast<uint32_t>(words[1]) - 1;
    if (is_beyond_place) event.callers[found++] = caller;
    is_beyond_place |= caller == event.place;
    if (words[0] <= frame) return;
    frame = words[0];
  }
}

void Engine::record(Op op, uintptr_t address, uint64_t seen, uint64_t written, uint32_t place,
                    bool is_old) {
  if (!is_recording_ || !is_watching()) return;
  const OnHost on_host(*this);
  Event event;
  event.agent = static_cast<uint8_t>(world_.current);
  event.op = op;
  event.is_old = is_old;
  event.tick = agent().tick;
  event.place = place;
  event.address = address;
  event.seen = seen;
  event.written = written;
  find_callers(event);
  std::strncpy(event.thread.data(), machine_.thread_name(), event.thread.size() - 1);
  events_.push_back(event);
}

}  // namespace weft::explore
