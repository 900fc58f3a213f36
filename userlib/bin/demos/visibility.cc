// Run:      safety visibility        (with two CPUs or more)
// Look for: "I raise my flag, then I look for yours", in both threads: some rounds, nobody sees a flag.
// Why:      a CPU keeps what it writes for a moment to itself. Only seq_cst makes one order for all.
#include "userlib/base/print.hh"
#include "userlib/base/vector.hh"
#include "userlib/bin/demos/safety.hh"
#include "userlib/thread/thread.hh"

namespace weft {
namespace {

constexpr int k_rounds = 20000;

// Both go on at the same moment, as nearly as can be: so they spin, and give up the CPU only if the
// other seems to have none.
class StartingLine {
 public:
  void wait() {
    const uint32_t round = arrived_.fetch_add(1, acq_rel) / 2;
    for (uint32_t turns = 1; arrived_.load(acquire) / 2 == round; ++turns) {
      if (turns % 2000 == 0) this_thread::yield();
    }
  }

 private:
  Atomic<uint32_t> arrived_{0};
};

// How often neither saw the other's flag. Each round has flags of its own.
template <memory_order k_order>
int blind_rounds() {
  struct Flag {
    Atomic<int> raised{0};
    int saw_other = 0;
    char apart[120] = {};  // the CPUs must not wait for each other over a shared cache line
  };
  Vector<Flag*> flags[2];
  for (auto& each : flags) {
    for (int i = 0; i < k_rounds; ++i) each.push_back(new Flag);
  }
  StartingLine line;
  const auto run = [&](size_t own) {
    for (size_t i = 0; i < k_rounds; ++i) {
      Flag& mine = *flags[own][i];
      const Flag& yours = *flags[1 - own][i];
      line.wait();
      mine.raised.store(1, k_order);
      mine.saw_other = yours.raised.load(k_order);
    }
  };
  thread other([&] { run(1); });
  run(0);
  other.join();
  int blind = 0;
  for (size_t i = 0; i < k_rounds; ++i) {
    if (flags[0][i]->saw_other == 0 && flags[1][i]->saw_other == 0) ++blind;
    delete flags[0][i];
    delete flags[1][i];
  }
  return blind;
}

}  // namespace

void show_visibility() {
  print("  relaxed: neither saw the other in {} of {} rounds\n", blind_rounds<relaxed>(), k_rounds);
  print("  seq_cst: neither saw the other in {} of {} rounds\n", blind_rounds<seq_cst>(), k_rounds);
}

}  // namespace weft
