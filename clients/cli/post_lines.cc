#include "cli/post_lines.h"

#include <cstddef>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"

namespace broadcast::cli {
namespace {

// Far longer than any post, even if each of its characters is escaped.
constexpr size_t kLongestLine = 4 << 20;

}  // namespace

PostLines::PostLines(const std::string& path)
    : may_wait_(path == "-"),
      name_(may_wait_ ? "standard input" : path),
      file_(may_wait_ ? "/dev/stdin" : path, std::ios::binary),
      buffer_(new char[kLongestLine + 1]) {}

absl::StatusOr<std::unique_ptr<PostLines>> PostLines::Open(
    const std::string& path) {
  std::unique_ptr<PostLines> lines(new PostLines(path));
  // A folder can be opened, but not read.
  if (!lines->may_wait_) lines->file_.peek();
  if (!lines->file_.is_open() || lines->file_.bad()) {
    return absl::InvalidArgumentError(
        absl::StrCat(lines->name_, " cannot be read"));
  }
  return lines;
}

absl::StatusOr<std::optional<PostLine>> PostLines::Next() {
  // At its end the stream has failed for having found nothing more.
  while (file_.getline(buffer_.get(), kLongestLine + 1)) {
    ++number_;
    const auto length = static_cast<size_t>(file_.gcount());
    const absl::string_view text(buffer_.get(),
                                 file_.eof() ? length : length - 1);
    if (absl::StripAsciiWhitespace(text).empty()) continue;
    return PostLine{number_, std::string(text)};
  }
  if (file_.bad()) {
    return absl::UnknownError(absl::StrCat(name_, " cannot be read any more"));
  }
  if (file_.eof()) return std::nullopt;
  return absl::InvalidArgumentError(
      absl::StrCat(Place(number_ + 1), ": is longer than ", kLongestLine,
                   " bytes; write each post on a line of its own"));
}

std::string PostLines::Place(int64_t number) const {
  return absl::StrCat(name_, ":", number);
}

absl::StatusOr<v1::PostSpec> ReadPost(absl::string_view json) {
  v1::PostSpec post;
  const auto read =
      google::protobuf::util::JsonStringToMessage(std::string(json), &post);
  if (read.ok()) return post;
  return absl::InvalidArgumentError(absl::StrCat(
      "is no post in JSON: ",
      absl::string_view(read.message().data(), read.message().size())));
}

}  // namespace broadcast::cli
