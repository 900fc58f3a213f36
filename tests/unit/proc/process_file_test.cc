// A process as a descriptor, and signals from one.
#include "core/proc/process_file.hh"

#include "core/proc/send.hh"
#include "core/proc/signal_file.hh"
#include "unit/ipc/io.hh"
#include "unit/proc/family.hh"
#include "unit/support/machine.hh"
#include "unit/support/threads.hh"

namespace weft::proc {
namespace {

// The test's own thread is one of the first process's.
class World {
 public:
  World() {
    first.files = fs::DescriptorTable::make().value();
    hal::current()->user = &self;
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() { hal::current()->user = nullptr; }

  Ref<fs::File> file(int32_t fd) { return first.files->get(fd).value(); }
  void send(int signal) {
    SignalInfo info;
    info.signal = signal;
    info.sender.pid = 7;
    SpinGuard guard(tree_lock);
    EXPECT_TRUE(send_locked(first, nullptr, info).has_value());
  }

  Family family;
  Process& first = family.first();
  UserThread self{*hal::current(), first};
};

void in_world(const std::function<void(World&)>& body) {
  host::Machine().run([&] {
    World world;
    body(world);
  });
}

TEST(ProcessFile, IsReadableWhenTheProcessHasEnded) {
  in_world([](World& world) {
    Process& child = world.family.child_of(world.first);
    const int32_t fd = open_process(world.first, child.pid, 0).value();
    EXPECT_EQ(&*find_process_of_file(world.first, fd).value().process, &child);
    EXPECT_EQ(world.file(fd)->poll(nullptr), 0u);
    EXPECT_EQ(world.file(fd)->ender(abi::k_pollin).number(), static_cast<uint32_t>(child.pid));
    world.family.end(child, 0);
    EXPECT_NE(world.file(fd)->poll(nullptr) & abi::k_pollin, 0u);
    EXPECT_EQ(io::read_error(*world.file(fd)), Errno::inval);
    EXPECT_TRUE(world.first.files->closes_on_exec(fd).value());
  });
}

TEST(ProcessFile, Errors) {
  in_world([](World& world) {
    EXPECT_EQ(open_process(world.first, 0, 0).error(), Errno::inval);
    EXPECT_EQ(open_process(world.first, -5, 0).error(), Errno::inval);
    EXPECT_EQ(open_process(world.first, 999, 0).error(), Errno::srch);
    EXPECT_EQ(find_process_of_file(world.first, 3).error(), Errno::badf);
    const int32_t other = open_signals(world.first, 0, 0).value();
    EXPECT_EQ(find_process_of_file(world.first, other).error(), Errno::badf);
    const int32_t fd = open_process(world.first, world.first.pid, abi::k_o_nonblock).value();
    EXPECT_TRUE(find_process_of_file(world.first, fd).value().is_nonblocking);
    world.first.limits.set(abi::k_rlimit_nofile, {2, 2});
    EXPECT_EQ(open_process(world.first, world.first.pid, 0).error(), Errno::mfile);
  });
}

TEST(SignalFile, Errors) {
  in_world([](World& world) {
    EXPECT_EQ(change_signals(world.first, 5, 0).error(), Errno::badf);
    const int32_t other = open_process(world.first, world.first.pid, 0).value();
    EXPECT_EQ(change_signals(world.first, other, 0).error(), Errno::inval);
    const int32_t fd = open_signals(world.first, 0, abi::k_o_cloexec).value();
    EXPECT_TRUE(world.first.files->closes_on_exec(fd).value());
  });
}

}  // namespace
}  // namespace weft::proc
