#include "core/proc/program.hh"

#include <array>
#include <utility>

#include "core/fs/random.hh"
#include "core/mm/heap.hh"
#include "core/mm/page_frames.hh"
#include "core/mm/user_memory.hh"
#include "core/proc/elf.hh"
#include "core/proc/futex.hh"
#include "core/trace/trace.hh"

namespace weft::proc {
namespace {

constexpr VirtAddr k_independent_base = 0x5555'5555'4000;  // where Linux puts them, without chance
constexpr VirtAddr k_stack_top = mm::k_user_end - (16 << 20);  // above it is nothing, as on Linux
constexpr size_t k_first_stack = 132 << 10;                    // it grows from there
constexpr size_t k_stack_alignment = 16;

// ---- The file's segments --------------------------------------------------------------------------

// What the file has comes from the file's own frames, copied when written; the rest is zeros.
//
//    | file | file ... file | file, 0 | 0 ... 0 |
//      ^ address                ^ file_end        ^ end
Result<> map_segment(mm::AddressSpace& space, const Segment& segment, VirtAddr base,
                     const Ref<mm::MemoryObject>& file) {
  const VirtAddr start = base + round_down(segment.address, k_page_size);
  const VirtAddr file_end = segment.file_size == 0
                                ? start
                                : base + round_up(segment.address + segment.file_size, k_page_size);
  const VirtAddr end = base + round_up(segment.address + segment.memory_size, k_page_size);
  if (file_end > start) {
    TRY(space.map({.address = start,
                   .size = file_end - start,
                   .access = segment.access,
                   .is_fixed = true,
                   .no_replace = true,
                   .object = file,
                   .offset = round_down(segment.offset, k_page_size)}));
  }
  if (end > file_end) {
    TRY(space.map({.address = file_end,
                   .size = end - file_end,
                   .access = segment.access,
                   .is_fixed = true,
                   .no_replace = true}));
  }
  return {};
}

// The last page of the file's part has more of the file behind it. The space is loaded.
Result<> clear_tail(const Segment& segment, VirtAddr base) {
  if (segment.file_size == 0 || segment.memory_size == segment.file_size) return {};
  if (!mm::allows(segment.access, mm::Access::write)) return {};
  const VirtAddr tail = base + segment.address + segment.file_size;
  return mm::clear_user(tail, round_up(tail, k_page_size) - tail);
}

Result<ProgramFile> read_head(mm::MemoryObject& file) {
  const size_t size = std::min<uint64_t>(file.size(), k_page_size);
  const PhysAddr frame = TRY(file.get_page(0));
  const auto program =
      read_program({static_cast<const std::byte*>(hal::phys_to_virt(frame)), size}, file.size());
  mm::page_frames.drop_reference(frame);
  return program;
}

// ---- The stack ------------------------------------------------------------------------------------

enum Auxiliary : uint64_t {
  k_end = 0,
  k_headers = 3,
  k_header_size = 4,
  k_header_count = 5,
  k_page = 6,
  k_base = 7,
  k_flags = 8,
  k_entry = 9,
  k_user = 11,
  k_effective_user = 12,
  k_group = 13,
  k_effective_group = 14,
  k_machine = 15,
  k_features = 16,
  k_ticks = 17,
  k_secure = 23,
  k_random = 25,
  k_file_name = 31,
};

// Words, from the lowest address up, as they will lie on the stack.
class Words {
 public:
  explicit Words(uint64_t* room) : room_(room) {}
  void add(uint64_t word) { room_[count_++] = word; }
  void add(Auxiliary kind, uint64_t value) {
    add(kind);
    add(value);
  }
  size_t count() const { return count_; }

