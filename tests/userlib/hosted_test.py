"""The hosted library, as a Linux program's author meets it: through pkg-config, through CMake."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

LIBRARY = Path(__file__).resolve().parents[2] / "build/userlib-host"
PROGRAM = """
#include <weft/thread.hh>
#include <weft/base/print.hh>
#include <weft/process/process.hh>

#include <iostream>
#include <mutex>
#include <stdexcept>

int main() {
  weft::mutex lock;
  int count = 0;
  {
    weft::jthread other([&] { const std::lock_guard guard(lock); ++count; });
    const weft::scoped_lock guard(lock);
    ++count;
  }
  weft::thread_pool pool(2);
  auto answer = pool.submit([]() -> int { throw std::runtime_error("thrown over there"); });
  try {
    answer.get();
  } catch (const std::runtime_error& error) {
    std::cout << error.what() << ", count " << count << std::endl;
  }
  try {
    weft::thread({.cpus = weft::cpu_set{1023}}, [] {});
  } catch (const std::system_error& error) {
    std::cout << error.code().value() << std::endl;
  }
  weft::print("{}\\n", weft::process::run([] { return 7; })->wait().code());
}
"""
EXPECTED = "thrown over there, count 2\n22\n7\n"
# The sanitizers of the unit tests tell of an overflow in their own way, so this one stands here.
OVERFLOW = """
#include <weft/coro.hh>

[[gnu::noinline]] int go_deep(int depth) {
  volatile char room[512] = {};
  room[depth % 512] = 1;
  return depth == 0 ? room[0] : go_deep(depth - 1) + room[1];
}

int main() {
  weft::coro::run({.mode = weft::coro::Mode::lone}, [] {
    weft::coro::go([] {
      weft::coro::this_coro::set_name("deep one");
      return go_deep(1'000'000);
    }).join();
  });
}
"""
# Packed stacks have no guard. Of twenty, the eleventh's owner runs off it: by one word, so that nothing but its
# return tells; so far into the others' stacks that one of them meets a fault; or by a step over the word at the end.
PACKED_OVERFLOW = """
#include <weft/coro.hh>

#include <vector>

[[gnu::noinline]] int go_deep(int depth) {
  volatile char room[512] = {};
  room[depth % 512] = 1;
  return depth == 0 ? room[0] : go_deep(depth - 1) + room[1];
}

[[gnu::noinline]] void step_over() {
  volatile char room[3000];
  room[0] = 1;
  weft::coro::yield();
  *reinterpret_cast<volatile char*>(16) = room[0];
}

int main(int, char** words) {
  const bool far = words[1][0] == 'f';
  const bool near = words[1][0] == 'n';
  weft::coro::run({.mode = words[2][0] == 'l' ? weft::coro::Mode::lone : weft::coro::Mode::shared, .workers = 1}, [=] {
    std::vector<weft::coro::handle<void>> all;
    for (int own = 0; own < 20; ++own) {
      all.push_back(weft::coro::go({.stack = weft::coro::StackSize::packed_1k}, [=] {
        if (own == 10) weft::coro::this_coro::set_name("deep one");
        weft::coro::yield();
        if (own == 10 && far) go_deep(3);
        if (own == 10 && !far && !near) step_over();
        if (own == 10 && near) {
          const auto here = reinterpret_cast<unsigned long>(__builtin_frame_address(0));
          *reinterpret_cast<volatile char*>(here / 1024 * 1024) = 1;
        }
        weft::coro::yield();
      }));
    }
    for (auto& each : all) each.join();
  });
}
"""
# Neither may the sanitizers be interrupted. These use the C library's heap, which must not be left half-way.
TIME_SLICES = """
#include <weft/coro.hh>

#include <atomic>
#include <iostream>
#include <string>
#include <vector>

int main() {
  std::atomic<int> arrived{0};
  weft::coro::run({.workers = 1, .time_slice = 1'000'000}, [&] {
    std::vector<weft::coro::handle<void>> all;
    for (int own = 0; own < 100; ++own) {
      all.push_back(weft::coro::go([&, own] {
        arrived.fetch_add(1);
        while (arrived.load() < 100) std::string(own + 20, 'x').append("y");
      }));
    }
    for (auto& each : all) each.join();
  });
  std::cout << "all have met" << std::endl;
}
"""
# Without a sanitizer a lone worker begins children at once by a way of its own, in line in the program.
AT_ONCE = """
#include <weft/coro.hh>

#include <iostream>
#include <stdexcept>
#include <string>

