// KeyParser: puts the bytes that a terminal sends together into keys. A letter is one byte, an arrow
// key three or more. Used by the line editor.
#pragma once

#include <cstdint>

namespace weft {

enum class Key : uint8_t {
  none,  // nothing yet, or nothing that we know
  text,
  enter,
  tab,
  backspace,
  remove,  // the character under the cursor
  left,
  right,
  up,
  down,
  home,
  end,
  kill_rest,   // Ctrl-K: from the cursor to the end
  kill_start,  // Ctrl-U: from the beginning to the cursor
  kill_word,   // Ctrl-W: the word before the cursor
  drop_line,   // Ctrl-C
  clear,       // Ctrl-L: the screen
};

struct KeyPress {
  Key key = Key::none;
  char character = '\0';  // of Key::text

  bool operator==(const KeyPress&) const = default;
};

class KeyParser {
 public:
  // The key that this byte completes; Key::none in the middle of one.
  KeyPress take(char byte);

 private:
  enum class State : uint8_t { plain, escape, sequence, one_more };

  KeyPress take_plain(char byte);
  KeyPress take_sequence(char byte);

  State state_ = State::plain;
  unsigned number_ = 0;       // the first number in an escape sequence,
  bool number_done_ = false;  // and whether a second one has begun
  bool after_return_ = false;
};

}  // namespace weft
