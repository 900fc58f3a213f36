// ipcs, ipcrm: the System V objects that there are, whoever made them; and an end for those that nobody
// removed.
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/options.hh"
#include "userlib/syscalls.hh"

namespace weft {
namespace {

constexpr uint32_t k_rights = 0777;

void print_head(std::string_view title, std::string_view columns) {
  print("------ {} ------\n{:<10} {:<10} {:<6} {:<5} {}\n", title, "key", "id", "owner", "perms",
        columns);
}

void print_identity(const abi::IpcPermissions& permissions, int64_t id) {
  const uint32_t rights = permissions.mode & k_rights;
  print("0x{:08x} {:<10} {:<6} {}{}{}   ", static_cast<uint32_t>(permissions.key), id,
        permissions.owner, rights >> 6, rights >> 3 & 7, rights & 7);
}

// Calls show(id, status) for each object of a kind. `ask` is shmctl() or its like: `info` tells the
// highest place in the table, `by_place` what stands at one.
template <typename Status, typename Ask, typename Show>
void for_each(Ask ask, uint32_t info, uint32_t by_place, Show show) {
  // Room for what `info` tells besides, of any kind.
  union {
    abi::SegmentUsage segments;
    abi::SemaphoreLimits semaphores;
    abi::QueueLimits queues;
  } unused;
  const Result<int64_t> highest = ask(0, info, &unused);
  for (int place = 0; highest && place <= *highest; ++place) {
    Status status{};
    const Result<int64_t> id = ask(place, by_place, &status);
    if (id) show(*id, status);
  }
}

auto segments(auto... arguments) { return sys::shmctl(arguments...); }
auto queues(auto... arguments) { return sys::msgctl(arguments...); }
auto semaphores(int id, uint32_t command, void* buffer) {
  return sys::semctl(id, 0, command, reinterpret_cast<uint64_t>(buffer));
}

void list_queues() {
  print_head("Message queues", "bytes      messages");
  for_each<abi::QueueStatus>([](auto... arguments) { return queues(arguments...); },
                             abi::k_msg_info, abi::k_msg_stat,
                             [](int64_t id, const abi::QueueStatus& status) {
                               print_identity(status.permissions, id);
                               print("{:<10} {}\n", status.bytes, status.messages);
                             });
}

void list_segments() {
  print_head("Shared memory segments", "bytes      attached");
  for_each<abi::SegmentStatus>(
      [](auto... arguments) { return segments(arguments...); }, abi::k_shm_info, abi::k_shm_stat,
      [](int64_t id, const abi::SegmentStatus& status) {
        print_identity(status.permissions, id);
        const bool is_marked = (status.permissions.mode & abi::k_shm_dest) != 0;
        print("{:<10} {}{}\n", status.size, status.attachments, is_marked ? " (removed)" : "");
      });
}

void list_semaphores() {
  print_head("Semaphore sets", "semaphores");
  for_each<abi::SemaphoreStatus>(semaphores, abi::k_sem_info, abi::k_sem_stat,
                                 [](int64_t id, const abi::SemaphoreStatus& status) {
                                   print_identity(status.permissions, id);
                                   print("{}\n", status.count);
                                 });
}

// The number of the object that an option of ipcrm names: m, q and s have it, M, Q and S its key.
Result<int64_t> object_of(char letter, std::string_view text) {
  const bool is_hexadecimal = text.starts_with("0x");
  const auto value = is_hexadecimal ? parse_number(text.substr(2), 16) : parse_number(text);
  if (!value) return fail(Errno::inval);
  if (letter >= 'a') return *value;
  const int key = static_cast<int>(*value);
  switch (letter) {
    case 'M': return sys::shmget(key, 0, 0);
    case 'Q': return sys::msgget(key, 0);
    default: return sys::semget(key, 0, 0);
  }
}

Result<int64_t> remove(char letter, int id) {
  switch (letter) {
    case 'm':
    case 'M': return sys::shmctl(id, abi::k_ipc_rmid, nullptr);
    case 'q':
    case 'Q': return sys::msgctl(id, abi::k_ipc_rmid, nullptr);
    default: return sys::semctl(id, 0, abi::k_ipc_rmid, 0);
  }
}

}  // namespace

int ipcs_main(Arguments arguments) {
  OptionParser options(arguments, "mqs");
  bool wants_segments = false, wants_queues = false, wants_semaphores = false;
  while (const auto option = options.next()) {
    wants_segments |= option->letter == 'm';
    wants_queues |= option->letter == 'q';
    wants_semaphores |= option->letter == 's';
  }
  if (options.wrong()) return 2;
  const bool wants_all = !wants_segments && !wants_queues && !wants_semaphores;
  if (wants_queues || wants_all) list_queues();
  if (wants_segments || wants_all) list_segments();
  if (wants_semaphores || wants_all) list_semaphores();
  return 0;
}

int ipcrm_main(Arguments arguments) {
  OptionParser options(arguments, "m:q:s:M:Q:S:");
  int status = 0;
  while (const auto option = options.next()) {
    const Result<int64_t> id = object_of(option->letter, option->value);
    const Result<int64_t> removed =
        id ? remove(option->letter, static_cast<int>(*id)) : Result<int64_t>(id);
    if (!removed) status = complain(arguments, option->value, removed.error());
  }
  return options.wrong() ? 2 : status;
}

}  // namespace weft
