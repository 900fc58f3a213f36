// execve: what the new program is given, what it keeps, and what it loses.
#include "guest/support/execute.hh"
#include "guest/support/files.hh"
#include "guest/support/pages.hh"
#include "guest/support/pipe.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/signals.hh"
#include "guest/support/thread.hh"

namespace weft::guest {

GUEST_CASE(execve_passes_arguments_and_environment) {
  execute_and_show({"arguments", "one", "", "three words here"}, {"A=1", "EMPTY=", "noequals"});
}

GUEST_CASE(execve_with_null_lists) {
  show_child("child", [] {
    show("execve", sys::execve(k_helper, nullptr, nullptr));
    return 1;
  });
}

GUEST_CASE(execve_gives_an_auxiliary_vector) { execute_and_show({"start"}, {}); }

GUEST_CASE(execve_exit_status_comes_back) { execute_and_show({"exit", "42"}, {}); }

GUEST_CASE(execve_runs_a_position_independent_program) {
  show_child("child", [] {
    const char* const arguments[] = {"pie", nullptr};
    return static_cast<int>(sys::execve("/guest/position_independent", arguments, nullptr));
  });
}

GUEST_CASE(execve_keeps_the_process_id) {
  show_child("child", [] {
    const Text<20> pid("{}", sys::getpid());
    return execute({"pid", pid.c_str()}, {});
  });
}

GUEST_CASE(execve_closes_what_is_marked_and_keeps_the_rest) {
  write_file("file", "text");
  must("open", sys::open("file", O_RDONLY));              // 3
  must("open", sys::open("file", O_RDONLY | O_CLOEXEC));  // 4
  must("dup", sys::dup(4));                               // 5: the mark is not duplicated
  must("fcntl", sys::fcntl(3, F_DUPFD_CLOEXEC, 6));       // 6
  must("dup3", sys::dup3(3, 7, O_CLOEXEC));               // 7
  must("fcntl", sys::fcntl(4, F_DUPFD, 8));               // 8
  must("fcntl", sys::fcntl(8, F_SETFD, FD_CLOEXEC));
  execute_and_show({"descriptors"}, {});
  show("they are all open here: 8 is", sys::fcntl(8, F_GETFD));
}

GUEST_CASE(execve_resets_handlers_but_keeps_what_is_ignored_blocked_and_pending) {
  handle(SIGUSR1, [](int) {});
  ignore(SIGUSR2);
  show_child("child", [] {
    block(signal_set(SIGTERM));
    raise(SIGTERM);
    return execute({"signals"}, {});
  });
}

GUEST_CASE(execve_drops_the_alternate_stack) {
  Pages pages(4);
  show_child("child", [&] {
    const stack_t stack{pages.page(0), 0, pages.size()};
    must("sigaltstack", sys::sigaltstack(&stack, nullptr));
    return execute({"signals"}, {});
  });
}

GUEST_CASE(execve_keeps_the_working_folder_and_umask) {
  must("mkdir", sys::mkdir("folder", 0755));
  show_child("child", [] {
    must("chdir", sys::chdir("folder"));
    must("symlink", sys::symlink(k_helper, "program"));
    const char* const arguments[] = {"program", "arguments", nullptr};
    return static_cast<int>(sys::execve("./program", arguments, nullptr));
  });
}

GUEST_CASE(execve_from_a_thread_ends_the_others) {
  show_child("child", [] {
    Gate never{};
    Thread sleeper([&] { never.pass(); });
    wait_until_blocked(sleeper.tid());
    const Text<20> pid("{}", sys::getpid());
    Thread executer([&] { return execute({"pid", pid.c_str()}, {}); });
    never.pass();
  });
}

GUEST_CASE(execve_of_an_open_memory_mapping_forgets_it) {
  show_child("child", [] {
    Pages pages(1);
    pages.page(0)[0] = 'x';
    return execute({"exit", "5"}, {});
  });
}

GUEST_CASE(execve_of_missing_files_and_folders) {
  const char* const arguments[] = {"x", nullptr};
  show("a missing file", sys::execve("missing", arguments, nullptr));
  show("an empty name", sys::execve("", arguments, nullptr));
  show("a folder", sys::execve("/tmp", arguments, nullptr));
  show("below a file", sys::execve("/guest/helper/x", arguments, nullptr));
  show("null", sys::execve(nullptr, arguments, nullptr));
  show("a device", sys::execve("/dev/null", arguments, nullptr));
}

GUEST_CASE(execve_of_a_file_without_permission) {
  write_file("plain", "#!/guest/helper\n");
  const char* const arguments[] = {"x", nullptr};
  show("not executable", sys::execve("plain", arguments, nullptr));
}

GUEST_CASE(execve_of_what_is_no_program) {
  const char* const arguments[] = {"x", nullptr};
  const auto try_text = [&](std::string_view what, std::string_view text) {
    write_file("file", text);
    must("chmod", sys::chmod("file", 0755));
    show(what, sys::execve("file", arguments, nullptr));
  };
  try_text("an empty file", "");
  try_text("some text", "hello, world\n");
  try_text("the start of an ELF", "\177ELF");
  try_text("an ELF header of zeros", std::string_view("\177ELF\2\1\1\0\0\0\0\0\0\0\0\0", 16));
  try_text("#! with blanks only", "#!   \n");
  try_text("#! of a missing interpreter", "#!/no/such/program\n");
}

GUEST_CASE(execve_of_a_damaged_program) {
  // A real program with one field of its header changed.
  static char image[500'000];
  const std::string_view program = read_file(k_helper, image);
  const auto try_change = [&](std::string_view what, size_t offset, char value) {
    const char old = image[offset];
    image[offset] = value;
    const int fd = open_or_end("changed", O_WRONLY | O_CREAT | O_TRUNC, 0755);
    must("write", sys::write(fd, image, program.size()));
    sys::close(fd);
    image[offset] = old;
    show_child(what, [] {
      const char* const arguments[] = {"changed", "exit", "9", nullptr};
      show("execve", sys::execve("changed", arguments, nullptr));
      return 1;
    });
  };
  try_change("unchanged", 9, image[9]);
  try_change("32 bits: the machine decides", 18, 3);
  try_change("an object file", 16, 1);
  try_change("a core file", 16, 4);
  try_change("another machine", 18, 40);
  try_change("program headers of another size", 54, 1);
}

GUEST_CASE(execve_bad_pointers_in_the_lists) {
  const char* const arguments[] = {"x", static_cast<const char*>(k_bad_pointer), nullptr};
  show("a bad argument", sys::execve(k_helper, arguments, nullptr));
  show("a bad list", sys::execve(k_helper, k_bad_pointer, nullptr));
  show("a bad environment", sys::execve(k_helper, nullptr, k_kernel_pointer));
  show("a bad path", sys::execve(k_bad_pointer, nullptr, nullptr));
}

GUEST_CASE(execve_refuses_one_argument_of_more_than_128_kib) {
  static char big[131'073];
  __builtin_memset(big, 'a', 131'071);
  const char* const arguments[] = {"helper", "exit", "3", big, nullptr};
  show_child("131071 bytes and the zero", [&] {
    show("execve", sys::execve(k_helper, arguments, nullptr));
    return 1;
  });
  big[131'071] = 'a';
  show_child("131072 bytes and the zero", [&] {
    show("execve", sys::execve(k_helper, arguments, nullptr));
    return 1;
  });
}

GUEST_CASE(execve_refuses_more_text_than_a_quarter_of_the_stack_limit) {
  static char word[100'001];
  __builtin_memset(word, 'w', 100'000);
  static const char* many[40];
  many[0] = "helper";
  many[1] = "exit";
  many[2] = "3";
  const auto try_count = [&](int count) {
    for (int at = 3; at < 40; ++at) many[at] = at < 3 + count ? word : nullptr;
    show_child(Text<30>("{} words of 100 kB", count).view(), [] {
      show("execve", sys::execve(k_helper, many, nullptr));
      return 1;
    });
  };
  try_count(20);
  try_count(21);
}

GUEST_CASE(execve_script_gets_its_interpreter_path_and_arguments) {
  const int fd = open_or_end("script", O_WRONLY | O_CREAT, 0755);
  constexpr std::string_view k_text =
      "#!/guest/helper arguments and more  \nthe rest is not read\n";
  must("write", sys::write(fd, k_text.data(), k_text.size()));
  sys::close(fd);
  show_child("child", [] {
    const char* const arguments[] = {"zero", "one", "two", nullptr};
    return static_cast<int>(sys::execve("./script", arguments, nullptr));
  });
}

GUEST_CASE(execve_script_of_a_script) {
  const auto write_script = [](const char* path, std::string_view text) {
    const int fd = open_or_end(path, O_WRONLY | O_CREAT, 0755);
    must("write", sys::write(fd, text.data(), text.size()));
    sys::close(fd);
  };
  write_script("inner", "#!/guest/helper\n");
  write_script("outer", "#!./inner x\n");
  write_script("endless", "#!./endless\n");
  const char* const arguments[] = {"zero", "one", nullptr};
  show_child("child", [&] { return static_cast<int>(sys::execve("outer", arguments, nullptr)); });
  show("a script that interprets itself", sys::execve("./endless", arguments, nullptr));
}

GUEST_CASE(execve_script_lines_at_their_edges) {
  const auto try_line = [](std::string_view what, std::string_view text) {
    const int fd = open_or_end("script", O_WRONLY | O_CREAT | O_TRUNC, 0755);
    must("write", sys::write(fd, text.data(), text.size()));
    sys::close(fd);
    say("{}:", what);
    show_child("child", [] {
      const char* const arguments[] = {"zero", "one", nullptr};
      show("execve", sys::execve("./script", arguments, nullptr));
    });
  };
  try_line("blanks before and tabs behind", "#! \t /guest/helper\tword\t\n");
  try_line("no line's end", "#!/guest/helper");
  try_line("no line's end, and an argument", "#!/guest/helper word");
  try_line("a zero byte", std::string_view("#!/guest/helper\0word\n", 21));
  try_line("a carriage return", "#!/guest/helper\r\n");
  try_line("nothing", "#!\n");
  try_line("only blanks", "#!  \t \n");
  try_line("half of the mark", "#");
  try_line("an empty file", "");
  try_line("nobody there", "#!/guest/nobody\n");
  try_line("a folder", "#!/guest\n");
  try_line("a device", "#!/dev/null\n");
  char line[400];
  __builtin_memset(line, 'x', sizeof line);
  __builtin_memcpy(line, "#!/guest/helper ", 16);
  line[300] = '\n';
  try_line("an argument that is cut", std::string_view(line, sizeof line));
  __builtin_memset(line + 10, 'y', 390);
  try_line("a name that is cut", std::string_view(line, sizeof line));
  __builtin_memset(line, ' ', sizeof line);
  __builtin_memcpy(line, "#!", 2);
  try_line("nothing but blanks as far as it is read", std::string_view(line, sizeof line));
}

// Each names the one before it; the first names a program.
GUEST_CASE(execve_script_chains) {
  const auto write_script = [](const char* path, std::string_view text, int mode = 0755) {
    const int fd = open_or_end(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
    must("write", sys::write(fd, text.data(), text.size()));
    sys::close(fd);
  };
  write_script("script0", "#!/guest/helper\n");
  const char* const arguments[] = {"zero", nullptr};
  for (int number = 1; number <= 6; ++number) {
    const Text<20> path("script{}", number);
    write_script(path.c_str(), Text<20>("#!script{}\n", number - 1).view());
    show_child(path.view(), [&] { show("execve", sys::execve(path.c_str(), arguments, nullptr)); });
  }
  write_script("unreadable", "#!/guest/helper\n", 0644);
  show("a script that may not be run", sys::execve("unreadable", arguments, nullptr));
  write_script("names-it", "#!./unreadable\n");
  show("one that names it", sys::execve("names-it", arguments, nullptr));
}

GUEST_CASE(execve_text_of_a_running_program_cannot_be_written) {
  static char image[500'000];
  const std::string_view program = read_file(k_helper, image);
  const int fd = open_or_end("copy", O_WRONLY | O_CREAT, 0755);
  must("write", sys::write(fd, program.data(), program.size()));
  const char* const arguments[] = {"copy", "exit", "3", nullptr};
  show("execute while it is open for writing", sys::execve("copy", arguments, nullptr));
  sys::close(fd);
  show_child("and when it is closed",
             [&] { return static_cast<int>(sys::execve("copy", arguments, nullptr)); });
}

}  // namespace weft::guest
