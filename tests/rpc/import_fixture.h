// Streams of ImportPosts, a message at a time, and feeds to import into. Derive
// a fixture from ImportsTest as from FeedsTest. The test owns it; its thread.
#ifndef BROADCASTD_RPC_IMPORT_FIXTURE_H_
#define BROADCASTD_RPC_IMPORT_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "feed_calls_fixture.h"

namespace broadcast::test {

// One stream; what is still open when it goes is cancelled.
class Importer {
 public:
  using Stream =
      grpc::ClientReaderWriter<v1::ImportPostsRequest, v1::ImportPostsResponse>;

  Importer(std::unique_ptr<grpc::ClientContext> context,
           v1::FeedService::Stub& feeds)
      : context_(std::move(context)), stream_(feeds.ImportPosts(&*context_)) {}
  ~Importer() { Break(); }

  // Sends a message and waits for its answer, or for how the stream ended.
  Reply<v1::ImportPostsResponse> Send(const v1::ImportPostsRequest& request) {
    stream_->Write(request);
    return Answer();
  }

  // The next answer, or how the stream ended.
  Reply<v1::ImportPostsResponse> Answer() {
    Reply<v1::ImportPostsResponse> reply;
    if (!stream_->Read(&reply.value)) reply.status = End();
    return reply;
  }

  // Ends the caller's side, and answers how the stream ended.
  Reply<v1::ImportPostsResponse> Close() {
    stream_->WritesDone();
    return {.status = End()};
  }

  // As if the connection had broken.
  void Break() {
    context_->TryCancel();
    End();
  }

  Stream& stream() { return *stream_; }

 private:
  grpc::Status End() {
    if (ended_) return status_;
    v1::ImportPostsResponse rest;
    while (stream_->Read(&rest)) {
    }
    ended_ = true;
    status_ = stream_->Finish();
    const Failure failure = FailureOf(status_);
    if (!failure.domain.empty()) {
      EXPECT_EQ(Broken(failure), "") << failure.reason;
    }
    return status_;
  }

  const std::unique_ptr<grpc::ClientContext> context_;
  const std::unique_ptr<Stream> stream_;
  bool ended_ = false;
  grpc::Status status_;
};

class ImportsTest : public FeedsTest {
 protected:
  static v1::ImportPostsRequest Settings(const v1::Feed& feed,
                                         v1::ImportMode mode) {
    v1::ImportPostsRequest request;
    request.mutable_settings()->set_feed_id(feed.feed_id());
    request.mutable_settings()->set_mode(mode);
    return request;
  }

  static v1::ImportPostsRequest Snapshot(const v1::Feed& feed) {
    return Settings(feed, v1::IMPORT_MODE_SNAPSHOT);
  }

  // The same settings, to go on with the import.
  static v1::ImportPostsRequest GoOn(v1::ImportPostsRequest settings,
                                     const std::string& import_id) {
    settings.mutable_settings()->set_import_id(import_id);
    return settings;
  }

  // Posts of these names that say `text`.
  static v1::ImportPostsRequest Posts(const std::vector<std::string>& names,
                                      const std::string& text = "hello") {
    v1::ImportPostsRequest request;
    for (const std::string& name : names) {
      *request.mutable_posts()->add_posts() = Spec(name, text);
    }
    if (names.empty()) request.mutable_posts();
    return request;
  }

  // "p1" for 1, and so on below `end`.
  static std::vector<std::string> Names(int begin, int end) {
    std::vector<std::string> names;
    for (int i = begin; i < end; ++i) names.push_back(absl::StrCat("p", i));
    return names;
  }

  static v1::ImportPostsRequest Complete(int64_t count) {
    v1::ImportPostsRequest request;
    request.mutable_completion()->set_expected_count(count);
    return request;
  }

  std::unique_ptr<Importer> Stream() {
    auto context = std::make_unique<grpc::ClientContext>();
    Prepare(*context);
    return std::make_unique<Importer>(std::move(context), feeds());
  }

  // What the whole stream of these posts answers.
  Reply<v1::ImportPostsResponse> Import(const v1::ImportPostsRequest& settings,
                                        const std::vector<std::string>& names,
                                        const std::string& text = "hello") {
    auto stream = Stream();
    auto reply = stream->Send(settings);
    if (reply.ok() && !names.empty()) reply = stream->Send(Posts(names, text));
    if (reply.ok()) {
      reply = stream->Send(Complete(static_cast<int64_t>(names.size())));
    }
    if (!reply.ok()) return reply;
    EXPECT_THAT(stream->Close(), Succeeds());
    return reply;
  }

  std::vector<std::string> OpenNames() {
    return raw().Column(
        "SELECT external_id FROM posts WHERE state = 'open' "
        "ORDER BY external_id");
  }
};

}  // namespace broadcast::test

#endif  // BROADCASTD_RPC_IMPORT_FIXTURE_H_
