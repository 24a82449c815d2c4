// FeedService.ImportPosts: streams that break, and imports that go on.

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "import_fixture.h"

namespace broadcast::test {
namespace {

using testing::ElementsAre;

class ImportResumeTest : public ImportsTest {
 protected:
  void SetUp() override {
    ImportsTest::SetUp();
    feed_ = FeedOn(Channel(1));
  }

  std::string StateOf(const std::string& import_id) {
    return raw().Text(absl::StrCat(
        "SELECT state FROM imports WHERE import_id = '", import_id, "'"));
  }

  v1::Feed feed_;
};

TEST_P(ImportResumeTest, AStreamThatBreaksIsGoneOnWith) {
  const auto settings = Snapshot(feed_);
  auto broken = Stream();
  const auto begun = broken->Send(settings);
  ASSERT_THAT(broken->Send(Posts(Names(0, 250))), Succeeds());
  broken->Break();

  auto stream = Stream();
  const auto resumed =
      stream->Send(GoOn(settings, begun->progress().import_id()));
  ASSERT_THAT(resumed, Succeeds());
  EXPECT_TRUE(resumed->resumed());
  EXPECT_EQ(resumed->progress().import_id(), begun->progress().import_id());
  EXPECT_EQ(resumed->progress().received_count(), 250);
  ASSERT_THAT(stream->Send(Posts(Names(250, 260))), Succeeds());
  const auto done = stream->Send(Complete(260));
  ASSERT_THAT(done, Succeeds());
  EXPECT_EQ(done->progress().created_count(), 260);
  EXPECT_EQ(Count("deliveries"), 260);
}

TEST_P(ImportResumeTest, ALostFirstAnswerIsHeardAgain) {
  auto settings = Snapshot(feed_);
  settings.mutable_settings()->set_request_id(RequestId(1));
  auto lost = Stream();
  const auto begun = lost->Send(settings);
  ASSERT_THAT(begun, Succeeds());
  lost->Break();
  auto stream = Stream();
  const auto again = stream->Send(settings);
  ASSERT_THAT(again, Succeeds());
  EXPECT_TRUE(again->resumed());
  EXPECT_EQ(again->progress().import_id(), begun->progress().import_id());
  settings.mutable_settings()->set_max_closes(5);
  EXPECT_THAT(Stream()->Send(settings), FailsWith("REQUEST_ID_REUSED"));
}

TEST_P(ImportResumeTest, OnlyTheNewestStreamGoesOn) {
  const auto settings = Snapshot(feed_);
  auto old = Stream();
  const auto begun = old->Send(settings);
  auto newer = Stream();
  ASSERT_THAT(newer->Send(GoOn(settings, begun->progress().import_id())),
              Succeeds());
  EXPECT_THAT(old->Send(Posts({"a"})), FailsWith("IMPORT_RUNNING"));
  ASSERT_THAT(newer->Send(Posts({"b"})), Succeeds());
  ASSERT_THAT(newer->Send(Complete(1)), Succeeds());
  EXPECT_THAT(OpenNames(), ElementsAre("b"));
}

TEST_P(ImportResumeTest, ARehearsalIsInNobodysWay) {
  auto rehearsal = Snapshot(feed_);
  rehearsal.mutable_settings()->set_validate_only(true);
  rehearsal.mutable_settings()->set_replace_running(true);
  auto tried = Stream();
  ASSERT_THAT(tried->Send(rehearsal), Succeeds());
  auto real = Stream();
  ASSERT_THAT(real->Send(Snapshot(feed_)), Succeeds());
  EXPECT_THAT(tried->Send(Posts({"a"})), FailsWith("IMPORT_ENDED"));
  EXPECT_THAT(Stream()->Send(rehearsal), FailsWith("IMPORT_RUNNING"));
  ASSERT_THAT(real->Send(Posts({"b"})), Succeeds());
  ASSERT_THAT(real->Send(Complete(1)), Succeeds());
  EXPECT_THAT(OpenNames(), ElementsAre("b"));
}

TEST_P(ImportResumeTest, AFeedHasOneImportAtATime) {
  auto first = Stream();
  const auto begun = first->Send(Snapshot(feed_));
  const std::string id = begun->progress().import_id();
  const auto refused = Stream()->Send(Snapshot(feed_));
  EXPECT_THAT(refused, FailsWith("IMPORT_RUNNING"));
  EXPECT_EQ(refused.failure().metadata.at("import_id"), id);

  auto settings = Settings(feed_, v1::IMPORT_MODE_MERGE);
  settings.mutable_settings()->set_replace_running(true);
  ASSERT_THAT(Import(settings, {"a"}), Succeeds());
  EXPECT_EQ(StateOf(id), "abandoned");
  EXPECT_THAT(first->Send(Posts({"b"})), FailsWith("IMPORT_ENDED"));
  EXPECT_THAT(Stream()->Send(GoOn(Snapshot(feed_), id)),
              FailsWith("IMPORT_ENDED"));
  EXPECT_THAT(OpenNames(), ElementsAre("a"));
}

TEST_P(ImportResumeTest, AnImportIsFoundByWhatItIs) {
  const auto done = Import(Snapshot(feed_), {"a"});
  const std::string id = done->progress().import_id();
  const auto told = Stream()->Send(GoOn(Snapshot(feed_), id));
  ASSERT_THAT(told, Succeeds());
  EXPECT_EQ(told->progress().state(), v1::Import::STATE_COMPLETE);
  EXPECT_EQ(told->progress().received_count(), 1);

  EXPECT_THAT(Stream()->Send(GoOn(Snapshot(Feed("other")), id)),
              FailsWith("IMPORT_NOT_FOUND"));
  EXPECT_THAT(Stream()->Send(GoOn(Snapshot(feed_), RequestId(9))),
              FailsWith("IMPORT_NOT_FOUND"));
  EXPECT_THAT(Stream()->Send(GoOn(Settings(feed_, v1::IMPORT_MODE_MERGE), id)),
              HasViolationsOf(std::vector<std::string>{"settings.mode"}));
}

TEST_P(ImportResumeTest, AFeedKeepsItsNewestImports) {
  for (int i = 0; i < 25; ++i) {
    clock().Advance(absl::Seconds(1));
    ASSERT_THAT(Import(Settings(feed_, v1::IMPORT_MODE_MERGE), {}), Succeeds());
  }
  EXPECT_EQ(Count("imports"), 20);
}

TEST_P(ImportResumeTest, AClosingThatBeganGoesOnWithoutItsCaller) {
  const v1::Feed plain = Feed("plain");
  ASSERT_THAT(Import(Snapshot(plain), Names(0, 900)), Succeeds());
  clock().Advance(absl::Seconds(1));
  auto stream = Stream();
  const auto begun = stream->Send(Snapshot(plain));
  ASSERT_THAT(begun, Succeeds());
  const std::string id = begun->progress().import_id();
  stream->stream().Write(Complete(0));
  ASSERT_TRUE(Eventually([&] { return StateOf(id) != "running"; }));
  stream->Break();
  EXPECT_TRUE(Eventually([&] { return StateOf(id) == "complete"; }));
  EXPECT_TRUE(OpenNames().empty());
}

TEST_P(ImportResumeTest, AClosingThatAServerLeftIsFinishedByWhoComesBack) {
  for (const char* name : {"a", "b", "c"}) Post(feed_, name);
  clock().Advance(absl::Seconds(1));
  auto stream = Stream();
  const auto begun = stream->Send(Snapshot(feed_));
  ASSERT_THAT(begun, Succeeds());
  const std::string id = begun->progress().import_id();
  ASSERT_THAT(stream->Send(Posts({"b"})), Succeeds());
  stream->Break();
  // As a server leaves it that ends after all posts were said to be there.
  raw().Execute("UPDATE imports SET state = 'closing'");
  const auto done = Stream()->Send(GoOn(Snapshot(feed_), id));
  ASSERT_THAT(done, Succeeds());
  EXPECT_EQ(done->progress().state(), v1::Import::STATE_COMPLETE);
  EXPECT_EQ(done->progress().closed_count(), 2);
  EXPECT_THAT(OpenNames(), ElementsAre("b"));
}

TEST_P(ImportResumeTest, AServerThatEndsSaysSoAndTheNextGoesOn) {
  auto stream = Stream();
  const auto begun = stream->Send(Snapshot(feed_));
  ASSERT_THAT(stream->Send(Posts({"a"})), Succeeds());
  std::thread drain([this] { server().Drain(absl::Minutes(1)); });
  EXPECT_THAT(stream->Answer(), FailsWith("SHUTTING_DOWN"));
  drain.join();
  Serve();
  auto next = Stream();
  const auto resumed =
      next->Send(GoOn(Snapshot(feed_), begun->progress().import_id()));
  ASSERT_THAT(resumed, Succeeds());
  EXPECT_EQ(resumed->progress().received_count(), 1);
}

// Messages of about 900 kB: a caller that sends on without hearing answers is
// held up by flow control, instead of filling the server's memory. What is on
// its way, in gRPC's window and in the sockets, is some 10 MB.
TEST_P(ImportResumeTest, WhoSendsFasterThanItIsWrittenIsHeldUp) {
  constexpr int kMessages = 40;
  auto stream = Stream();
  ASSERT_THAT(stream->Send(Settings(feed_, v1::IMPORT_MODE_MERGE)), Succeeds());
  raw().Execute(sqlite() ? "BEGIN IMMEDIATE"
                         : "BEGIN; SELECT * FROM imports FOR UPDATE");
  std::atomic<int> sent = 0;
  std::thread sender([&] {
    for (int i = 0; i < kMessages; ++i) {
      stream->stream().Write(
          Posts(Names(i * 225, (i + 1) * 225), std::string(4000, 'x')));
      ++sent;
    }
    stream->stream().Write(Complete(kMessages * 225));
  });
  // Less than PostgreSQL's lock_timeout, which would end the stream.
  EXPECT_FALSE(Eventually([&] { return sent >= kMessages / 2; },
                          absl::Milliseconds(1500)));
  raw().Execute("ROLLBACK");
  for (int i = 1; i <= kMessages; ++i) {
    const auto answer = stream->Answer();
    EXPECT_THAT(answer, Succeeds());
    if (!answer.ok()) break;
    EXPECT_EQ(answer->progress().received_count(), i * 225);
  }
  const auto done = stream->Answer();
  sender.join();
  ASSERT_THAT(done, Succeeds());
  EXPECT_EQ(done->progress().state(), v1::Import::STATE_COMPLETE);
}

INSTANTIATE_TEST_SUITE_P(Backends, ImportResumeTest, Backends(), BackendName);

}  // namespace
}  // namespace broadcast::test
