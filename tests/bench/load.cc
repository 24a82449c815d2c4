// Calls a server, either as fast as it answers (so many calls outstanding) or
// at fixed times, and counts and times what is answered OK.

#include <grpcpp/grpcpp.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "broadcast/v1/admin_service.grpc.pb.h"
#include "broadcast/v1/broadcast_service.grpc.pb.h"
#include "broadcast/v1/feed_service.grpc.pb.h"
#include "commands.h"
#include "new_entries.h"
#include "new_posts.h"
#include "stopwatch.h"

namespace broadcast::bench {
namespace {

struct Plan {
  std::string target;
  int64_t channels;
  int64_t concurrency;
  double seconds;
  double warmup;
  double interval;  // seconds from call to call; 0: as fast as it answers
  int64_t entries;  // that were seeded
  int64_t pairs_per_client;
  std::string token;  // empty: none is sent
  int64_t first_entry;
  std::string journal;  // a file: when which entry was triggered
};

struct Tally {
  uint64_t ok = 0;        // within the window
  uint64_t ok_total = 0;  // with those before and after it
  uint64_t errors = 0;
  std::string first_error;
  std::vector<float> micros;  // of the OK ones within the window
};

// What all calls of one run share. One thread.
struct Source {
  explicit Source(const Plan& plan)
      : entries(plan.entries),
        next_entry(plan.first_entry),
        authorization(plan.token.empty() ? "" : "Bearer " + plan.token),
        new_entries(plan.pairs_per_client),
        random(std::random_device{}()) {
    if (plan.journal.empty()) return;
    journal.reset(std::fopen(plan.journal.c_str(), "w"));
    if (journal == nullptr) Die("cannot write " + plan.journal);
  }

  // Steady nanoseconds, which every process of the machine counts alike.
  void Note(int64_t entry) const {
    if (journal == nullptr) return;
    const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(
        SteadyClock::now().time_since_epoch());
    std::fprintf(journal.get(), "%lld %lld\n",
                 static_cast<long long>(now.count()),
                 static_cast<long long>(entry));
  }

  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  const int64_t entries;
  int64_t next_entry;
  std::unique_ptr<std::FILE, CloseFile> journal;
  const std::string authorization;
  NewEntries new_entries;
  NewPosts new_posts;
  std::mt19937_64 random;
};

struct CreateEntryCall {
  using Service = v1::BroadcastService;
  using Request = v1::CreateEntryRequest;
  using Response = v1::CreateEntryResponse;

  static void Fill(Source& source, Request& request) {
    NewEntry entry = source.new_entries.Next();
    request.set_client_id(std::move(entry.client_id));
    request.set_request_id(std::move(entry.request_id));
    FillChannel(std::move(entry.open_address), kOpenTitle,
                *request.mutable_open_channel());
    FillChannel(std::move(entry.closed_address), kClosedTitle,
                *request.mutable_closed_channel());
  }
  static auto Prepare(Service::Stub& stub, grpc::ClientContext* context,
                      const Request& request, grpc::CompletionQueue* queue) {
    return stub.PrepareAsyncCreateEntry(context, request, queue);
  }

 private:
  static void FillChannel(std::string address, const char* title,
                          v1::ChannelSpec& channel) {
    channel.set_platform(v1::PLATFORM_LOG);
    channel.set_address(std::move(address));
    channel.set_account(kAccount);
    channel.set_title(title);
  }
};

// A new post of the seeded feed.
struct UpsertPostCall {
  using Service = v1::FeedService;
  using Request = v1::UpsertPostRequest;
  using Response = v1::UpsertPostResponse;

  static void Fill(Source& source, Request& request) {
    NewPost post = source.new_posts.Next();
    request.set_feed_id(kSeededFeedId);
    request.set_request_id(source.new_entries.RandomId());
    request.mutable_post()->set_external_id(std::move(post.external_id));
    request.mutable_post()->mutable_content()->set_text(std::move(post.text));
  }
  static auto Prepare(Service::Stub& stub, grpc::ClientContext* context,
                      const Request& request, grpc::CompletionQueue* queue) {
    return stub.PrepareAsyncUpsertPost(context, request, queue);
  }
};

struct GetEntryCall {
  using Service = v1::BroadcastService;
  using Request = v1::GetEntryRequest;
  using Response = v1::GetEntryResponse;

