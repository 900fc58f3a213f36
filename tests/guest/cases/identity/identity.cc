// Who one is, what the machine is, and prctl.
#include "guest/support/files.hh"
#include "guest/support/pages.hh"
#include "guest/support/process.hh"
#include "guest/support/thread.hh"

namespace weft::guest {

GUEST_CASE(identity_is_root) {
  say("{} {} {} {}", sys::getuid(), sys::geteuid(), sys::getgid(), sys::getegid());
  unsigned ids[3] = {9, 9, 9};
  show("getresuid", sys::getresuid(&ids[0], &ids[1], &ids[2]));
  say("{} {} {}", ids[0], ids[1], ids[2]);
  show("getresgid", sys::getresgid(&ids[0], &ids[1], &ids[2]));
  say("{} {} {}", ids[0], ids[1], ids[2]);
}

GUEST_CASE(identity_setting_oneself_to_oneself) {
  show("setuid", sys::setuid(0));
  show("setgid", sys::setgid(0));
  show("setreuid", sys::setreuid(0, -1));
  show("setregid", sys::setregid(-1, 0));
  show("setresuid", sys::setresuid(-1, -1, -1));
  show("setresgid", sys::setresgid(0, 0, 0));
}

GUEST_CASE(identity_capabilities_of_root) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  show("capget", sys::capget(&header, data));
  check("CAP_KILL is there", (data[0].effective & (1 << CAP_KILL)) != 0);
  header.version = 0x1234;
  show("an unknown version", sys::capget(&header, data));
  check("tells the known one", header.version == _LINUX_CAPABILITY_VERSION_3);
}

GUEST_CASE(uname_tells_the_machine) {
  new_utsname name{};
  show("uname", sys::uname(&name));
  say("machine '{}', node '{}'", name.machine, name.nodename);
  check("a release and a version", name.release[0] != '\0' && name.version[0] != '\0');
}

GUEST_CASE(sysinfo_makes_sense) {
  struct sysinfo info{};
  show("sysinfo", sys::sysinfo(&info));
  check("memory", info.totalram > 0 && info.freeram > 0 && info.freeram <= info.totalram);
  check("a unit", info.mem_unit >= 1);
  check("processes", info.procs >= 1);
  check("up for some time", info.uptime >= 0);
}

GUEST_CASE(getrandom_fills) {
  uint64_t one[8] = {};
  uint64_t two[8] = {};
  show("getrandom", sys::getrandom(one, sizeof one, 0));
  show("nonblocking", sys::getrandom(two, sizeof two, GRND_NONBLOCK));
  check("they differ", __builtin_memcmp(one, two, sizeof one) != 0);
  check("no word is 0", one[0] != 0 && one[7] != 0);
  show("of nothing", sys::getrandom(nullptr, 0, 0));
  show("unknown flags", sys::getrandom(one, 8, 0x100));
  show("a bad pointer", sys::getrandom(k_bad_pointer, 8, 0));
}

GUEST_CASE(getrandom_stops_at_the_edge) {
  Edge edge;
  show("8 bytes, all there", sys::getrandom(edge.last(8), 8, 0));
  show("none there", sys::getrandom(edge.last(0), 8, 0));
}

GUEST_CASE(prctl_names_a_thread) {
  char name[17] = {};
  show("set", sys::prctl(PR_SET_NAME, "a name that is too long", 0, 0, 0));
  show("get", sys::prctl(PR_GET_NAME, name, 0, 0, 0));
  say("'{}'", name);
  Thread thread([] {
    char inherited[17] = {};
    sys::prctl(PR_GET_NAME, inherited, 0, 0, 0);
    say("the thread's: '{}'", inherited);
    sys::prctl(PR_SET_NAME, "other", 0, 0, 0);
  });
  thread.join();
  must("prctl", sys::prctl(PR_GET_NAME, name, 0, 0, 0));
  say("ours: '{}'", name);
  show("a bad pointer", sys::prctl(PR_SET_NAME, k_bad_pointer, 0, 0, 0));
}

GUEST_CASE(prctl_name_after_execve_is_the_programs) {
  must("symlink", sys::symlink("/guest/helper", "a-rather-long-program-name"));
  char room[100] = {};
  const int child = start_child([] {
    const char* const arguments[] = {"x", "pause", nullptr};
    return static_cast<int>(sys::execve("./a-rather-long-program-name", arguments, nullptr));
  });
  const Text<40> path("/proc/{}/comm", child);
  while (!read_file(path.c_str(), room).starts_with("a-rather")) sys::sched_yield();
  say("{}", std::string_view(room, 15));
  sys::kill(child, SIGKILL);
}

GUEST_CASE(prctl_errors) {
  show("an unknown one", sys::prctl(99999, 0, 0, 0, 0));
  show("a signal that doesn't exist", sys::prctl(PR_SET_PDEATHSIG, 100, 0, 0, 0));
  int number = 77;
  show("get", sys::prctl(PR_GET_PDEATHSIG, &number, 0, 0, 0));
  show("none is set", number);
}

GUEST_CASE(groups_of_root) {
  unsigned groups[8] = {};
  const unsigned wanted[] = {5, 7};
  show("setgroups", sys::setgroups(2, wanted));
  show("how many", sys::getgroups(0, nullptr));
  show("getgroups", sys::getgroups(8, groups));
  say("{} {}", groups[0], groups[1]);
  show("too little room", sys::getgroups(1, groups));
  show("a negative size", sys::getgroups(-1, groups));
  show("a bad pointer", sys::getgroups(8, k_bad_pointer));
  show("none", sys::setgroups(0, nullptr));
  show("how many", sys::getgroups(0, nullptr));
}

GUEST_CASE(reboot_refuses_what_is_not_meant) {
  show("no magic", sys::reboot(0, 0, LINUX_REBOOT_CMD_POWER_OFF, nullptr));
  show("half of it", sys::reboot(LINUX_REBOOT_MAGIC1, 0, LINUX_REBOOT_CMD_POWER_OFF, nullptr));
  show("an unknown command", sys::reboot(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, 4711, nullptr));
}

}  // namespace weft::guest
