#include "dev/rtc.hh"

#include "x86_64/registers.hh"

namespace weft::dev {
namespace {

constexpr uint16_t k_number = 0x70, k_value = 0x71;

uint8_t read(uint8_t number) {
  x86::out8(k_number, number);
  return x86::in8(k_value);
}

struct RawDate {
  uint8_t second, minute, hour, day, month, year, status_b;
  bool operator==(const RawDate&) const = default;
};

RawDate read_raw() { return {read(0), read(2), read(4), read(7), read(8), read(9), read(11)}; }

}  // namespace

Date read_rtc() {
  constexpr uint8_t k_binary = 1 << 2, k_24_hours = 1 << 1, k_afternoon = 0x80;
  // The clock may move on while it is read. Two equal readings are a good one.
  RawDate raw = read_raw();
  for (unsigned tries = 0; tries < 10; ++tries) {
    const RawDate again = read_raw();
    if (again == raw) break;
    raw = again;
  }
  const auto number = [&raw](uint8_t value) -> unsigned {
    return (raw.status_b & k_binary) != 0 ? value : (value >> 4) * 10u + (value & 15u);
  };
  if (raw.month == 0 || raw.month == 0xff) return {};  // nobody answers
  const bool is_afternoon = (raw.status_b & k_24_hours) == 0 && (raw.hour & k_afternoon) != 0;
  unsigned hour = number(raw.hour & (is_afternoon ? 0x7f : 0xff));
  if ((raw.status_b & k_24_hours) == 0) hour = hour % 12 + (is_afternoon ? 12 : 0);
  return {2000 + number(raw.year), number(raw.month), number(raw.day), hour,
          number(raw.minute),      number(raw.second)};
}

uint64_t unix_time(const Date& date) {
  if (date.year < 1970) return 0;
  // Years that begin in March have the leap day at their end, and then the months follow a pattern:
  // 153 days every five months.
  const unsigned months = (date.month + 9) % 12;  // since March
  const uint64_t years = date.year - (date.month < 3 ? 1 : 0);
  const uint64_t days =
      years * 365 + years / 4 - years / 100 + years / 400 + (months * 153 + 2) / 5 + date.day - 1;
  constexpr uint64_t k_days_until_1970 = 719'468;  // from March of the year 0
  return ((days - k_days_until_1970) * 24 + date.hour) * 3600 + date.minute * 60 + date.second;
}

}  // namespace weft::dev
