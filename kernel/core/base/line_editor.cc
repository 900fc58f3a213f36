#include "core/base/line_editor.hh"

#include <algorithm>

namespace weft {

void LineEditor::start() {
  length_ = cursor_ = first_shown_ = steps_back_ = 0;
  draw();
}

bool LineEditor::take(char byte) {
  const KeyPress press = keys_.take(byte);
  switch (press.key) {
    case Key::none: return false;
    case Key::enter:
      screen_.write("\n");
      history_.add(line());
      return true;
    case Key::drop_line:
      screen_.write("^C\n");
      start();
      return false;
    case Key::clear:
      screen_.write("\x1b[2J\x1b[H");
      draw();
      return false;
    case Key::tab: complete(); return false;
    default: act_on(press); return false;
  }
}

void LineEditor::act_on(KeyPress press) {
  switch (press.key) {
    case Key::text: insert(press.character); return;
    case Key::backspace:
      if (cursor_ > 0) erase(cursor_ - 1, cursor_);
      break;
    case Key::remove:
      if (cursor_ < length_) erase(cursor_, cursor_ + 1);
      break;
    case Key::left:
      if (cursor_ > 0) --cursor_;
      break;
    case Key::right:
      if (cursor_ < length_) ++cursor_;
      break;
    case Key::home: cursor_ = 0; break;
    case Key::end: cursor_ = length_; break;
    case Key::kill_rest: erase(cursor_, length_); break;
    case Key::kill_start: erase(0, cursor_); break;
    case Key::kill_word: erase(word_start(), cursor_); break;
    case Key::up:
      if (steps_back_ < history_.size()) go_back_to(steps_back_ + 1);
      break;
    case Key::down:
      if (steps_back_ > 0) go_back_to(steps_back_ - 1);
      break;
    default: return;
  }
  draw();
}

void LineEditor::insert(char character) {
  if (length_ == k_longest_line) {
    screen_.write("\a");
    return;
  }
  std::copy_backward(&text_[cursor_], &text_[length_], &text_[length_] + 1);
  text_[cursor_++] = character;
  ++length_;
  const bool at_the_end = cursor_ == length_;
  if (at_the_end && cursor_ - first_shown_ <= room()) {
    screen_.write({&character, 1});  // what is on the screen already stays as it is
  } else {
    draw();
  }
}

void LineEditor::erase(size_t from, size_t to) {
  std::copy(text_.data() + to, text_.data() + length_, text_.data() + from);
  length_ -= to - from;
  cursor_ = from;
}

void LineEditor::replace(std::string_view line) {
  length_ = cursor_ = std::min(line.size(), k_longest_line);
  std::copy_n(line.begin(), length_, text_.begin());
}

void LineEditor::go_back_to(size_t steps) {
  if (steps_back_ == 0) {
    put_by_.clear();
    put_by_.write(line());
  }
  steps_back_ = steps;
  replace(steps == 0 ? put_by_.view() : history_.back(steps - 1));
}

// Where the word before the cursor begins; spaces between the two belong to it.
size_t LineEditor::word_start() const {
  size_t at = cursor_;
  while (at > 0 && text_[at - 1] == ' ') --at;
  while (at > 0 && text_[at - 1] != ' ') --at;
  return at;
}

// Adds what all fitting words have in common. If that is nothing, shows them.
void LineEditor::complete() {
  const size_t start = line().substr(0, cursor_).find_last_of(" ;") + 1;  // npos + 1 is 0
  const std::string_view before = line().substr(0, start);
  const std::string_view word = line().substr(start, cursor_ - start);
  std::string_view common;
  size_t fitting = 0;
  for (size_t index = 0;; ++index) {
    const std::string_view candidate = completer_(before, index);
    if (candidate.empty()) break;
    if (!candidate.starts_with(word)) continue;
    if (fitting++ == 0) common = candidate;
    const auto differ =
        std::mismatch(common.begin(), common.end(), candidate.begin(), candidate.end());
    common = common.substr(0, static_cast<size_t>(differ.first - common.begin()));
  }
  if (fitting == 0) {
    screen_.write("\a");
  } else if (fitting > 1 && common.size() == word.size()) {
    list_candidates(before, word);
  } else {
    const size_t typed = word.size();  // the word itself moves as characters come in
    for (const char character : common.substr(typed)) insert(character);
    if (fitting == 1 && !common.ends_with('/')) insert(' ');  // a folder's path goes on
  }
}

void LineEditor::list_candidates(std::string_view before, std::string_view word) {
  screen_.write("\n");
  for (size_t index = 0;; ++index) {
    const std::string_view candidate = completer_(before, index);
    if (candidate.empty()) break;
    if (candidate.starts_with(word)) format(screen_, "{}  ", candidate);
  }
  screen_.write("\n");
  draw();
}

// Writes the line anew over itself, in one piece.
void LineEditor::draw() {
  first_shown_ = std::min(first_shown_, cursor_);
  if (cursor_ - first_shown_ > room()) first_shown_ = cursor_ - room();
  const std::string_view shown = line().substr(first_shown_, room());
  Text<k_columns + 40> picture("\r{}{}\x1b[K", prompt_, shown);
  const size_t to_the_left = first_shown_ + shown.size() - cursor_;
  if (to_the_left > 0) format(picture, "\x1b[{}D", to_the_left);
  screen_.write(picture.view());
}

}  // namespace weft
