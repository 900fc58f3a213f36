// A schedule as a text file: for `make explore REPLAY=file`.
#pragma once

#include <optional>
#include <string>

#include "explore/engine/choice.hh"

namespace weft::explore {

struct SavedSchedule {
  std::string scenario;
  Schedule schedule;
};
bool save_schedule(const std::string& path, const SavedSchedule& saved, const char* verdict);
// Nothing if the file can't be read or is not such a file.
std::optional<SavedSchedule> load_schedule(const std::string& path);

}  // namespace weft::explore
