// What the server is besides its methods: health, reflection, trace context,
// metrics, and the way it ends.

#include <grpcpp/generic/generic_stub.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "rpc/health_probe.h"
#include "rpc_fixture.h"
#include "support/status_matchers.h"

namespace broadcast::test {
namespace {

using grpc::StatusCode;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kCheck[] = "/grpc.health.v1.Health/Check";
constexpr char kWatch[] = "/grpc.health.v1.Health/Watch";
constexpr char kReflection[] =
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

// HealthCheckResponse{status}: field 1, varint.
const std::string kServing = std::string("\x08\x01", 2);
const std::string kNotServing = std::string("\x08\x02", 2);

// Field `tag` of a message, a string.
std::string Field(char tag, const std::string& value) {
  return absl::StrCat(std::string(1, tag),
                      std::string(1, static_cast<char>(value.size())), value);
}

std::string Bytes(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return "";
  std::string bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

// A stream of bytes to and from `method`. Each step waits for its end.
class RawStream {
 public:
  RawStream(const std::shared_ptr<grpc::Channel>& channel,
            const std::string& method, const std::string& request)
      : stub_(channel) {
    context_.set_deadline(std::chrono::system_clock::now() +
                          absl::ToChronoSeconds(kLongWait));
    stream_ = stub_.PrepareCall(&context_, method, &queue_);
    stream_->StartCall(this);
    EXPECT_TRUE(Step());
    const grpc::Slice slice(request);
    stream_->Write(grpc::ByteBuffer(&slice, 1), this);
    EXPECT_TRUE(Step());
  }

  // The next answer; "<end>" if there is none.
  std::string Next() {
    grpc::ByteBuffer answer;
    stream_->Read(&answer, this);
    return Step() ? Bytes(answer) : "<end>";
  }

  // The next answer that is not `last`.
  std::string NextAfter(const std::string& last) {
    std::string answer = last;
    while (answer == last) answer = Next();
    return answer;
  }

  ~RawStream() {
    context_.TryCancel();
    grpc::Status status;
    stream_->Finish(&status, this);
    Step();
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }

 private:
  bool Step() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  grpc::GenericStub stub_;
  grpc::CompletionQueue queue_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
};

class ServerTest : public RpcTest {
 protected:
  void Configure(rpc::GrpcServer::Options& options) override {
    options.healthy = [this] { return healthy_.load(); };
    options.reflection = reflection_;
  }

  bool Serving() {
    rpc::HealthProbe probe(channel());
    return probe.IsServing(absl::Seconds(5));
  }

  std::atomic<bool> healthy_ = true;
  bool reflection_ = true;
};

TEST_P(ServerTest, HealthIsThatOfTheDatabase) {
  EXPECT_TRUE(Serving());
  RawStream watch(channel(), kWatch,
                  Field('\x0a', "broadcast.v1.BroadcastService"));
  EXPECT_EQ(watch.Next(), kServing);
  healthy_ = false;
  EXPECT_EQ(watch.NextAfter(kServing), kNotServing);
  EXPECT_TRUE(Eventually([&] { return !Serving(); }));
  // Calls are still taken: some may succeed.
  EXPECT_THAT(Call(v1::ListEntriesRequest()), Succeeds());
  healthy_ = true;
  EXPECT_EQ(watch.NextAfter(kNotServing), kServing);
  EXPECT_TRUE(Eventually([&] { return Serving(); }));
}

TEST_P(ServerTest, EveryServiceHasItsHealthAndNoOther) {
  for (const char* service :
       {"", "broadcast.v1.BroadcastService", "broadcast.v1.ClientService",
        "broadcast.v1.ChannelService", "broadcast.v1.AdminService",
        "broadcast.v1.OperationService", "broadcast.v1.EventService"}) {
    RawStream watch(channel(), kWatch, Field('\x0a', service));
    EXPECT_EQ(watch.Next(), kServing) << service;
  }
  EXPECT_EQ(CallRaw(kCheck, Field('\x0a', "nobody")).error_code(),
            StatusCode::NOT_FOUND);
}

TEST_P(ServerTest, NotServingIsSaidBeforeTheServerEnds) {
  RawStream watch(channel(), kWatch, "");
  EXPECT_EQ(watch.Next(), kServing);
  server().StopServing();
  EXPECT_EQ(watch.NextAfter(kServing), kNotServing);
  EXPECT_THAT(Call(NewEntry(1, 1)), Succeeds());
  server().Drain(absl::ZeroDuration());
  EXPECT_EQ(Call(NewEntry(1, 2)).status.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(Count("entries"), 1);
}

TEST_P(ServerTest, ADrainLetsTheCallsUnderWayEnd) {
  raw().Execute(sqlite() ? "BEGIN IMMEDIATE"
                         : "BEGIN; LOCK TABLE clients IN ACCESS EXCLUSIVE "
                           "MODE");
  Reply<v1::CreateEntryResponse> reply;
  std::thread caller([&] { reply = Call(NewEntry(1, 1)); });
  const auto waits = [&] {
    for (const auto& family : test().registry().Collect()) {
      if (family.name == "broadcastd_storage_wait_seconds") {
        return family.metric[0].histogram.sample_count > 0;
      }
    }
    return false;
  };
  EXPECT_TRUE(Eventually(waits));
  std::thread drain([&] { server().Drain(absl::Seconds(20)); });
  // No new calls; the old one is waited for.
  EXPECT_TRUE(Eventually([&] { return !Serving(); }));
  raw().Execute("ROLLBACK");
  caller.join();
  drain.join();
  EXPECT_THAT(reply, Succeeds());
  EXPECT_EQ(Count("entries"), 1);
}

TEST_P(ServerTest, ReflectionListsTheServices) {
  RawStream stream(channel(), kReflection, Field('\x3a', "*"));
  const std::string services = stream.Next();
  for (const char* service :
       {"broadcast.v1.BroadcastService", "broadcast.v1.ClientService",
        "broadcast.v1.ChannelService", "broadcast.v1.AdminService",
        "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"}) {
    EXPECT_THAT(services, HasSubstr(service));
  }
}

class ServerWithoutReflectionTest : public ServerTest {
 protected:
  ServerWithoutReflectionTest() { reflection_ = false; }
};

TEST_P(ServerWithoutReflectionTest, ReflectionIsUnimplemented) {
  grpc::GenericStub stub(channel());
  grpc::ClientContext context;
  const grpc::ByteBuffer request(nullptr, 0);
  grpc::ByteBuffer answer;
  grpc::Status status;
  absl::Notification answered;
  stub.UnaryCall(&context, kReflection, {}, &request, &answer,
                 [&](grpc::Status ended) {
                   status = std::move(ended);
                   answered.Notify();
                 });
  answered.WaitForNotification();
  EXPECT_EQ(status.error_code(), StatusCode::UNIMPLEMENTED);
  EXPECT_TRUE(Serving());
}

TEST_P(ServerTest, ATraceContextIsAcceptedWhateverItHolds) {
  for (const std::string& header :
       {std::string("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        std::string("00-short"), std::string(2000, '-'), std::string("")}) {
    SendMetadata("traceparent", header);
    EXPECT_THAT(Call(v1::GetServerInfoRequest()), Succeeds());
  }
}

TEST_P(ServerTest, CallsAreCountedByMethodAndCode) {
  Create(NewEntry(1, 1));
  Call(NewEntry(1, 1));
  Call(v1::CreateEntryRequest());
  std::map<std::string, double> counts;
  uint64_t observed = 0;
  for (const auto& family : test().registry().Collect()) {
    for (const auto& metric : family.metric) {
      std::map<std::string, std::string> labels;
      for (const auto& label : metric.label) labels[label.name] = label.value;
      if (labels["method"] != "CreateEntry") continue;
      EXPECT_EQ(labels["service"], "broadcast.v1.BroadcastService");
      if (family.name == "broadcastd_rpc_calls_total") {
        counts[labels["code"]] = metric.counter.value;
      } else if (family.name == "broadcastd_rpc_seconds") {
        observed = metric.histogram.sample_count;
      }
    }
  }
  EXPECT_EQ(counts["OK"], 1);
  EXPECT_EQ(counts["ALREADY_EXISTS"], 1);
  EXPECT_EQ(counts["INVALID_ARGUMENT"], 1);
  EXPECT_EQ(counts["INTERNAL"], 0);
  EXPECT_EQ(observed, 3);
}

TEST_P(ServerTest, APortHasOneServer) {
  const auto second = rpc::GrpcServer::Start(
      {.listen = absl::StrCat("127.0.0.1:", server().port()),
       .clock = &clock(),
       .log = &test().log(),
       .registry = &test().registry()},
      &calls());
  EXPECT_THAT(second,
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("--listen")));
}

INSTANTIATE_TEST_SUITE_P(Backends, ServerTest, Backends(), BackendName);
INSTANTIATE_TEST_SUITE_P(Backends, ServerWithoutReflectionTest, Backends(),
                         BackendName);

}  // namespace
}  // namespace broadcast::test
