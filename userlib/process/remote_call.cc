#include "userlib/process/remote_call.hh"

#include "userlib/process/pipe.hh"

namespace weft {
namespace {

// In front of the bytes, either way.
struct Header {
  uint32_t what;  // to the server: the procedure; back: 0, or the errno
  uint32_t size;
};
constexpr uint32_t k_largest = 16 * 1024 * 1024;  // more than that is a mistake, not a call

Result<> send(int connection, uint32_t what, std::string_view bytes) {
  String message(detail::bytes_of(Header{what, static_cast<uint32_t>(bytes.size())}));
  message.append(bytes);
  return write_exactly(connection, message);
}

Result<String> receive_bytes(int connection, uint32_t size) {
  if (size > k_largest) return fail(Errno::msgsize);
  String bytes;
  bytes.resize(size);
  if (size > 0 && !TRY(read_exactly(connection, {bytes.data(), size})))
    return fail(Errno::connreset);
  return bytes;
}

}  // namespace

Result<String> remote_client::call(uint32_t procedure, std::string_view argument) {
  if (argument.size() > k_largest) return fail(Errno::msgsize);
  const lock_guard guard(mutex_);
  TRY(send(connection_.get(), procedure, argument));
  const Header header = TRY(receive_value<Header>(connection_.get()));
  String bytes = TRY(receive_bytes(connection_.get(), header.size));
  if (header.what != 0) return fail(static_cast<Errno>(header.what));
  return bytes;
}

void remote_server::answer(uint32_t number, procedure function) {
  procedures_.push_back({number, std::move(function)});
}

Result<String> remote_server::run(uint32_t number, std::string_view argument) {
  for (Entry& each : procedures_) {
    if (each.number != number) continue;
    auto answer = each.function(argument);
    // The client would not take it, and not know where the next one begins.
    if (answer && answer->size() > k_largest) return fail(Errno::msgsize);
    return answer;
  }
  return fail(Errno::nosys);
}

Result<> remote_server::serve(int connection) {
  for (;;) {
    const auto header = receive_value<Header>(connection);
    if (!header) {
      if (header.error() == Errno::pipe) return {};
      return fail(header.error());
    }
    const String argument = TRY(receive_bytes(connection, header->size));
    const auto result = run(header->what, argument);
    const auto error = result ? 0 : static_cast<uint32_t>(result.error());
    TRY(send(connection, error, result ? result->view() : ""));
  }
}

}  // namespace weft
