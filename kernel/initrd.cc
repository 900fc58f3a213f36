#include "initrd.hh"

#include <algorithm>
#include <array>
#include <cstring>

#include "console_terminal.hh"
#include "core/base/log.hh"
#include "core/base/options.hh"
#include "core/fs/fill.hh"
#include "core/fs/program_file.hh"
#include "core/fs/special_node.hh"
#include "core/fs/tree.hh"
#include "core/hal.hh"
#include "core/ipc/pipe_file.hh"
#include "core/proc/file_hooks.hh"
#include "core/proc/proc_tree.hh"
#include "core/proc/program.hh"
#include "dev/power.hh"
#include "x86_64/cpu_description.hh"

namespace weft {
namespace {

constinit std::span<const std::byte> initrd;

bool is_program(std::span<const std::byte> file) {
  return file.size() > 4 && memcmp(file.data(),
                                   "\x7f"
                                   "ELF",
                                   4) == 0;
}

// Folders that every program may count on, whatever the archive has.
Result<> make_usual_folders() {
  for (const std::string_view path : {"/tmp", "/dev", "/dev/shm"}) {
    const auto made = fs::make_directory({fs::root(), path}, 0755);
    if (!made.has_value() && made.error() != Errno::exist) return made;
  }
  for (const std::string_view path : {"/tmp", "/dev/shm"}) {
    TRY(fs::find(fs::root(), path, fs::LastLink::follow))->node().set_permissions(01777);
  }
  return {};
}

Result<> fill(size_t& position) {
  if (is_program(initrd)) return fs::add_file("init", 0755, initrd);
  return fs::fill_tree(initrd, position);
}

void start_files() {
  size_t position = 0;
  Result<> done = fs::init_tree();
  if (done.has_value()) done = fill(position);
  if (done.has_value()) done = make_usual_folders();
  if (!done.has_value() && done.error() == Errno::inval) {
    dev::refuse_to_start(Text<120>("the initrd is damaged at its byte {}", position).view());
  }
  if (!done.has_value()) dev::refuse_to_start("too little memory for the files of the initrd");
  fs::register_memory_devices();
  fs::register_fifo_opener(ipc::open_fifo);
  console::start_terminal();
  if (!proc::start_proc(x86::describe_cpu).has_value()) {
    dev::refuse_to_start("too little memory for /proc");
  }
}

// Descriptors 0, 1 and 2.
Result<> open_console(proc::Process& process) {
  constexpr int32_t k_standard_files = 3;
  const Ref<fs::File> console = TRY(fs::open({fs::root(), "/dev/console"}, abi::k_o_rdwr, 0));
  for (int32_t number = 0; number < k_standard_files; ++number) {
    TRY(process.files->add(console, false, k_standard_files));
  }
  return {};
}

// What `cmd=` asks for: a lone program finds it as its argument, an init in its environment, where
// Linux puts it, too.
Result<> add_start_texts(proc::StartTexts& texts, std::string_view path) {
  constexpr size_t k_longest_command = 2000;
  const std::string_view command = kernel_options.command;
  if (command.size() > k_longest_command) return fail(Errno::too_big);
  TRY(texts.add_argument(path));
  if (!command.empty() && is_program(initrd)) TRY(texts.add_argument(command));
  TRY(texts.add_environment("HOME=/"));
  TRY(texts.add_environment("TERM=linux"));
  if (!command.empty() && !is_program(initrd)) {
    TRY(texts.add_environment(Text<k_longest_command + 4>("cmd={}", command).view()));
  }
  return {};
}

Result<> execute_init(proc::UserThread& self, Registers& registers) {
  constexpr std::array<std::string_view, 3> k_places{"/init", "/sbin/init", "/bin/init"};
  Result<Ref<fs::Entry>> found = fail(Errno::noent);
  std::string_view path;
  for (const std::string_view place : k_places) {
    path = place;
    found = fs::find(fs::root(), place, fs::LastLink::follow);
    if (found.has_value()) break;
  }
  const Ref<fs::File> program = TRY(fs::open_program(TRY(found)));
  TRY(open_console(self.process));
  proc::StartTexts texts = TRY(proc::StartTexts::make(proc::StartTexts::k_longest_text, path));
  TRY(add_start_texts(texts, path));
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

void start_init() {
  start_files();
  proc::when_first_process_ends(end_with_init);
  const auto thread = proc::make_first_process(run_init);
  if (!thread.has_value()) dev::refuse_to_start("too little memory for the first process");
  proc::start_user_thread(**thread);
}

}  // namespace weft
