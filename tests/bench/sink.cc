// The other end of deliveries: speaks as much HTTP and as much of Telegram's
// answers as our senders need, at once and for everybody, and may write down
// what came when. One thread.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "commands.h"
#include "stopwatch.h"

namespace broadcast::bench {
namespace {

constexpr size_t kMostRequestBytes = 1 << 20;

struct Request {
  std::string_view path;
  std::string_view body;
  size_t length = 0;  // of all of it; 0: some is missing
};

// The value of the header, which stands in `head` in any case of its letters.
size_t ContentLength(std::string_view head) {
  constexpr std::string_view kName = "\r\ncontent-length:";
  for (size_t at = 0; at + kName.size() < head.size(); ++at) {
    if (strncasecmp(head.data() + at, kName.data(), kName.size()) == 0) {
      return std::strtoul(head.data() + at + kName.size(), nullptr, 10);
    }
  }
  return 0;
}

Request FirstRequest(std::string_view bytes) {
  const size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return {};
  const std::string_view head = bytes.substr(0, end + 2);
  const size_t body = end + 4;
  const size_t length = ContentLength(head);
  if (bytes.size() < body + length) return {};
  const size_t from = head.find(' ') + 1;
  return {.path = head.substr(from, head.find(' ', from) - from),
          .body = bytes.substr(body, length),
          .length = body + length};
}

// What follows "name": in a body of JSON, without quotes.
std::string_view Field(std::string_view body, std::string_view name) {
  const std::string key = "\"" + std::string(name) + "\":";
  size_t at = body.find(key);
  if (at == std::string_view::npos) return {};
  at += key.size();
  const bool text = body[at] == '"';
  if (text) ++at;
  const size_t end = body.find_first_of(text ? "\"" : ",}", at);
  return body.substr(at, end - at);
}

class Sink {
 public:
  Sink(int64_t port, const std::string& journal) : epoll_(epoll_create1(0)) {
    if (!journal.empty()) journal_.reset(std::fopen(journal.c_str(), "w"));
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address),
             sizeof(address)) != 0 ||
        listen(listener_, 1024) != 0) {
      Die("cannot listen on port " + std::to_string(port));
    }
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    ends_ = signalfd(-1, &ends, SFD_NONBLOCK);
    Watch(listener_);
    Watch(ends_);
  }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  // Until a signal ends it; how many messages came.
  int64_t Run() {
    epoll_event events[64];
    while (true) {
      const int count = epoll_wait(epoll_, events, 64, -1);
      for (int i = 0; i < count; ++i) {
        const int file = events[i].data.fd;
        if (file == ends_) return messages_;
        if (file == listener_) {
          Accept();
        } else {
          Serve(file);
        }
      }
    }
  }

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  void Watch(int file) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = file;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, file, &event);
  }

  void Accept() {
    while (true) {
      const int file = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
      if (file < 0) return;
      const int on = 1;
      setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      received_[file].clear();
      Watch(file);
    }
  }

  void Serve(int file) {
    std::string& bytes = received_[file];
    char buffer[16384];
    while (true) {
      const ssize_t got = read(file, buffer, sizeof(buffer));
      if (got < 0 && errno == EAGAIN) break;
      if (got <= 0 || bytes.size() > kMostRequestBytes) {
        received_.erase(file);
        close(file);
        return;
      }
      bytes.append(buffer, static_cast<size_t>(got));
    }
    std::string answers;
    size_t served = 0;
    while (true) {
      const Request request =
          FirstRequest(std::string_view(bytes).substr(served));
      if (request.length == 0) break;
      answers += Answer(request);
      served += request.length;
    }
    bytes.erase(0, served);
    // An answer is smaller than what a socket takes at once.
    if (!answers.empty() && write(file, answers.data(), answers.size()) < 0 &&
        errno != EPIPE) {
      std::perror("sink: write");
    }
  }

  std::string Answer(const Request& request) {
    const std::string_view method =
        request.path.substr(request.path.rfind('/') + 1);
    std::string result;
    if (method == "sendMessage") {
      ++messages_;
      Note(request.body);
      result =
          R"({"message_id":)" + std::to_string(messages_) +
          R"(,"date":1700000000,"chat":{"id":1,"type":"channel"},"text":""})";
    } else if (method == "getMe") {
      result = R"({"id":1,"is_bot":true,"first_name":"b","username":"b_bot"})";
    } else if (method == "getChat") {
      result = R"({"id":-1001,"type":"channel","title":"A channel"})";
    } else if (method == "getChatMember") {
      result = R"({"status":"administrator","user":{"id":1,"is_bot":true,)"
               R"("first_name":"b"},"can_post_messages":true,)"
               R"("can_edit_messages":true,"can_delete_messages":true})";
    } else {
      result = "true";
    }
    const std::string body = R"({"ok":true,"result":)" + result + "}";
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
           "Content-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  // Steady nanoseconds, which every process of the machine counts alike; the
  // chat; the text.
  void Note(std::string_view body) {
    if (journal_ == nullptr) return;
    const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(
                         SteadyClock::now().time_since_epoch())
                         .count();
    const std::string_view chat = Field(body, "chat_id");
    const std::string_view text = Field(body, "text");
    std::fprintf(journal_.get(), "%lld %.*s %.*s\n",
                 static_cast<long long>(now), static_cast<int>(chat.size()),
                 chat.data(), static_cast<int>(text.size()), text.data());
    std::fflush(journal_.get());
  }

  const int epoll_;
  int listener_ = -1;
  int ends_ = -1;
  int64_t messages_ = 0;
  std::unique_ptr<std::FILE, CloseFile> journal_;
  std::map<int, std::string> received_;  // by connection
};

}  // namespace

int RunSink(Flags& flags) {
  const int64_t port = flags.Number("port", 0);
  const std::string journal = flags.Text("journal", "");
  flags.Done();
  const int64_t messages = Sink(port, journal).Run();
  const nlohmann::ordered_json result = {{"messages", messages}};
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

}  // namespace broadcast::bench
