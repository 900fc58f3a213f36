// The userlib's processes: functions and programs as children, and what is handed to them.
#include "guest/on_userlib/case.hh"
#include "userlib/process/pipe.hh"
#include "userlib/process/process_pool.hh"
#include "userlib/process/remote_call.hh"
#include "userlib/sys/auxiliary.hh"

namespace weft::guest {
namespace {

using namespace std::chrono_literals;

constexpr const char* k_helper = "/guest/helper";

// What a program prints, line by line.
void show_output(const Vector<String>& words, spawn_options options = {}) {
  pipe ends = pipe::make().value();
  options.files.push_back(spawn_options::duplicate(ends.write_end.get(), 1));
  auto child = process::spawn(words, options);
  if (!child) return say("could not start: {}", child.error());
  ends.write_end = Descriptor();
  LineReader lines(ends.read_end.get());
  std::string_view line;
  while (lines.next(line).value_or(false)) say("| {}", line);
  show_status("it", child->wait());
}

void kill_self() { (void)sys::kill(sys::getpid().value(), abi::k_sigkill); }

}  // namespace

GUEST_CASE(a_function_runs_in_a_copy) {
  int value = 1;
  auto child = process::run([&] { return value += 41; });
  show_status("child", child->wait());
  show("our value", value);
}

GUEST_CASE(a_crash_is_the_childs_alone) {
  show_child("child", [] { __builtin_trap(); });
  show_child("another", [] { *reinterpret_cast<volatile int*>(8) = 1; });
  say("we go on");
}

GUEST_CASE(waiting_in_all_ways) {
  pipe ends = pipe::make().value();
  auto child = process::run([&] {
    char byte;
    ends.write_end = Descriptor();
    (void)read_exactly(ends.read_end.get(), {&byte, 1});
    return 3;
  });
  check("ended already", child->try_wait().has_value());
  check("ended in time", child->wait_for(1ms).has_value());
  ends.write_end = Descriptor();
  show("then it exits", child->wait_for(1h)->code());
  say("kill: {}", child->kill(abi::k_sigterm).error());
}

GUEST_CASE(the_child_has_one_thread_and_a_whole_heap) {
  Atomic<bool> stop{false};
  thread busy([&] {
    while (!stop.load(relaxed)) delete new int;
  });
  int failures = 0;
  for (int i = 0; i < 10; ++i) {
    auto child = process::run([] {
      int value = 0;
      thread([&] { value = *new int(1); }).join();
      return value - 1;
    });
    if (!child->wait().success()) ++failures;
  }
  stop.store(true, relaxed);
  busy.join();
  show("failures", failures);
}

GUEST_CASE(a_program_gets_arguments_and_environment) {
  spawn_options options;
  options.environment = Vector<String>{"COLOUR=blue"};
  show_output({k_helper, "arguments", "", "two words"}, options);
}

GUEST_CASE(a_program_gets_descriptors_and_a_directory) {
  const auto file = open_file("input", abi::k_o_creat | abi::k_o_rdwr);
  (void)write_all(file->get(), "from a file");
  spawn_options options;
  options.directory = "/";
  options.files.push_back(spawn_options::duplicate(file->get(), 20));
  options.files.push_back(spawn_options::open(0, "/dev/null", abi::k_o_rdonly));
  options.files.push_back(spawn_options::close(2));
  show_output({k_helper, "descriptors"}, options);
}

GUEST_CASE(a_program_that_cannot_be_started_is_an_answer) {
  say("no name: {}", process::spawn({}).error());
  say("no program: {}", process::spawn({"/no/such/program"}).error());
  say("no directory: {}", process::spawn({k_helper}, {.directory = "/no/such"}).error());
  spawn_options unknown;
  unknown.files.push_back(spawn_options::duplicate(777, 1));
  say("no descriptor: {}", process::spawn({k_helper}, unknown).error());
  int status = 0;
  say("and no child is left: {}", sys::wait4(-1, &status, abi::k_wnohang, nullptr).error());
}

GUEST_CASE(values_go_through_pipes_and_sockets) {
  socket_pair ends = socket_pair::make().value();
  auto child = process::run([&] {
    ends.first = Descriptor();
    const auto number = receive_value<int>(ends.second.get());
    return send_value(ends.second.get(), *number * 2) ? 0 : 1;
  });
  ends.second = Descriptor();
  (void)send_value(ends.first.get(), 21);
  show("back came", receive_value<int>(ends.first.get()).value());
  say("then: {}", receive_value<int>(ends.first.get()).error());
  show_status("child", child->wait());
  pipe nobody = pipe::make().value();
  nobody.read_end = Descriptor();
  say("nobody reads: {}", write_exactly(nobody.write_end.get(), "x").error());
}

GUEST_CASE(a_pool_of_processes_maps_in_order) {
  process_pool pool(3);
  Vector<int> numbers;
  for (int i = 0; i < 30; ++i) numbers.push_back(i);
  bool in_order = true;
  int at = 0;
  for (const auto& square : pool.map(numbers, [](int n) { return n * n; })) {
    in_order = in_order && square.has_value() && *square == at * at;
    ++at;
  }
  check("in order", in_order);
  const int32_t own = sys::getpid().value();
  check("elsewhere", pool.submit([own] { return sys::getpid().value() != own; }).get().value());
}

GUEST_CASE(a_crashed_worker_is_replaced) {
  process_pool pool(2);
  Vector<int> numbers;
  for (int i = 0; i < 10; ++i) numbers.push_back(i);
  const auto results = pool.map(numbers, [](int n) {
    if (n == 3) kill_self();
    if (n == 5) sys::exit_group(7);
    return n;
  });
  for (size_t i = 0; i < results.size(); ++i) {
    if (results[i]) continue;
    show_status(Text<20>("job {}", i).view(), results[i].error());
  }
  show("the last one", results[9].value());
  int called = 0;
  const auto note = [&](process_result<int>) { ++called; };
  show("called back with", pool.apply_async([] { return 6; }, note).get().value());
  const auto crash = [] {
    kill_self();
    return 0;
  };
  show_status("called back for one that", pool.apply_async(crash, note).get().error());
  show("called back", called);
}

GUEST_CASE(calls_between_processes) {
  socket_pair ends = socket_pair::make().value();
  auto server = process::run([&] {
    ends.first = Descriptor();
    remote_server answers;
    answers.answer<int, int>(1, [](int n) { return n * n; });
    answers.answer(2, [](std::string_view name) -> Result<String> {
      return format_string("hello, {}", name);
    });
    answers.answer<int, int>(3, [](int) -> Result<int> { return fail(Errno::perm); });
    return answers.serve(ends.second.get()) ? 0 : 1;
  });
  ends.second = Descriptor();
  {
    remote_client client(std::move(ends.first));
    show("square", client.call<int>(1, 12).value());
    say("{}", client.call(2, "you").value());
    say("refused: {}", client.call<int>(3, 1).error());
    say("unknown: {}", client.call(9, "").error());
    say("wrong argument: {}", client.call(1, "x").error());
  }
  show_status("server", server->wait());
}

// main() is over, the process is not: its last foreground thread ends it, and daemons do not hold it.
GUEST_CASE(the_process_ends_with_its_last_foreground_thread) {
  spawn_options options;
  options.environment = Vector<String>{"DIRECTLY=yes"};
  show_output({"/proc/self/exe", "--direct", "main_returns_before_its_threads"}, options);
}
GUEST_CASE(main_returns_before_its_threads) {
  if (!sys::environment_value("DIRECTLY")) return;
  thread({.daemon = true}, [] {
    for (;;) this_thread::yield();
  }).detach();
  thread([] {
    this_thread::sleep_for(2ms);
    say("the last one");
  }).detach();
}

}  // namespace weft::guest
