#include "cli/post_importer.h"

#include <grpcpp/client_context.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "broadcast/v1/feed_service.grpc.pb.h"
#include "cli/call_failure.h"
#include "cli/display_width.h"
#include "cli/return_status.h"

namespace broadcast::cli {
namespace {

// Of a message: what the contract allows, and what every server takes, for
// whom max_request_bytes is at least 64 KiB.
constexpr size_t kMostPosts = 1000;
constexpr size_t kMostBytes = 60'000;
constexpr size_t kBytesAround = 8;  // a post in its message

constexpr int64_t kMostFailedLines = 100;

// Where a violation is: in `posts.posts[INDEX].FIELD`.
struct PostField {
  size_t index = 0;
  absl::string_view field;
};

std::optional<PostField> FieldOfPost(absl::string_view path) {
  if (!absl::ConsumePrefix(&path, "posts.posts[")) return std::nullopt;
  const size_t end = path.find(']');
  PostField found;
  if (end == absl::string_view::npos ||
      !absl::SimpleAtoi(path.substr(0, end), &found.index)) {
    return std::nullopt;
  }
  path.remove_prefix(end + 1);
  absl::ConsumePrefix(&path, ".");
  found.field = path;
  return found;
}

}  // namespace

PostImporter::PostImporter(Session& session, PostLines& lines,
                           const v1::ImportSettings& settings)
    : session_(session),
      lines_(lines),
      reconnection_(session),
      begun_(absl::Now()),
      settings_(settings) {}

absl::Status PostImporter::Run() {
  // A signal ends a wait for standard input, and the process with it.
  std::optional<Interruption::Catcher> catcher;
  if (!lines_.may_wait()) catcher.emplace(session_.connection().interruption());
  for (;;) {
    const absl::Status ended = Talk();
    session_.console().EndStatus();
    if (ended.ok()) return absl::OkStatus();
    if (TakeViolations(ended)) {
      CLI_RETURN_IF_ERROR(CheckFailures());
    } else if (!reconnection_.Await(ended, !import_.import_id().empty())) {
      return reconnection_.Explain(ended);
    }
  }
}

// One stream to its end.
absl::Status PostImporter::Talk() {
  grpc::ClientContext context;
  CLI_RETURN_IF_ERROR(session_.connection().Prepare(context));
  const Interruption::Call call(session_.connection().interruption(), &context);
  const auto stub = v1::FeedService::NewStub(session_.connection().channel());
  const auto stream = stub->ImportPosts(&context);
  const absl::Status said = Converse(*stream);
  if (!said.ok()) context.TryCancel();
  const grpc::Status ended = stream->Finish();
  return said.ok() ? FromGrpc(ended) : said;
}

// Returns OK when the stream is at its end, and why if it is to be left.
absl::Status PostImporter::Converse(Stream& stream) {
  v1::ImportPostsRequest request;
  *request.mutable_settings() = settings_;
  for (;;) {
    if (!Exchange(stream, request)) return absl::OkStatus();
    if (settings_.import_id().empty()) {
      settings_.set_import_id(import_.import_id());
    }
    if (import_.state() != v1::Import::STATE_RUNNING) return absl::OkStatus();
    CLI_RETURN_IF_ERROR(Settle());
    if (batch_.empty()) CLI_RETURN_IF_ERROR(Fill());
    const bool closes = settings_.mode() == v1::IMPORT_MODE_SNAPSHOT &&
                        !settings_.validate_only();
    if (batch_.empty() && closes && failed_lines_ > 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(failed_lines_, " lines failed: no post was closed"));
    }
    request = NextRequest();
  }
}

bool PostImporter::Exchange(Stream& stream,
                            const v1::ImportPostsRequest& request) {
  v1::ImportPostsResponse response;
  if (!stream.Write(request) || !stream.Read(&response)) return false;
  reconnection_.Heard();
  import_ = response.progress();
  Show();
  return true;
}

