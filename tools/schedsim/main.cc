// schedsim POLICY CPUS FILE: simulates the workload in the file and prints what each job did, as JSON.
// `tools/weft sched` runs it and makes tables and pictures of that.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "core/base/assert.hh"
#include "core/hal.hh"
#include "simulator.hh"

namespace weft {

void panic(const char* reason, const char* file, int line) noexcept {
  std::fprintf(stderr, "schedsim: %s (%s:%d)\n", reason, file, line);
  std::abort();
}

}  // namespace weft

namespace weft::schedsim {
namespace {

constexpr int k_wrong_input = 2;

void print_time(const char* name, std::optional<Instant> time) {
  if (time) {
    std::printf("\"%s\": %llu", name, static_cast<unsigned long long>(*time));
  } else {
    std::printf("\"%s\": null", name);
  }
}

void print_job(const Job& job, const char* separator) {
  std::printf("%s\n  {\"name\": \"%s\", \"nice\": %d, \"priority\": %d, ", separator,
              job.plan->name.c_str(), job.nice, job.priority);
  print_time("arrival", job.plan->arrival);
  std::printf(", ");
  print_time("finish", job.finish);
  std::printf(", \"history\": [");
  separator = "";
  for (const Interval& interval : job.history) {
    std::printf("%s[%llu, %llu, ", separator, static_cast<unsigned long long>(interval.start),
                static_cast<unsigned long long>(interval.end));
    switch (interval.state) {
      case Interval::State::ready: std::printf("\"ready\"]"); break;
      case Interval::State::running: std::printf("%u]", interval.cpu); break;
      case Interval::State::blocked: std::printf("\"blocked\"]"); break;
    }
    separator = ", ";
  }
  std::printf("]}");
}

void print(const Simulator& simulator, const Workload& workload) {
  std::printf("{");
  print_time("end", simulator.now());
  std::printf(", ");
  print_time("unit", workload.unit);
  std::printf(", \"switches\": %llu, \"preemptions\": %llu, \"migrations\": %llu, \"jobs\": [",
              static_cast<unsigned long long>(simulator.switches()),
              static_cast<unsigned long long>(simulator.preemptions()),
              static_cast<unsigned long long>(simulator.migrations()));
  const char* separator = "";
  for (const Job& job : simulator.jobs()) {
    print_job(job, separator);
    separator = ",";
  }
  std::printf("\n]}\n");
}

int run(const std::string& policy_name, const std::string& cpus_text, const std::string& path) {
  const auto policy = sched::find_policy(policy_name);
  const int cpus = std::atoi(cpus_text.c_str());
  if (!policy || cpus < 1 || cpus > static_cast<int>(hal::k_max_cpus)) {
    std::fprintf(stderr,
                 "schedsim: the policy is rr, prio, mlfq or fair, and there are 1 to %u CPUs\n",
                 hal::k_max_cpus);
    return k_wrong_input;
  }
  try {
    const Workload workload = read_workload(path);
    Simulator simulator(workload, *policy, cpus);
    simulator.run();
    print(simulator, workload);
    return 0;
  } catch (const WorkloadError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return k_wrong_input;
  }
}

}  // namespace
}  // namespace weft::schedsim

int main(int argument_count, char** arguments) {
  if (argument_count != 4) {
    std::fprintf(stderr, "usage: schedsim POLICY CPUS FILE\n");
    return weft::schedsim::k_wrong_input;
  }
  return weft::schedsim::run(arguments[1], arguments[2], arguments[3]);
}
