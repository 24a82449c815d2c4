#include "telegram/fake_server.h"

#include <fstream>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "telegram/admin_api.h"
#include "telegram/http_listener.h"
#include "telegram/request_flow.h"
#include "telegram/world_json.h"

namespace broadcast::telegram {

struct FakeServer::Parts {
  Parts(const FakeOptions& options, const Clock& real)
      : clock(real),
        loop(clock),
        chats(options.bots.empty(), options.auto_chats),
        latency(options.random_seed),
        flow({chats, messages, clock}, loop, limits, faults, latency, journal),
        admin({{chats, messages, clock},
               clock,
               loop,
               limits,
               faults,
               latency,
               journal,
               flow}),
        listener(loop.io(), [this](const HttpRequest& http, Respond respond) {
          if (absl::StartsWith(http.target, "/admin/")) {
            return respond(admin.Handle(http));
          }
          flow.Handle(http, std::move(respond));
        }) {}

  MovingClock clock;
  EventLoop loop;
  ChatBook chats;
  MessageShelf messages;
  FloodLimits limits;
  FaultRules faults;
  LatencyModel latency;
  RequestJournal journal;
  RequestFlow flow;
  AdminApi admin;
  HttpListener listener;
};

FakeServer::FakeServer(FakeOptions options, const Clock& clock)
    : options_(std::move(options)),
      parts_(std::make_unique<Parts>(options_, clock)) {}

FakeServer::~FakeServer() = default;

absl::Status FakeServer::Start() {
  parts_->limits.rules().enabled = options_.limits;
  parts_->limits.rules().hold_seconds = options_.hold_seconds;
  absl::Status status = parts_->latency.Set(options_.latency);
  for (const std::string& token : options_.bots) {
    if (status.ok()) status = ApplyBot(token, parts_->chats);
  }
  for (const std::string& spec : options_.chats) {
    if (!status.ok()) break;
    const absl::StatusOr<Json> chat = ChatOfSpec(spec);
    status = chat.ok() ? ApplyChat(*chat, parts_->chats) : chat.status();
  }
  if (status.ok() && !options_.seed.empty()) {
    std::ifstream file(options_.seed);
    const Json seed = Json::parse(file, nullptr, false);
    status =
        seed.is_discarded()
            ? absl::UnavailableError(absl::StrCat(options_.seed, " is no JSON"))
            : parts_->admin.Seed(seed);
  }
  if (status.ok() && !options_.journal.empty()) {
    status = parts_->journal.Open(options_.journal);
  }
  return status.ok() ? parts_->listener.Listen(options_.listen) : status;
}

int FakeServer::port() const { return parts_->listener.port(); }

void FakeServer::StopOnSignals() { parts_->loop.StopOnSignals(); }

void FakeServer::Run() { parts_->loop.Run(); }

void FakeServer::Stop() { parts_->loop.Stop(); }

}  // namespace broadcast::telegram
