#include "explore/schedule_file.hh"

#include <array>
#include <fstream>
#include <sstream>

namespace weft::explore {
namespace {

constexpr std::array<const char*, 4> k_acts = {"goes-on", "kick", "timer", "reads-old"};

}  // namespace

bool save_schedule(const std::string& path, const SavedSchedule& saved, const char* verdict) {
  std::ofstream file(path);
  file << "# The interleaving that ended with: " << verdict << "\n"
       << "# Each line is a choice that was not the plain one: at a tick of an agent's own, which "
          "agent\n"
       << "# goes on then, and how. Agents are CPUs, or threads where there is no kernel.\n"
       << "scenario " << saved.scenario << "\n";
  for (const Deviation& deviation : saved.schedule) {
    file << "agent " << unsigned{deviation.agent} << " tick " << deviation.tick << " then "
         << unsigned{deviation.option.agent} << " "
         << k_acts[static_cast<size_t>(deviation.option.act)] << " "
         << unsigned{deviation.option.depth} << "\n";
  }
  return file.good();
}

std::optional<SavedSchedule> load_schedule(const std::string& path) {
  std::ifstream file(path);
  SavedSchedule saved;
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string kind, word, act;
    words >> kind;
    if (kind.empty() || kind[0] == '#') continue;
    if (kind == "scenario") {
      words >> saved.scenario;
      continue;
    }
    unsigned agent = 0, next = 0, depth = 0;
    Deviation deviation;
    if (kind != "agent" ||
        !(words >> agent >> word >> deviation.tick >> word >> next >> act >> depth)) {
      return {};
    }
    deviation.agent = static_cast<uint8_t>(agent);
    deviation.option.agent = static_cast<uint8_t>(next);
    deviation.option.depth = static_cast<uint8_t>(depth);
    bool is_known = false;
    for (size_t i = 0; i < k_acts.size(); ++i) {
      if (act != k_acts[i]) continue;
      deviation.option.act = static_cast<Act>(i);
      is_known = true;
    }
    if (!is_known) return {};
    saved.schedule.push_back(deviation);
  }
  if (saved.scenario.empty()) return {};
  return saved;
}

}  // namespace weft::explore
