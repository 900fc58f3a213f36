#include "core/base/line_editor.hh"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace weft {
namespace {

using namespace std::literals;

// A terminal that understands what the editor writes. It has one line of interest: the last.
class Screen final : public Sink {
 public:
  void write(std::string_view text) override {
    written_ += text.size();
    for (const char byte : text) take(byte);
  }

  size_t written() const { return written_; }
  std::string shown() const { return row_; }
  size_t column() const { return column_; }
  const std::vector<std::string>& finished() const { return finished_; }
  unsigned bells() const { return bells_; }
  unsigned clears() const { return clears_; }

 private:
  void take(char byte) {
    if (!escape_.empty()) {
      escape_ += byte;
      if (byte != '[' && (byte < '0' || byte > '9')) obey();
      return;
    }
    switch (byte) {
      case '\x1b': escape_ = "\x1b"; break;
      case '\a': ++bells_; break;
      case '\r': column_ = 0; break;
      case '\n':
        finished_.push_back(row_);
        row_.clear();
        column_ = 0;
        break;
      default:
        if (row_.size() <= column_) row_.resize(column_ + 1, ' ');
        row_[column_++] = byte;
        ASSERT_LE(column_, LineEditor::k_columns) << "the terminal would wrap the line";
    }
  }

  void obey() {
    const char last = escape_.back();
    const std::string argument = escape_.substr(2, escape_.size() - 3);
    if (last == 'K') {
      row_.resize(std::min(row_.size(), column_));
    } else if (last == 'D') {
      ASSERT_LE(std::stoul(argument), column_);
      column_ -= std::stoul(argument);
    } else if (last == 'J') {
      ++clears_;
      row_.clear();
    } else if (last == 'H') {
      column_ = 0;
    } else {
      FAIL() << "an escape sequence the editor should not use: " << escape_.substr(1);
    }
    escape_.clear();
  }

  size_t written_ = 0;
  std::string row_;
  size_t column_ = 0;
  std::vector<std::string> finished_;
  std::string escape_;
  unsigned bells_ = 0;
  unsigned clears_ = 0;
};

constexpr std::array k_commands{"threads"sv, "trace"sv, "cpus"sv, "demo"sv};
constexpr std::array k_demos{"ring"sv, "rw"sv};

std::string_view complete(std::string_view before, size_t index) {
  if (before.ends_with("demo ")) return index < k_demos.size() ? k_demos[index] : ""sv;
  return index < k_commands.size() ? k_commands[index] : ""sv;
}

class LineEditorTest : public testing::Test {
 protected:
  LineEditorTest() { editor_.start(); }

  // Types, and says how many lines were completed.
  unsigned type(std::string_view bytes) {
    unsigned lines = 0;
    for (const char byte : bytes) {
      if (!editor_.take(byte)) continue;
      ++lines;
      last_ = editor_.line();
      editor_.start();
    }
    return lines;
  }

  // The screen shows the line as it is, and the cursor where it is.
  void expect_line(std::string_view line, size_t cursor) {
    EXPECT_EQ(editor_.line(), line);
    EXPECT_EQ(editor_.cursor(), cursor);
    EXPECT_EQ(screen_.shown(), "> " + std::string(line));
    EXPECT_EQ(screen_.column(), 2 + cursor);
  }

