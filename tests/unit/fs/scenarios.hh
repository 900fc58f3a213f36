// What several threads do to one tree at the same time, for both host machines.
#pragma once

#include <random>

#include "core/sched/scheduler.hh"
#include "unit/fs/tree_fixture.hh"
#include "unit/support/threads.hh"

namespace weft::fs::scenarios {

// Others look for the names while `change` is done so many times; how often one was missing.
inline int times_missing(const std::vector<std::string>& names, int steps,
                         const std::function<void()>& change) {
  Atomic<int> missing{0};
  Atomic<bool> is_over{false};
  host::Crew lookers;
  lookers.add_many(2, [&](unsigned) {
    while (!is_over.load(relaxed)) {
      for (const std::string& name : names) {
        if (!find(root(), name, LastLink::follow).has_value()) missing.fetch_add(1, relaxed);
      }
      sched::yield();
    }
  });
  for (int i = 0; i < steps; ++i) change();
  is_over.store(true, relaxed);
  lookers.join();
  return missing.load(relaxed);
}

inline void a_replaced_name_is_always_there(int steps) {
  make_folder("/a");
  make_file("/target");
  EXPECT_EQ(0, times_missing({"/target"}, steps, [] {
              make_file("/a/new");
              ASSERT_TRUE(rename(at("/a/new"), at("/target"), 0));
            }));
}

inline void exchanged_names_are_always_there(int steps) {
  make_folder("/a");
  make_file("/a/one");
  make_folder("/two");
  EXPECT_EQ(0, times_missing({"/a/one", "/two"}, steps, [] {
              ASSERT_TRUE(rename(at("/a/one"), at("/two"), abi::k_rename_exchange));
            }));
}

// Everybody makes, moves and removes the same few names in two folders, and lists them. Whatever fails
// then, the tree is a tree at the end: each folder's links say how many folders are in it.
inline void names_come_and_go(unsigned threads, int steps) {
  make_folder("/a");
  make_folder("/b");
  host::Crew crew;
  crew.add_many(threads, [steps](unsigned number) {
    std::minstd_rand random(number + 1);
    const auto any_name = [&] {
      return std::string(random() % 2 == 0 ? "/a/" : "/b/") + static_cast<char>('x' + random() % 3);
    };
    for (int i = 0; i < steps; ++i) {
      const std::string name = any_name();
      switch (random() % 6) {
        case 0: (void)make_directory(at(name), 0755); break;
        case 1: (void)open(at(name), abi::k_o_rdwr | abi::k_o_creat, 0644); break;
        case 2:
          (void)rename(at(name), at(any_name()), random() % 2 == 0 ? 0 : abi::k_rename_exchange);
          break;
        case 3: (void)remove_file(at(name)); break;
        case 4: (void)remove_directory(at(name)); break;
        default: (void)names_in("/a"); break;
      }
    }
  });
  crew.join();
  for (const char* folder : {"/a", "/b"}) {
    unsigned folders = 0;
    for (const std::string& name : names_in(folder)) {
      Node& node = find(root(), folder + ("/" + name), LastLink::keep).value()->node();
      folders += node.is_directory() ? 1 : 0;
      EXPECT_EQ(node.links(), node.is_directory() ? 2u : 1u) << folder << "/" << name;
    }
    EXPECT_EQ(find(root(), folder, LastLink::keep).value()->node().links(), 2 + folders) << folder;
  }
}

}  // namespace weft::fs::scenarios
