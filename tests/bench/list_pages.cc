// What a page of ListEntries costs wherever it begins: finds a page in the
// middle and the last one by going through the whole list, then times them.

#include <grpcpp/grpcpp.h>

#include <array>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "broadcast/v1/broadcast_service.grpc.pb.h"
#include "commands.h"
#include "stopwatch.h"

namespace broadcast::bench {
namespace {

constexpr int kPage = 50;
constexpr int kLargestPage = 1000;

struct List {
  std::string order_by;
  std::string filter;
};

class Lister {
 public:
  Lister(const std::string& target, List list)
      : stub_(v1::BroadcastService::NewStub(
            grpc::CreateChannel(target, grpc::InsecureChannelCredentials()))),
        list_(std::move(list)) {}

  // Fills response() and returns how many entries the page has.
  int Fetch(const std::string& token, int page_size) {
    v1::ListEntriesRequest request;
    request.set_page_size(page_size);
    request.set_page_token(token);
    request.set_filter(list_.filter);
    request.set_order_by(list_.order_by);
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::seconds(30));
    const grpc::Status status =
        stub_->ListEntries(&context, request, &response_);
    if (!status.ok()) Die("ListEntries: " + status.error_message());
    return response_.entries_size();
  }
  const std::string& next() const { return response_.next_page_token(); }

 private:
  const std::unique_ptr<v1::BroadcastService::Stub> stub_;
  const List list_;
  v1::ListEntriesResponse response_;
};

List ListOf(Flags& flags) {
  return {.order_by = flags.Text("order_by", ""),
          .filter = flags.Text("filter", "")};
}

}  // namespace

int ListWalk(Flags& flags) {
  Lister lister(flags.Text("target"), ListOf(flags));
  flags.Done();
  std::vector<std::string> tokens = {""};
  int64_t entries = 0;
  while (true) {
    entries += lister.Fetch(tokens.back(), kLargestPage);
    if (lister.next().empty()) break;
    tokens.push_back(lister.next());
  }
  // Of the last large page, the last small one that is whole.
  std::string last = tokens.back();
  for (std::string token = last; !token.empty();) {
    const int size = lister.Fetch(token, kPage);
    if (size == kPage) last = token;
    token = lister.next();
  }
  const nlohmann::ordered_json result = {{"entries", entries},
                                         {"middle", tokens[tokens.size() / 2]},
                                         {"last", last}};
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

int ListPages(Flags& flags) {
  Lister lister(flags.Text("target"), ListOf(flags));
  const std::array<std::string, 3> tokens = {"", flags.Text("middle"),
                                             flags.Text("last")};
  const int64_t calls = flags.Number("calls", 100);
  flags.Done();
  std::array<std::vector<float>, 3> micros;
  for (int64_t call = -5; call < calls; ++call) {
    for (size_t i = 0; i < tokens.size(); ++i) {
      const SteadyTime start = SteadyClock::now();
      const int size = lister.Fetch(tokens[i], kPage);
      if (call >= 0)
        micros[i].push_back(static_cast<float>(MicrosSince(start)));
      if (size != kPage) {
        Die("a page has " + std::to_string(size) + " entries, not " +
            std::to_string(kPage));
      }
    }
  }
  const nlohmann::ordered_json result = {
      {"first_us", Percentile(micros[0], 0.5)},
      {"middle_us", Percentile(micros[1], 0.5)},
      {"last_us", Percentile(micros[2], 0.5)}};
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

}  // namespace broadcast::bench
