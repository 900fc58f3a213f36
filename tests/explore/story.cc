#include "explore/story.hh"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <sstream>

#include "explore/engine/ground.hh"
#include "explore/symbols.hh"

namespace weft::explore {
namespace {

constexpr size_t k_most_lines = 40;
constexpr size_t k_text_width = 64;

struct Line {
  uint8_t agent;
  std::string text;
};

bool is_global(uintptr_t address) {
  return address < Ground::k_base && ground.granule(address) != Ground::k_elsewhere;
}

std::string deed(const Event& event, const std::string& seen, const std::string& written) {
  switch (event.op) {
    case Op::load: return event.is_old ? "sees " + seen + ", an old value" : "sees " + seen;
    case Op::store: return "writes " + written + " over " + seen;
    case Op::update: return "changes " + seen + " to " + written;
    case Op::failed_exchange: return "sees " + seen + ", not " + written;
    case Op::fence: return "fence";
    case Op::heavy_fence: return "a fence for everyone";
    case Op::interrupts_off: return "interrupts off";
    case Op::interrupts_on: return "interrupts on";
    case Op::kick: return "kicks CPU " + std::to_string(event.address);
    case Op::halt: return "halts";
    case Op::relax: return "has waited";
    case Op::kick_comes: return "** the kick of another CPU comes in";
    case Op::timer_fires: return "** the timer fires";
    case Op::sleep:
      return event.is_old ? "does not sleep: the word is " + seen : "sleeps on the word " + seen;
    case Op::wake: return "wakes " + seen;
    case Op::time_out: return "** its time is over";
    case Op::false_alarm: return "** wakes up for no reason";
  }
  return "?";
}

// Words that more than one agent touches, and one writes.
std::set<uintptr_t> shared_words(const std::vector<Event>& events) {
  struct Users {
    unsigned all = 0;
    unsigned writers = 0;
  };
  std::map<uintptr_t, Users> words;
  for (const Event& event : events) {
    if (event.address < 4096) continue;
    Users& users = words[event.address];
    users.all |= 1u << event.agent;
    if (event.op != Op::load && event.op != Op::failed_exchange) users.writers |= 1u << event.agent;
  }
  std::set<uintptr_t> shared;
  for (const auto& [address, users] : words) {
    if (users.writers != 0 && (users.all & (users.all - 1)) != 0) shared.insert(address);
  }
  return shared;
}

bool is_of_interest(const Event& event, const std::set<uintptr_t>& shared) {
  switch (event.op) {
    case Op::interrupts_off:
    case Op::interrupts_on:
    case Op::relax: return false;
    case Op::load:
    case Op::store:
    case Op::update:
    case Op::failed_exchange: return shared.contains(event.address);
    default: return true;
  }
}

class Story {
 public:
  Story(const Scenario& scenario, const Finding& finding, const std::vector<Event>& events)
      : has_cpus_(scenario.options().cpus > 0) {
    const std::set<uintptr_t> shared = shared_words(events);
    std::vector<const Event*> told;
    std::vector<uint32_t> places = {finding.place, finding.other_place};
    std::set<uintptr_t> globals;
    for (const Event& event : events) {
      if (!is_of_interest(event, shared)) continue;
      told.push_back(&event);
      places.push_back(event.place);
      for (const uint32_t caller : event.callers) places.push_back(caller);
      for (const uint64_t value : {lock_of(event), event.seen, event.written}) {
        if (is_global(value)) globals.insert(value);
      }
    }
    places_ = find_places(places);
    variables_ = find_variables(globals);
    for (const Event* event : told) add(*event);
  }

  std::string place_text(uint32_t address) {
    const auto found = places_.find(address);
    if (found == places_.end()) return "";
    const Place& place = found->second;
    return name_of(place) + ": " + place.text.substr(0, k_text_width);
  }

  // As many lines as fit: each stretch of one agent is cut to its ends until all is short enough.
  std::vector<std::string> lines(size_t most) const {
    for (size_t each = 24; each > 1; --each) {
      std::vector<std::string> all = cut_to(each);
      if (all.size() <= most) return all;
    }
    std::vector<std::string> all = cut_to(2);
    const size_t left_out = all.size() - most + 1;
    all.erase(all.begin(), all.begin() + static_cast<ptrdiff_t>(left_out));
    all.insert(all.begin(), "        ... " + std::to_string(left_out) + " lines before that");
    return all;
  }

 private:
  static std::string name_of(const Place& place) {
    return place.file + ":" + std::to_string(place.line) +
           (place.function.empty() ? "" : " " + place.function);
  }

  // Values are small numbers, global variables, or addresses of which the end is enough to tell them apart.
  std::string value_text(uint64_t value) const {
    if (const auto found = variables_.find(value); found != variables_.end()) return found->second;
    std::ostringstream text;
    if (value >= Ground::k_base && value < Ground::k_end) {
      text << "@" << std::hex << (value & 0xffffff);
    } else if (value > 0xffff'ffff) {
      text << std::hex << "0x" << value;
    } else {
      text << value;
    }
    return text.str();
  }

