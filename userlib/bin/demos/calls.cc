// Run:      calls
// Look for: a function of another process is called like one of ours; also its error comes back.
// Why:      argument and result cross over as copied bytes, so what the other side changes is its own only.
#include "userlib/base/print.hh"
#include "userlib/bin/tools.hh"
#include "userlib/process/pipe.hh"
#include "userlib/process/process.hh"
#include "userlib/process/remote_call.hh"

namespace weft {
namespace {

enum Procedure : uint32_t { k_square_root, k_count, k_nobody_has_this };

int calls = 0;

Result<int> square_root(int number) {
  ++calls;
  if (number < 0) return fail(Errno::dom);
  int root = 0;
  while ((root + 1) * (root + 1) <= number) ++root;
  return root;
}

void show(std::string_view what, const Result<int>& answer) {
  if (answer) {
    print("  {}: {}\n", what, *answer);
  } else {
    print("  {}: {}\n", what, answer.error());
  }
}

}  // namespace

int calls_main(Arguments) {
  socket_pair ends = socket_pair::make().value();
  auto other = process::run([&] {
    ends.first = Descriptor();
    remote_server server;
    server.answer<int, int>(k_square_root, square_root);
    server.answer<int, int>(k_count, [](int) { return calls; });
    (void)server.serve(ends.second.get());
  });
  ends.second = Descriptor();
  {
    remote_client client(std::move(ends.first));
    show("the root of 144", client.call<int>(k_square_root, 144));
    show("the root of -1", client.call<int>(k_square_root, -1));
    show("a procedure that is not there", client.call<int>(k_nobody_has_this, 1));
    show("calls, as the other process counts them", client.call<int>(k_count, 0));
    print("  calls, as we count them: {}\n", calls);
  }
  print("  the other one has ended well: {}\n", other->wait().success());
  return 0;
}

}  // namespace weft
