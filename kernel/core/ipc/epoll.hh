// EpollSet: files that somebody watches for long, and a list of those that something happened to, so
// that waiting costs nothing for the others.
//
//   something happens --> the source calls the item --> ready list --> wait() asks the file, and tells
//                                                          ^                    |
//                                                          +--------------------+  still so (level)
//
// Two locks: the mutex guards which files are watched, the spin lock what is ready. What is ready is
// only a guess, which wait() makes certain by asking the file: so an event may come at any time, and an
// item that is on the list too often does no harm.
//
// Who asks takes an item from the list before its file is asked. So an event that the answer does not show
// yet puts it on the list again. Each way through the list has a number, and ends at the first item that was
// asked with that number already.
//
// A set is a file, so a set can watch another; but never in a circle, and not more than
// k_deepest_nesting deep. So a set's locks are taken before those of the sets it watches, and an event
// goes the other way, from the innermost to the outermost; neither way can meet itself.
//
// The end of a file and the end of a set that watches it are kept apart by fs::file_watchers_lock.
#pragma once

#include "core/abi/poll.hh"
#include "core/base/rbtree.hh"
#include "core/fs/file.hh"
#include "core/mm/object_cache.hh"
#include "core/sched/wait_queue.hh"

namespace weft::ipc {

class EpollSet final : public fs::File {
 public:
  // Errno::nomem.
  static Result<Ref<fs::File>> make();
  // The set that this file is; nullptr if it is something else.
  static EpollSet* from(fs::File& file);
  EpollSet() : File(abi::k_o_rdwr, &k_kind) {}
  ~EpollSet();

  // As epoll_ctl(). A file is watched by its number, too: a duplicate can be watched once more.
  // Errno::exist, Errno::loop, Errno::nomem.
  Result<> add(fs::File& file, int32_t number, const abi::EpollEvent& wanted);
  // Errno::noent; Errno::inval if it is watched exclusively.
  Result<> modify(fs::File& file, int32_t number, const abi::EpollEvent& wanted);
  // Errno::noent.
  Result<> remove(fs::File& file, int32_t number);

  // Waits until something has happened, or till then (0: not at all), and stores what; how many.
  // `events` has room for `most`. Errno::intr; Errno::fault.
  Result<size_t> wait(VirtAddr events, size_t most, Instant deadline);

  // Calls visit(file, number, wanted, argument) for each file it watches; these stay so meanwhile.
  void visit(void (*visit)(fs::File& file, int32_t number, fs::PollEvents wanted, void* argument),
             void* argument);

  fs::PollEvents poll(fs::PollEntry* entry) override;
  bool serves(const void*) override { return false; }
  Result<abi::Stat> status() override;

 private:
  static constexpr char k_kind = 0;
  static constexpr unsigned k_deepest_nesting = 4;

  // What one item is known by.
  struct Key {
    const fs::File* file;
    int32_t number;
    bool operator==(const Key&) const = default;
  };

  // A file that is watched.
  struct Item final : fs::PollEntry, fs::FileWatcher {
    Item(EpollSet& owner, fs::File& watched, int32_t fd, const abi::EpollEvent& event);
    void on_closed() override REQUIRES(fs::file_watchers_lock) { set.forget(*this); }
    Key key() const { return {&file, number}; }
    bool has_flag(uint32_t flag) const { return (wanted.load(relaxed) & flag) != 0; }

    RbNode node;
    ListHook ready_hook;
    uint32_t asked_in = 0;  // the number of the way on which it was asked last
    EpollSet& set;
    fs::File& file;  // there as long as the item is
    const int32_t number;
    Atomic<uint32_t> wanted;  // with the flags; these alone after a one-shot event
    uint64_t data;            // changes under both locks
  };
  struct Order {
    static bool before(const Item& a, const Item& b) { return before(a.key(), b.key()); }
    static bool before(const Key& a, const Key& b) {
      return a.file != b.file ? a.file < b.file : a.number < b.number;
    }
  };

  void destroy() override;
  static mm::ObjectCache<Item>& item_cache();
  static bool on_event(fs::PollEntry& entry, fs::PollEvents happened);
  // Takes the item out of everything but the file's watchers, and frees it.
  void forget(Item& item) REQUIRES(fs::file_watchers_lock);
  void drop(Item& item) REQUIRES(lock_);
  Item* find(const Key& key) REQUIRES(lock_);
  // True if watching that set would make a circle or nest too deep.
  bool would_loop(EpollSet& inner, unsigned depth) REQUIRES(fs::file_watchers_lock);
  void watch(Item& item) REQUIRES(fs::file_watchers_lock, lock_);
  // The item may have something to tell; true if a thread was woken. Interrupts are off.
  bool make_ready(Item& item);
  void make_ready_if_so(Item& item, fs::PollEvents events);
  // The way of who asks: takes items one by one (nullptr: that was all), asks their files what there is of
  // what is wanted, and puts those that stay so back.
  Item* take_next() REQUIRES(lock_);
  static fs::PollEvents ask(const Item& item);
  void keep(Item& item);
  // The usual case needs no mutex: one item is on the list, it is told as long as it is so (level), and its
  // source says by itself what is so.
  enum class Glance : uint8_t { nothing, one, unclear };
  Glance glance(abi::EpollEvent& event) REQUIRES(ready_lock_);
  // The same after waiting for something to be on the list, once; `outcome` is pending if there was none to
  // wait for.
  Glance wait_and_glance(abi::EpollEvent& event, Instant deadline, Outcome& outcome);
  Result<size_t> wait_longer(VirtAddr events, size_t most, Instant deadline, Glance seen,
                             Outcome outcome);
  Result<size_t> tell(VirtAddr events, size_t most);
  bool has_ready() REQUIRES(lock_);

  Mutex lock_{Rank::epoll};
  RbTree<Item, &Item::node, Order> items_ GUARDED_BY(lock_);
  uint32_t nested_sets_ GUARDED_BY(lock_) = 0;  // how many of the items are sets
  uint32_t way_ GUARDED_BY(lock_) = 0;          // through the list, in the order of the ways

  SpinLock ready_lock_{Rank::wait_queue};
  using ReadyList = List<Item, &Item::ready_hook>;
  ReadyList ready_ GUARDED_BY(ready_lock_);
  WaitQueue waiting_ GUARDED_BY(ready_lock_){ready_lock_};
  fs::PollSource changes_;
};

}  // namespace weft::ipc
