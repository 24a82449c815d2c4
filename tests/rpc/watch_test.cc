// WatchEvents and WatchOperation: what they tell, and how they end.

#include <deque>
#include <memory>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "rpc_fixture.h"
#include "support/delivery_seed.h"

namespace broadcast::test {
namespace {

using grpc::StatusCode;
using testing::ElementsAre;
using testing::IsEmpty;

// A stream, read on a thread of its own as fast as the test lets it.
template <typename Response>
class Reader {
 public:
  using Stream = grpc::ClientReader<Response>;

  explicit Reader(std::unique_ptr<grpc::ClientContext> context)
      : context_(std::move(context)) {}
  ~Reader() { Cancel(); }

  grpc::ClientContext* context() { return context_.get(); }

  void Read(std::unique_ptr<Stream> stream) {
    stream_ = std::move(stream);
    thread_ = std::thread([this] {
      Response response;
      while (stream_->Read(&response)) {
        absl::MutexLock lock(&mu_);
        received_.push_back(response);
      }
      const grpc::Status status = stream_->Finish();
      absl::MutexLock lock(&mu_);
      status_ = status;
    });
  }

  // The next message; unset if none comes any more.
  std::optional<Response> Next() {
    absl::MutexLock lock(&mu_);
    const auto there = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
      return !received_.empty() || status_.has_value();
    };
    mu_.AwaitWithTimeout(absl::Condition(&there), kLongWait);
    if (received_.empty()) return std::nullopt;
    Response next = std::move(received_.front());
    received_.pop_front();
    return next;
  }

  // How it ended, after which nothing more comes.
  grpc::Status End() {
    absl::MutexLock lock(&mu_);
    const auto ended = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
      return status_.has_value();
    };
    if (!mu_.AwaitWithTimeout(absl::Condition(&ended), kLongWait)) {
      return {StatusCode::UNKNOWN, "the test saw no end"};
    }
    return *status_;
  }

  void Cancel() {
    context_->TryCancel();
    if (thread_.joinable()) thread_.join();
  }

 private:
  const std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<Stream> stream_;
  std::thread thread_;
  absl::Mutex mu_;
  std::deque<Response> received_ ABSL_GUARDED_BY(mu_);
  std::optional<grpc::Status> status_ ABSL_GUARDED_BY(mu_);
};

using EventReader = Reader<v1::WatchEventsResponse>;
using OperationReader = Reader<v1::WatchOperationResponse>;

class WatchTest : public RpcTest {
 protected:
  void SetUp() override {
    RpcTest::SetUp();
    Plant(raw(), {.client = 1, .pairs = 1});
    Plant(raw(), {.client = 2, .pairs = 1});
  }

  std::unique_ptr<EventReader> Watch(const v1::WatchEventsRequest& request) {
    auto context = std::make_unique<grpc::ClientContext>();
    Prepare(*context);
    auto reader = std::make_unique<EventReader>(std::move(context));
    reader->Read(events().WatchEvents(reader->context(), request));
    return reader;
  }

  // A watch that has begun; `token` is where.
  std::unique_ptr<EventReader> Begun(const v1::WatchEventsRequest& request,
                                     std::string* token = nullptr) {
    auto reader = Watch(request);
    const auto first = reader->Next();
    EXPECT_TRUE(first.has_value());
    if (!first.has_value()) return reader;
    EXPECT_FALSE(first->has_event());
    EXPECT_NE(first->resume_token(), "");
    if (token != nullptr) *token = first->resume_token();
    return reader;
  }

  std::unique_ptr<OperationReader> Watch(
      const v1::WatchOperationRequest& request) {
    auto context = std::make_unique<grpc::ClientContext>();
    Prepare(*context);
    auto reader = std::make_unique<OperationReader>(std::move(context));
    reader->Read(operations().WatchOperation(reader->context(), request));
    return reader;
  }

