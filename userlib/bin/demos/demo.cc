// demo: the list of the demos; demo NAME says what to look for in one, and runs it; demo all runs them all
// but those that stand apart. The list is made from demos.toml and the first lines of the demos.
#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/tools.hh"
#include "userlib/process/process.hh"

namespace weft {
namespace {

struct Demo {
  std::string_view section;
  std::string_view name;
  std::string_view command;
  std::string_view run;
  std::string_view look_for;
  std::string_view why;
  bool is_apart;  // it is large, or does not end by itself
};

constexpr Demo k_demos[] = {
#include "demos/table.inc"
};

const Demo* find_demo(std::string_view name) {
  for (const Demo& demo : k_demos) {
    if (demo.name == name) return &demo;
  }
  return nullptr;
}

void list() {
  std::string_view section;
  for (const Demo& demo : k_demos) {
    if (demo.section != section) print("{}\n", section = demo.section);
    print("  {:<14}{}\n", demo.name, demo.look_for);
  }
  print("demo NAME runs one, and says first what to look for\n");
}

void introduce(const Demo& demo) {
  print("Run:      {}\nLook for: {}\nWhy:      {}\n\n", demo.run, demo.look_for, demo.why);
}

// In a process of its own, as the shell would. Its status, as the shell would have it.
int run(const Demo& demo, Arguments more) {
  Vector<String> words;
  for (const std::string_view word : split_words(demo.command)) words.push_back(word);
  for (const char* const word : more) words.push_back(word);
  out.flush();
  auto started = process::spawn(words);
  if (!started) {
    print_error("demo: {}: {}\n", words[0].view(), describe(started.error()));
    return 127;
  }
  const exit_status end = started->wait();
  return end.killed() ? 128 + end.signal() : end.code();
}

int run_all() {
  int status = 0;
  for (const Demo& demo : k_demos) {
    if (demo.is_apart) continue;
    print("---- {}\n", demo.name);
    const int its_status = run(demo, {});
    print("---- {} ends with {}\n", demo.name, its_status);
    if (its_status != 0) status = 1;
  }
  return status;
}

}  // namespace

int demo_main(Arguments arguments) {
  if (arguments.size() < 2) {
    list();
    return 0;
  }
  const std::string_view name = arguments[1];
  if (name == "all") return run_all();
  const Demo* const demo = find_demo(name);
  if (demo == nullptr) {
    print_error("demo: there is no demo '{}'; `demo` lists them\n", name);
    return 2;
  }
  introduce(*demo);
  return run(*demo, arguments.subspan(2));
}

}  // namespace weft
