#include "core/proc/process.hh"

#include "core/mm/heap.hh"
#include "core/mm/object_cache.hh"
#include "core/mm/user_memory.hh"
#include "core/proc/futex.hh"
#include "core/sched/scheduler.hh"

namespace weft::proc {

[[clang::no_destroy]] constinit SpinLock tree_lock{Rank::process_tree};

namespace {

[[clang::no_destroy]] constinit mm::ObjectCache<Process> process_cache("process");
[[clang::no_destroy]] constinit PidTable pids;
constinit Process* first_process = nullptr;
constinit void (*first_process_ended)(int status) = nullptr;

void add_thread(Process& process, UserThread& thread, int32_t tid) REQUIRES(tree_lock) {
  thread.tid = tid;
  process.threads.push_back(thread);
  process.thread_count.fetch_add(1, relaxed);
  pids.find(tid)->thread = &thread;
  pids.count_use(1);
}

void set_parent(Process& process, Process* parent) REQUIRES(tree_lock) {
  process.parent = parent;
  process.parent_pid.store(parent != nullptr ? parent->pid : 0, relaxed);
}

// Gives the process and its first thread their number, and the process its place in the tree.
Result<int32_t> enter_tree(Process& process, UserThread& thread, Process* parent) {
  SpinGuard guard(tree_lock);
  const int32_t pid = TRY(pids.choose());
  process.pid = pid;
  set_parent(process, parent);
  process.group = parent != nullptr ? parent->group : pid;
  process.session = parent != nullptr ? parent->session : pid;
  if (parent != nullptr) parent->children.push_back(process);
  pids.find(pid)->process = &process;
  add_thread(process, thread, pid);
  return pid;
}

void leave_user_mode() {
  const bool were_on = hal::irq_save();
  hal::current()->user = nullptr;
  hal::irq_restore(were_on);
}

// The orphans become the first process's children; those that have ended, too, so that it waits for
// them.
void give_away_children(Process& process) REQUIRES(tree_lock) {
  while (Process* child = process.children.pop_front()) {
    set_parent(*child, first_process);
    first_process->children.push_back(*child);
  }
  if (process.ended.empty()) return;
  while (Process* child = process.ended.pop_front()) {
    set_parent(*child, first_process);
    first_process->ended.push_back(*child);
  }
  first_process->child_changed.wake_all();
}

// The last thread has ended. From the end of this function on the parent may free the record.
void become_zombie(Process& process) {
  keep_most_resident(process, *process.memory);
  process.files.reset();
  process.file_context.reset();
  process.program.reset();
  Ref<mm::AddressSpace> memory;
  {
    SpinGuard guard(tree_lock);
    std::swap(memory, process.memory);
  }
  memory.reset();
  if (&process == first_process) first_process_ended(process.status);
  SpinGuard guard(tree_lock);
  process.borrows_memory = false;
  give_away_children(process);
  process.has_ended = true;
  Process& parent = *process.parent;
  decltype(parent.children)::remove(process);
  parent.ended.push_back(process);
  parent.child_changed.wake_all();
}

bool is_wanted(const Process& child, const Process& self, int32_t which) {
  if (which == -1) return true;
  if (which > 0) return child.pid == which;
  return child.group == (which == 0 ? self.group : -which);
}

template <typename List>
Process* find_wanted(List& list, const Process& self, int32_t which) {
  for (Process& child : list) {
    if (is_wanted(child, self, which)) return &child;
  }
  return nullptr;
}

// The child with this number, in one step.
Process* child_with_pid(Process& self, int32_t pid) REQUIRES(tree_lock) {
  const PidEntry* entry = pids.find(pid);
  if (entry == nullptr || entry->process == nullptr) return nullptr;
  return entry->process->parent == &self ? entry->process : nullptr;
}

EndedChild bury(Process& self, Process& child) REQUIRES(tree_lock) {
  EndedChild result{child.pid, child.status, usage_of(child)};
  result.usage.add(child.usage.children);
  self.usage.children.add(result.usage);
  pids.find(child.pid)->process = nullptr;
  decltype(child.ended)::remove(child);
  return result;
}

void set_start(UserThread& thread, const Registers& registers, const CloneRequest& request) {
  thread.start_registers = registers;
  thread.start_registers.rax = 0;
  if (request.stack != 0) thread.start_registers.rsp = request.stack;
  hal::copy_user_state(thread);
  if (request.tls != nullptr) thread.fs_base = *request.tls;
  thread.clear_child_tid = request.clear_child_tid;
}

void wait_for_memory(Process& self, Process& child) {
  SpinGuard guard(tree_lock);
  while (child.borrows_memory) {
    Waiter waiter(BlockReason::waiting, &child);
    self.child_changed.prepare(waiter);
    self.child_changed.block(waiter);
  }
}

}  // namespace

void Process::last_reference_gone(Process& process) { process_cache.destroy(&process); }

void when_first_process_ends(void (*then)(int status)) { first_process_ended = then; }

// ---- Beginning ------------------------------------------------------------------------------------

Result<UserThread*> make_first_process(void (*run)(void*)) {
  Process* const process = TRY(process_cache.make());
  process->memory = TRY(mm::AddressSpace::make());
  process->files = TRY(fs::DescriptorTable::make());
  process->file_context = TRY(fs::FileContext::make());
  UserThread* const thread = TRY(make_user_thread(*process, "init"));
  hal::reset_user_state(*thread);
  thread->thread.entry = run;
  TRY(enter_tree(*process, *thread, nullptr));
  first_process = process;
  start_ticks();
  return thread;
}

Result<int32_t> fork(UserThread& self, const Registers& registers, const CloneRequest& request) {
  Process& parent = self.process;
  Ref<Process> child = Ref<Process>::adopt(TRY(process_cache.make()));
  child->memory = request.shares_memory ? parent.memory : TRY(parent.memory->fork());
  child->files = request.shares_files ? parent.files : TRY(parent.files->copy());
  child->file_context =
      request.shares_file_context ? parent.file_context : TRY(parent.file_context->copy());
  child->program = parent.program;
  child->limits.copy_from(parent.limits);
  UserThread* const thread = TRY(make_user_thread(*child, self.thread.name()));
  set_start(*thread, registers, request);
  child->borrows_memory = request.parent_waits;
  const auto pid = enter_tree(*child, *thread, &parent);
  if (!pid.has_value()) {
    discard_user_thread(*thread);
    return fail(pid.error());
  }
  if (request.parent_tid != 0) {
    (void)mm::copy_to_user(request.parent_tid, &*pid, sizeof *pid);
  }
  thread->set_child_tid = request.child_tid;
  // The tree has a reference of its own: the one the record began with. It ends when the parent, in
  // wait_for_child(), takes the process out.
  const Ref<Process> kept = child;
  (void)child.release();
  start_user_thread(*thread);
  if (request.parent_waits) wait_for_memory(parent, *kept);
  return *pid;
}

Result<int32_t> start_thread(UserThread& self, const Registers& registers,
                             const CloneRequest& request) {
  Process& process = self.process;
  UserThread* const thread = TRY(make_user_thread(process, self.thread.name()));
  set_start(*thread, registers, request);
  int32_t tid;
  {
    SpinGuard guard(tree_lock);
    const auto chosen = pids.choose();
    if (chosen.has_value()) add_thread(process, *thread, *chosen);
    tid = chosen.value_or(0);
  }
  if (tid == 0) {
    discard_user_thread(*thread);
    return fail(Errno::again);
  }
  if (request.parent_tid != 0) (void)mm::copy_to_user(request.parent_tid, &tid, sizeof tid);
  thread->set_child_tid = request.child_tid;
  start_user_thread(*thread);
  return tid;
}

// ---- The end --------------------------------------------------------------------------------------

void end_thread(int status) {
  UserThread& self = current_thread();
  Process& process = self.process;
  release_robust_list(self);
  if (self.clear_child_tid != 0 && process.thread_count.load(relaxed) > 1) {
    const uint32_t zero = 0;
    if (mm::copy_to_user(self.clear_child_tid, &zero, sizeof zero).has_value()) {
      (void)futex_wake(process, {self.clear_child_tid, true}, 1, k_any_bit);
    }
  }
  sched::set_account(self.thread, nullptr);
  leave_user_mode();
  bool is_last;
  {
    SpinGuard guard(tree_lock);
    keep_usage(self);
    decltype(process.threads)::remove(self);
    pids.find(self.tid)->thread = nullptr;
    pids.count_use(-1);
    is_last = process.threads.empty();
    if (!process.is_ending.load(relaxed)) process.status = status;
    process.thread_count.fetch_sub(1, relaxed);
  }
  wake_futex_heirs(self);
  if (is_last) become_zombie(process);
  sched::exit_current();
}

void end_process(int status) {
  UserThread& self = current_thread();
  Process& process = self.process;
  {
    SpinGuard guard(tree_lock);
    if (!process.is_ending.load(relaxed)) {
      process.status = status;
      process.is_ending.store(true, release);
      for (UserThread& thread : process.threads) {
        if (&thread == &self) continue;
        thread.work.fetch_or(hal::k_work_signals, release);
        sched::interrupt(thread.thread);
        hal::kick_cpu(thread.thread.cpu.load(relaxed));
      }
    }
  }
  end_thread(status);
}

// ---- Finding --------------------------------------------------------------------------------------

Process* find_process(int32_t pid) {
  const PidEntry* const entry = pids.find(pid);
  return entry == nullptr ? nullptr : entry->process;
}

UserThread* find_thread(int32_t tid) {
  const PidEntry* const entry = pids.find(tid);
  return entry == nullptr ? nullptr : entry->thread;
}

int32_t user_thread_count() { return pids.used(); }

Process* next_process(int32_t pid) {
  for (pid = pids.next(pid); pid < PidTable::k_limit; pid = pids.next(pid)) {
    if (Process* const process = pids.find(pid)->process) return process;
  }
  return nullptr;
}

// ---- Waiting --------------------------------------------------------------------------------------

Result<EndedChild> wait_for_child(Process& self, int32_t which, bool may_block) {
  Process* child;
  EndedChild result;
  {
    SpinGuard guard(tree_lock);
    for (;;) {
      Process* alive = nullptr;
      if (which > 0) {
        alive = child_with_pid(self, which);
        child = alive != nullptr && alive->has_ended ? alive : nullptr;
      } else {
        child = find_wanted(self.ended, self, which);
        if (child == nullptr) alive = find_wanted(self.children, self, which);
      }
      if (child != nullptr) break;
      if (alive == nullptr) return fail(Errno::child);
      if (!may_block) return EndedChild{};
      Waiter waiter(BlockReason::waiting, &self);
      self.child_changed.prepare(waiter);
      const Outcome outcome =
          self.child_changed.block(waiter, {.deadline = k_never, .interruptible = true});
      if (outcome == Outcome::interrupted) return fail(Errno::intr);
    }
    result = bury(self, *child);
  }
  Ref<Process>::adopt(child).reset();
  return result;
}

void return_borrowed_memory(Process& process) {
  SpinGuard guard(tree_lock);
  if (!process.borrows_memory) return;
  process.borrows_memory = false;
  process.parent->child_changed.wake_all();
}

}  // namespace weft::proc
