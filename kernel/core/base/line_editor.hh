// LineEditor: one line of input on a terminal, with the keys one expects of a shell: insertion
// anywhere, history, completion. It knows no hardware: bytes come in by take(), and what the terminal
// should show goes out through a Sink, for which \n begins a new line. Of escape sequences the terminal
// need only know ESC[K, ESC[nD, ESC[2J and ESC[H.
#pragma once

#include <array>
#include <string_view>

#include "core/base/format.hh"
#include "core/base/key_parser.hh"
#include "core/base/line_history.hh"

namespace weft {

class LineEditor {
 public:
  static constexpr size_t k_longest_line = LineHistory::k_longest_line;
  static constexpr size_t k_columns = 80;  // a longer line scrolls sideways

  // The index-th word that could stand behind `before`, the line up to the word that is being typed;
  // empty when there are no more. The editor itself picks those that begin as the typed word does.
  using Completer = std::string_view (*)(std::string_view before, size_t index);

  LineEditor(Sink& screen, std::string_view prompt, Completer completer)
      : screen_(screen), prompt_(prompt), completer_(completer) {}
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  // The prompt from the next line on; its text must outlive the editor's use of it.
  void set_prompt(std::string_view prompt) { prompt_ = prompt; }
  // Begins a new, empty line: shows the prompt.
  void start();
  // Takes one byte from the terminal. True when the line is complete; then line() has it, until
  // start().
  bool take(char byte);

  std::string_view line() const { return {text_.data(), length_}; }
  size_t cursor() const { return cursor_; }

 private:
  void act_on(KeyPress press);
  void insert(char character);
  // Takes out the characters from `from` to before `to`; the cursor is then at `from`.
  void erase(size_t from, size_t to);
  void replace(std::string_view line);
  void go_back_to(size_t steps);
  void complete();
  void list_candidates(std::string_view before, std::string_view word);
  size_t word_start() const;
  // How many characters of the line fit beside the prompt; one column is for the cursor.
  size_t room() const { return k_columns - prompt_.size() - 1; }
  void draw();

  Sink& screen_;
  std::string_view prompt_;
  Completer completer_;
  KeyParser keys_;
  LineHistory history_;
  size_t steps_back_ = 0;        // 0: the line being typed; n: the n-th last of the history
  Text<k_longest_line> put_by_;  // the line being typed, while an old one is shown

  std::array<char, k_longest_line> text_{};
  size_t length_ = 0;
  size_t cursor_ = 0;
  size_t first_shown_ = 0;  // the part of a long line that is on the screen begins here
};

}  // namespace weft
