#include "telegram/request_flow.h"

#include <optional>
#include <string>

#include "telegram/bot_request.h"

namespace broadcast::telegram {
namespace {

using Action = Fault::Action;

// More than so many at a time in one chat are held, and then refused.
constexpr int kMostHeld = 310;
constexpr int64_t kOverfullHold = 3 * kMicrosPerSecond;
constexpr int64_t kOverfullRetry = 60;  // seconds

constexpr char kGatewayPage[] =
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n"
    "<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n";

HttpReply ReplyOf(const BotAnswer& answer) {
  return {.status = answer.code,
          .body = BodyOf(answer),
          .retry_after = answer.retry_after};
}

HttpReply GatewayReply() {
  return {.status = 502, .content_type = "text/html", .body = kGatewayPage};
}

BotAnswer AnswerOf(const Fault& fault) {
  if (fault.action == Action::kFlood) return TooManyRequests(fault.retry_after);
  if (fault.action == Action::kRights) {
    return BadRequest("not enough rights to send text messages to the chat");
  }
  if (fault.action == Action::kBlindTrue) return Success(true);
  BotAnswer answer = Failure(fault.code, fault.description);
  answer.retry_after = fault.retry_after;
  answer.migrate_to_chat_id = fault.migrate_to_chat_id;
  return answer;
}

}  // namespace

struct RequestFlow::Flight {
  BotRequest request;
  const BotMethod* method = nullptr;
  BotCall call;
  std::optional<Fault> fault;
  JournalEntry entry;
  HttpReply reply;
  Respond respond;
};

RequestFlow::RequestFlow(Platform platform, EventLoop& loop,
                         FloodLimits& limits, FaultRules& faults,
                         LatencyModel& latency, RequestJournal& journal)
    : platform_(platform),
      loop_(loop),
      limits_(limits),
      faults_(faults),
      latency_(latency),
      journal_(journal) {}

void RequestFlow::Handle(const HttpRequest& http, Respond respond) {
  const auto flight = std::make_shared<Flight>();
  flight->respond = std::move(respond);
  flight->entry.received = platform_.clock.Now();
  ++in_flight_;
  if (const auto refusal = Read(http, *flight)) {
    return AnswerLater(flight, *refusal);
  }
  MeetFault(flight);
}

std::optional<BotAnswer> RequestFlow::Read(const HttpRequest& http,
                                           Flight& flight) {
  auto request = ParseBotPath(http.target);
  if (!request) return Failure(404, "Not Found");
  flight.request = *std::move(request);
  flight.entry.method = flight.request.method;
  const std::string& token = flight.request.token;
  if (!IsTokenShaped(token)) {
    return Failure(401, "Unauthorized: invalid token specified");
  }
  flight.call.bot = platform_.chats.FindBot(token);
  if (flight.call.bot == nullptr) return Failure(401, "Unauthorized");
  flight.entry.bot = flight.call.bot->id;
  flight.method = FindMethod(flight.request.method);
  if (flight.method == nullptr) {
    return Failure(404, "Not Found: method not found");
  }
  flight.entry.method = std::string(flight.method->name);
  flight.entry.posts = flight.method->posts;
  flight.entry.creates = flight.method->creates;
  if (auto refusal = ParseParams(http, flight.request.params)) return refusal;
  flight.call.params = &flight.request.params;
  if (flight.request.params.Has("chat_id")) {
    const Chat* chat =
        platform_.chats.FindChat(flight.request.params.Text("chat_id"));
    if (chat != nullptr) flight.entry.chat = chat->id;
  }
  return std::nullopt;
}

void RequestFlow::MeetFault(const FlightPtr& flight) {
  const BotParams& params = flight->request.params;
  const Fault* met = faults_.Meet(flight->request.method, flight->entry.bot,
                                  flight->entry.chat, flight->entry.chat > 0,
                                  params.Text("text"));
  if (met == nullptr) return Admit(flight);
  flight->fault = *met;
  flight->entry.fault = std::string(met->ActionName());
  flight->entry.marker = MarkerOf(params.Text("text"));
  switch (met->action) {
    case Action::kDropAfter:
    case Action::kRestartAfter:
    case Action::kSlow:
      return Admit(flight);
    case Action::kDropBefore:
      return ReplyLater(flight, {.kind = HttpReply::Kind::kReset});
    case Action::kFlood:
      limits_.Pause(
          met->pause, flight->entry.bot, flight->entry.chat,
          platform_.clock.Now() + met->retry_after * kMicrosPerSecond);
      return AnswerLater(flight, AnswerOf(*met));
    case Action::kRights:
    case Action::kBlindTrue:
      return AnswerLater(flight, AnswerOf(*met));
    case Action::kBadGateway:
      if (met->processed) return Admit(flight);
      return ReplyLater(flight, GatewayReply());
    case Action::kError:
      if (met->processed) return Admit(flight);
      return AnswerLater(flight, AnswerOf(*met));
    case Action::kCutOff:
      if (met->processed) return Admit(flight);
      return ReplyLater(flight, {.kind = HttpReply::Kind::kCutOff,
                                 .status = 502,
                                 .body = kGatewayPage});
    case Action::kSilence:
      if (met->processed) return Admit(flight);
      return ReplyLater(flight, {.kind = HttpReply::Kind::kSilence});
  }
}

void RequestFlow::Admit(const FlightPtr& flight) {
  BotCall& call = flight->call;
  call.rehearsal = true;
  const BotAnswer answer = flight->method->run(platform_, call);
  if (!answer.ok()) return AnswerLater(flight, answer);
  if (!flight->method->posts) {
    return Process(flight, platform_.clock.Now());
  }
  AskLimits(flight);
}

void RequestFlow::AskLimits(const FlightPtr& flight) {
  BotCall& call = flight->call;
  JournalEntry& entry = flight->entry;
  const Chat* chat = platform_.chats.ChatOf(call.chat);
  const int64_t now = platform_.clock.Now();
  entry.shared_chat = chat != nullptr && !chat->IsPrivate();
  const LimitAnswer answer =
      limits_.Ask({.now = now,
                   .received = entry.received,
                   .held = entry.held,
                   .bot = call.bot->id,
                   .chat = call.chat,
                   .group = entry.shared_chat,
                   .items = call.items,
                   .long_text = call.long_text,
                   .paid = call.params->Flag("allow_paid_broadcast") &&
                           call.bot->stars > 0});
  entry.violation = entry.violation || answer.violation;
  switch (answer.kind) {
    case LimitAnswer::Kind::kAccept:
      call.bot->stars -= answer.stars;
      return Process(flight, now);
    case LimitAnswer::Kind::kRefuse:
      return AnswerLater(flight, TooManyRequests(answer.retry_after));
    case LimitAnswer::Kind::kHold:
      break;
  }
  const std::pair key(call.bot->id, call.chat);
  int& held = held_[key];
  if (held >= kMostHeld) {
    entry.held += kOverfullHold;
    return loop_.At(now + kOverfullHold, [this, flight] {
      AnswerLater(flight, TooManyRequests(kOverfullRetry));
    });
  }
  ++held;
  entry.held += answer.hold;
  loop_.At(now + answer.hold, [this, flight, key] {
    const auto waiting = held_.find(key);
    if (--waiting->second == 0) held_.erase(waiting);
    Admit(flight);
  });
}

void RequestFlow::Process(const FlightPtr& flight, int64_t now) {
  BotCall& call = flight->call;
  call.rehearsal = false;
  call.message_ids.clear();
  const BotAnswer answer = flight->method->run(platform_, call);
  if (call.changed) flight->entry.accepted = now;
  if (!flight->fault) return AnswerLater(flight, answer);
  switch (flight->fault->action) {
    case Action::kDropAfter:
      return ReplyLater(flight, {.kind = HttpReply::Kind::kReset});
    case Action::kRestartAfter:
      return AnswerLater(flight,
                         Failure(500, "Internal Server Error: restart"));
    case Action::kBadGateway:
      return ReplyLater(flight, GatewayReply());
    case Action::kError:
      return AnswerLater(flight, AnswerOf(*flight->fault));
    case Action::kCutOff: {
      HttpReply reply = ReplyOf(answer);
      reply.kind = HttpReply::Kind::kCutOff;
      return ReplyLater(flight, std::move(reply));
    }
    case Action::kSilence:
      return ReplyLater(flight, {.kind = HttpReply::Kind::kSilence});
    default:
      return AnswerLater(flight, answer);
  }
}

void RequestFlow::AnswerLater(const FlightPtr& flight,
                              const BotAnswer& answer) {
  JournalEntry& entry = flight->entry;
  entry.outcome = answer.ok() ? "ok" : "error";
  entry.code = answer.code;
  entry.description = answer.description;
  entry.retry_after = answer.retry_after;
  ReplyLater(flight, ReplyOf(answer));
}

void RequestFlow::ReplyLater(const FlightPtr& flight, HttpReply reply) {
  flight->reply = std::move(reply);
  const BotCall& call = flight->call;
  JournalEntry& entry = flight->entry;
  if (call.chat != 0) entry.chat = call.chat;
  if (!call.marker.empty()) entry.marker = call.marker;
  entry.message_ids = call.message_ids;
  entry.items = static_cast<int>(call.message_ids.size());
  if (flight->reply.kind != HttpReply::Kind::kAnswer) {
    entry.outcome = "no_answer";
    entry.code = 0;
  } else if (entry.outcome.empty()) {
    entry.outcome = "html";
    entry.code = flight->reply.status;
  }
  int64_t delay = latency_.Draw() + call.wait_seconds * kMicrosPerSecond;
  if (flight->fault) {
    delay +=
        static_cast<int64_t>(flight->fault->delay_seconds * kMicrosPerSecond);
  }
  loop_.At(platform_.clock.Now() + delay, [this, flight] { Send(flight); });
}

void RequestFlow::Send(const FlightPtr& flight) {
  JournalEntry& entry = flight->entry;
  entry.done = platform_.clock.Now();
  if (entry.retry_after > 0) {
    limits_.PauseTold(entry.bot, entry.chat, entry.done);
  }
  journal_.Add(std::move(entry));
  --in_flight_;
  flight->respond(std::move(flight->reply));
}

}  // namespace broadcast::telegram
