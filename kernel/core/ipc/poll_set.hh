// PollSet: one thread that waits until something can be done with one of several files. What poll()
// and select() stand on.
#pragma once

#include <span>

#include "core/fs/file.hh"
#include "core/sync/event.hh"

namespace weft::ipc {

// What is told although nobody asked for it.
inline constexpr fs::PollEvents k_always_told = abi::k_pollerr | abi::k_pollhup;

class PollSet {
 public:
  // One of the files. Empty: none is there to be watched.
  class Watch final : public fs::PollEntry {
   public:
    Watch();
    ~Watch() { leave(); }  // while the file is still there

    Ref<fs::File> file;
    int32_t number = -1;  // as the caller counts
    fs::PollEvents wanted = 0;
    fs::PollEvents happened = 0;  // of what was wanted, or is always told

   private:
    friend class PollSet;
    Event* event_ = nullptr;
  };

  // Errno::nomem.
  static Result<PollSet> make(size_t count);
  PollSet(PollSet&& other);
  ~PollSet();

  std::span<Watch> watches() const { return watches_; }
  // Waits until something happened, or till then; how many files it happened to. A deadline of 0 asks
  // without waiting. A watch without a file counts if something is said to have happened to it.
  // Errno::intr.
  Result<size_t> wait(Instant deadline);

 private:
  explicit PollSet(std::span<Watch> watches) : watches_(watches) {}
  size_t look(Event* event);

  std::span<Watch> watches_;
};

}  // namespace weft::ipc
