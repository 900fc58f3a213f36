#include "core/base/key_parser.hh"

namespace weft {
namespace {

constexpr char k_escape = '\x1b';

constexpr char control(char letter) { return static_cast<char>(letter - '@'); }

Key control_key(char byte) {
  switch (byte) {
    case '\t': return Key::tab;
    case '\b':
    case '\x7f': return Key::backspace;
    case control('A'): return Key::home;
    case control('B'): return Key::left;
    case control('C'): return Key::drop_line;
    case control('D'): return Key::remove;
    case control('E'): return Key::end;
    case control('F'): return Key::right;
    case control('K'): return Key::kill_rest;
    case control('L'): return Key::clear;
    case control('N'): return Key::down;
    case control('P'): return Key::up;
    case control('U'): return Key::kill_start;
    case control('W'): return Key::kill_word;
    default: return Key::none;
  }
}

// The last byte of ESC [ ... or ESC O ... names the key,
Key sequence_key(char last, unsigned number) {
  switch (last) {
    case 'A': return Key::up;
    case 'B': return Key::down;
    case 'C': return Key::right;
    case 'D': return Key::left;
    case 'F': return Key::end;
    case 'H': return Key::home;
    case '~': break;
    default: return Key::none;
  }
  switch (number) {  // or, in ESC [ number ~, the number does.
    case 1:
    case 7: return Key::home;
    case 3: return Key::remove;
    case 4:
    case 8: return Key::end;
    default: return Key::none;
  }
}

}  // namespace

KeyPress KeyParser::take(char byte) {
  switch (state_) {
    case State::plain: return take_plain(byte);
    case State::sequence: return take_sequence(byte);
    case State::one_more: state_ = State::plain; return {sequence_key(byte, 0)};
    case State::escape: break;
  }
  number_ = 0;
  number_done_ = false;
  switch (byte) {
    case '[': state_ = State::sequence; break;
    case 'O': state_ = State::one_more; break;
    case k_escape: break;
    default: state_ = State::plain;  // Alt and a key: nothing that we know
  }
  return {};
}

KeyPress KeyParser::take_plain(char byte) {
  const bool was_return = after_return_;
  after_return_ = byte == '\r';
  if (byte == '\r') return {Key::enter};
  if (byte == '\n') return {was_return ? Key::none : Key::enter};  // "\r\n" is one line's end
  if (byte == k_escape) {
    state_ = State::escape;
    return {};
  }
  if (byte >= ' ' && byte <= '~') return {Key::text, byte};
  return {control_key(byte)};
}

KeyPress KeyParser::take_sequence(char byte) {
  constexpr unsigned k_largest = 1000;
  if (byte >= '0' && byte <= '9') {
    if (!number_done_ && number_ < k_largest)
      number_ = number_ * 10 + static_cast<unsigned>(byte - '0');
    return {};
  }
  if (byte >= ' ' && byte <= '?') {  // a separator: what follows tells of Shift, Alt and Control
    number_done_ = true;
    return {};
  }
  state_ = State::plain;
  return {sequence_key(byte, number_)};
}

}  // namespace weft
