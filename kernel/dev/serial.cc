#include "dev/serial.hh"

#include "core/base/atomic.hh"
#include "core/hal.hh"
#include "core/trace/trace.hh"
#include "x86_64/interrupts.hh"
#include "x86_64/registers.hh"

namespace weft::dev::serial {
namespace {

using x86::in8;
using x86::out8;

constexpr uint16_t k_port = 0x3f8;
constexpr unsigned k_isa_irq = 4;

// The registers, as offsets from the port. Some have a second meaning while the divisor is set.
constexpr uint16_t k_data = k_port, k_divisor_low = k_port;
constexpr uint16_t k_interrupts = k_port + 1, k_divisor_high = k_port + 1;
constexpr uint16_t k_fifo = k_port + 2;
constexpr uint16_t k_line_control = k_port + 3;
constexpr uint16_t k_modem_control = k_port + 4;
constexpr uint16_t k_line_status = k_port + 5;

constexpr uint8_t k_set_divisor = 0x80;
constexpr uint8_t k_eight_bits = 0x03;
constexpr uint8_t k_received = 0x01;      // line status: a byte is there to be read
constexpr uint8_t k_room_to_send = 0x20;  // line status: all 16 places of the queue are free
constexpr unsigned k_queue = 16;

constinit Atomic<bool> is_writing{false};
constinit Atomic<bool> is_seized{false};
constinit Atomic<Listener> listener_{nullptr};

// Not a SpinLock: that one may give the CPU away when it is let go, and logs its own errors here.
class WriterLock {
 public:
  WriterLock() : irqs_were_on_(hal::irq_save()) {
    while (!is_seized.load(relaxed) && is_writing.exchange(true, acquire)) hal::relax();
  }
  ~WriterLock() {
    is_writing.store(false, release);
    hal::irq_restore(irqs_were_on_);
  }
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;

 private:
  bool irqs_were_on_;
};

// Sends bytes, as many as the port's queue takes at a time.
class Sender {
 public:
  void send(char byte) {
    if (room_ == 0) {
      while ((in8(k_line_status) & k_room_to_send) == 0) hal::relax();
      room_ = k_queue;
    }
    out8(k_data, static_cast<uint8_t>(byte));
    --room_;
  }

 private:
  unsigned room_ = 0;
};

void on_interrupt() {
  trace::record(trace::Kind::device, 0, 0, k_isa_irq);
  const Listener listener = listener_.load(acquire);
  while ((in8(k_line_status) & k_received) != 0) listener(static_cast<char>(in8(k_data)));
}

}  // namespace

void start() {
  out8(k_interrupts, 0);
  out8(k_line_control, k_set_divisor);
  out8(k_divisor_low, 1);  // 115,200 baud
  out8(k_divisor_high, 0);
  out8(k_line_control, k_eight_bits);
  out8(k_fifo, 0x07);           // queues on, and empty
  out8(k_modem_control, 0x0b);  // ready; interrupts reach the line
}

void write(std::string_view text) {
  const WriterLock lock;
  Sender sender;
  for (const char byte : text) {
    if (byte == '\n') sender.send('\r');
    sender.send(byte);
  }
}

void send(std::string_view bytes) {
  const WriterLock lock;
  Sender sender;
  for (const char byte : bytes) sender.send(byte);
}

void seize() { is_seized.store(true, relaxed); }

bool listen(Listener listener) {
  listener_.store(listener, release);
  if (!x86::set_irq_handler(k_isa_irq, &on_interrupt)) return false;
  while ((in8(k_line_status) & k_received) != 0) in8(k_data);
  out8(k_interrupts, k_received);
  return true;
}

}  // namespace weft::dev::serial
