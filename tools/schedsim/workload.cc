#include "workload.hh"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "core/sched/task.hh"

namespace weft::schedsim {
namespace {

constexpr const char* k_name_letters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
constexpr size_t k_most_jobs = 10'000;
constexpr Nanoseconds k_longest_time = 1'000'000 * k_second;

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

class Parser {
 public:
  explicit Parser(const std::string& path) : path_(path) {}

  Workload parse() {
    std::ifstream file(path_);
    if (!file) throw WorkloadError(path_ + ": can't be read");
    for (std::string line; std::getline(file, line);) {
      ++line_number_;
      parse_line(line.substr(0, line.find('#')));
    }
    if (workload_.jobs.empty()) throw WorkloadError(path_ + ": there is no job in it");
    for (const auto& [name, line] : endless_) {
      if (workload_.until == k_never) {
        line_number_ = line;
        fail("job " + quoted(name) + " repeats for ever, but no 'until TIME' ends the simulation");
      }
    }
    return std::move(workload_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw WorkloadError(path_ + ":" + std::to_string(line_number_) + ": " + what);
  }

  void parse_line(const std::string& line) {
    std::istringstream words(line);
    std::string word;
    if (!(words >> word)) return;
    if (word == "unit") {
      if (!workload_.jobs.empty()) fail("'unit' has to stand before the first job");
      workload_.unit = parse_time(next(words, "a time, such as 1ms", word));
      if (workload_.unit == 0) fail("a unit of no time makes no sense");
      expect_end(words, word);
    } else if (word == "until") {
      workload_.until = parse_time(next(words, "a time", word));
      if (workload_.until == 0) fail("the simulation would end before it begins");
      expect_end(words, word);
    } else if (word == "seed") {
      random_.seed(
          static_cast<unsigned>(parse_number(next(words, "a number", word), 0, 1 << 30, word)));
      expect_end(words, word);
    } else if (word == "job") {
      parse_job(line);
    } else {
      fail("a line begins with job, unit, until or seed, not with " + quoted(word));
    }
  }

  // job NAME [KEY VALUE]... : BURST, BURST...
  void parse_job(const std::string& line) {
    const size_t colon = line.find(':');
    if (colon == std::string::npos) fail("the ':' before the job's bursts is missing");
    std::istringstream words(line.substr(0, colon));
    std::string word;
    words >> word;  // "job"
    JobPlan plan;
    if (!(words >> plan.name)) fail("the job has no name");
    if (plan.name.find_first_not_of(k_name_letters) != std::string::npos) {
      fail("a job's name is made of letters, digits, '_', '.' and '-', not " + quoted(plan.name));
    }

    uint64_t count = 1;
    Nanoseconds every = 0;
    while (words >> word) {
      const auto value = [&](const char* what) { return next(words, what, word); };
      if (word == "at") {
        plan.arrival = parse_time(value("a time"));
      } else if (word == "nice") {
        plan.nice = static_cast<int>(
            parse_number(value("a number"), sched::k_least_nice, sched::k_most_nice, word));
      } else if (word == "priority") {
        plan.priority = static_cast<int>(parse_number(value("a number"), sched::k_lowest_priority,
                                                      sched::k_highest_priority, word));
      } else if (word == "count") {
        count = parse_number(value("a number"), 1, k_most_jobs, word);
      } else if (word == "every") {
        every = parse_time(value("a time"));
      } else if (word == "repeat") {
        parse_rounds(plan, value("a number or 'forever'"));
      } else {
        fail("a job has at, nice, priority, count, every and repeat, not " + quoted(word));
      }
    }
    const std::string bursts = line.substr(colon + 1);
    for (uint64_t copy = 0; copy < count; ++copy) {
      JobPlan job = plan;
      if (count > 1) job.name += std::to_string(copy + 1);
      job.arrival += copy * every;
      job.bursts = parse_bursts(bursts, job);
      add(std::move(job));
    }
  }

  void parse_rounds(JobPlan& plan, const std::string& text) {
    if (text == "forever") {
      plan.rounds.reset();
      endless_.emplace(plan.name, line_number_);
    } else {
      plan.rounds = parse_number(text, 1, 1'000'000, "repeat");
    }
  }

  void add(JobPlan job) {
    if (!names_.insert(job.name).second) fail("there is already a job " + quoted(job.name));
    if (workload_.jobs.size() == k_most_jobs) fail("more than 10000 jobs are too many");
    workload_.jobs.push_back(std::move(job));
  }

  std::vector<Burst> parse_bursts(const std::string& text, const JobPlan& job) {
    std::vector<Burst> bursts;
    std::istringstream parts(text);
    for (std::string part; std::getline(parts, part, ',');) {
      std::istringstream words(part);
      std::string kind;
      if (!(words >> kind)) {
        fail("an empty burst: between commas stands 'cpu TIME', 'io TIME' or 'yield'");
      }
      if (kind == "yield") {
        bursts.push_back({Burst::Kind::yield});
      } else if (kind == "cpu" || kind == "io") {
        const Nanoseconds length = parse_length(next(words, "a time", kind));
        if (length == 0) fail("a burst takes some time; leave out " + quoted(kind + " 0"));
        bursts.push_back({kind == "cpu" ? Burst::Kind::cpu : Burst::Kind::io, length});
      } else {
        fail("a burst is 'cpu TIME', 'io TIME' or 'yield', not " + quoted(kind));
      }
      expect_end(words, kind);
    }
    const bool computes = std::ranges::any_of(
        bursts, [](const Burst& burst) { return burst.kind == Burst::Kind::cpu; });
    if (!computes) fail("job " + quoted(job.name) + " never computes: it needs a 'cpu TIME'");
    return bursts;
  }

  // A time, or a random one: "2..8".
  Nanoseconds parse_length(const std::string& text) {
    const size_t dots = text.find("..");
    if (dots == std::string::npos) return parse_time(text);
    const Nanoseconds least = parse_time(text.substr(0, dots));
    const Nanoseconds most = parse_time(text.substr(dots + 2));
    if (least == 0 || least > most) fail(quoted(text) + " is not a range of times");
    return least + random_() % (most - least + 1);
  }

  // "3", "2.5ms", "40us", "1s"
  Nanoseconds parse_time(const std::string& text) const {
    static const std::map<std::string_view, Nanoseconds> k_suffixes{
        {"ns", 1}, {"us", k_microsecond}, {"ms", k_millisecond}, {"s", k_second}};
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || value < 0) {
      fail(quoted(text) + " is not a time: expected 5, 2.5ms or 1s");
    }
    const std::string_view suffix(end, text.data() + text.size() - end);
    Nanoseconds unit = workload_.unit;
    if (!suffix.empty()) {
      const auto found = k_suffixes.find(suffix);
      if (found == k_suffixes.end()) {
        fail(quoted(text) + " is not a time: after the number stands ns, us, ms, s or nothing");
      }
      unit = found->second;
    }
    const double time = value * static_cast<double>(unit);
    if (time > static_cast<double>(k_longest_time)) fail(quoted(text) + " is too long a time");
    return static_cast<Nanoseconds>(time + 0.5);
  }

  int64_t parse_number(const std::string& text, int64_t least, int64_t most,
                       const std::string& what) const {
    int64_t value = 0;
    const char* all = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), all, value);
    if (error != std::errc{} || end != all || value < least || value > most) {
      fail("'" + what + "' is a whole number from " + std::to_string(least) + " to " +
           std::to_string(most) + ", not " + quoted(text));
    }
    return value;
  }

  std::string next(std::istringstream& words, const char* what, const std::string& after) const {
    std::string word;
    if (!(words >> word)) fail("after " + quoted(after) + " stands " + what);
    return word;
  }

  void expect_end(std::istringstream& words, const std::string& after) const {
    std::string word;
    if (words >> word) fail(quoted(word) + " is too much after " + quoted(after));
  }

  const std::string& path_;
  int line_number_ = 0;
  Workload workload_;
  std::set<std::string> names_;
  std::map<std::string, int> endless_;  // and the line of each
  std::mt19937_64 random_{1};
};

}  // namespace

Workload read_workload(const std::string& path) { return Parser(path).parse(); }

}  // namespace weft::schedsim
