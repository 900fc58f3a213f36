// Sockets: what was sent arrives once, and whoever waits hears of the other side's closing.
#include <bit>
#include <cstring>

#include "core/ipc/pipe_file.hh"
#include "core/ipc/socket/inet_socket.hh"
#include "core/ipc/socket/unix_socket.hh"
#include "core/mm/heap.hh"
#include "core/sched/scheduler.hh"
#include "explore/scenario.hh"
#include "explore/scenarios/ipc/bytes.hh"

namespace weft::explore {
namespace {

using ipc::Socket;
using ipc::SocketEnds;
using ipc::SocketName;
using ipc::SocketType;

SocketEnds make_pair() { return ipc::make_socket_pair(SocketType::stream, 0).value(); }
Socket& socket_of(const Ref<fs::File>& file) { return *Socket::of(*file).value(); }

SocketName abstract_name() {
  return {.size = 4, .address = {.family = abi::k_af_unix, .bytes = {'\0', 'x'}}};
}
SocketName port_80() {
  const abi::InternetAddress address{.family = abi::k_af_inet,
                                     .port = std::byteswap(uint16_t{80}),
                                     .address = std::byteswap(ipc::InetPorts::k_loopback),
                                     .padding = {}};
  SocketName name;
  name.size = sizeof address;
  std::memcpy(&name.address, &address, sizeof address);
  return name;
}

Ref<fs::File> listen_at(Ref<fs::File> file, const SocketName& name, int32_t backlog) {
  check(socket_of(file).bind(name).has_value(), "the name is free");
  check(socket_of(file).listen(backlog).has_value(), "it may listen");
  return file;
}
Ref<fs::File> make_unix() { return ipc::make_unix_socket(SocketType::stream, 0).value(); }
Ref<fs::File> make_inet() { return ipc::make_inet_socket(SocketType::stream, 0).value(); }

bool is_error(const auto& result, Errno error) {
  return !result.has_value() && result.error() == error;
}

// ---- A conversation -------------------------------------------------------------------------------

const Scenario talk{{.name = "socket",
                     .about = "one byte, then the other end is closed",
                     .cpus = 2,
                     .preemptions = 1,
                     .random_runs = 1000},
                    [](Stage& stage) {
                      SocketEnds ends = make_pair();
                      stage.thread("reader", [&] {
                        check(read_byte(*ends.first) == 'a', "what was written is read");
                        check(read_byte(*ends.first) == k_end_of_file,
                              "then there is nobody any more");
                      });
                      stage.thread("writer", [&] {
                        check(write_byte(*ends.second, 'a'), "there is room, and a reader");
                        ends.second.reset();
                      });
                      stage.run();
                    }};

const Scenario writer_waits{
    {.name = "socket-full",
     .about = "the other end is closed while one waits for room",
     .cpus = 2,
     .preemptions = 1,
     .random_runs = 500},
    [](Stage& stage) {
      SocketEnds ends = make_pair();
      fill(*ends.first);
      stage.thread("writer", [&] { check(!write_byte(*ends.first, 'x'), "nobody makes room"); });
      stage.thread("closes", [&] { ends.second.reset(); });
      stage.run();
    }};

const Scenario shut_down{
    {.name = "socket-shutdown",
     .about = "one end stops saying anything while the other waits, and a signal comes",
     .cpus = 2,
     .preemptions = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      const SocketEnds ends = make_pair();
      stage.thread("reader", [&] {
        const int got = read_byte(*ends.first);
        check(got == k_end_of_file || got == k_error, "there is nothing to read");
      });
      stage.thread("shuts", [&] {
        check(socket_of(ends.second).shutdown(abi::k_shut_wr).has_value(), "it was connected");
      });
      stage.thread("signal", [] { sched::interrupt(thread_named("reader")); });
      stage.run();
    }};

const Scenario both_close{{.name = "socket-both-close",
                           .about = "each end says something and is closed",
                           .cpus = 2,
                           .preemptions = 1,
                           .random_runs = 1000},
                          [](Stage& stage) {
                            SocketEnds ends = make_pair();
                            for (Ref<fs::File>* end : {&ends.first, &ends.second}) {
                              stage.thread(end == &ends.first ? "one" : "other", [end] {
                                static_cast<void>(write_byte(**end, 'x'));
                                end->reset();
                              });
                            }
                            stage.run();
                          }};

// A file that is on its way belongs to the message; it is closed when nobody can receive it any more.
const Scenario rights{
    {.name = "socket-rights",
     .about = "a pipe's end is on its way when both ends of the socket are closed",
     .cpus = 2,
     .preemptions = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      SocketEnds ends = make_pair();
      ipc::PipeEnds pipe = ipc::make_pipe(0).value();
      stage.thread("sender", [&] {
        mm::Owned<ipc::PassedFiles> files = mm::make<ipc::PassedFiles>().value();
        check(files->add(std::move(pipe.writer)).has_value(), "there is room");
        std::byte byte{'x'};
        fs::IoBuffer from = fs::IoBuffer::kernel({&byte, 1});
        static_cast<void>(
            socket_of(ends.first).send(from, {}, {.files = std::move(files)}, abi::k_msg_nosignal));
        ends.first.reset();
      });
      stage.thread("receiver", [&] { ends.second.reset(); });
      stage.thread("reader", [&] {
        check(read_byte(*pipe.reader) == k_end_of_file, "nobody has the other end");
      });
      stage.run();
    }};

// ---- Datagrams ------------------------------------------------------------------------------------

Result<size_t> send_to_name(const Ref<fs::File>& from, uint32_t flags) {
  std::byte byte{'x'};
  fs::IoBuffer message = fs::IoBuffer::kernel({&byte, 1});
  return socket_of(from).send(message, abstract_name(), {}, flags);
}

// A socket with a name, to which `sender` can send no more for now.
Ref<fs::File> make_full_receiver(const Ref<fs::File>& sender) {
  Ref<fs::File> receiver = ipc::make_unix_socket(SocketType::datagrams, 0).value();
  check(socket_of(receiver).bind(abstract_name()).has_value(), "the name is free");
  while (send_to_name(sender, abi::k_msg_dontwait).has_value()) {
  }
  return receiver;
}

const Scenario datagrams{
    {.name = "socket-datagrams",
     .about = "one waits for room at a socket that two read from",
     .cpus = 2,
     .preemptions = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      const Ref<fs::File> sender = ipc::make_unix_socket(SocketType::datagrams, 0).value();
      const Ref<fs::File> receiver = make_full_receiver(sender);
      stage.thread("sender", [&] { check(send_to_name(sender, 0) == 1u, "there will be room"); });
      for (const char* name : {"reader 1", "reader 2"}) {
        stage.thread(name, [&] { check(read_byte(*receiver) == 'x', "it is there"); });
      }
      stage.run();
    }};

const Scenario datagrams_close{
    {.name = "socket-datagrams-close",
     .about = "a socket is closed while one waits for room at it, or a signal comes",
     .cpus = 2,
     .preemptions = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      const Ref<fs::File> sender = ipc::make_unix_socket(SocketType::datagrams, 0).value();
      Ref<fs::File> receiver = make_full_receiver(sender);
      stage.thread("sender", [&] {
        const auto sent = send_to_name(sender, 0);
        check(is_error(sent, Errno::connrefused) || is_error(sent, Errno::intr),
              "nobody makes room");
      });
      stage.thread("closes", [&] { receiver.reset(); });
      stage.thread("signal", [] { sched::interrupt(thread_named("sender")); });
      stage.run();
    }};

// ---- Connections ----------------------------------------------------------------------------------

const Scenario accepts{
    {.name = "socket-accept",
     .about = "two connect to one that accepts twice, and has room for one",
     .cpus = 3,
     .preemptions = 0,
     .long_preemptions = 1,
     .random_runs = 500},
    [](Stage& stage) {
      const Ref<fs::File> listener = listen_at(make_unix(), abstract_name(), 0);
      const Ref<fs::File> clients[] = {make_unix(), make_unix()};
      stage.thread("server", [&] {
        for (int i = 0; i < 2; ++i) {
          SocketName from;
          check(socket_of(listener).accept(0, from).has_value(), "somebody comes");
        }
      });
      for (const Ref<fs::File>& client : clients) {
        stage.thread(&client == clients ? "client 1" : "client 2", [&] {
          check(socket_of(client).connect(abstract_name()).has_value(), "it is let in");
        });
      }
      stage.run();
    }};

// Whoever is not accepted hears of it, at once or when it reads.
void close_while_one_connects(Stage& stage, Ref<fs::File> (*make)(), const SocketName& name) {
  Ref<fs::File> listener = listen_at(make(), name, 1);
  Ref<fs::File> client = make();
  stage.thread("client", [&] {
    const auto connected = socket_of(client).connect(name);
    if (connected.has_value()) {
      check(read_byte(*client) < 0, "nobody says anything");
    } else {
      check(is_error(connected, Errno::connrefused) || is_error(connected, Errno::connreset),
            "it is refused");
    }
  });
  stage.thread("closes", [&] { listener.reset(); });
  stage.run();
}

const Scenario unix_listener_closes{
    {.name = "socket-listener-closes",
     .about = "one connects to a listener that is closed",
     .cpus = 2,
     .preemptions = 1,
     .random_runs = 1000},
    [](Stage& stage) { close_while_one_connects(stage, make_unix, abstract_name()); }};

const Scenario inet_listener_closes{
    {.name = "inet-listener-closes",
     .about = "the same on the loopback",
     .cpus = 2,
     .preemptions = 1,
     .random_runs = 1000},
    [](Stage& stage) { close_while_one_connects(stage, make_inet, port_80()); }};

const Scenario accept_shut_down{
    {.name = "inet-accept",
     .about = "one accepts, another connects, a third shuts the listener down",
     .cpus = 3,
     .preemptions = 0,
     .long_preemptions = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      const Ref<fs::File> listener = listen_at(make_inet(), port_80(), 1);
      const Ref<fs::File> client = make_inet();
      stage.thread("server", [&] {
        SocketName from;
        const auto accepted = socket_of(listener).accept(0, from);
        check(accepted.has_value() || is_error(accepted, Errno::inval),
              "it ends in one of two ways");
      });
      stage.thread("client", [&] { static_cast<void>(socket_of(client).connect(port_80())); });
      stage.thread("shuts", [&] {
        check(socket_of(listener).shutdown(abi::k_shut_rdwr).has_value(), "it listens");
      });
      stage.run();
    }};

}  // namespace
}  // namespace weft::explore
