#include "core/ipc/socket/passing.hh"

#include "core/ipc/socket/socket.hh"
#include "core/sync/mutex.hh"

namespace weft::ipc {
namespace {

// Guards the list, and `passed` in all inboxes.
[[clang::no_destroy]] constinit Mutex passing_lock{Rank::passing};
[[clang::no_destroy]] constinit List<PassedFiles, &PassedFiles::passing_hook> passing
    GUARDED_BY(passing_lock);
// Outside the lock, for who only wants to know whether there is anything to do.
constinit Atomic<size_t> passing_count{0};

// Calls visit(files, file, inbox) for each socket on its way.
template <typename Visit>
void visit_sockets(Visit visit) REQUIRES(passing_lock) {
  for (PassedFiles& files : passing) {
    for (Ref<fs::File>& file : files.all()) {
      const Result<Socket*> socket = file ? Socket::of(*file) : fail(Errno::notsock);
      if (socket.has_value()) visit(files, *file, (*socket)->inbox());
    }
  }
}

// Lost is what only messages have, unless one of these waits at somebody who is not lost. False if that
// was not found out in a few rounds, as with long chains: then nothing is known to be lost.
bool find_lost() REQUIRES(passing_lock) {
  constexpr int k_most_rounds = 8;
  for (PassedFiles& files : passing) files.at->passed = {};
  visit_sockets([](PassedFiles&, fs::File&, Inbox& inbox) { inbox.passed = {}; });
  visit_sockets([](PassedFiles&, fs::File&, Inbox& inbox) { ++inbox.passed.times; });
  visit_sockets([](PassedFiles&, fs::File& file, Inbox& inbox) {
    inbox.passed.is_lost = file.reference_count() == inbox.passed.times;
  });
  bool goes_on = true;
  for (int round = 0; goes_on && round < k_most_rounds; ++round) {
    goes_on = false;
    visit_sockets([&](PassedFiles& files, fs::File&, Inbox& inbox) {
      if (files.at->passed.is_lost || !inbox.passed.is_lost) return;
      inbox.passed.is_lost = false;
      goes_on = true;
    });
  }
  return !goes_on;
}

// One of the lost files; empty if there is none.
Ref<fs::File> take_lost() {
  MutexGuard guard(passing_lock);
  if (!find_lost()) return {};
  for (PassedFiles& files : passing) {
    if (!files.at->passed.is_lost) continue;
    for (Ref<fs::File>& file : files.all()) {
      if (file) return std::move(file);
    }
  }
  return {};
}

}  // namespace

void begin_passing(PassedFiles& files, Inbox& at) {
  MutexGuard guard(passing_lock);
  files.at = &at;
  passing.push_back(files);
  passing_count.fetch_add(1, relaxed);
}

void end_passing(PassedFiles& files) {
  MutexGuard guard(passing_lock);
  if (!files.passing_hook.is_linked()) return;
  decltype(passing)::remove(files);
  passing_count.fetch_sub(1, relaxed);
}

// Letting a socket go ends here again: then whoever is here already looks once more. With much on its way,
// not every end is worth a look.
void let_lost_files_go() {
  constexpr size_t k_files_for_an_end = 16;
  static constinit Atomic<size_t> ends{0};
  static constinit Atomic<uint32_t> calls{0};
  const size_t count = passing_count.load(relaxed);
  if (count == 0 || ends.fetch_add(1, relaxed) < count / k_files_for_an_end) return;
  ends.store(0, relaxed);
  if (calls.fetch_add(1, acq_rel) != 0) return;
  for (uint32_t answered = 1; answered != 0;) {
    const uint32_t asked = calls.load(acquire);
    while (Ref<fs::File> lost = take_lost()) lost.reset();
    answered = calls.fetch_sub(asked, acq_rel) - asked;
  }
}

}  // namespace weft::ipc
