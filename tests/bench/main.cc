// broadcastd_bench COMMAND [--flag=value ...]: what tests/bench/run.py measures
// with; its README.md tells the commands.

#include <google/protobuf/stubs/common.h>
#include <grpcpp/grpcpp.h>
#include <sqlite3.h>

#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "commands.h"

namespace broadcast::bench {
namespace {

int Versions(Flags& flags) {
  flags.Done();
  const nlohmann::ordered_json versions = {
      {"grpc", grpc::Version()},
      {"protobuf",
       google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION)},
      {"sqlite", sqlite3_libversion()},
      {"compiler", "g++ " __VERSION__},
  };
  std::printf("%s\n", versions.dump().c_str());
  return 0;
}

const std::map<std::string, int (*)(Flags&)>& Commands() {
  static const auto& commands = *new std::map<std::string, int (*)(Flags&)>{
      {"delivery-floor", DeliveryFloor},
      {"disk", Disk},
      {"empty-server", EmptyServer},
      {"http-floor", HttpFloor},
      {"import", Import},
      {"import-floor", ImportFloor},
      {"list-pages", ListPages},
      {"list-walk", ListWalk},
      {"load", Load},
      {"plan-floor", PlanFloor},
      {"postgres-floor", PostgresFloor},
      {"seed", SeedDatabase},
      {"sink", RunSink},
      {"sqlite-floor", SqliteFloor},
      {"startup", Startup},
      {"sync-plan", SyncPlan},
      {"versions", Versions},
      {"wait", Wait},
  };
  return commands;
}

int Main(int argc, char** argv) {
  const auto command = argc < 2 ? Commands().end() : Commands().find(argv[1]);
  if (command == Commands().end()) {
    std::string names;
    for (const auto& [name, run] : Commands()) names += " " + name;
    std::fprintf(stderr,
                 "usage: broadcastd_bench COMMAND [--flag=value ...]\n"
                 "commands:%s\n",
                 names.c_str());
    return 64;
  }
  Flags flags(argc - 2, argv + 2);
  return command->second(flags);
}

}  // namespace
}  // namespace broadcast::bench

int main(int argc, char** argv) { return broadcast::bench::Main(argc, argv); }
