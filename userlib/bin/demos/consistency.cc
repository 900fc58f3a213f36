// Run:      safety consistency
// Look for: the auditor finds money missing, though every transfer moves what it takes.
// Why:      between the two halves of a transfer the promise "the sum is 100" does not hold.
#include "userlib/base/print.hh"
#include "userlib/bin/demos/safety.hh"
#include "userlib/thread/event.hh"
#include "userlib/thread/mutex.hh"
#include "userlib/thread/thread.hh"

namespace weft {
namespace {

struct Accounts {
  Atomic<int> mine{100};
  Atomic<int> yours{0};
  int sum() const { return mine.load(relaxed) + yours.load(relaxed); }
};

}  // namespace

void show_consistency() {
  Accounts accounts;
  event half_done;
  event audited;
  thread teller([&] {
    accounts.mine.fetch_sub(30, relaxed);
    half_done.set();  // the unlucky moment, made certain
    audited.wait();
    accounts.yours.fetch_add(30, relaxed);
  });
  half_done.wait();
  print("  an audit in the middle: {}\n", accounts.sum());
  audited.set();
  teller.join();

  mutex lock;
  event begun;
  thread careful([&] {
    const lock_guard guard(lock);
    accounts.mine.fetch_sub(30, relaxed);
    begun.set();
    this_thread::yield();  // even if others run now
    accounts.yours.fetch_add(30, relaxed);
  });
  begun.wait();
  {
    const lock_guard guard(lock);
    print("  an audit under the same lock: {}\n", accounts.sum());
  }
  careful.join();
}

}  // namespace weft
