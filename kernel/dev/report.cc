#include "dev/report.hh"

#include <algorithm>
#include <array>

#include "core/base/atomic.hh"
#include "core/hal.hh"
#include "x86_64/registers.hh"

namespace weft::dev {
namespace {

// QEMU's isa-debugcon: what is written there is sent; reading gives its own number.
constexpr uint16_t k_port = 0xe9;
constexpr uint8_t k_is_there = 0xe9;

constinit std::array<char, 64> run_number{};
constinit size_t run_number_length = 0;
constinit Atomic<bool> is_sending{false};

void send(std::string_view text) {
  for (const char byte : text) x86::out8(k_port, static_cast<uint8_t>(byte == '\n' ? ' ' : byte));
}

}  // namespace

void start_reports(std::string_view number) {
  if (x86::in8(k_port) != k_is_there) return;
  run_number_length = std::min(number.size(), run_number.size());
  std::copy_n(number.begin(), run_number_length, run_number.begin());
}

void report(std::string_view word, std::string_view rest) {
  if (run_number_length == 0) return;
  // A panic can come while another CPU, now stopped, is in here: so the wait has an end.
  constexpr unsigned k_patience = 1'000'000;
  const bool irqs_were_on = hal::irq_save();
  for (unsigned i = 0; i < k_patience && is_sending.exchange(true, acquire); ++i) hal::relax();
  send({run_number.data(), run_number_length});
  send(" ");
  send(word);
  if (!rest.empty()) send(" ");
  send(rest);
  x86::out8(k_port, '\n');
  is_sending.store(false, release);
  hal::irq_restore(irqs_were_on);
}

}  // namespace weft::dev
