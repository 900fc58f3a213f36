#include "explore/compare.hh"

#include <cstdio>
#include <random>
#include <set>

#include "explore/engine/engine.hh"
#include "explore/engine/exhaustive.hh"
#include "explore/run.hh"
#include "explore/scenarios/classics/random_program.hh"

namespace weft::explore {
namespace {

using Kind = Instruction::Kind;

constexpr Program k_first_program = {
    .threads = {{{{{Kind::store, 0, 1, seq_cst}, {Kind::load, 1, 0, seq_cst}}},
                 {{{Kind::store, 1, 1, seq_cst}, {Kind::load, 0, 0, seq_cst}}},
                 {}}},
    .lengths = {2, 2, 0}};

class Maker {
 public:
  explicit Maker(uint64_t seed) : random_(seed) {}

  Program make() {
    Program program;
    for (unsigned thread = 0; thread < Program::k_threads; ++thread) {
      // Three threads are shorter than two, so that all orders can be gone through.
      program.lengths[thread] = static_cast<uint8_t>(1 + below(thread == 2 ? 2 : 3));
      for (Instruction& instruction : program.threads[thread]) instruction = make_instruction();
    }
    return program;
  }

 private:
  unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

  Instruction make_instruction() {
    static constexpr memory_order k_orders[] = {relaxed, acquire, release, acq_rel, seq_cst};
    Instruction instruction;
    instruction.kind = static_cast<Kind>(below(Instruction::k_kinds));
    instruction.word = static_cast<uint8_t>(below(Program::k_words));
    instruction.value = static_cast<uint8_t>(1 + below(3));
    instruction.order = k_orders[below(5)];
    if (instruction.kind == Kind::load && instruction.order >= release &&
        instruction.order != seq_cst) {
      instruction.order = acquire;
    }
    if (instruction.kind == Kind::store && instruction.order != seq_cst &&
        instruction.order != relaxed) {
      instruction.order = release;
    }
    if (instruction.kind == Kind::fence && instruction.order == relaxed)
      instruction.order = seq_cst;
    return instruction;
  }

  std::mt19937_64 random_;
};

struct Seen {
  std::set<uint64_t> outcomes;
  uint64_t runs = 0;
};

Seen see_all(bool reduces) {
  Seen seen;
  do {
    seen = {};
    Exhaustive chooser(
        {.budget = {.preemptions = k_unlimited, .old_stores = k_unlimited}, .reduces = reduces});
    do {
      if (engine.run(chooser) == RunEnd::completed) seen.outcomes.insert(engine.outcome());
      ++seen.runs;
    } while (chooser.wants_more());
  } while (engine.learn_sharing());
  return seen;
}

}  // namespace

const Program* program_to_run = &k_first_program;

bool compare_searches(unsigned programs, uint64_t seed) {
  prepare(*find_scenario("random-program"));
  Maker maker(seed);
  uint64_t runs = 0, reduced_runs = 0, outcomes = 0;
  for (unsigned i = 0; i < programs; ++i) {
    const Program program = maker.make();
    program_to_run = &program;
    engine.forget_sharing();
    const Seen reduced = see_all(true);
    const Seen all = see_all(false);
    program_to_run = &k_first_program;
    if (reduced.outcomes != all.outcomes) {
      std::printf("program %u of seed %lu: %zu outcomes, but %zu with reduction\n", i, seed,
                  all.outcomes.size(), reduced.outcomes.size());
      return false;
    }
    runs += all.runs;
    reduced_runs += reduced.runs;
    outcomes += all.outcomes.size();
  }
  std::printf(
      "%u random programs, %lu outcomes: all %lu runs see them, and so do %lu with reduction\n",
      programs, outcomes, runs, reduced_runs);
  return true;
}

}  // namespace weft::explore