  Screen screen_;
  LineEditor editor_{screen_, "> ", complete};
  std::string last_;
};

TEST_F(LineEditorTest, ShowsThePromptAndTakesALine) {
  expect_line("", 0);
  EXPECT_EQ(type("mem"), 0u);
  expect_line("mem", 3);
  EXPECT_EQ(type("\r"), 1u);
  EXPECT_EQ(last_, "mem");
  expect_line("", 0);
  EXPECT_EQ(screen_.finished(), std::vector<std::string>{"> mem"});
}

TEST_F(LineEditorTest, WhatIsTypedAtTheEndIsWrittenOnce) {
  const size_t before = screen_.written();
  type("threads");
  EXPECT_EQ(screen_.written() - before, 7u);
}

TEST_F(LineEditorTest, OneLineEndCountsOnceHoweverItIsSent) {
  EXPECT_EQ(type("a\rb\nc\r\nd\r\r"), 5u);
}

TEST_F(LineEditorTest, InsertsInTheMiddle) {
  type(
      "hlo\x1b[D\x1b[D"
      "el");
  expect_line("hello", 3);
}

TEST_F(LineEditorTest, MovesToBothEndsAndNoFurther) {
  type("abc\x01");
  expect_line("abc", 0);
  type("\x1b[D");
  expect_line("abc", 0);
  type("\x05\x1b[C");
  expect_line("abc", 3);
  for (const std::string_view home : {"\x1b[H"sv, "\x1bOH"sv, "\x1b[1~"sv, "\x1b[7~"sv}) {
    type(home);
    expect_line("abc", 0);
    type("\x1b[C");
    expect_line("abc", 1);
  }
  for (const std::string_view end : {"\x1b[F"sv, "\x1bOF"sv, "\x1b[4~"sv, "\x1b[8~"sv}) {
    type(end);
    expect_line("abc", 3);
    type("\x1b[1;5D");  // with Control held
    expect_line("abc", 2);
  }
}

TEST_F(LineEditorTest, DeletesBeforeAndUnderTheCursor) {
  type("abcd\x7f");
  expect_line("abc", 3);
  type("\x01\x1b[3~");
  expect_line("bc", 0);
  type("\b");
  expect_line("bc", 0);
  type("\x05\x04");
  expect_line("bc", 2);
}

TEST_F(LineEditorTest, KillsTheRestTheStartAndAWord) {
  type("one two  three\x17");
  expect_line("one two  ", 9);
  type("\x17");
  expect_line("one ", 4);
  type("two three\x1b[D\x1b[D\x0b");
  expect_line("one two thr", 11);
  type("\x1b[D\x15");
  expect_line("r", 0);
  type("\x17\x15");
  expect_line("r", 0);
}

TEST_F(LineEditorTest, ControlCDropsTheLine) {
  EXPECT_EQ(type("panic\x03mem\r"), 1u);
  EXPECT_EQ(last_, "mem");
  EXPECT_EQ(screen_.finished().front(), "> panic^C");
}

TEST_F(LineEditorTest, ControlLClearsTheScreenAndKeepsTheLine) {
  type("ab\x1b[D\x0c");
  EXPECT_EQ(screen_.clears(), 1u);
  expect_line("ab", 1);
}

TEST_F(LineEditorTest, HistoryGoesBackAndForth) {
  type("one\rtwo\rthr");
  type("\x1b[A");
  expect_line("two", 3);
  type("\x1b[A\x1b[A\x1b[A");
  expect_line("one", 3);
  type("\x1b[B");
  expect_line("two", 3);
  type("\x1b[B\x1b[B");
  expect_line("thr", 3);  // what was being typed is back
}

TEST_F(LineEditorTest, AnOldLineCanBeChangedAndUsed) {
  type("cpus\r\x1b[A\x7f!\r");
  EXPECT_EQ(last_, "cpu!");
  type("\x1b[A\x1b[A");
  expect_line("cpus", 4);  // the old one is as it was
}

TEST_F(LineEditorTest, HistoryKeepsNoEmptyLinesAndNoRepetition) {
  type("mem\r\rmem\r\x1b[A\x1b[A");
  expect_line("mem", 3);
  LineHistory history;
  history.add("a");
  history.add("a");
  history.add("");
  EXPECT_EQ(history.size(), 1u);
}

TEST_F(LineEditorTest, HistoryForgetsTheOldest) {
  LineHistory history;
  for (int i = 0; i < 100; ++i) history.add(std::to_string(i));
  EXPECT_EQ(history.size(), LineHistory::k_room);
  EXPECT_EQ(history.back(0), "99");
  EXPECT_EQ(history.back(LineHistory::k_room - 1), std::to_string(100 - LineHistory::k_room));
}

TEST_F(LineEditorTest, TabCompletesAUniqueWord) {
  type("c\t");
  expect_line("cpus ", 5);
  type(
      "\x15"
      "demo ri\t");
  expect_line("demo ring ", 10);
  type(
      "\x15"
      "mem;thr\t");
  expect_line("mem;threads ", 12);
}

TEST_F(LineEditorTest, TabInTheMiddleInsertsThere) {
  type("c x\x1b[D\x1b[D\t");
  expect_line("cpus  x", 5);
}

TEST_F(LineEditorTest, TabAddsWhatIsCommonThenShowsTheChoice) {
  type("t\t");
  EXPECT_EQ(screen_.finished().back(), "threads  trace  ");
  expect_line("t", 1);
  type("h\t");
  expect_line("threads ", 8);
  type(
      "\x15"
      "demo r\t");
  EXPECT_EQ(screen_.finished().back(), "ring  rw  ");
}

TEST_F(LineEditorTest, TabRingsWhenNothingFits) {
  type("x\t");
  EXPECT_EQ(screen_.bells(), 1u);
  expect_line("x", 1);
}

TEST_F(LineEditorTest, ALongLineScrollsSideways) {
  const size_t room = LineEditor::k_columns - 3;
  std::string line;
  for (int i = 0; i < 150; ++i) line += static_cast<char>('a' + i % 26);
  type(line);
  EXPECT_EQ(editor_.line(), line);
  EXPECT_EQ(screen_.shown(), "> " + line.substr(150 - room));
  type("\x01");
  EXPECT_EQ(screen_.shown(), "> " + line.substr(0, room));
  EXPECT_EQ(screen_.column(), 2u);
  type("\x05\r");
  EXPECT_EQ(last_, line);
}

TEST_F(LineEditorTest, AFullLineRingsAndTakesNoMore) {
  const std::string line(LineEditor::k_longest_line, 'x');
  type(line);
  EXPECT_EQ(screen_.bells(), 0u);
  type("y");
  EXPECT_EQ(screen_.bells(), 1u);
  EXPECT_EQ(editor_.line(), line);
}

TEST_F(LineEditorTest, BytesItDoesNotKnowChangeNothing) {
  type("ab");
  for (const std::string_view bytes :
       {"\x1b[5~"sv, "\x1b[Z"sv, "\x1bx"sv, "\x1b\x1b[I"sv, "\x1bOQ"sv, "\xc3\xa9"sv, "\x07"sv,
        "\0"sv, "\x1b[99999999999~"sv}) {
    EXPECT_EQ(type(bytes), 0u);
    expect_line("ab", 2);
  }
  type("c");
  expect_line("abc", 3);
}

// Any stream of bytes leaves the editor in order: the cursor in the line, the screen as the line.
TEST_F(LineEditorTest, AnyBytesKeepTheScreenRight) {
  uint64_t random = 12345;
  constexpr std::string_view k_keys = "ab ;\t\x01\x05\x0b\x15\x17\x7f\x04\x1b[ABCDHF3~O";
  for (int i = 0; i < 20'000; ++i) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    type(k_keys.substr((random >> 33) % k_keys.size(), 1));
    ASSERT_LE(editor_.cursor(), editor_.line().size());
  }
  type("\x1b\x1b[D\x0c");  // ends whatever sequence was open
  EXPECT_LE(screen_.shown().size(), LineEditor::k_columns);
  EXPECT_NE(("> " + std::string(editor_.line())).find(screen_.shown().substr(2)),
            std::string::npos);
}

}  // namespace
}  // namespace weft
