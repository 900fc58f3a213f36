// Dialogue: the server's part of a connection, without the connection. It is given what has come in, and tells what is
// to go out; whoever carries the bytes decides how to wait. So there is one HTTP for all shapes of servers.
//
// It stands where the other side left it: in a head, in a body, or at the end. One request is answered at a
// time: while there is output, further requests wait in the input.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "userlib/base/string.hh"
#include "userlib/bin/http/body.hh"
#include "userlib/bin/http/head.hh"

namespace weft::http {

struct Response {
  unsigned status = 200;
  std::string_view type = "text/plain";
  String body;
};

// What the server is there for. Servers that run several connections at once ask it from several threads.
class Service {
 public:
  // The head and the body hold until it has answered.
  virtual Response answer(const RequestHead& head, std::string_view body) = 0;

 protected:
  ~Service() = default;
};

inline constexpr size_t k_largest_body = 1 << 20;

// What is no HTTP is answered with the status that says so, and ends the connection.
class Dialogue {
 public:
  explicit Dialogue(Service& service) : service_(service) {}
  Dialogue(const Dialogue&) = delete;
  Dialogue& operator=(const Dialogue&) = delete;

  enum class Wants { input, output, nothing };
  // What it waits for. Nothing: it is over, and the connection is to be closed.
  Wants wants() const;

  // Room for what comes in; and so much of it has. 0: the other side has no more to say.
  std::span<char> room();
  void came_in(size_t count);

  // What is to go out; and so much of it has.
  std::string_view output() const { return output_.view().substr(sent_); }
  void went_out(size_t count);

  // How many requests the service has answered.
  size_t answered() const { return answered_; }

 private:
  // One whose content has not all come yet. Its head points into its text, so it stays where it is.
  struct Request {
    explicit Request(std::string_view text) : text(text) {}
    const String text;
    RequestHead head;
    BodyDecoder decoder{Body{}};
    String content;
  };

  std::string_view input() const { return {input_.begin() + used_, filled_ - used_}; }
  void advance();
  bool take_head();
  bool take_body();
  bool refuse(unsigned status);
  void say(const Response& response, bool with_body, bool keep_alive);

  Service& service_;
  String input_;  // between used_ and filled_: what has come and is not used up
  size_t used_ = 0;
  size_t filled_ = 0;
  bool ended_ = false;  // no more will come
  bool over_ = false;   // nothing is to be said after the output
  std::optional<Request> request_;
  String output_;
  size_t sent_ = 0;
  size_t answered_ = 0;
};

}  // namespace weft::http