int main() {
  using namespace weft::coro;
  run({.mode = Mode::lone}, [] {
    const std::string text(100, 'x');
    const auto size_of = [text](unsigned long more) {
      if (more > 20) throw std::runtime_error("thrown over there");
      if (more > 10) yield();
      return text + std::string(more, 'y');
    };
    unsigned long sum = 0;
    for (unsigned long i = 0; i < 100; ++i) {
      try {
        sum += go({.launch = Launch::now}, size_of, i).join().size();
      } catch (const std::runtime_error&) {
        ++sum;
      }
    }
    std::cout << sum << std::endl;
    Context here;
    switch_by_jump(here, here);
  });
}
"""
CMAKE = """cmake_minimum_required(VERSION 3.20)
project(sample CXX)
find_package(weft REQUIRED)
add_executable(sample sample.cc)
target_link_libraries(sample weft::weft)
"""


class HostedTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "sample.cc").write_text(PROGRAM, encoding="utf-8")

    def check(self, program):
        done = subprocess.run([str(program)], capture_output=True, text=True, check=False, timeout=300)
        self.assertEqual((0, EXPECTED), (done.returncode, done.stdout), done.stderr)

    def pkg_config(self):
        """What `pkg-config --cflags --libs weft` prints; read here, since not every machine has it."""
        text = (LIBRARY / "lib/pkgconfig/weft.pc").read_text(encoding="utf-8")
        text = text.replace("${pcfiledir}", str(LIBRARY / "lib/pkgconfig"))
        values = dict(line.split("=", 1) if "=" in line.split(":")[0] else line.split(": ", 1)
                      for line in text.splitlines())
        return f"{values['Cflags']} {values['Libs']}".replace("${prefix}", values["prefix"]).split()

    def compile(self, *options):
        compiler = "g++" if shutil.which("g++") else "clang++-19"
        subprocess.run([compiler, "-std=c++23", "-Wall", "-Wextra", "-Werror", *options, "sample.cc", *self.pkg_config(),
                        "-o", "sample"], cwd=self.folder, check=True)

    def test_with_gcc_and_pkg_config(self):
        self.compile()
        self.check(self.folder / "sample")

    def test_children_at_once_with_gcc(self):
        (self.folder / "sample.cc").write_text(AT_ONCE, encoding="utf-8")
        for level in ("-O0", "-O2"):
            self.compile(level)
            done = subprocess.run([str(self.folder / "sample")], capture_output=True, text=True, check=False, timeout=300)
            self.assertEqual((0, "2389\n"), (done.returncode, done.stdout), level + done.stderr)

    def test_time_slices_spare_the_c_librarys_heap(self):
        (self.folder / "sample.cc").write_text(TIME_SLICES, encoding="utf-8")
        self.compile()
        done = subprocess.run([str(self.folder / "sample")], capture_output=True, text=True, check=False, timeout=300)
        self.assertEqual((0, "all have met\n"), (done.returncode, done.stdout), done.stderr)

    def test_an_overflow_names_the_coroutine(self):
        (self.folder / "sample.cc").write_text(OVERFLOW, encoding="utf-8")
        self.compile()
        done = subprocess.run([str(self.folder / "sample")], capture_output=True, text=True, check=False, timeout=300)
        self.assertLess(done.returncode, 0)  # a signal ended it
        self.assertRegex(done.stderr, "stack overflow in coroutine .*deep one")

    def test_an_overflow_of_a_packed_stack_is_found_out(self):
        (self.folder / "sample.cc").write_text(PACKED_OVERFLOW, encoding="utf-8")
        self.compile()
        for mode in ("lone", "shared"):
            for how, name in (("far", "deep one"), ("near", "main.*lambda"), ("over", "deep one")):
                with self.subTest(mode=mode, how=how):
                    done = subprocess.run([str(self.folder / "sample"), how, mode], capture_output=True, text=True,
                                          check=False, timeout=300)
                    self.assertLess(done.returncode, 0)  # a signal ended it
                    self.assertRegex(done.stderr, f"stack overflow in coroutine 12 .*{name}.*: 1024 bytes")

    def test_with_clang_and_cmake(self):
        (self.folder / "CMakeLists.txt").write_text(CMAKE, encoding="utf-8")
        build = self.folder / "build"
        for command in (["cmake", "-S", str(self.folder), "-B", str(build), f"-Dweft_DIR={LIBRARY}/lib/cmake/weft"],
                        ["cmake", "--build", str(build)]):
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "CXX": "clang++-19"})
        self.check(build / "sample")

    def test_no_header_names_a_place_of_the_source_tree(self):
        for header in (LIBRARY / "include/weft").rglob("*.hh"):
            text = header.read_text(encoding="utf-8")
            self.assertNotRegex(text, r'#\s*include\s*"(userlib|core|abi)/', header)


if __name__ == "__main__":
    unittest.main()