// Forgets what is durable: of the batch, or of lines that were not read yet
// where an earlier run had sent them.
absl::Status PostImporter::Settle() {
  int64_t settled = std::max<int64_t>(import_.received_count() - settled_, 0);
  settled_ = import_.received_count();
  const auto of_batch = std::min(settled, static_cast<int64_t>(batch_.size()));
  batch_.erase(batch_.begin(), batch_.begin() + of_batch);
  for (settled -= of_batch; settled > 0; --settled) {
    CLI_ASSIGN_OR_RETURN(const auto line, lines_.Next());
    if (!line.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the import has ", import_.received_count(),
          " posts already, which is more than this file has; is it the file "
          "that it was begun with?"));
    }
  }
  return absl::OkStatus();
}

// The next posts, each once: of a post that comes again the last one holds.
absl::Status PostImporter::Fill() {
  std::set<std::string> names;
  size_t bytes = 0;
  for (; batch_.size() < kMostPosts; next_.reset()) {
    if (!next_.has_value()) {
      CLI_ASSIGN_OR_RETURN(next_, NextPost());
    }
    if (!next_.has_value()) break;
    bytes += next_->post.ByteSizeLong() + kBytesAround;
    const bool is_new = names.insert(next_->post.external_id()).second;
    if (!batch_.empty() && (bytes > kMostBytes || !is_new)) break;
    batch_.push_back(*std::move(next_));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<PostImporter::NumberedPost>>
PostImporter::NextPost() {
  for (;;) {
    CLI_ASSIGN_OR_RETURN(const auto line, lines_.Next());
    if (!line.has_value()) return std::nullopt;
    auto post = ReadPost(line->text);
    if (post.ok()) return NumberedPost{line->number, *std::move(post)};
    Name(line->number, post.status().message());
    ++failed_lines_;
    CLI_RETURN_IF_ERROR(CheckFailures());
  }
}

v1::ImportPostsRequest PostImporter::NextRequest() const {
  v1::ImportPostsRequest request;
  if (batch_.empty()) {
    request.mutable_completion()->set_expected_count(settled_);
  }
  for (const NumberedPost& numbered : batch_) {
    *request.mutable_posts()->add_posts() = numbered.post;
  }
  return request;
}

// Leaves out the posts that the server has refused. Returns false if it has
// refused something else.
bool PostImporter::TakeViolations(const absl::Status& ended) {
  if (ended.code() != absl::StatusCode::kInvalidArgument) return false;
  std::set<size_t> refused;
  const FailureDetail detail = DetailOf(ended);
  for (const auto& [path, why] : detail.violations) {
    const auto found = FieldOfPost(path);
    if (!found.has_value() || found->index >= batch_.size()) return false;
    refused.insert(found->index);
    Name(batch_[found->index].line, absl::StrCat(found->field, ": ", why));
  }
  for (auto index = refused.rbegin(); index != refused.rend(); ++index) {
    batch_.erase(batch_.begin() + static_cast<std::ptrdiff_t>(*index));
  }
  failed_lines_ += static_cast<int64_t>(refused.size());
  return !refused.empty();
}

void PostImporter::Name(int64_t line, absl::string_view problem) {
  session_.console().Note(
      absl::StrCat(lines_.Place(line), ": ", Printable(problem)));
}

absl::Status PostImporter::CheckFailures() const {
  if (failed_lines_ < kMostFailedLines) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      failed_lines_, " lines failed; those behind them were not looked at"));
}

void PostImporter::Show() {
  Console& console = session_.console();
  if (session_.output() == Output::kJsonLines) {
    session_.PrintJson(import_);
    console.Flush();
    return;
  }
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begun_);
  console.ShowStatus(absl::StrFormat(
      "%d posts (%.0f/s): %d created, %d changed, %d unchanged, %d reopened",
      import_.received_count(),
      static_cast<double>(import_.received_count()) / std::max(seconds, 1e-3),
      import_.created_count(), import_.updated_count(),
      import_.unchanged_count(), import_.reopened_count()));
}

}  // namespace broadcast::cli
