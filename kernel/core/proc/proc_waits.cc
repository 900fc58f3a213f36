// Who waits for whom. A waiter says who could end its wait (Ender): here that becomes numbers.
#include "core/ipc/epoll.hh"
#include "core/ipc/poll_set.hh"
#include "core/mm/heap.hh"
#include "core/proc/proc_texts.hh"
#include "core/proc/process_tree.hh"
#include "core/sched/thread_list.hh"
#include "core/sync/mutex.hh"

namespace weft::proc {
namespace {

constexpr size_t k_most_files = 32;  // of those that a poll() waits for, so many are told

// A thread's wait at one moment. The files are those of a poll().
struct Wait {
  Wait() { thread.state = ThreadState::dead; }  // unless it is found

  sched::ThreadView thread;
  std::string_view kind;  // of what it waits for
  Ender ender;
  int32_t owner = 0;  // of the lock it waits for
  size_t file_count = 0;
  std::array<Ref<fs::File>, k_most_files> files;
  std::array<int32_t, k_most_files> numbers;
  std::array<fs::PollEvents, k_most_files> wanted;
};

// The thread is blocked, so its set of files stays as it is.
void look_at_files(const ipc::PollSet& set, Wait& wait) {
  for (const ipc::PollSet::Watch& watch : set.watches()) {
    if (!watch.file || wait.file_count == k_most_files) continue;
    const size_t place = wait.file_count++;
    wait.files[place] = watch.file;
    wait.numbers[place] = watch.number;
    wait.wanted[place] = watch.wanted;
  }
}

std::string_view kind_of(const void* object) {
  const char* const kind = mm::kind_of(object);
  return kind != nullptr ? kind : "something";
}

// A futex has no memory of its own: its waiters stand on their stacks.
std::string_view kind_of_wait(const UserThread& self, const Wait& wait) {
  const void* const object = wait.thread.object;
  const auto* const stack = static_cast<const std::byte*>(self.thread.stack_base);
  if (object == nullptr) return {};
  if (object == &self || object == &self.process.pending) return "signal";
  if (wait.ender.poll_set() != nullptr) return "files";
  if (object >= stack && object < stack + self.thread.stack_size) return "futex";
  return kind_of(object);
}

int32_t owner_of_lock(const Thread& thread) {
  SpinGuard guard(inheritance_lock);
  const Thread* owner = thread.loan != nullptr ? thread.loan->borrower : nullptr;
  if (thread.waits_for != nullptr) owner = thread.waits_for->pinned_owner();
  const bool has_number = owner != nullptr && owner->user != nullptr;
  return has_number ? static_cast<const UserThread&>(*owner->user).tid : 0;
}

Result<> look(const Subject& subject, Wait& wait) {
  SpinGuard guard(tree_lock);
  UserThread* const thread = find_thread(subject.tid);
  if (thread == nullptr || &thread->process != subject.process.get()) {
    return find_process(subject.tid) == subject.process.get() ? Result<>{} : fail(Errno::srch);
  }
  wait.thread = sched::view_thread(thread->thread);
  wait.owner = owner_of_lock(thread->thread);
  sched::look_at_wait(
      thread->thread,
      [](const Waiter& waiter, void* argument) {
        auto& seen = *static_cast<Wait*>(argument);
        seen.ender = waiter.ender();
        const void* const set = waiter.ender().poll_set();
        if (set != nullptr) look_at_files(*static_cast<const ipc::PollSet*>(set), seen);
      },
      &wait);
  wait.kind = kind_of_wait(*thread, wait);
  return {};
}

bool has(fs::DescriptorTable& files, const void* object) {
  if (&files == object) return true;
  for (int32_t fd = files.next_used(0); fd >= 0; fd = files.next_used(fd + 1)) {
    const auto file = files.get(fd);
    if (file.has_value() && (*file)->serves(object)) return true;
  }
  return false;
}

// The numbers, one after the other: " of 12 13".
class Enders {
 public:
  explicit Enders(Sink& to) : to_(to) {}

  void add(int32_t number) {
    format(to_, "{}{}", is_first_ ? " of " : " ", number);
    is_first_ = false;
  }
  void add_children(const Process& parent) {
    SpinGuard guard(tree_lock);
    for (const Process& child : parent.children) add(child.pid);
  }
  void add_those_who_have(const void* object) {
    for (int32_t pid = 0;;) {
      Ref<fs::DescriptorTable> files;
      {
        SpinGuard guard(tree_lock);
        const Process* const process = next_process(pid);
        if (process == nullptr) return;
        pid = process->pid;
        files = process->files;
      }
      if (files && has(*files, object)) add(pid);
    }
  }
  void add_if_there(uint32_t number) {
    SpinGuard guard(tree_lock);
    const auto id = static_cast<int32_t>(number);
    if (find_process(id) != nullptr || find_thread(id) != nullptr) add(id);
  }
  void add(const Ender& ender, const Process& self) {
    if (ender.number() != 0) add_if_there(ender.number());
    if (ender.object() == &self) return add_children(self);
    if (ender.object() != nullptr) add_those_who_have(ender.object());
  }

 private:
  Sink& to_;
  bool is_first_ = true;
};

void tell_file(Sink& to, const Process& self, int32_t number, const fs::File& file, Ender ender) {
  format(to, "  {}: {}", number, kind_of(&file));
  Enders(to).add(ender, self);
  format(to, "\n");
}

// What an epoll set watches, if it is one that the thread waits for.
void tell_watched(Sink& to, Process& self, const void* object) {
  struct Each {
    Sink& to;
    Process& self;
  } each{to, self};
  const Ref<fs::DescriptorTable> files = self.look_at(&Process::files);
  for (int32_t fd = files ? files->next_used(0) : -1; fd >= 0; fd = files->next_used(fd + 1)) {
    const auto file = files->get(fd);
    if (!file.has_value() || file->get() != object) continue;
    ipc::EpollSet* const set = ipc::EpollSet::from(**file);
    if (set == nullptr) return;
    return set->visit(
        [](fs::File& watched, int32_t number, fs::PollEvents wanted, void* argument) {
          const auto& [sink, process] = *static_cast<Each*>(argument);
          tell_file(sink, process, number, watched, watched.ender(wanted));
        },
        &each);
  }
}

}  // namespace

Result<> write_waits(Sink& to, const Subject& subject) {
  Wait wait;
  TRY(look(subject, wait));
  Process& process = *subject.process;
  format(to, "{}", state_name(wait.thread.state, wait.thread.reason));
  if (!wait.kind.empty()) {
    format(to, " for {} {:x}", wait.kind, reinterpret_cast<VirtAddr>(wait.thread.object));
  }
  Enders enders(to);
  if (wait.owner != 0) enders.add(wait.owner);
  enders.add(wait.ender, process);
  format(to, "\n");
  for (size_t place = 0; place < wait.file_count; ++place) {
    fs::File& file = *wait.files[place];
    tell_file(to, process, wait.numbers[place], file, file.ender(wait.wanted[place]));
  }
  if (wait.ender.object() != nullptr) tell_watched(to, process, wait.ender.object());
  return {};
}

}  // namespace weft::proc
