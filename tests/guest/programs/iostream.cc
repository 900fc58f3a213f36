// C++'s library without threads: streams, strings, containers, exceptions, file system, formatting.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <ranges>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

struct Noisy {
  explicit Noisy(std::string name) : name(std::move(name)) {
    std::cout << "+" << this->name << '\n';
  }
  ~Noisy() { std::cout << "-" << name << '\n'; }
  std::string name;
};

void throw_deep(int depth) {
  Noisy noisy("level " + std::to_string(depth));
  if (depth == 0) throw std::runtime_error("from below");
  throw_deep(depth - 1);
}

void use_exceptions() {
  try {
    throw_deep(3);
  } catch (const std::exception& problem) {
    std::cout << "caught: " << problem.what() << '\n';
  }
  try {
    std::cout << std::vector<int>{1, 2, 3}.at(7);
  } catch (const std::out_of_range&) {
    std::cout << "out of range\n";
  }
}

void use_files() {
  namespace fs = std::filesystem;
  const fs::path folder = "/tmp/iostream";
  fs::create_directories(folder / "a" / "b");
  std::ofstream(folder / "a" / "one.txt") << "one\ntwo\nthree\n";
  std::ofstream(folder / "a" / "b" / "two.txt") << std::string(1000, 'x');
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    names.push_back(entry.path().lexically_relative(folder).string() +
                    (entry.is_regular_file() ? " " + std::to_string(entry.file_size()) : "/"));
  }
  std::ranges::sort(names);
  for (const std::string& name : names) std::cout << name << '\n';
  std::ifstream in(folder / "a" / "one.txt");
  for (std::string line; std::getline(in, line);) std::cout << '[' << line << ']';
  std::cout << '\n' << fs::remove_all(folder) << " removed\n";
}

}  // namespace

int main() {
  std::cout << "hello from C++ " << __cplusplus / 100 << '\n';
  std::cout << std::hex << std::showbase << 255 << std::dec << ' ' << std::fixed
            << std::setprecision(3) << 2.718281828 << ' ' << std::boolalpha << true << '\n';
  std::map<std::string, int> ages{{"carol", 44}, {"alice", 30}, {"bob", 25}};
  for (const auto& [name, age] : ages) std::cout << std::setw(6) << name << ": " << age << '\n';
  auto squares = std::views::iota(1, 20) | std::views::filter([](int n) { return n % 3 == 0; }) |
                 std::views::transform([](int n) { return n * n; });
  for (const int square : squares) std::cout << square << ' ';
  std::cout << '\n';
  std::istringstream words("the quick brown fox");
  std::vector<std::string> all(std::istream_iterator<std::string>(words), {});
  std::ranges::reverse(all);
  for (const auto& word : all) std::cout << word << ' ';
  std::cout << '\n';
  use_exceptions();
  use_files();
  auto shared = std::make_shared<Noisy>("shared");
  std::weak_ptr<Noisy> weak = shared;
  shared.reset();
  std::cout << "expired: " << weak.expired() << std::endl;
}