  static void Fill(Source& source, Request& request) {
    request.set_entry_id(SeededEntryId(static_cast<int64_t>(
        source.random() % static_cast<uint64_t>(source.entries))));
  }
  static auto Prepare(Service::Stub& stub, grpc::ClientContext* context,
                      const Request& request, grpc::CompletionQueue* queue) {
    return stub.PrepareAsyncGetEntry(context, request, queue);
  }
};

struct ListEntriesCall {
  using Service = v1::BroadcastService;
  using Request = v1::ListEntriesRequest;
  using Response = v1::ListEntriesResponse;

  static void Fill(Source&, Request& request) { request.set_page_size(50); }
  static auto Prepare(Service::Stub& stub, grpc::ClientContext* context,
                      const Request& request, grpc::CompletionQueue* queue) {
    return stub.PrepareAsyncListEntries(context, request, queue);
  }
};

// One entry after the other, each once.
struct TriggerCall {
  using Service = v1::BroadcastService;
  using Request = v1::TriggerRequest;
  using Response = v1::TriggerResponse;

  static void Fill(Source& source, Request& request) {
    const int64_t entry = source.next_entry++;
    request.set_entry_id(SeededEntryId(entry));
    request.set_request_id(source.new_entries.RandomId());
    source.Note(entry);
  }
  static auto Prepare(Service::Stub& stub, grpc::ClientContext* context,
                      const Request& request, grpc::CompletionQueue* queue) {
    return stub.PrepareAsyncTrigger(context, request, queue);
  }
};

// Goes through all that surrounds a method, and no database.
struct GetServerInfoCall {
  using Service = v1::AdminService;
  using Request = v1::GetServerInfoRequest;
  using Response = v1::GetServerInfoResponse;

  static void Fill(Source&, Request&) {}
  static auto Prepare(Service::Stub& stub, grpc::ClientContext* context,
                      const Request& request, grpc::CompletionQueue* queue) {
    return stub.PrepareAsyncGetServerInfo(context, request, queue);
  }
};

// One call at a time, again and again.
template <typename M>
class Caller {
 public:
  Caller(std::shared_ptr<grpc::Channel> channel, Source* source,
         grpc::CompletionQueue* queue)
      : stub_(M::Service::NewStub(std::move(channel))),
        source_(source),
        queue_(queue) {}

  void Start() {
    M::Fill(*source_, request_);
    context_.emplace();
    context_->set_deadline(std::chrono::system_clock::now() +
                           std::chrono::seconds(30));
    if (!source_->authorization.empty()) {
      context_->AddMetadata("authorization", source_->authorization);
    }
    begun_ = SteadyClock::now();
    reader_ = M::Prepare(*stub_, &*context_, request_, queue_);
    reader_->StartCall();
    reader_->Finish(&response_, &status_, this);
  }

  // `since`: when the call ought to have begun.
  void Count(bool in_window, SteadyTime since, Tally& tally) const {
    if (!status_.ok()) {
      if (tally.errors++ == 0) {
        tally.first_error = std::to_string(status_.error_code()) + " " +
                            status_.error_message();
      }
      return;
    }
    ++tally.ok_total;
    if (!in_window) return;
    ++tally.ok;
    tally.micros.push_back(static_cast<float>(MicrosSince(since)));
  }

  SteadyTime begun() const { return begun_; }

 private:
  const std::unique_ptr<typename M::Service::Stub> stub_;
  Source* const source_;
  grpc::CompletionQueue* const queue_;

