#include "core/ipc/terminal_output.hh"

#include "abi/constants.hh"
#include "core/ipc/character.hh"

namespace weft::ipc {
namespace {

constexpr unsigned k_tab = 8;

}  // namespace

bool is_continuation(uint8_t byte, const abi::TerminalModes& modes) {
  return (modes.input & abi::k_iutf8) != 0 && (byte & 0xc0) == 0x80;
}

void TerminalOutput::send() {
  if (is_stopped_ || count_ == 0) return;
  device_.write({bytes_.data(), count_});
  count_ = 0;
}

void TerminalOutput::put_raw(char byte) {
  if (count_ == k_room) send();
  if (count_ < k_room) bytes_[count_++] = byte;
}

void TerminalOutput::put_tab(const abi::TerminalModes& modes) {
  const unsigned width = k_tab - column_ % k_tab;
  column_ += width;
  if ((modes.output & abi::k_xtabs) != abi::k_xtabs) return put_raw('\t');
  for (unsigned i = 0; i < width; ++i) put_raw(' ');
}

void TerminalOutput::put(uint8_t byte, const abi::TerminalModes& modes) {
  const auto wants = [&](uint32_t mode) { return (modes.output & mode) != 0; };
  if (!wants(abi::k_opost)) return put_raw(static_cast<char>(byte));
  switch (byte) {
    case '\n':
      if (wants(abi::k_onlcr)) put_raw('\r');
      if (wants(abi::k_onlcr | abi::k_onlret)) column_ = 0;
      break;
    case '\r':
      if (wants(abi::k_onocr) && column_ == 0) return;
      if (!wants(abi::k_ocrnl) || wants(abi::k_onlret)) column_ = 0;
      if (wants(abi::k_ocrnl)) byte = '\n';
      break;
    case '\t': return put_tab(modes);
    case '\b':
      if (column_ > 0) --column_;
      break;
    default:
      if (!is_control(byte) && !is_continuation(byte, modes)) ++column_;
  }
  put_raw(static_cast<char>(byte));
}

}  // namespace weft::ipc
