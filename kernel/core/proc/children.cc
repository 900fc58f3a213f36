#include "core/proc/children.hh"

#include "core/proc/group.hh"
#include "core/proc/process_tree.hh"
#include "core/proc/send.hh"

namespace weft::proc {
namespace {

// ---- Finding --------------------------------------------------------------------------------------

// Takes an ended process out of the tree, and drops the tree's reference.
void bury(Process& process) REQUIRES(tree_lock) {
  // lab:fork begin 4
  pids.find(process.pid)->process = nullptr;
  decltype(process.parent->ended)::remove(process);
  leave_group(process);
  Ref<Process>::adopt(&process).reset();
  // lab:fork stub: static_cast<void>(process);
  // lab:fork stub: panic("not implemented: lab fork, part 4");
  // lab:fork end
}

bool is_eligible(const Process& child, const WaitRequest& request) {
  return request.sees_all_kinds || child.exit_signal == abi::k_sigchld;
}

bool is_wanted(const Process& child, const WaitRequest& request) REQUIRES(tree_lock) {
  if (!is_eligible(child, request)) return false;
  return request.which == WaitRequest::Which::any || child.group->id == request.id;
}

template <typename List>
Process* find_wanted(List& list, const WaitRequest& request) REQUIRES(tree_lock) {
  for (Process& child : list) {
    if (is_wanted(child, request)) return &child;
  }
  return nullptr;
}

bool wants_report(const Process& child, const WaitRequest& request) REQUIRES(tree_lock) {
  if (child.report == 0) return false;
  return child.report == k_status_of_continuation ? request.continuations : request.stops;
}

// The child of this number, in one step.
Process* child_with_pid(Process& self, int32_t pid) REQUIRES(tree_lock) {
  Process* const process = find_process(pid);
  return process != nullptr && process->parent == &self ? process : nullptr;
}

struct Found {
  Process* child = nullptr;       // that has news
  bool is_anybody_there = false;  // who could have some later
};

Found find_news(Process& self, const WaitRequest& request) REQUIRES(tree_lock) {
  if (request.which == WaitRequest::Which::pid) {
    Process* const child = child_with_pid(self, request.id);
    if (child == nullptr || !is_eligible(*child, request)) return {};
    const bool has_news = child->has_ended ? request.ends : wants_report(*child, request);
    return {has_news ? child : nullptr, !child->has_ended};
  }
  if (request.ends) {
    if (Process* const child = find_wanted(self.ended, request)) return {child, true};
  }
  for (Process& child : self.reports) {
    if (wants_report(child, request) && is_wanted(child, request)) return {&child, true};
  }
  return {nullptr, find_wanted(self.children, request) != nullptr};
}

// ---- Telling --------------------------------------------------------------------------------------

int code_of_end(int status) { return (status & 0x7f) == 0 ? abi::k_cld_exited : abi::k_cld_killed; }

ChildNews news_of(Process& child) REQUIRES(tree_lock) {
  ChildNews news;
  news.pid = child.pid;
  if (child.has_ended) {
    news.status = child.status;
    news.code = code_of_end(child.status);
    news.usage = usage_of(child);
    news.usage.add(child.usage.children);
    return news;
  }
  news.status = child.report;
  news.code = child.report == k_status_of_continuation ? abi::k_cld_continued : abi::k_cld_stopped;
  return news;
}

constexpr Nanoseconds k_clock_tick = 10 * k_millisecond;  // AT_CLKTCK says so: 100 a second

void send_to_parent(Process& process, int signal, int code, int status) REQUIRES(tree_lock) {
  const Usage usage = usage_of(process);
  SignalInfo info{};
  info.signal = signal;
  info.code = code;
  info.child = {.pid = process.pid,
                .user = 0,
                .status = status,
                .user_time = static_cast<int64_t>(usage.user_time / k_clock_tick),
                .system_time = static_cast<int64_t>(usage.system_time / k_clock_tick)};
  (void)send_locked(*process.parent, nullptr, info);
}

}  // namespace

int ChildNews::plain_status() const {
  if (code == abi::k_cld_continued) return abi::k_sigcont;
  return code == abi::k_cld_killed ? status & 0x7f : status >> 8 & 0xff;
}

void forget_report(Process& process) {
  if (process.report == 0) return;
  process.report = 0;
  decltype(process.parent->reports)::remove(process);
}

void report_child(Process& process, int code, int status) {
  Process& parent = *process.parent;
  if (process.report == 0) parent.reports.push_back(process);
  process.report = status;
  parent.child_changed.wake_all();
  const abi::SignalAction action = parent.actions->get(abi::k_sigchld);
  if (action.handler == abi::k_ignore_signal || (action.flags & abi::k_sa_nocldstop) != 0) return;
  const ChildNews news{.pid = process.pid, .code = code, .status = status};
  send_to_parent(process, abi::k_sigchld, code, news.plain_status());
}

void report_end(Process& process) {
  Process& parent = *process.parent;
  const abi::SignalAction action = parent.actions->get(abi::k_sigchld);
  const bool is_child_signal = process.exit_signal == abi::k_sigchld;
  const bool is_ignored = is_child_signal && action.handler == abi::k_ignore_signal;
  const bool is_unwanted =
      is_ignored || (is_child_signal && (action.flags & abi::k_sa_nocldwait) != 0);
  // The usual parent waits and has no action: then nothing is made that would be dropped.
  if (process.exit_signal != 0 && !is_ignored && !drops(parent, process.exit_signal)) {
    const ChildNews news{
        .pid = process.pid, .code = code_of_end(process.status), .status = process.status};
    send_to_parent(process, process.exit_signal, news.code, news.plain_status());
  }
  // lab:fork begin 4
  if (is_unwanted) bury(process);
  parent.child_changed.wake_all();
  // lab:fork stub: static_cast<void>(parent);
  // lab:fork stub: static_cast<void>(is_unwanted);
  // lab:fork stub: panic("not implemented: lab fork, part 4");
  // lab:fork end
}

Result<ChildNews> wait_for_child(Process& self, const WaitRequest& asked) {
  SpinGuard guard(tree_lock);
  WaitRequest request = asked;
  if (request.which == WaitRequest::Which::group && request.id == 0) request.id = self.group->id;
  // lab:fork begin 4
  Found found = find_news(self, request);
  while (found.child == nullptr) {
    if (!found.is_anybody_there) return fail(Errno::child);
    if (!request.may_block) return ChildNews{};
    Waiter waiter(BlockReason::waiting, &self);
    const bool is_certain = request.which == WaitRequest::Which::pid;
    waiter.set_ender(is_certain ? Ender::number(static_cast<uint32_t>(request.id))
                                : Ender::having(&self));
    self.child_changed.prepare(waiter);
    const Outcome outcome =
        self.child_changed.block(waiter, {.deadline = k_never, .interruptible = true});
    found = find_news(self, request);
    if (outcome == Outcome::interrupted && found.child == nullptr) return fail(Errno::intr);
  }
  Process& child = *found.child;
  const ChildNews news = news_of(child);
  if (!request.leaves_it && child.has_ended) {
    self.usage.children.add(news.usage);
    bury(child);
  } else if (!request.leaves_it) {
    forget_report(child);
  }
  return news;
  // lab:fork stub: static_cast<void>(request);
  // lab:fork stub: panic("not implemented: lab fork, part 4");
  // lab:fork end
}

}  // namespace weft::proc