  typename M::Request request_;
  typename M::Response response_;
  grpc::Status status_;
  std::optional<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<typename M::Response>>
      reader_;
  SteadyTime begun_;
};

// Connections of their own: channels to one target would share one.
std::vector<std::shared_ptr<grpc::Channel>> Connect(const Plan& plan) {
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int64_t i = 0; i < plan.channels; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    channels.push_back(grpc::CreateCustomChannel(
        plan.target, grpc::InsecureChannelCredentials(), arguments));
    if (!channels.back()->WaitForConnected(std::chrono::system_clock::now() +
                                           std::chrono::seconds(10))) {
      Die("there is no server at " + plan.target);
    }
  }
  return channels;
}

void* Await(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  if (!queue.Next(&tag, &ok)) Die("the completion queue has ended");
  return tag;
}

template <typename M>
Tally CallAsFastAsAnswered(const Plan& plan) {
  const auto channels = Connect(plan);
  Source source(plan);
  grpc::CompletionQueue queue;
  std::vector<std::unique_ptr<Caller<M>>> callers;
  for (int64_t i = 0; i < plan.concurrency; ++i) {
    callers.push_back(std::make_unique<Caller<M>>(
        channels[static_cast<size_t>(i) % channels.size()], &source, &queue));
  }

  Tally tally;
  const SteadyTime begin = SteadyClock::now() + SecondsOf(plan.warmup);
  const SteadyTime end = begin + SecondsOf(plan.seconds);
  for (auto& caller : callers) caller->Start();
  for (size_t outstanding = callers.size(); outstanding > 0;) {
    auto* caller = static_cast<Caller<M>*>(Await(queue));
    const SteadyTime now = SteadyClock::now();
    caller->Count(now >= begin && now < end, caller->begun(), tally);
    if (now < end) {
      caller->Start();
    } else {
      --outstanding;
    }
  }
  return tally;
}

// A call that was kept waiting by the one before it is timed from when it was
// due, so that it tells how slow that one was.
template <typename M>
Tally CallAtFixedTimes(const Plan& plan) {
  const auto channels = Connect(plan);
  Source source(plan);
  grpc::CompletionQueue queue;
  Caller<M> caller(channels[0], &source, &queue);

  Tally tally;
  const SteadyTime begin = SteadyClock::now() + SecondsOf(plan.warmup);
  const SteadyTime end = begin + SecondsOf(plan.seconds);
  caller.Start();  // what only the first call costs
  Await(queue);
  caller.Count(/*in_window=*/false, caller.begun(), tally);
  for (SteadyTime due = begin; due < end; due += SecondsOf(plan.interval)) {
    const bool late = SteadyClock::now() > due;
    std::this_thread::sleep_until(due);
    caller.Start();
    Await(queue);
    caller.Count(/*in_window=*/true, late ? due : caller.begun(), tally);
  }
  return tally;
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) +
           static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

template <typename M>
Tally Call(const Plan& plan) {
  return plan.interval > 0 ? CallAtFixedTimes<M>(plan)
                           : CallAsFastAsAnswered<M>(plan);
}

Tally Call(const std::string& method, const Plan& plan) {
  if (method == "CreateEntry") return Call<CreateEntryCall>(plan);
  if (method == "GetEntry") return Call<GetEntryCall>(plan);
  if (method == "ListEntries") return Call<ListEntriesCall>(plan);
  if (method == "GetServerInfo") return Call<GetServerInfoCall>(plan);
  if (method == "Trigger") return Call<TriggerCall>(plan);
  if (method == "UpsertPost") return Call<UpsertPostCall>(plan);
  Die("--method must be CreateEntry, GetEntry, ListEntries, GetServerInfo, "
      "Trigger or UpsertPost");
}

}  // namespace

int Load(Flags& flags) {
  const std::string method = flags.Text("method");
  const Plan plan = {.target = flags.Text("target"),
                     .channels = flags.Number("channels", 2),
                     .concurrency = flags.Number("concurrency", 64),
                     .seconds = flags.Seconds("seconds", 5),
                     .warmup = flags.Seconds("warmup", 1),
                     .interval = flags.Seconds("interval", 0),
                     .entries = flags.Number("entries", 1),
                     .pairs_per_client = flags.Number("pairs_per_client", 1),
                     .token = flags.Text("token", ""),
                     .first_entry = flags.Number("first_entry", 0),
                     .journal = flags.Text("journal", "")};
  flags.Done();
  Tally tally = Call(method, plan);
  const auto calls = static_cast<double>(tally.ok_total + tally.errors);
  const nlohmann::ordered_json result = {
      {"ok", tally.ok},
      {"ok_total", tally.ok_total},
      {"errors", tally.errors},
      {"first_error", tally.first_error},
      {"rate", static_cast<double>(tally.ok) / plan.seconds},
      {"p50_us", Percentile(tally.micros, 0.5)},
      {"p99_us", Percentile(tally.micros, 0.99)},
      {"max_us", Percentile(tally.micros, 1)},
      {"client_cpu_us", calls > 0 ? CpuSeconds() * 1e6 / calls : 0},
  };
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

}  // namespace broadcast::bench