  // The kind of the next event, passing over what only says that it goes on.
  static std::string NextKind(EventReader& reader,
                              std::string* token = nullptr) {
    while (auto next = reader.Next()) {
      if (!next->has_event()) continue;
      EXPECT_EQ(next->resume_token(), next->event().resume_token());
      if (token != nullptr) *token = next->resume_token();
      return next->event().kind();
    }
    return "";
  }

  void PlantKind(const std::string& kind, int client = 1, int operation = 0) {
    PlantEvent(raw(), client, kind, ++time_, operation);
  }

  // Events of the kinds `prefix`0, `prefix`1, …
  void PlantMany(const std::string& prefix, int count) {
    raw().Execute(absl::StrCat(
        "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE "
        "i < ",
        count - 1,
        ") INSERT INTO events (client_id, kind, detail, create_time) SELECT '",
        ClientId(1), "', '", prefix, "' || i, '{}', 1 FROM n ORDER BY i"));
  }

  static v1::WatchOperationRequest OperationOne() {
    v1::WatchOperationRequest request;
    request.set_operation_id(OperationId(1));
    return request;
  }

 private:
  int64_t time_ = 0;
};

TEST_P(WatchTest, TellsWhatHappensFromNowOn) {
  PlantKind("before");
  auto reader = Begun({});
  PlantKind("first", 1, 7);
  PlantKind("second", 2);
  auto next = reader->Next();
  // On PostgreSQL a transaction of another test's may still hide what is there
  // when the watch begins, and it is told later.
  while (next.has_value() && next->event().kind() == "before") {
    next = reader->Next();
  }
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->event().kind(), "first");
  EXPECT_EQ(next->event().client_id(), ClientId(1));
  EXPECT_EQ(next->event().operation_id(), OperationId(7));
  EXPECT_TRUE(next->event().has_create_time());
  EXPECT_EQ(NextKind(*reader), "second");
}

TEST_P(WatchTest, GoesOnBehindItsToken) {
  std::string begin;
  std::string token;
  auto reader = Begun({}, &begin);
  for (const char* kind : {"a", "b", "c"}) PlantKind(kind);
  EXPECT_EQ(NextKind(*reader), "a");
  EXPECT_EQ(NextKind(*reader, &token), "b");
  reader->Cancel();
  v1::WatchEventsRequest request;
  request.set_resume_token(token);
  auto resumed = Begun(request, &token);
  EXPECT_EQ(token, request.resume_token());
  EXPECT_EQ(NextKind(*resumed), "c");
  PlantKind("d");
  EXPECT_EQ(NextKind(*resumed), "d");
  request.set_resume_token(begin);
  auto anew = Begun(request);
  EXPECT_EQ(NextKind(*anew), "a");
}

TEST_P(WatchTest, FiltersLeaveTheOthersOut) {
  v1::WatchEventsRequest of_operation;
  of_operation.set_operation_id(OperationId(1));
  v1::WatchEventsRequest of_kinds;
  of_kinds.add_kinds("x");
  of_kinds.add_kinds("y");
  auto first = Begun(of_operation);
  auto second = Begun(of_kinds);
  PlantKind("x", 1, 2);
  PlantKind("z", 1, 1);
  PlantKind("y", 2, 3);
  EXPECT_EQ(NextKind(*first), "z");
  EXPECT_EQ(NextKind(*second), "x");
  EXPECT_EQ(NextKind(*second), "y");
}

TEST_P(WatchTest, MoreEventsThanAPageAllCome) {
  std::string begin;
  auto reader = Begun({}, &begin);
  constexpr int kEvents = 700;
  PlantMany("k", kEvents);
  for (int i = 0; i < kEvents; ++i) {
    ASSERT_EQ(NextKind(*reader), absl::StrCat("k", i));
  }
  v1::WatchEventsRequest request;
  request.set_resume_token(begin);
  auto again = Watch(request);
  for (int i = 0; i < kEvents; ++i) {
    ASSERT_EQ(NextKind(*again), absl::StrCat("k", i));
  }
}

