// Brings the posts of a file into a feed by FeedService.ImportPosts: a message
// at a time, and over broken connections. Used once, by one thread.
#ifndef BROADCASTD_CLI_POST_IMPORTER_H_
#define BROADCASTD_CLI_POST_IMPORTER_H_

#include <grpcpp/support/sync_stream.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "broadcast/v1/feed_service.pb.h"
#include "broadcast/v1/import.pb.h"
#include "cli/cli_session.h"
#include "cli/post_lines.h"
#include "cli/reconnection.h"

namespace broadcast::cli {

class PostImporter {
 public:
  // `lines` and the session outlive it.
  PostImporter(Session& session, PostLines& lines,
               const v1::ImportSettings& settings);

  // Imports to the end. Lines that are no posts, or that the server refuses,
  // are named on standard error and left out; of a snapshot that leaves any
  // out, no post is closed, and the import does not end. On a terminal a line
  // says how far it is; with jsonl each answer is a message on standard output.
  // Returns what the server says, INVALID_ARGUMENT if a hundred lines failed,
  // CANCELLED if interrupted, and UNAVAILABLE after a minute without a word of
  // the server.
  absl::Status Run();

  // What the server has said last.
  const v1::Import& import() const { return import_; }
  int64_t failed_lines() const { return failed_lines_; }

 private:
  using Stream =
      grpc::ClientReaderWriter<v1::ImportPostsRequest, v1::ImportPostsResponse>;
  struct NumberedPost {
    int64_t line = 0;
    v1::PostSpec post;
  };

  absl::Status Talk();
  absl::Status Converse(Stream& stream);
  bool Exchange(Stream& stream, const v1::ImportPostsRequest& request);
  absl::Status Settle();
  absl::Status Fill();
  absl::StatusOr<std::optional<NumberedPost>> NextPost();
  v1::ImportPostsRequest NextRequest() const;
  bool TakeViolations(const absl::Status& ended);
  void Name(int64_t line, absl::string_view problem);
  absl::Status CheckFailures() const;
  void Show();

  Session& session_;
  PostLines& lines_;
  Reconnection reconnection_;
  const absl::Time begun_;
  v1::ImportSettings settings_;
  v1::Import import_;
  int64_t settled_ = 0;               // posts that are durable, of those seen
  std::vector<NumberedPost> batch_;   // behind them, not durable for sure
  std::optional<NumberedPost> next_;  // behind those
  int64_t failed_lines_ = 0;
};

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_POST_IMPORTER_H_
