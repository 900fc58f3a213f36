#include "core/ipc/terminal_file.hh"

#include "core/ipc/process_hooks.hh"
#include "core/mm/object_cache.hh"

namespace weft::ipc {
namespace {

[[clang::no_destroy]] constinit mm::ObjectCache<TerminalFile> files("terminal");

}  // namespace

Result<Ref<fs::File>> TerminalFile::make(Terminal& terminal, uint32_t flags,
                                         bool survives_hang_up) {
  const uint32_t era = survives_hang_up ? Terminal::k_every_era : terminal.era();
  return Ref<fs::File>(Ref<TerminalFile>::adopt(TRY(files.make(terminal, flags, era))));
}

Result<Ref<fs::File>> TerminalFile::make_of_caller(uint32_t flags) {
  const Caller caller = process_hooks.caller();
  if (caller.terminal == nullptr || !caller.terminal->controls(caller)) return fail(Errno::nxio);
  return make(*caller.terminal, flags, false);
}

void TerminalFile::destroy() { files.destroy(this); }

Result<size_t> TerminalFile::read(fs::IoBuffer& to) {
  return terminal_.read(to, !is_nonblocking(), era_);
}

Result<size_t> TerminalFile::write(fs::IoBuffer& from) {
  return terminal_.write(from, !is_nonblocking(), era_);
}

Result<uint64_t> TerminalFile::control(uint32_t request, uint64_t argument) {
  return terminal_.control(request, argument, era_);
}

fs::PollEvents TerminalFile::poll(fs::PollEntry* entry) { return terminal_.poll(entry, era_); }

}  // namespace weft::ipc