// Its caller reads nothing for a while: the server holds little for it, others
// are told meanwhile, and in the end nothing is missing.
TEST_P(WatchTest, ASlowCallerIsToldLater) {
  auto context = std::make_unique<grpc::ClientContext>();
  Prepare(*context);
  auto stream = events().WatchEvents(context.get(), {});
  v1::WatchEventsResponse response;
  ASSERT_TRUE(stream->Read(&response));
  auto other = Begun({});
  const std::string long_kind(2000, 'k');
  constexpr int kEvents = 1500;
  PlantMany(long_kind, kEvents);
  for (int i = 0; i < kEvents; ++i) {
    ASSERT_EQ(NextKind(*other), absl::StrCat(long_kind, i));
  }
  for (int i = 0; i < kEvents;) {
    ASSERT_TRUE(stream->Read(&response));
    if (!response.has_event()) continue;
    ASSERT_EQ(response.event().kind(), absl::StrCat(long_kind, i));
    ++i;
  }
  context->TryCancel();
  while (stream->Read(&response)) {
  }
  EXPECT_EQ(stream->Finish().error_code(), StatusCode::CANCELLED);
}

TEST_P(WatchTest, BadRequestsAreRefused) {
  v1::WatchEventsRequest request;
  request.set_operation_id("x");
  request.set_entry_id("y");
  request.add_kinds("a b");
  grpc::Status end = Watch(request)->End();
  EXPECT_THAT((Reply<v1::WatchEventsResponse>{end, {}}),
              HasViolationsOf(std::vector<std::string>{
                  "operation_id", "entry_id", "kinds[0]"}));
  v1::WatchEventsRequest many;
  for (int i = 0; i < 21; ++i) many.add_kinds("a");
  end = Watch(many)->End();
  EXPECT_THAT((Reply<v1::WatchEventsResponse>{end, {}}),
              HasViolationsOf(std::vector<std::string>{"kinds"}));
  v1::WatchEventsRequest token;
  token.set_resume_token("nonsense");
  end = Watch(token)->End();
  EXPECT_EQ(FailureOf(end).reason, "INVALID_RESUME_TOKEN");
  EXPECT_EQ(Broken(FailureOf(end)), "");
  v1::WatchOperationRequest operation;
  end = Watch(operation)->End();
  EXPECT_EQ(FailureOf(end).reason, "INVALID_FIELDS");
  operation.set_operation_id(OperationId(1));
  operation.set_resume_token("o123");
  end = Watch(operation)->End();
  EXPECT_EQ(FailureOf(end).reason, "INVALID_RESUME_TOKEN");
}

