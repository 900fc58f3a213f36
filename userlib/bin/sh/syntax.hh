// What the parser makes of a script: a tree of commands. Words stay as they were written, with quotes
// and dollars; the expander takes them apart each time the command runs.
#pragma once

#include "core/base/ref.hh"
#include "userlib/base/string.hh"
#include "userlib/base/vector.hh"

namespace weft::sh {

// The lines between `<< END` and `END`. The parser knows the redirection before it has read them.
struct HereDocument : RefCounted {
  static void last_reference_gone(HereDocument& document) { delete &document; }

  String text;
  bool expands = true;  // false if any part of the END behind << was quoted
};

struct Redirection {
  enum class Kind { read, write, append, read_write, duplicate, here_document };

  Kind kind;
  int fd;       // the descriptor that is redirected
  String word;  // the file's name, or for `duplicate` the other descriptor's number, or -
  Ref<HereDocument> document;
};

struct Command;

// One arm of a case: patterns, and what to do.
struct Choice {
  Vector<String> patterns;
  Ref<Command> body;  // may be missing: nothing to do
};

struct Command : RefCounted {
  enum class Kind {
    simple,      // assignments words redirections
    pipeline,    // parts[0] | parts[1] | ...
    both,        // parts[0] && parts[1]
    either,      // parts[0] || parts[1]
    sequence,    // parts[0]; parts[1]; ...
    background,  // parts[0] &
    negated,     // ! parts[0]
    subshell,    // ( parts[0] )
    group,       // { parts[0]; }
    branch,      // if parts[0]; then parts[1]; elif parts[2]; then parts[3]; else parts[4]; fi
    loop,        // while parts[0]; do parts[1]; done, or until
    each,        // for name in words; do parts[0]; done
    choose,      // case words[0] in choices esac
    function,    // name() parts[0]
  };

  explicit Command(Kind kind) : kind(kind) {}
  static void last_reference_gone(Command& command) { delete &command; }

  Kind kind;
  Vector<String> assignments;
  Vector<String> words;
  Vector<Redirection> redirections;
  Vector<Ref<Command>> parts;
  Vector<Choice> choices;
  String name;
  bool is_until = false;        // loop
  bool over_arguments = false;  // each: without `in`, over the positional parameters
  String source;                // background and pipeline: how it was written, for `jobs`
};

inline Ref<Command> make_command(Command::Kind kind) {
  return Ref<Command>::adopt(new Command(kind));
}

}  // namespace weft::sh
