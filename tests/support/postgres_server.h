// A PostgreSQL for tests, run by postgres_server.sh: the one that all tests of
// a run share, or one of a test's own to stop and crash. One thread at a time.
#ifndef BROADCASTD_SUPPORT_POSTGRES_SERVER_H_
#define BROADCASTD_SUPPORT_POSTGRES_SERVER_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "support/temp_dir.h"

namespace broadcast::test {

class PostgresServer {
 public:
  // The server of this run, in the folder that the environment names in
  // BROADCASTD_TEST_POSTGRES, or one that ends with the process.
  static const PostgresServer& Shared();

  // Starts a server of one's own.
  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // A URL of `database` by Unix socket, and by TCP on 127.0.0.1.
  std::string Url(absl::string_view database) const;
  std::string TcpUrl(absl::string_view database, int port) const;
  int port() const;

  // Ends it and keeps its data and port, cleanly or without a checkpoint.
  void Halt() { Script("halt"); }
  void Crash() { Script("crash"); }
  void Resume() { Script("resume"); }

 private:
  explicit PostgresServer(std::string folder);
  void Script(absl::string_view verb) const;

  std::unique_ptr<TempDir> own_;
  std::string folder_;
};

}  // namespace broadcast::test

#endif  // BROADCASTD_SUPPORT_POSTGRES_SERVER_H_