TEST_P(WatchTest, ATokenOfWhatIsNotKeptAnyMoreIsTold) {
  v1::WatchEventsRequest request;
  std::string token;
  auto reader = Begun(request, &token);
  PlantKind("a");
  EXPECT_EQ(NextKind(*reader), "a");
  reader->Cancel();
  raw().Execute(
      "UPDATE event_horizon SET xid = (SELECT max(xid) FROM events), sequence "
      "= (SELECT max(sequence) FROM events)");
  raw().Execute("DELETE FROM events");
  request.set_resume_token(token);
  const grpc::Status end = Watch(request)->End();
  EXPECT_EQ(end.error_code(), StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(FailureOf(end).reason, "WATCH_EXPIRED");
}

TEST_P(WatchTest, CallersMayGoAndDeadlinesPass) {
  auto gone = Begun({});
  gone->Cancel();
  EXPECT_EQ(gone->End().error_code(), StatusCode::CANCELLED);
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(std::chrono::system_clock::now() +
                        std::chrono::milliseconds(300));
  EventReader reader(std::move(context));
  reader.Read(events().WatchEvents(reader.context(), {}));
  EXPECT_EQ(reader.End().error_code(), StatusCode::DEADLINE_EXCEEDED);
  // Others are served as before.
  auto other = Begun({});
  PlantKind("a");
  EXPECT_EQ(NextKind(*other), "a");
}

TEST_P(WatchTest, DrainingEndsThemAtOnce) {
  auto events = Begun({});
  PlantOperation(raw(), {.planned = 1});
  auto operation = Watch(OperationOne());
  ASSERT_TRUE(operation->Next().has_value());
  const absl::Time begin = absl::Now();
  server().Drain(kLongWait);
  EXPECT_LT(absl::Now() - begin, kLongWait / 2);
  for (const grpc::Status& end : {events->End(), operation->End()}) {
    EXPECT_EQ(end.error_code(), StatusCode::UNAVAILABLE);
    EXPECT_EQ(FailureOf(end).reason, "SHUTTING_DOWN");
    EXPECT_EQ(Broken(FailureOf(end)), "");
  }
}

TEST_P(WatchTest, AnOperationIsToldAtOnceThenWithEachChange) {
  PlantOperation(raw(), {.planned = 2});
  auto reader = Watch(OperationOne());
  auto next = reader->Next();
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->operation().operation_id(), OperationId(1));
  EXPECT_EQ(next->operation().progress().waiting_count(), 2);
  raw().Execute("UPDATE operations SET sent = 1, update_time = 5");
  next = reader->Next();
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->operation().progress().sent_count(), 1);
  EXPECT_EQ(next->operation().progress().waiting_count(), 1);
  const std::string token = next->resume_token();
  raw().Execute(
      "UPDATE operations SET sent = 2, state = 'finished', finish_time = 6, "
      "update_time = 6");
  next = reader->Next();
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->operation().state(), v1::Operation::STATE_FINISHED);
  EXPECT_EQ(next->operation().progress().sent_count(), 2);
  EXPECT_EQ(reader->Next(), std::nullopt);
  EXPECT_TRUE(reader->End().ok());
  // Who knows it finished is told nothing but that; who does not, is.
  v1::WatchOperationRequest request = OperationOne();
  request.set_resume_token(next->resume_token());
  auto known = Watch(request);
  EXPECT_TRUE(known->End().ok());
  EXPECT_EQ(known->Next(), std::nullopt);
  request.set_resume_token(token);
  auto behind = Watch(request);
  EXPECT_TRUE(behind->End().ok());
  EXPECT_TRUE(behind->Next().has_value());
}

TEST_P(WatchTest, AnOperationThatIsNotThereIsNotFound) {
  EXPECT_EQ(FailureOf(Watch(OperationOne())->End()).reason,
            "OPERATION_NOT_FOUND");
  PlantOperation(raw(), {.planned = 1});
  auto reader = Watch(OperationOne());
  ASSERT_TRUE(reader->Next().has_value());
  raw().Execute("DELETE FROM operations");
  EXPECT_EQ(FailureOf(reader->End()).reason, "OPERATION_NOT_FOUND");
}

// An event of it is what makes it be looked at without delay.
TEST_P(WatchTest, ManyWatchEachTheirOwn) {
  constexpr int kWatches = 50;
  std::vector<std::unique_ptr<OperationReader>> readers;
  for (int number = 1; number <= kWatches; ++number) {
    PlantOperation(raw(), {.number = number, .planned = 1});
    v1::WatchOperationRequest request;
    request.set_operation_id(OperationId(number));
    readers.push_back(Watch(request));
  }
  for (auto& reader : readers) ASSERT_TRUE(reader->Next().has_value());
  raw().Execute(
      "UPDATE operations SET sent = 1, state = 'finished', finish_time = 6");
  for (auto& reader : readers) {
    const auto next = reader->Next();
    ASSERT_TRUE(next.has_value());
    EXPECT_EQ(next->operation().progress().sent_count(), 1);
    EXPECT_TRUE(reader->End().ok());
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, WatchTest, Backends(), BackendName);

}  // namespace
}  // namespace broadcast::test
