// Connections are handed over, so many at once and no more, and the want of
// descriptors passes.
#include "net/listener.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <fstream>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "support/answer.h"
#include "support/fake_clock.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace broadcast::net {
namespace {

using test::Eventually;
using test::Must;
using test::StatusIs;

File Dial(int port) {
  File caller(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  EXPECT_EQ(connect(caller.get(), reinterpret_cast<sockaddr*>(&address),
                    sizeof(address)),
            0);
  return caller;
}

bool DialFile(const std::string& path) {
  const File caller(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  return connect(caller.get(), reinterpret_cast<sockaddr*>(&address),
                 sizeof(address)) == 0;
}

// Whether the other side closes the connection within a long wait.
bool IsClosed(const File& caller) {
  pollfd waiting{.fd = caller.get(), .events = POLLIN};
  char byte = 0;
  return poll(&waiting, 1, 30000) == 1 && recv(caller.get(), &byte, 1, 0) <= 0;
}

class ListenerTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Listener>> Bind(const std::string& address,
                                                 int max_connections = 100) {
    return Listener::Bind(Must(ListenAddress::Parse(address)), max_connections,
                          &clock_, &log_, &metrics_);
  }

  // Listens, and keeps what is handed over.
  void Serve(const std::string& address, int max_connections = 100) {
    listener_ = Must(Bind(address, max_connections));
    listener_->Start([this](int socket) {
      absl::MutexLock lock(&mu_);
      taken_.emplace_back(socket);
    });
  }

  size_t taken() {
    absl::MutexLock lock(&mu_);
    return taken_.size();
  }
  void CloseTaken() {
    absl::MutexLock lock(&mu_);
    taken_.clear();
  }
  double open() const { return metrics_.open.Value(); }
  double refused() const { return metrics_.refused.Value(); }

  test::FakeClock clock_;
  Log log_{&clock_, Severity::kError};
  prometheus::Registry registry_;
  const ConnectionMetrics metrics_{registry_};
  absl::Mutex mu_;
  std::vector<File> taken_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<Listener> listener_;
};

TEST_F(ListenerTest, ConnectionsAreHandedOver) {
  Serve("127.0.0.1:0");
  const File first = Dial(listener_->port());
  const File second = Dial(listener_->port());
  EXPECT_TRUE(Eventually([this] { return taken() == 2; }));
  EXPECT_EQ(open(), 2);
  EXPECT_EQ(refused(), 0);
  absl::MutexLock lock(&mu_);
  EXPECT_EQ(send(taken_[0].get(), "x", 1, 0), 1);
  char byte = 0;
  EXPECT_EQ(recv(first.get(), &byte, 1, 0), 1);
  EXPECT_EQ(byte, 'x');
}

TEST_F(ListenerTest, ThoseHandedOverOutliveIt) {
  Serve("127.0.0.1:0");
  const File caller = Dial(listener_->port());
  ASSERT_TRUE(Eventually([this] { return taken() == 1; }));
  listener_.reset();
  absl::MutexLock lock(&mu_);
  EXPECT_EQ(send(taken_[0].get(), "x", 1, 0), 1);
}

TEST_F(ListenerTest, MoreThanItMayHaveAreClosed) {
  Serve("127.0.0.1:0", 2);
  std::vector<File> callers;
  for (int i = 0; i < 2; ++i) callers.push_back(Dial(listener_->port()));
  ASSERT_TRUE(Eventually([this] { return taken() == 2; }));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(IsClosed(Dial(listener_->port())));
  // A caller sees the end of its connection before it is counted.
  EXPECT_TRUE(Eventually([this] { return refused() == 3; }));
  EXPECT_EQ(taken(), 2);
  EXPECT_EQ(open(), 2);
}

TEST_F(ListenerTest, AClosedConnectionMakesRoom) {
  Serve("127.0.0.1:0", 1);
  for (int i = 0; i < 3; ++i) {
    const double before = refused();
    const File caller = Dial(listener_->port());
    EXPECT_TRUE(Eventually([&] { return taken() == 1 || refused() > before; }));
    EXPECT_EQ(refused(), before) << i;
    CloseTaken();
    // That it was closed is noticed at most so often.
    clock_.AdvanceSteady(absl::Seconds(1));
  }
}

// The limit of this process's open files, until the end of the test.
class FileLimit {
 public:
  FileLimit() { getrlimit(RLIMIT_NOFILE, &before_); }
  ~FileLimit() { setrlimit(RLIMIT_NOFILE, &before_); }

  // No descriptor is left.
  void Exhaust() {
    const File next(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    Set(next.get());
  }
  void Set(rlim_t files) {
    const rlimit limit{.rlim_cur = files, .rlim_max = before_.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  }
  void Restore() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(ListenerTest, TheWantOfDescriptorsPasses) {
  Serve("127.0.0.1:0");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(listener_->port());
  const File caller(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  {
    FileLimit limit;
    limit.Exhaust();
    ASSERT_EQ(connect(caller.get(), reinterpret_cast<sockaddr*>(&address),
                      sizeof(address)),
              0);
    pollfd waiting{.fd = caller.get(), .events = POLLIN};
    EXPECT_EQ(poll(&waiting, 1, 300), 0) << "it was closed";
    EXPECT_EQ(taken(), 0);
  }
  EXPECT_TRUE(Eventually([this] { return taken() == 1; }));
}

TEST_F(ListenerTest, TheLimitOfFilesLimitsConnections) {
  FileLimit limit;
  limit.Set(1000);
  EXPECT_EQ(ConnectionsThatFit(10000), 872);
  EXPECT_EQ(ConnectionsThatFit(500), 500);
  limit.Set(100);
  EXPECT_EQ(ConnectionsThatFit(10000), 50);
}

TEST_F(ListenerTest, AnAddressHasOneListener) {
  Serve("127.0.0.1:0");
  EXPECT_THAT(Bind(absl::StrCat("127.0.0.1:", listener_->port())),
              StatusIs(absl::StatusCode::kUnavailable,
                       testing::StrEq("Address already in use")));
  EXPECT_THAT(Bind("203.0.113.1:0"), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Bind("no-such-host.invalid:0"),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(ListenerTest, ANameIsLookedUp) {
  Serve("localhost:0");
  const File caller = Dial(listener_->port());
  EXPECT_TRUE(Eventually([this] { return taken() == 1; }));
}

TEST_F(ListenerTest, ASocketFileIsItsOwn) {
  const test::TempDir folder;
  const std::string path = folder.File("socket");
  Serve(absl::StrCat("unix:", path));
  EXPECT_TRUE(DialFile(path));
  EXPECT_TRUE(Eventually([this] { return taken() == 1; }));
  EXPECT_THAT(Bind(absl::StrCat("unix:", path)),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(DialFile(path)) << "the second took the file away";
  listener_.reset();
  struct stat found;
  EXPECT_NE(stat(path.c_str(), &found), 0) << "the file stayed";
}

TEST_F(ListenerTest, ASocketFileThatIsLeftOverIsReplaced) {
  const test::TempDir folder;
  const std::string path = folder.File("socket");
  {
    const File dead(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    ASSERT_EQ(bind(dead.get(), reinterpret_cast<sockaddr*>(&address),
                   sizeof(address)),
              0);
  }
  Serve(absl::StrCat("unix:", path));
  EXPECT_TRUE(DialFile(path));
}

TEST_F(ListenerTest, AnotherFileIsLeftAlone) {
  const test::TempDir folder;
  const std::string path = folder.File("notes");
  std::ofstream(path) << "kept";
  EXPECT_THAT(Bind(absl::StrCat("unix:", path)),
              StatusIs(absl::StatusCode::kUnavailable));
  std::string text;
  std::ifstream(path) >> text;
  EXPECT_EQ(text, "kept");
}

}  // namespace
}  // namespace broadcast::net
