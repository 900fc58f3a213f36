#include "userlib/process/process_pool.hh"

#include <algorithm>

#include "userlib/base/print.hh"
#include "userlib/process/pipe.hh"
#include "userlib/sys/exit.hh"

namespace weft {
namespace {

struct Request {
  void (*thunk)(std::string_view, String&);
  size_t size;  // of the function's bytes, which follow
};

// The answer's bytes, which stand behind their number.
Result<String> receive_answer(int connection) {
  const auto size = TRY(receive_value<size_t>(connection));
  String answer;
  answer.resize(size);
  if (size > 0 && !TRY(read_exactly(connection, {answer.data(), size}))) return fail(Errno::pipe);
  return answer;
}

Result<String> ask(int connection, const Request& request, const String& function) {
  TRY(send_value(connection, request));
  TRY(write_exactly(connection, function));
  return receive_answer(connection);
}

}  // namespace

process_pool::process_pool(size_t workers) {
  for (size_t i = 0; i < std::max<size_t>(workers, 1); ++i) workers_.push_back({});
  const auto started = start();
  if (started) return;
  stop();
  throw_error(started.error(), "a worker could not be started");
}

process_pool::~process_pool() { stop(); }

// First all processes, then all threads: so most of them are forked before there is anybody else.
Result<> process_pool::start() {
  for (Worker& worker : workers_) TRY(start_worker(worker));
  for (Worker& worker : workers_)
    threads_.push_back(TRY(thread::start({.name = "pool"}, [this, &worker] { serve(worker); })));
  return {};
}

void process_pool::stop() {
  jobs_.close();
  for (thread& each : threads_) each.join();
  for (Worker& worker : workers_) send_home(worker);  // who has had no thread
}

void process_pool::push(Job job) {
  const auto pushed = jobs_.push(std::move(job));
  ASSERT(pushed.has_value(), "nothing is submitted to a pool that goes");
}

// A worker must not hold the others' connections open: they are over when this process closes its end.
Result<> process_pool::start_worker(Worker& worker) {
  const lock_guard guard(starting_);
  auto ends = TRY(socket_pair::make());
  worker.connection = std::move(ends.first);
  worker.child = TRY(process::run([&] {
    for (Worker& each : workers_) each.connection = Descriptor();
    work(ends.second.get());
  }));
  return {};
}

// In the worker: one request after the other, until there are no more.
void process_pool::work(int connection) {
  for (;;) {
    const auto request = receive_value<Request>(connection);
    if (!request) break;
    String function;
    function.resize(request->size);
    const auto received = read_exactly(connection, {function.data(), request->size});
    if (!received || !*received) break;
    String answer;
    request->thunk(function, answer);
    out.flush();
    if (!send_value(connection, answer.size()) || !write_exactly(connection, answer)) break;
  }
  sys::exit_group(0);
}

void process_pool::serve(Worker& worker) {
  while (auto job = jobs_.pop()) run(worker, *job);
  send_home(worker);
}

void process_pool::send_home(Worker& worker) {
  worker.connection = Descriptor();
  if (worker.child.joinable()) (void)worker.child.wait();
}

// Without a worker, because none can be forked any more, a job counts as one whose worker did not live.
void process_pool::run(Worker& worker, Job& job) {
  if (!worker.child.joinable() && !start_worker(worker)) {
    job.finished(std::unexpected(exit_status(abi::k_sigkill)));
    return;
  }
  const auto answer = ask(worker.connection.get(), {job.thunk, job.function.size()}, job.function);
  if (answer) {
    job.finished(answer->view());
    return;
  }
  const exit_status status = worker.child.wait();
  (void)start_worker(worker);  // if that fails, the next job tries again
  job.finished(std::unexpected(status));
}

}  // namespace weft
