#include "userlib/coro/trace.hh"

#include <algorithm>
#include <cstring>

#include "userlib/base/clock.hh"
#include "userlib/coro/block_slab.hh"
#include "userlib/coro/current.hh"
#include "userlib/coro/list.hh"
#include "userlib/coro/worker.hh"
#include "userlib/syscalls.hh"

namespace weft::coro {
namespace {

void write_markers(const abi::TraceMarker* markers, size_t count) {
  (void)sys::write(detail::trace_channel.load(relaxed), markers, count * sizeof(abi::TraceMarker));
}

// A lambda is called by its place, without the folders: "pingpong.cc:106:26".
std::string_view name_of_function(const char* function) {
  std::string_view name = shorten_name(function);
  if (!name.contains("lambda at ")) return name;
  name.remove_suffix(1);
  return name.substr(name.find_last_of(" /") + 1);
}

}  // namespace

constinit Atomic<int32_t> detail::trace_channel{-1};
constinit const char* detail::trace_path = "/sys/kernel/tracing/trace_marker_raw";

// ---- The channel ---------------------------------------------------------------------------------------

void detail::open_trace() {
  const auto opened =
      sys::openat(abi::k_at_fdcwd, trace_path, abi::k_o_wronly | abi::k_o_cloexec, 0);
  if (!opened) return;
  if (sys::write(*opened, nullptr, 0)) {
    trace_channel.store(*opened, relaxed);
  } else {
    (void)sys::close(*opened);
  }
}

void detail::close_trace() {
  const int32_t open = trace_channel.exchange(-1, relaxed);
  if (open >= 0) (void)sys::close(open);
}

// ---- A worker's events ---------------------------------------------------------------------------------

uint64_t Tracer::number_of(const Coroutine& coroutine) {
  const uint64_t number = block_number(coroutine);
  return number != 0 ? number : reinterpret_cast<uintptr_t>(&coroutine);
}

void Tracer::start() {
  if (detail::trace_channel.load(relaxed) < 0) return;
  markers_ = new abi::TraceMarker[k_room];
  last_flush_ = Moment::now();
}

Tracer::~Tracer() {
  flush();
  delete[] markers_;
}

void Tracer::append(Traced kind, uint64_t first, uint64_t second, unsigned detail) {
  if (count_ == k_room) flush();
  markers_[count_++] = {.mark = abi::k_trace_mark,
                        .kind = kind,
                        .detail = static_cast<uint16_t>(detail),
                        .when = ticks_now(),
                        .first = first,
                        .second = second};
}

void Tracer::append_of(Traced kind, const Coroutine& of, uint64_t second, unsigned detail) {
  if (kind == Traced::coroutine_runs && block_number(of) == 0)
    return;  // a worker's base is no coroutine
  append(kind, number_of(of), second, detail);
}

void Tracer::append_start(const Coroutine& of, const Coroutine& parent, const char* function) {
  append(Traced::coroutine_starts, number_of(of), block_number(parent), 0);
  append_name(of, name_of_function(function));
}

// In as many events as it takes; each says which piece it is.
void Tracer::append_name(const Coroutine& of, std::string_view name) {
  constexpr size_t k_most = 32;
  name = name.substr(0, k_most);
  for (unsigned piece = 0; !name.empty(); ++piece) {
    uint64_t chars = 0;
    const size_t length = std::min(name.size(), sizeof chars);
    std::memcpy(&chars, name.data(), length);
    append(Traced::coroutine_is_named, number_of(of), chars, piece);
    name.remove_prefix(length);
  }
}

// Who ends the wait notes that after claiming it, with a later time stamp than this has.
void Tracer::append_park(const Coroutine& of, const void* object) {
  append(Traced::coroutine_parks, number_of(of), reinterpret_cast<uintptr_t>(object),
         static_cast<unsigned>(of.reason));
  if (!is_waiting(of.park.load(seq_cst))) --count_;
}

void Tracer::flush() {
  if (count_ == 0) return;
  const Moment present = Moment::now();
  const TickScale scale(last_flush_, present);
  for (size_t i = 0; i < count_; ++i) markers_[i].when = scale.instant(markers_[i].when);
  write_markers(markers_, count_);
  count_ = 0;
  last_flush_ = present;
}

void detail::append_wake(const Coroutine& woken) {
  if (Worker* worker = this_worker()) return worker->tracer().note(Traced::coroutine_wakes, woken);
  const abi::TraceMarker marker{abi::k_trace_mark, Traced::coroutine_wakes,  0,
                                instant_now(),     Tracer::number_of(woken), 0};
  write_markers(&marker, 1);
}

}  // namespace weft::coro
