#include "support/postgres_server.h"

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace broadcast::test {
namespace {

std::string FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  if (line.empty()) {
    throw std::runtime_error(absl::StrCat("nothing in ", path));
  }
  return line;
}

}  // namespace

const PostgresServer& PostgresServer::Shared() {
  static const auto& server = *[] {
    const char* const folder = std::getenv("BROADCASTD_TEST_POSTGRES");
    if (folder != nullptr) return new PostgresServer(folder);
    static PostgresServer own;
    return &own;
  }();
  return server;
}

PostgresServer::PostgresServer()
    : own_(std::make_unique<TempDir>()), folder_(own_->path()) {
  Script("start");
}

PostgresServer::PostgresServer(std::string folder)
    : folder_(std::move(folder)) {}

PostgresServer::~PostgresServer() {
  try {
    if (own_ != nullptr) Script("stop");
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
  }
}

std::string PostgresServer::Url(absl::string_view database) const {
  return absl::StrReplaceAll(
      FirstLine(absl::StrCat(folder_, "/url")),
      {{"/postgres?", absl::StrCat("/", database, "?")}});
}

std::string PostgresServer::TcpUrl(absl::string_view database, int port) const {
  return absl::StrCat("postgresql://postgres@127.0.0.1:", port, "/", database);
}

int PostgresServer::port() const {
  return std::stoi(FirstLine(absl::StrCat(folder_, "/port")));
}

void PostgresServer::Script(absl::string_view verb) const {
  const std::string command =
      absl::StrCat("POSTGRES_FSYNC=off '", BROADCASTD_POSTGRES_SCRIPT, "' ",
                   verb, " '", folder_, "'");
  if (std::system(command.c_str()) != 0) {
    throw std::runtime_error(absl::StrCat("failed: ", command));
  }
}

}  // namespace broadcast::test
