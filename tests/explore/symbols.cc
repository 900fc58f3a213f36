#include "explore/symbols.hh"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>

namespace weft::explore {
namespace {

// Covers: where they are called says more than where they are.
bool is_cover(const std::string& file) {
  for (const char* name : {"/atomic.hh", "/list.hh", "/rbtree.hh", "/bits/", "/c++/", "/guarded.hh",
                           "/spin_lock.hh", "/ref.hh"}) {
    if (file.find(name) != std::string::npos) return true;
  }
  return false;
}

// "weft::(anonymous namespace)::Mutex<int>::lock(int)" -> "Mutex::lock"
std::string shorten(const std::string& name) {
  std::string flat;
  int depth = 0;
  for (size_t i = 0; i < name.size(); ++i) {
    if (name.compare(i, 23, "(anonymous namespace)::") == 0) {
      i += 22;
      continue;
    }
    const char c = name[i];
    if (c == '<' || c == '(') ++depth;
    if (depth == 0) flat += c;
    if (c == '>' || c == ')') --depth;
  }
  if (flat.ends_with(" const")) flat.resize(flat.size() - 6);
  if (flat.ends_with("::operator")) return "";  // a lambda
  if (const size_t blank = flat.find_last_of(' '); blank != std::string::npos)
    flat.erase(0, blank + 1);
  // Two parts at most.
  size_t from = std::string::npos;
  for (int parts = 0; parts < 2; ++parts) {
    const size_t at = from == 0 ? std::string::npos : flat.rfind("::", from);
    if (at == std::string::npos) return flat;
    if (parts == 1) return flat.substr(at + 2);
    from = at == 0 ? 0 : at - 1;
  }
  return flat;
}

// The path may be from where the tree was when it was built; then the same file is below this folder.
std::string line_of(std::string path, unsigned line) {
  std::ifstream file(path);
  for (size_t slash = 0; !file && (slash = path.find('/')) != std::string::npos;) {
    path.erase(0, slash + 1);
    file.open(path);
  }
  std::string text;
  for (unsigned i = 0; i < line; ++i) std::getline(file, text);
  const size_t first = text.find_first_not_of(" \t");
  return first == std::string::npos ? "" : text.substr(first);
}

// The last part of a path; of a scenario's, which may be called as what it tests, somewhat more.
std::string file_of(const std::string& path) {
  const size_t scenarios = path.rfind("scenarios/");
  return path.substr(scenarios != std::string::npos ? scenarios : path.rfind('/') + 1);
}

std::string own_path() {
  std::array<char, 4096> path{};
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size() - 1);
  return size > 0 ? std::string(path.data(), static_cast<size_t>(size)) : "";
}

// What the symbolizer says of these, each a word of its own.
std::string ask_symbolizer(const std::string& questions) {
  const std::string command = "llvm-symbolizer-19 --demangle --inlines --obj=" + own_path() + " " +
                              questions + " 2>/dev/null";
  std::string all;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return all;
  std::array<char, 4096> buffer{};
  while (const size_t size = fread(buffer.data(), 1, buffer.size(), pipe))
    all.append(buffer.data(), size);
  pclose(pipe);
  return all;
}

}  // namespace

std::map<uintptr_t, std::string> find_variables(const std::set<uintptr_t>& addresses) {
  std::map<uintptr_t, std::string> names;
  if (addresses.empty()) return names;
  std::ostringstream questions;
  for (const uintptr_t address : addresses) questions << " 'DATA 0x" << std::hex << address << "'";
  // For each address: the name, where it begins and its size, maybe where it is declared, an empty line.
  std::istringstream lines(ask_symbolizer(questions.str()));
  auto address = addresses.begin();
  std::string name, extent;
  while (address != addresses.end() && std::getline(lines, name) && std::getline(lines, extent)) {
    const uintptr_t begin = std::strtoull(extent.c_str(), nullptr, 10);
    if (begin != 0) {
      names[*address] = shorten(name);
      if (*address != begin) names[*address] += "+" + std::to_string(*address - begin);
    }
    while (std::getline(lines, extent) && !extent.empty()) {
    }
    ++address;
  }
  return names;
}

std::map<uint32_t, Place> find_places(const std::vector<uint32_t>& addresses) {
  std::map<uint32_t, Place> places;
  const std::set<uint32_t> different(addresses.begin(), addresses.end());
  std::ostringstream questions;
  for (const uint32_t address : different) questions << " 0x" << std::hex << address;

  // For each address: pairs of lines (function, file:line:column), and an empty line.
  std::istringstream lines(ask_symbolizer(questions.str()));
  auto address = different.begin();
  std::string function, where;
  bool has_place = false;
  while (address != different.end() && std::getline(lines, function)) {
    if (function.empty()) {
      ++address;
      has_place = false;
      continue;
    }
    if (!std::getline(lines, where)) break;
    const size_t column = where.rfind(':');
    const size_t colon = where.rfind(':', column - 1);
    if (colon == std::string::npos || has_place) continue;
    const std::string path = where.substr(0, colon);
    Place& place = places[*address];
    place.function = shorten(function);
    place.file = file_of(path);
    place.line = static_cast<unsigned>(std::atoi(where.c_str() + colon + 1));
    place.text = line_of(path, place.line);
    has_place = !is_cover(path);
  }
  return places;
}

}  // namespace weft::explore
