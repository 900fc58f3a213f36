#include "userlib/process/process.hh"

#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/sys/exit.hh"

namespace weft {
namespace {

// The wait status, if the child has ended; with `options` of WNOHANG it does not wait for that.
Result<std::optional<exit_status>> wait_for_child(int32_t id, uint32_t options) {
  if (id == 0) return fail(Errno::child);  // to the kernel that would be any child of our group
  for (;;) {
    int status = 0;
    const auto waited = sys::wait4(id, &status, options, nullptr);
    if (waited && *waited == 0) return std::nullopt;
    if (waited) return exit_status(status);
    if (waited.error() != Errno::intr) return fail(waited.error());
  }
}

}  // namespace

// Without the destructors and exit functions that the parent will run.
void process::leave(int status) {
  out.flush();
  sys::exit_group(status);
}

exit_status process::wait() {
  const auto status = wait_for_child(std::exchange(id_, 0), 0);
  if (!status) throw_error(status.error(), "there is no process to wait for");
  return **status;
}

std::optional<exit_status> process::try_wait() {
  const auto status = wait_for_child(id_, abi::k_wnohang);
  if (!status) throw_error(status.error(), "there is no process to wait for");
  if (status->has_value()) id_ = 0;
  return *status;
}

// A descriptor of the process is ready when it has ended.
std::optional<exit_status> process::wait_until_instant(Instant deadline) {
  for (;;) {
    if (const auto status = try_wait()) return status;
    const Instant now = instant_now();
    if (now >= deadline) return std::nullopt;
    const auto opened = sys::pidfd_open(id_, 0);
    if (!opened) throw_error(opened.error(), "a process cannot be watched");
    const Descriptor watched(*opened);
    abi::PollEntry entry = {watched.get(), static_cast<int16_t>(abi::k_pollin), 0};
    const Nanoseconds left = deadline - now;
    abi::Timespec time = {static_cast<int64_t>(left / k_second),
                          static_cast<int64_t>(left % k_second)};
    (void)sys::ppoll(&entry, 1, &time,
                     nullptr);  // for whatever reason it comes back, we look again
  }
}

Result<> process::kill(int signal) {
  if (!joinable()) return fail(Errno::srch);
  return sys::kill(id_, signal);
}

}  // namespace weft