 private:
  uint64_t* room_;
  size_t count_ = 0;
};

void add_texts(Words& words, std::string_view texts, size_t first, size_t count, VirtAddr place) {
  size_t index = 0;
  size_t at = 0;
  while (index < first + count) {
    if (index >= first) words.add(place + at);
    at = texts.find('\0', at) + 1;
    ++index;
  }
  words.add(0);
}

// The stack as a program finds it, from its pointer up: the number of arguments, their addresses, 0,
// those of the environment, 0, pairs that tell about program and machine, and all the texts. Where it
// begins. The space is loaded.
Result<VirtAddr> fill_stack(mm::AddressSpace& space, const ProgramFile& program, VirtAddr base,
                            std::string_view path, const StartTexts& texts, VirtAddr top) {
  const VirtAddr name = top - sizeof(uint64_t) - (path.size() + 1);
  const VirtAddr random = round_down(name - 16, 16);
  const VirtAddr text = random - texts.texts().size();
  space.set_text_places({text, text + texts.argument_bytes(), random});
  std::array<std::byte, 16> bytes{};
  fs::IoBuffer bytes_buffer = fs::IoBuffer::kernel(bytes);
  TRY(fs::read_random(bytes_buffer));
  TRY(mm::copy_to_user(name, path.data(), path.size()));
  TRY(mm::copy_to_user(random, bytes.data(), sizeof bytes));
  TRY(mm::copy_to_user(text, texts.texts().data(), texts.texts().size()));

  constexpr size_t k_other_words = 64;
  const size_t most = texts.argument_count() + texts.environment_count() + k_other_words;
  auto* const room = static_cast<uint64_t*>(TRY(mm::allocate(most * sizeof(uint64_t))));
  Words words(room);
  words.add(texts.argument_count());
  add_texts(words, texts.texts(), 0, texts.argument_count(), text);
  add_texts(words, texts.texts(), texts.argument_count(), texts.environment_count(), text);
  if (program.headers != 0) {
    words.add(k_headers, base + program.headers);
    words.add(k_header_size, 56);
    words.add(k_header_count, program.header_count);
  }
  words.add(k_page, k_page_size);
  words.add(k_base, 0);
  words.add(k_flags, 0);
  words.add(k_entry, base + program.entry);
  words.add(k_user, 0);
  words.add(k_effective_user, 0);
  words.add(k_group, 0);
  words.add(k_effective_group, 0);
  words.add(k_ticks, 100);
  words.add(k_secure, 0);
  words.add(k_random, random);
  words.add(k_file_name, name);
  words.add(k_end, 0);
  const size_t size = words.count() * sizeof(uint64_t);
  const VirtAddr pointer = round_down(text - size, k_stack_alignment);
  Result<> stored = mm::copy_to_user(pointer, room, size);
  mm::free(room);
  TRY(stored);
  return pointer;
}

// ---- The change -----------------------------------------------------------------------------------

Result<Ref<mm::AddressSpace>> make_space(const ProgramFile& program, VirtAddr base,
                                         const Ref<mm::MemoryObject>& file, const Limits& limits) {
  Ref<mm::AddressSpace> space = TRY(mm::AddressSpace::make());
  space->set_limits(limits.of_memory());
  for (const Segment& segment : program.segments()) {
    TRY(map_segment(*space, segment, base, file));
  }
  TRY(space->map({.address = k_stack_top - k_first_stack,
                  .size = k_first_stack,
                  .access = mm::Access::read | mm::Access::write,
                  .is_fixed = true,
                  .no_replace = true,
                  .grows_down = true}));
  space->start_heap(base + program.end());
  return space;
}

// The running thread uses the space from now on.
void enter_space(UserThread& self, Ref<mm::AddressSpace>& space) {
  const bool were_on = hal::irq_save();
  {
    SpinGuard guard(tree_lock);
    std::swap(self.process.memory, space);
  }
  self.root = self.process.memory->root();
  hal::load_root(self.root);
  hal::irq_restore(were_on);
}

Result<VirtAddr> fill_space(mm::AddressSpace& space, const ProgramFile& program, VirtAddr base,
                            std::string_view path, const StartTexts& texts) {
  for (const Segment& segment : program.segments()) TRY(clear_tail(segment, base));
  return fill_stack(space, program, base, path, texts, k_stack_top);
}

// What the new program doesn't share with anybody any more, and handlers that it doesn't have. Made
// before the old program is given up.
struct NewShare {
  Ref<SignalActions> actions;
  Ref<fs::DescriptorTable> files;
};

Result<NewShare> make_share(Process& process) {
  NewShare share;
  SignalActions& actions = *process.actions;
  const bool are_good = actions.caught() == 0 && actions.reference_count() == 1;
  share.actions = are_good ? process.actions : TRY(actions.copy_for_program());
  const bool is_shared = process.files->reference_count() > 1;
  share.files = is_shared ? TRY(process.files->copy()) : process.files;
  return share;
}

// Nothing of this can fail. What is given up goes when no lock is held any more.
void become(UserThread& self, NewShare& share, Ref<fs::File> file, std::string_view path) {
  Process& process = self.process;
  std::swap(process.files, share.files);
  {
    SpinGuard tree_guard(tree_lock);
    process.has_executed = true;
    process.exit_signal = abi::k_sigchld;
    process.program = std::move(file);
    SpinGuard guard(process.signal_lock);
    std::swap(process.actions, share.actions);
  }
  process.files->close_for_exec();
  process.may_dump = true;
  self.other_stack = {};
  self.restart.go_on = nullptr;
  self.clear_child_tid = 0;
  self.thread.set_name(path.substr(path.rfind('/') + 1).substr(0, k_longest_name));
  trace::record_name(self.thread.id(), self.thread.name());
  trace::record(trace::Kind::thread_belongs, static_cast<uint64_t>(process.pid),
                static_cast<uint64_t>(self.tid));
}

}  // namespace

Result<> execute(UserThread& self, Registers& registers, const Ref<fs::File>& file,
                 std::string_view path, const StartTexts& texts) {
  const Ref<mm::MemoryObject> contents = TRY(file->memory_object());
  const ProgramFile program = TRY(read_head(*contents));
  const VirtAddr base = program.is_position_independent ? k_independent_base : 0;
  Ref<mm::AddressSpace> space = TRY(make_space(program, base, contents, self.process.limits));
  NewShare share = TRY(make_share(self.process));
  TRY(end_other_threads(self));
  enter_space(self, space);
  const auto stack = fill_space(*self.process.memory, program, base, path, texts);
  if (!stack.has_value()) {
    enter_space(self, space);  // back to what it was
    return fail(stack.error());
  }
  if (self.robust_list != 0) {  // the locks are in the old memory
    enter_space(self, space);
    release_robust_list(self);
    enter_space(self, space);
  }
  if (Timers* const timers = self.process.timers.load(acquire)) timers->remove_all();
  keep_most_resident(self.process, *space);
  return_borrowed_memory(self.process);
  trace::record_text(trace::Kind::executes, path);
  become(self, share, file, path);
  hal::reset_user_state(self);
  hal::init_registers(registers, base + program.entry, *stack);
  return {};
}

}  // namespace weft::proc
