#include "initrd.hh"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/base/log.hh"
#include "core/base/options.hh"
#include "core/fs/cpio.hh"
#include "core/hal.hh"
#include "core/mm/heap.hh"
#include "core/mm/page_frames.hh"
#include "core/proc/program.hh"
#include "core/sync/mutex.hh"
#include "dev/power.hh"
#include "syscall/program_files.hh"

namespace weft {
namespace {

constinit std::span<const std::byte> initrd;

// A program that has been run: its pages stay, for those who run it again.
struct KnownProgram {
  const std::byte* contents;
  Ref<mm::MemoryObject> object;
  ListHook hook;
};
[[clang::no_destroy]] constinit Mutex known_lock{Rank::user};
[[clang::no_destroy]] List<KnownProgram, &KnownProgram::hook> known GUARDED_BY(known_lock);

bool is_program(std::span<const std::byte> file) {
  return file.size() > 4 && memcmp(file.data(),
                                   "\x7f"
                                   "ELF",
                                   4) == 0;
}

// Follows one kind of symbolic link: the one to a name in the same folder or from the root, which is
// how the names of a program with many names are made.
constexpr uint32_t k_type_mask = 0170000, k_symbolic_link = 0120000, k_regular = 0100000;
constexpr unsigned k_most_links = 8;

Result<fs::CpioEntry> find_entry(std::string_view path) {
  fs::CpioReader reader(initrd);
  for (;;) {
    const fs::CpioEntry entry = TRY(reader.next());
    if (entry.name == path) return entry;
  }
}

Result<std::span<const std::byte>> find_program(std::string_view path) {
  if (is_program(initrd)) return initrd;
  std::array<char, 256> room;
  for (unsigned links = 0; links < k_most_links; ++links) {
    while (path.starts_with('/')) path.remove_prefix(1);
    const fs::CpioEntry entry = TRY(find_entry(path));
    if ((entry.mode & k_type_mask) == k_regular) return entry.contents;
    if ((entry.mode & k_type_mask) != k_symbolic_link) return fail(Errno::acces);
    const std::string_view target(reinterpret_cast<const char*>(entry.contents.data()),
                                  entry.contents.size());
    const size_t folder = target.starts_with('/') ? 0 : path.rfind('/') + 1;
    if (folder + target.size() > room.size()) return fail(Errno::nametoolong);
    if (path.data() != room.data()) path.copy(room.data(), folder);
    target.copy(room.data() + folder, target.size());
    path = {room.data(), folder + target.size()};
  }
  return fail(Errno::loop);
}

Result<Ref<mm::MemoryObject>> copy_program(std::span<const std::byte> contents) {
  Ref<mm::MemoryObject> object = TRY(mm::MemoryObject::make(contents.size()));
  for (size_t offset = 0; offset < contents.size(); offset += k_page_size) {
    const PhysAddr frame = TRY(object->get_page(offset / k_page_size));
    memcpy(hal::phys_to_virt(frame), contents.data() + offset,
           std::min(k_page_size, contents.size() - offset));
    mm::page_frames.drop_reference(frame);
  }
  return object;
}

Result<> execute_init(proc::UserThread& self, Registers& registers) {
  constexpr std::array<std::string_view, 3> k_places{"/init", "/sbin/init", "/bin/init"};
  Result<Ref<mm::MemoryObject>> file = fail(Errno::noent);
  std::string_view path;
  for (const std::string_view place : k_places) {
    path = place;
    file = open_program(place);
    if (file.has_value()) break;
  }
  const Ref<mm::MemoryObject> program = TRY(file);
  proc::StartTexts texts = TRY(proc::StartTexts::make());
  TRY(texts.add_argument(path));
  if (!kernel_options.command.empty()) TRY(texts.add_argument(kernel_options.command));
  TRY(texts.add_environment("HOME=/"));
  TRY(texts.add_environment("TERM=linux"));
  return proc::execute(self, registers, program, path, texts);
}

void run_init(void* argument) {
  Registers registers{};
  const auto done = execute_init(*static_cast<proc::UserThread*>(argument), registers);
  if (!done.has_value()) {
    dev::refuse_to_start(
        Text<120>("the first program can't be started: {}", errno_name(done.error())).view());
  }
  hal::enter_user(registers);
}

// A machine without its first process has nothing to do.
void end_with_init(int status) {
  const int code = (status & 0x7f) != 0 ? 128 + (status & 0x7f) : status >> 8 & 0xff;
  if ((status & 0x7f) != 0) log::error("init was ended by signal {}", status & 0x7f);
  dev::power_off(std::min<unsigned>(static_cast<unsigned>(code), dev::k_largest_status));
}

}  // namespace

void use_initrd(std::span<const std::byte> archive) { initrd = archive; }
bool has_initrd() { return !initrd.empty(); }

Result<Ref<mm::MemoryObject>> open_program(std::string_view path) {
  const std::span<const std::byte> contents = TRY(find_program(path));
  MutexGuard guard(known_lock);
  for (KnownProgram& program : known) {
    if (program.contents == contents.data()) return program.object;
  }
  auto program = TRY(mm::make<KnownProgram>());
  program->contents = contents.data();
  program->object = TRY(copy_program(contents));
  const Ref<mm::MemoryObject> object = program->object;
  known.push_back(*program.release());
  return object;
}

void start_init() {
  proc::when_first_process_ends(end_with_init);
  const auto thread = proc::make_first_process(run_init);
  if (!thread.has_value()) dev::refuse_to_start("too little memory for the first process");
  proc::start_user_thread(**thread);
}

}  // namespace weft
