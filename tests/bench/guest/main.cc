// bench: prints what each operation costs, one line each.
#include <algorithm>

#include "bench/guest/measure.hh"
#include "bench/guest/scaling.hh"
#include "guest/support/shared.hh"
#include "guest/support/start.hh"

namespace weft::bench {

extern "C" const Measurement __start_guest_benchmarks[];
extern "C" const Measurement __stop_guest_benchmarks[];

double in_child(double (*run)()) {
  Shared<double> result;
  wait_for(start_child([&] {
    stay_on_one_cpu();
    *result = run();
  }));
  return *result;
}

void print_result(std::string_view name, double value, std::string_view unit) {
  const auto tenths = static_cast<uint64_t>(value * 10 + 0.5);
  Text<160> line("bench {} {}.{} {}\n", name, tenths / 10, tenths % 10, unit);
  sys::write(1, line.c_str(), line.view().size());
}

}  // namespace weft::bench

namespace weft::guest {

int main_program(const StartStack& start) {
  using bench::Measurement;
  const std::span<char*> wanted(start.arguments + 1,
                                static_cast<size_t>(std::max(0, start.argument_count - 1)));
  const auto is_wanted = [&](std::string_view name) {
    return wanted.empty() || std::ranges::any_of(wanted, [&](char* text) { return text == name; });
  };
  if (!wanted.empty() && std::string_view(wanted[0]) == "--scaling") {
    bench::measure_scaling();
    return 0;
  }
  for (const Measurement& one :
       std::span(bench::__start_guest_benchmarks, bench::__stop_guest_benchmarks)) {
    if (is_wanted(one.name)) bench::print_result(one.name, bench::in_child(one.run), one.unit);
  }
  return 0;
}

}  // namespace weft::guest
