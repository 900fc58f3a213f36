#include "core/ipc/socket/unix_names.hh"

#include <cstring>

#include "core/base/format.hh"
#include "core/fs/tree.hh"
#include "core/ipc/process_hooks.hh"
#include "core/sync/guarded.hh"

namespace weft::ipc::unix_names {
namespace {

constexpr uint32_t k_longest_path = 108;
constexpr uint32_t k_rights = 0777;

// An inbox in the table keeps its name.
struct Order {
  static bool before(const Inbox& a, const Inbox& b) { return a.fixed_name() < b.fixed_name(); }
};

struct Table {
  RbTree<Inbox, &Inbox::by_name, Order> names;
  uint32_t last_chosen = 0;

  Inbox* find(std::string_view name) const {
    Inbox* place = names.root();
    while (place != nullptr && place->fixed_name() != name) {
      place = name < place->fixed_name() ? names.left_of(*place) : names.right_of(*place);
    }
    return place;
  }
};
[[clang::no_destroy]] constinit Guarded<Table, Rank::user_spin> table;

bool is_abstract(const SocketName& name) { return name.address.bytes[0] == '\0'; }

std::string_view path_in(const SocketName& name) {
  const std::string_view all(name.address.bytes, name.size - k_head);
  return all.substr(0, all.find('\0'));
}

Result<> bind_abstract(Inbox& inbox, const SocketName& name) {
  inbox.set_name(name);
  auto all = table.lock();
  if (all->find(inbox.fixed_name()) != nullptr) return fail(Errno::addrinuse);
  all->names.insert(inbox);
  return {};
}

// Five digits, as on Linux.
SocketName choose_name() {
  SocketName name{.size = k_head + 6, .address = {.family = abi::k_af_unix, .bytes = {}}};
  const uint32_t number = table.with([](Table& all) { return ++all.last_chosen; });
  const Text<8> digits("{:05x}", number & 0xf'ffff);
  std::memcpy(name.address.bytes + 1, digits.c_str(), 5);
  return name;
}

Result<> bind_path(Inbox& inbox, SocketName& name) {
  const std::string_view path = path_in(name);
  const Ref<fs::FileContext> context = process_hooks.file_context();
  const Ref<fs::Entry> folder = context->folder();
  const auto made = fs::make_socket_node({folder, path}, k_rights & ~context->mask(),
                                         Ref<fs::Attachment>(Ref<Inbox>::share(inbox)));
  if (!made.has_value())
    return fail(made.error() == Errno::exist ? Errno::addrinuse : made.error());
  name.size = k_head + static_cast<uint32_t>(path.size()) + 1;
  name.address.bytes[path.size()] = '\0';
  return {};
}

Result<Ref<Inbox>> find_path(std::string_view path) {
  const Ref<fs::Entry> folder = process_hooks.file_context()->folder();
  const Ref<fs::Entry> entry = TRY(fs::find(folder, path, fs::LastLink::follow));
  if (entry->node().kind() != abi::k_s_ifsock) return fail(Errno::connrefused);
  Ref<fs::Attachment> attached = static_cast<fs::SpecialNode&>(entry->node()).attachment();
  return Ref<Inbox>::adopt(static_cast<Inbox*>(attached.release()));
}

}  // namespace

Result<> check(const SocketName& name) {
  const bool is_unix = name.size >= k_head && name.address.family == abi::k_af_unix;
  if (!is_unix || name.size > k_head + k_longest_path) return fail(Errno::inval);
  return {};
}

Result<> bind(Inbox& inbox, const SocketName& wanted) {
  TRY(check(wanted));
  if (!inbox.claim_name()) return fail(Errno::inval);
  SocketName name = wanted;
  Result<> bound;
  if (name.size == k_head) {
    do bound = bind_abstract(inbox, choose_name());
    while (!bound.has_value());
  } else if (is_abstract(name)) {
    bound = bind_abstract(inbox, name);
  } else {
    bound = bind_path(inbox, name);
    if (bound.has_value()) inbox.set_name(name);
  }
  if (!bound.has_value()) {
    inbox.set_name({});
    inbox.give_up_name();
  }
  return bound;
}

Result<Ref<Inbox>> find(const SocketName& name, SocketType type) {
  TRY(check(name));
  if (name.size == k_head) return fail(Errno::inval);
  Ref<Inbox> found;
  if (!is_abstract(name)) {
    found = TRY(find_path(path_in(name)));
  } else {
    auto all = table.lock();
    if (Inbox* const inbox = all->find(name.bytes())) found = Ref<Inbox>::share(*inbox);
  }
  if (!found || found->is_closed()) return fail(Errno::connrefused);
  if (found->manners().type != type) return fail(Errno::prototype);
  return found;
}

void release(Inbox& inbox) {
  auto all = table.lock();
  if (inbox.by_name.is_linked()) all->names.remove(inbox);
}

}  // namespace weft::ipc::unix_names
