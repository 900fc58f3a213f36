// Run:      pipes
// Look for: a pipe between relatives, one with a name between strangers; records never mix; the two ends' ends.
// Why:      up to 4096 bytes go in as a whole. Without writers a reader sees the end; without readers a writer
//           gets SIGPIPE, or EPIPE if it ignores that.
#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/tools.hh"
#include "userlib/process/pipe.hh"
#include "userlib/process/process.hh"
#include "userlib/sys/process.hh"

namespace weft {
namespace {

constexpr size_t k_record = 512;
constexpr int k_records = 40;

// Two children write records of one letter each; a record in which there are two letters is a broken one.
void records_stay_whole() {
  pipe channel = pipe::make().value();
  Vector<process> writers;
  for (const char letter : {'a', 'b'}) {
    writers.push_back(process::run([&] {
                        char record[k_record];
                        for (char& each : record) each = letter;
                        for (int i = 0; i < k_records; ++i)
                          (void)sys::write(channel.write_end.get(), record, sizeof record);
                      }).value());
  }
  channel.write_end = Descriptor();
  int whole = 0;
  int broken = 0;
  char record[k_record];
  while (read_exactly(channel.read_end.get(), record).value_or(false)) {
    bool is_whole = true;
    for (const char each : record) is_whole = is_whole && each == record[0];
    ++(is_whole ? whole : broken);
  }
  for (process& each : writers) each.wait();
  print("  two writers: {} records came whole, {} mixed; then the end\n", whole, broken);
}

void nobody_reads() {
  pipe channel = pipe::make().value();
  channel.read_end = Descriptor();
  auto writer = process::run([&] { (void)sys::write(channel.write_end.get(), "x", 1); });
  print("  nobody reads: the writer is ended by {}\n", signal_name(writer->wait().signal()));
  (void)sys::ignore_signal(abi::k_sigpipe);
  const auto written = sys::write(channel.write_end.get(), "x", 1);
  (void)sys::default_signal(abi::k_sigpipe);
  print("  one who ignores the signal is told: {}\n", describe(written.error()));
}

void strangers() {
  const Text<40> path("/tmp/pipes.{}", sys::getpid().value_or(0));
  const auto made = sys::mknod(path.c_str(), abi::k_s_ififo | 0600, 0);
  ASSERT(made.has_value(), "there is room for a name in /tmp");
  // Another program, which knows nothing of us but the name.
  out.flush();
  auto reader = process::spawn({"cat", path.c_str()});
  {
    const auto end = open_file(path.c_str(), abi::k_o_wronly);  // waits until somebody reads
    (void)write_all(end->get(), "  a stranger reads this\n");
  }
  reader->wait();
  (void)sys::unlink(path.c_str());
}

}  // namespace

int pipes_main(Arguments) {
  print("a pipe, made by a parent for its children\n");
  records_stay_whole();
  nobody_reads();
  print("a pipe with a name, for whoever knows it\n");
  strangers();
  return 0;
}

}  // namespace weft
