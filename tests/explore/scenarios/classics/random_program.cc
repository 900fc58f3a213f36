#include "explore/scenarios/classics/random_program.hh"

#include "explore/scenario.hh"
#include "userlib/sys/asymmetric.hh"

namespace weft::explore {
namespace {

using Words = std::array<Atomic<uint32_t>, Program::k_words>;

uint32_t execute(const Instruction& instruction, Words& words) {
  Atomic<uint32_t>& word = words[instruction.word];
  switch (instruction.kind) {
    case Instruction::Kind::load: return word.load(instruction.order);
    case Instruction::Kind::store: word.store(instruction.value, instruction.order); return 0;
    case Instruction::Kind::add: return word.fetch_add(instruction.value, instruction.order);
    case Instruction::Kind::exchange_if: {
      uint32_t expected = 0;
      word.compare_exchange(expected, instruction.value, instruction.order);
      return expected;
    }
    case Instruction::Kind::fence: fence(instruction.order); return 0;
    case Instruction::Kind::heavy_fence: sys::heavy_fence(); return 0;
  }
  return 0;
}

// All that a thread has seen, in one number.
void run_thread(unsigned number, Words& words, std::array<uint64_t, Program::k_threads>& seen) {
  uint64_t mine = 1;
  for (unsigned i = 0; i < program_to_run->lengths[number]; ++i) {
    mine = mine * 16 + execute(program_to_run->threads[number][i], words);
  }
  seen[number] = mine;
}

const Scenario random_program{{.name = "random-program",
                               .about = "what --compare makes up; by itself two stores and loads",
                               .preemptions = 8},
                              [](Stage& stage) {
                                Words words{};
                                std::array<uint64_t, Program::k_threads> seen{};
                                stage.thread("A", [&] { run_thread(0, words, seen); });
                                stage.thread("B", [&] { run_thread(1, words, seen); });
                                stage.thread("C", [&] { run_thread(2, words, seen); });
                                stage.run();
                                uint64_t outcome = 7;
                                for (const uint64_t thread : seen)
                                  outcome = outcome * 0x1'0000'01b3 + thread;
                                for (const auto& word : words)
                                  outcome = outcome * 0x1'0000'01b3 + word.load(seq_cst);
                                observe(outcome);
                              }};

}  // namespace
}  // namespace weft::explore
