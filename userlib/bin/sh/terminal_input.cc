// The prompt: line editing, history, completion (input.hh).
#include "core/base/line_editor.hh"
#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/sh/builtins.hh"
#include "userlib/bin/sh/execute.hh"
#include "userlib/bin/sh/expand.hh"
#include "userlib/bin/sh/input.hh"
#include "userlib/bin/sh/parser.hh"

namespace weft::sh {
namespace {

constexpr char k_end_key = 4;            // Ctrl-D
constexpr char k_interrupt_key = 3;      // Ctrl-C
constexpr size_t k_longest_prompt = 40;  // leaves room for what is typed

// While a line is edited, the terminal gives every key at once and shows nothing by itself.
class RawTerminal {
 public:
  RawTerminal() {
    (void)sys::ioctl(0, abi::k_tcgets, reinterpret_cast<uint64_t>(&before_));
    abi::TerminalModes raw = before_;
    raw.input &= ~(abi::k_icrnl | abi::k_ixon);
    raw.local &= ~(abi::k_icanon | abi::k_echo | abi::k_isig | abi::k_iexten);
    raw.characters[abi::k_vmin] = 1;
    raw.characters[abi::k_vtime] = 0;
    (void)sys::ioctl(0, abi::k_tcsetsw, reinterpret_cast<uint64_t>(&raw));
  }
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;
  ~RawTerminal() { (void)sys::ioctl(0, abi::k_tcsetsw, reinterpret_cast<uint64_t>(&before_)); }

 private:
  abi::TerminalModes before_{};
};

// What could stand where a word is being typed: programs in front, paths behind.
class Candidates {
 public:
  explicit Candidates(Shell& shell) : shell_(shell) {}

  void collect(std::string_view before, std::string_view word) {
    words_.clear();
    if (before.find_first_not_of(" ;|&(") == std::string_view::npos && !word.contains('/')) {
      add_commands();
    } else {
      add_paths(word);
    }
  }
  std::string_view at(size_t index) const {
    return index < words_.size() ? words_[index].view() : "";
  }

 private:
  void add_commands() {
    for (const Builtin& builtin : all_builtins()) words_.push_back(builtin.name);
    for (const Function& function : shell_.functions) words_.push_back(function.name);
    for (const std::string_view folder :
         split(shell_.variables.get("PATH").value_or("/bin"), ':')) {
      const auto items = list_directory(String(folder).c_str());
      if (!items) continue;
      for (const DirectoryItem& item : *items) words_.push_back(item.name);
    }
  }

  void add_paths(std::string_view word) {
    const size_t slash = word.rfind('/');
    const std::string_view folder =
        slash == std::string_view::npos ? "" : word.substr(0, slash + 1);
    const auto items = list_directory(folder.empty() ? "." : String(folder).c_str());
    if (!items) return;
    for (const DirectoryItem& item : *items) {
      const String path = String(folder) + item.name;
      const auto status = status_of(path.c_str());
      words_.push_back(status && is_directory(*status) ? path + "/" : path);
    }
  }

  Shell& shell_;
  Vector<String> words_;
};

// The editor asks for candidates through a plain function; a shell has one terminal.
class Prompt {
 public:
  explicit Prompt(Shell& shell) : shell_(shell), candidates_(shell) { only_ = this; }

  // The next line with its newline, or nothing after Ctrl-D. `is_first`: nothing is pending; Ctrl-C
  // makes it so.
  std::optional<String> read_line(bool& is_first) {
    const RawTerminal raw;
    show(is_first);
    for (;;) {
      char key;
      const auto count = sys::read(0, &key, 1);
      if (!count && count.error() == Errno::intr) continue;
      if (!count || *count == 0) return std::nullopt;
      if (key == k_end_key && editor_.line().empty()) {
        print("\n");
        out.flush();
        return std::nullopt;
      }
      if (key == k_interrupt_key) {
        is_first = true;
        set_prompt(true);
      }
      const bool is_complete = editor_.take(key);
      out.flush();
      if (is_complete) return String(editor_.line()) + "\n";
    }
  }

 private:
  void set_prompt(bool is_first) {
    prompt_ = shell_.variables.get(is_first ? "PS1" : "PS2").value_or("> ");
    if (const auto expanded = expand_document(shell_, prompt_)) prompt_ = *expanded;
    if (prompt_.size() > k_longest_prompt)
      prompt_ = String("...") + prompt_.substr(prompt_.size() - k_longest_prompt);
    editor_.set_prompt(prompt_);
  }

  void show(bool is_first) {
    set_prompt(is_first);
    editor_.start();
    out.flush();
  }

  static std::string_view candidate(std::string_view before, size_t index) {
    if (index == 0) {
      const LineEditor& editor = only_->editor_;
      const size_t length = editor.cursor() - before.size();
      only_->candidates_.collect(before, editor.line().substr(before.size(), length));
    }
    return only_->candidates_.at(index);
  }

  static Prompt* only_;

  Shell& shell_;
  Candidates candidates_;
  String prompt_;
  LineEditor editor_{out, "", candidate};
};

Prompt* Prompt::only_ = nullptr;

}  // namespace

void run_terminal(Shell& shell) {
  Prompt prompt(shell);
  String text;
  while (shell.leaving != Leaving::shell) {
    bool is_first = text.empty();
    if (is_first) {
      shell.leaving = Leaving::no;
      run_pending_traps(shell);
      shell.leaving = Leaving::no;
      shell.jobs.tell_changes();
    }
    const auto line = prompt.read_line(is_first);
    if (!line) {
      if (text.empty()) return;
      text.clear();
      continue;
    }
    if (is_first) text.clear();
    text += *line;
    Parser parser(text, 0, false);
    const Ref<Command> command = parser.next_line();
    if (parser.reading() == Reading::unfinished) continue;
    if (parser.reading() == Reading::wrong) {
      print_error("{}: syntax: {}\n", shell.name.view(), parser.message().view());
      shell.status = 2;
    } else if (command) {
      (void)run(shell, *command);
    }
    text.clear();
  }
}

}  // namespace weft::sh
