// Becoming another program: execve(), with scripts and those that run them.
#include <array>

#include "core/fs/program_file.hh"
#include "core/proc/program.hh"
#include "core/proc/script.hh"
#include "syscall/handlers.hh"
#include "syscall/path_argument.hh"

namespace weft::syscall {
namespace {

// What runs a script can be a script itself, and so on.
constexpr size_t k_most_scripts = 5;

// From a file to the program that runs it.
class Interpreters {
 public:
  // Errno::loop if there are too many; and the errors of finding and opening one.
  Result<Ref<fs::File>> find_program(Context& context, Ref<fs::File> file) {
    while (TRY(lines_[count_].read(*TRY(file->memory_object())))) {
      if (count_ == k_most_scripts) return fail(Errno::loop);
      const std::string_view path = lines_[count_++].interpreter();
      file = TRY(fs::open_program(
          TRY(fs::find(context.process.file_context->folder(), path, fs::LastLink::follow))));
    }
    return file;
  }
  bool empty() const { return count_ == 0; }

  // The arguments in front of the script's own: the innermost interpreter comes first.
  Result<> add_to(proc::StartTexts& texts, std::string_view script) const {
    for (size_t at = count_; at-- > 0;) {
      TRY(texts.add_argument(lines_[at].interpreter()));
      if (!lines_[at].argument().empty()) TRY(texts.add_argument(lines_[at].argument()));
    }
    return texts.add_argument(script);
  }

 private:
  std::array<proc::ScriptLine, k_most_scripts + 1> lines_;
  size_t count_ = 0;
};

}  // namespace

Result<uint64_t> sys_execve(Context& context, UserPath path, UserStrings argv,
                            UserStrings environment) {
  PathArgument argument;
  TRY(argument.load(context, Fd{k_at_working_folder}, path));
  const std::string_view name = argument.at().path;
  Interpreters interpreters;
  const Ref<fs::File> program =
      TRY(interpreters.find_program(context, TRY(fs::open_program(TRY(argument.find(true))))));
  proc::StartTexts texts = TRY(proc::StartTexts::make(
      proc::StartTexts::room_for(context.process.limits.soft(abi::k_rlimit_stack)), name));
  if (!interpreters.empty()) TRY(interpreters.add_to(texts, name));
  TRY(texts.add_arguments(argv.address, interpreters.empty() ? 0 : 1));
  TRY(texts.add_environment_list(environment.address));
  TRY(proc::execute(context.thread, context.registers, program, name, texts));
  return 0;
}

}  // namespace weft::syscall
