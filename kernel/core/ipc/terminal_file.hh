// TerminalFile: a terminal that somebody has opened.
#pragma once

#include "core/fs/file.hh"
#include "core/ipc/terminal.hh"

namespace weft::ipc {

class TerminalFile final : public fs::File {
 public:
  // `survives_hang_up`: as the console does. Errno::nomem.
  static Result<Ref<fs::File>> make(Terminal& terminal, uint32_t flags, bool survives_hang_up);
  // The running process's controlling terminal, which is what /dev/tty stands for. Errno::nxio if it
  // has none.
  static Result<Ref<fs::File>> make_of_caller(uint32_t flags);
  TerminalFile(Terminal& terminal, uint32_t flags, uint32_t era)
      : File(flags), terminal_(terminal), era_(era) {}

  Result<size_t> read(fs::IoBuffer& to) override;
  Result<size_t> write(fs::IoBuffer& from) override;
  Result<uint64_t> control(uint32_t request, uint64_t argument) override;
  fs::PollEvents poll(fs::PollEntry* entry) override;

 private:
  void destroy() override;

  Terminal& terminal_;  // stays for ever
  const uint32_t era_;
};

}  // namespace weft::ipc
