#include "core/ipc/line_discipline.hh"

#include <algorithm>

#include "abi/constants.hh"
#include "core/ipc/character.hh"

namespace weft::ipc {
namespace {

constexpr uint8_t k_disabled = 0;  // a special character that is none

// As Linux sets a new terminal up.
constexpr abi::TerminalModes first_modes() {
  abi::TerminalModes modes{};
  modes.input = abi::k_icrnl | abi::k_ixon;
  modes.output = abi::k_opost | abi::k_onlcr;
  modes.control = abi::k_b38400 | abi::k_cs8 | abi::k_cread | abi::k_hupcl;
  modes.local = abi::k_isig | abi::k_icanon | abi::k_echo | abi::k_echoe | abi::k_echok |
                abi::k_echoctl | abi::k_echoke | abi::k_iexten;
  constexpr auto control = [](char letter) { return static_cast<uint8_t>(letter - '@'); };
  modes.characters[abi::k_vintr] = control('C');
  modes.characters[abi::k_vquit] = control('\\');
  modes.characters[abi::k_verase] = 0x7f;
  modes.characters[abi::k_vkill] = control('U');
  modes.characters[abi::k_veof] = control('D');
  modes.characters[abi::k_vmin] = 1;
  modes.characters[abi::k_vstart] = control('Q');
  modes.characters[abi::k_vstop] = control('S');
  modes.characters[abi::k_vsusp] = control('Z');
  modes.characters[abi::k_vreprint] = control('R');
  modes.characters[abi::k_vwerase] = control('W');
  modes.characters[abi::k_vlnext] = control('V');
  return modes;
}

}  // namespace

LineDiscipline::LineDiscipline(TerminalOutput& output) : output_(output), modes_(first_modes()) {}

bool LineDiscipline::is_canonical() const { return has_local_mode(abi::k_icanon); }

bool LineDiscipline::is_special(uint8_t byte, unsigned place) const {
  return byte != k_disabled && byte == modes_.characters[place];
}

// Some special characters are so only in the extended mode.
bool LineDiscipline::is_extended(uint8_t byte, unsigned place) const {
  return has_local_mode(abi::k_iexten) && is_special(byte, place);
}

// What was typed so far is a line when lines begin to count, and just bytes when they no longer do.
void LineDiscipline::set_modes(const abi::TerminalModes& modes) {
  const bool changes = ((modes.local ^ modes_.local) & abi::k_icanon) != 0;
  if ((modes.input & abi::k_ixon) == 0) output_.set_stopped(false);
  modes_ = modes;
  if (!changes) return;
  for (size_t place = tail_; place != head_; ++place) at(place).ends_line = false;
  line_start_ = tail_;
  next_is_literal_ = false;
  if (is_canonical() && head_ != tail_) {
    at(head_ - 1).ends_line = true;
    line_start_ = head_;
  }
}

// ---- Out ------------------------------------------------------------------------------------------

bool LineDiscipline::is_readable(bool polled) const {
  if (is_canonical()) return line_start_ != tail_;
  const bool counts = polled && modes_.characters[abi::k_vtime] == 0;
  const size_t least = counts ? std::max<size_t>(modes_.characters[abi::k_vmin], 1) : 1;
  return head_ - tail_ >= least;
}

size_t LineDiscipline::readable_bytes() const {
  if (!is_canonical()) return head_ - tail_;
  size_t count = 0;
  for (size_t place = tail_; place != line_start_; ++place) count += !at(place).is_end_of_file;
  return count;
}

size_t LineDiscipline::take(std::span<char> to, bool& line_ended) {
  const size_t end = is_canonical() ? line_start_ : head_;
  size_t count = 0;
  line_ended = false;
  while (tail_ != end && count < to.size() && !line_ended) {
    const Typed& first = at(tail_++);
    line_ended = first.ends_line;
    if (!first.is_end_of_file) to[count++] = static_cast<char>(first.byte);
  }
  if (!is_canonical()) line_start_ = tail_;
  if (is_throttled_ && head_ - tail_ < k_throttle) {
    is_throttled_ = false;
    output_.put_raw(static_cast<char>(modes_.characters[abi::k_vstart]));
  }
  return count;
}

void LineDiscipline::drop_end_of_file() {
  if (tail_ != line_start_ && at(tail_).is_end_of_file) ++tail_;
}

void LineDiscipline::drop_input() {
  tail_ = line_start_ = head_;
  next_is_literal_ = false;
}

// ---- In -------------------------------------------------------------------------------------------

// In a line that is too long, the last byte is typed over, so that its end still finds room.
void LineDiscipline::add(const Typed& typed) {
  if (head_ - tail_ == k_room - 1 && !typed.ends_line) {
    if (!is_canonical() || head_ == line_start_) return;
    --head_;
  }
  if (head_ - tail_ == k_room) return;
  at(head_++) = typed;
  if (!has_input_mode(abi::k_ixoff) || is_throttled_ || head_ - tail_ < k_room - k_throttle) return;
  is_throttled_ = true;
  output_.put_raw(static_cast<char>(modes_.characters[abi::k_vstop]));
}

int LineDiscipline::receive(uint8_t byte) {
  if (has_input_mode(abi::k_istrip)) byte &= 0x7f;
  if (next_is_literal_) {
    next_is_literal_ = false;
    show(byte);
    add({.byte = byte});
    return 0;
  }
  if (control_flow(byte)) return 0;
  if (const int signal = signal_of(byte); signal != 0) {
    if (!has_local_mode(abi::k_noflsh)) {
      drop_input();
      output_.drop();
    }
    if (has_input_mode(abi::k_ixon)) output_.set_stopped(false);
    show(byte);
    return signal;
  }
  if (has_input_mode(abi::k_ixon) && has_input_mode(abi::k_ixany)) output_.set_stopped(false);
  if (byte == '\r') {
    if (has_input_mode(abi::k_igncr)) return 0;
    if (has_input_mode(abi::k_icrnl)) byte = '\n';
  } else if (byte == '\n' && has_input_mode(abi::k_inlcr)) {
    byte = '\r';
  }
  if (is_canonical() && (edit_line(byte) || end_line(byte))) return 0;
  if (byte != '\n') {
    show(byte);
  } else if (has_local_mode(abi::k_echo)) {
    output_.put('\n', modes_);
  }
  add({.byte = byte});
  return 0;
}

bool LineDiscipline::control_flow(uint8_t byte) {
  if (!has_input_mode(abi::k_ixon)) return false;
  if (is_special(byte, abi::k_vstart)) {
    output_.set_stopped(false);
    return true;
  }
  if (!is_special(byte, abi::k_vstop)) return false;
  output_.set_stopped(true);
  return true;
}

int LineDiscipline::signal_of(uint8_t byte) const {
  if (!has_local_mode(abi::k_isig)) return 0;
  if (is_special(byte, abi::k_vintr)) return abi::k_sigint;
  if (is_special(byte, abi::k_vquit)) return abi::k_sigquit;
  if (is_special(byte, abi::k_vsusp)) return abi::k_sigtstp;
  return 0;
}

// True if the byte was for the line that is being typed, and not a part of it.
bool LineDiscipline::edit_line(uint8_t byte) {
  if (is_special(byte, abi::k_verase) || is_special(byte, abi::k_vkill) ||
      is_extended(byte, abi::k_vwerase)) {
    erase(byte);
    return true;
  }
  if (is_extended(byte, abi::k_vlnext)) {
    next_is_literal_ = true;
    if (has_local_mode(abi::k_echo) && has_local_mode(abi::k_echoctl)) {
      output_.put('^', modes_);
      output_.put('\b', modes_);
    }
    return true;
  }
  if (is_extended(byte, abi::k_vreprint) && has_local_mode(abi::k_echo)) {
    show(byte);
    output_.put('\n', modes_);
    for (size_t place = line_start_; place != head_; ++place) show(at(place).byte);
    return true;
  }
  return false;
}

// True if the byte has ended the line.
bool LineDiscipline::end_line(uint8_t byte) {
  if (byte == '\n') {
    if (has_local_mode(abi::k_echo | abi::k_echonl)) output_.put('\n', modes_);
  } else if (is_special(byte, abi::k_veof)) {
    add({.ends_line = true, .is_end_of_file = true});
    line_start_ = head_;
    return true;
  } else if (is_special(byte, abi::k_veol) || is_extended(byte, abi::k_veol2)) {
    show(byte);
  } else {
    return false;
  }
  add({.byte = byte, .ends_line = true});
  line_start_ = head_;
  return true;
}

// ---- Erasing --------------------------------------------------------------------------------------

void LineDiscipline::erase(uint8_t byte) {
  if (head_ == line_start_) return;
  const bool shows = has_local_mode(abi::k_echo);
  const bool is_kill = is_special(byte, abi::k_vkill);
  const bool is_word_erase = !is_kill && !is_special(byte, abi::k_verase);
  const bool erases_on_screen = has_local_mode(abi::k_echoe);
  if (is_kill && !(shows && erases_on_screen && has_local_mode(abi::k_echok) &&
                   has_local_mode(abi::k_echoke))) {
    head_ = line_start_;
    if (!shows) return;
    show(byte);
    if (has_local_mode(abi::k_echok)) output_.put('\n', modes_);
    return;
  }
  bool met_word = false;
  while (head_ != line_start_) {
    const size_t start = start_of_last();
    const uint8_t erased = at(start).byte;
    if (is_continuation(erased, modes_)) return;  // the rest of it is in no line that can be erased
    if (is_word_erase) {
      if (!is_word(erased) && met_word) return;
      met_word = met_word || is_word(erased);
    }
    head_ = start;
    if (shows) {
      if (!is_kill && !is_word_erase && !erases_on_screen) {
        show(byte);
      } else {
        show_erased(erased);
      }
    }
    if (!is_kill && !is_word_erase) return;
  }
}

// Where the last character of the line begins: it may be more than one byte.
size_t LineDiscipline::start_of_last() const {
  size_t place = head_ - 1;
  while (place != line_start_ && is_continuation(at(place).byte, modes_)) --place;
  return place;
}

void LineDiscipline::show_erased(uint8_t byte) {
  if (byte == '\t') return show_erased_tab();
  const bool is_pair = is_control(byte) && has_local_mode(abi::k_echoctl);
  if (is_control(byte) && !is_pair) return;
  for (int column = 0; column < (is_pair ? 2 : 1); ++column) {
    for (const char each : {'\b', ' ', '\b'}) output_.put(static_cast<uint8_t>(each), modes_);
  }
}

// Goes back to where the tab began: behind what stands between it and the tab before it.
void LineDiscipline::show_erased_tab() {
  constexpr size_t k_tab = 8;
  size_t column = 0;
  size_t place = head_;
  while (place != line_start_ && at(place - 1).byte != '\t') {
    const uint8_t byte = at(--place).byte;
    if (is_control(byte)) {
      column += has_local_mode(abi::k_echoctl) ? 2 : 0;
    } else if (!is_continuation(byte, modes_)) {
      ++column;
    }
  }
  if (place == line_start_) column += line_column_;
  for (size_t left = k_tab - column % k_tab; left > 0; --left) output_.put('\b', modes_);
}

// ---- The echo -------------------------------------------------------------------------------------

void LineDiscipline::show(uint8_t byte) {
  if (!has_local_mode(abi::k_echo)) return;
  if (head_ == line_start_) line_column_ = output_.column();
  if (is_control(byte) && byte != '\t' && has_local_mode(abi::k_echoctl)) {
    output_.put('^', modes_);
    output_.put(byte ^ 0x40, modes_);
  } else {
    output_.put(byte, modes_);
  }
}

}  // namespace weft::ipc