  // A spin lock is known by its first word, which gives the tickets; the second says who is served.
  static uintptr_t lock_of(const Event& event) {
    const bool is_second = event.op == Op::load || event.op == Op::store;
    return event.address - (is_second ? sizeof(uint32_t) : 0);
  }

  void add(const Event& event) {
    std::ostringstream text;
    std::string who = event.thread.data();
    if (has_cpus_) who += " on CPU " + std::to_string(event.agent);
    who.resize(std::max<size_t>(who.size(), 14), ' ');
    text << who << "  ";
    const Place* place = find(event.place);
    std::string what = deed(event, value_text(event.seen), value_text(event.written));
    if (place != nullptr && place->file == "spin_lock.cc") {
      if (!tell_spin_lock(event, *place, what)) return;
      // Where the lock is taken says more than how.
      for (const uint32_t caller : event.callers) {
        const Place* at = find(caller);
        if (at == nullptr || at->file.starts_with("spin_lock.")) continue;
        place = at;
        break;
      }
    }
    if (place != nullptr) {
      text << name_of(*place) << " " << what << "    | " << place->text.substr(0, k_text_width);
    } else {
      text << what;
    }
    // A loop that sees the same again and again is told once.
    if (!lines_.empty() && lines_.back().agent == event.agent && lines_.back().text == text.str())
      return;
    lines_.push_back({event.agent, text.str()});
  }

  const Place* find(uint32_t address) const {
    const auto found = places_.find(address);
    return address == 0 || found == places_.end() ? nullptr : &found->second;
  }

  // The steps of a ticket lock in words; false if one is not worth a line.
  bool tell_spin_lock(const Event& event, const Place& place, std::string& what) {
    const std::string lock = "the spin lock " + value_text(lock_of(event));
    if (event.op == Op::update) {
      ticket_[event.agent] = event.seen;
      waits_[event.agent] = false;
      what = "asks for " + lock;
      return true;
    }
    const bool is_mine = event.seen == ticket_[event.agent];
    if (event.op == Op::load && place.function.find("serve_next") == std::string::npos) {
      if (is_mine && !waits_[event.agent]) return false;
      waits_[event.agent] = !is_mine;
      what = is_mine ? "gets " + lock : "waits for " + lock;
      return true;
    }
    what = "lets go " + lock;
    return event.op == Op::store;
  }

  std::vector<std::string> cut_to(size_t each) const {
    std::vector<std::string> all;
    const auto tell_line = [&](size_t i) {
      std::string number = std::to_string(i + 1);
      number.insert(0, number.size() < 4 ? 4 - number.size() : 0, ' ');
      all.push_back(number + "  " + lines_[i].text);
    };
    for (size_t first = 0; first < lines_.size();) {
      size_t end = first;
      while (end < lines_.size() && lines_[end].agent == lines_[first].agent) ++end;
      const size_t count = end - first;
      if (count <= each) {
        for (size_t i = first; i < end; ++i) tell_line(i);
      } else {
        for (size_t i = first; i < first + each / 2; ++i) tell_line(i);
        all.push_back("        ... " + std::to_string(count - each + 1) + " more");
        for (size_t i = end - (each - each / 2 - 1); i < end; ++i) tell_line(i);
      }
      first = end;
    }
    return all;
  }

  bool has_cpus_;
  std::array<uint64_t, 8> ticket_{};  // of each agent's last spin lock
  std::array<bool, 8> waits_{};
  std::map<uint32_t, Place> places_;
  std::map<uintptr_t, std::string> variables_;
  std::vector<Line> lines_;
};

}  // namespace

std::string tell(const Scenario& scenario, const Finding& finding,
                 const std::vector<Event>& events) {
  Story story(scenario, finding, events);
  std::vector<std::string> end;
  const bool is_bad = finding.verdict != Verdict::passed;
  end.push_back(std::string("=> ") + (is_bad ? verdict_name(finding.verdict) : "all went well") +
                (finding.text.empty() ? "" : ": "));
  std::istringstream text(finding.text);
  std::string line;
  for (bool is_first = true; std::getline(text, line); is_first = false) {
    if (is_first) {
      end.back() += line;
    } else {
      end.push_back(line);
    }
  }
  if (finding.place != 0) end.push_back("   at " + story.place_text(finding.place));
  if (finding.other_place != 0) end.push_back("   and " + story.place_text(finding.other_place));

  std::ostringstream all;
  all << "The story of " << scenario.options().name << " (" << scenario.options().about << "):\n";
  for (const std::string& told : story.lines(k_most_lines - 1 - end.size())) all << told << "\n";
  for (const std::string& told : end) all << told << "\n";
  return all.str();
}

}  // namespace weft::explore
