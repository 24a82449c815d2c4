// A file of posts, one a line, read as it is wanted: however long the file is,
// a line of it is in memory. One thread.
#ifndef BROADCASTD_CLI_POST_LINES_H_
#define BROADCASTD_CLI_POST_LINES_H_

#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broadcast/v1/post.pb.h"

namespace broadcast::cli {

struct PostLine {
  int64_t number = 0;  // of the line, from 1
  std::string text;
};

class PostLines {
 public:
  // `path` is a file, or `-` for standard input. Returns INVALID_ARGUMENT if it
  // cannot be read.
  static absl::StatusOr<std::unique_ptr<PostLines>> Open(
      const std::string& path);

  // The next line that is not blank; none at the end. Returns INVALID_ARGUMENT
  // if it is longer than any post, and UNKNOWN if the file cannot be read on.
  absl::StatusOr<std::optional<PostLine>> Next();

  // `FILE:LINE`, for messages.
  std::string Place(int64_t number) const;

  // Next may wait for somebody to write.
  bool may_wait() const { return may_wait_; }

 private:
  explicit PostLines(const std::string& path);

  const bool may_wait_;
  const std::string name_;
  std::ifstream file_;
  const std::unique_ptr<char[]> buffer_;
  int64_t number_ = 0;
};

// A post as protobuf JSON has it, with the contract's names or in camel case.
// Returns INVALID_ARGUMENT, saying what is wrong.
absl::StatusOr<v1::PostSpec> ReadPost(absl::string_view json);

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_POST_LINES_H_
