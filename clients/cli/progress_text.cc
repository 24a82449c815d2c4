#include "cli/progress_text.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "cli/time_text.h"

namespace broadcast::cli {
namespace {

// Earlier than this, a rate says nothing.
constexpr absl::Duration kShortest = absl::Seconds(1);

}  // namespace

std::string ProgressText(const ProgressCounts& counts) {
  const std::pair<int64_t, absl::string_view> parts[] = {
      {counts.sent, "sent"},           {counts.failed, "failed"},
      {counts.unknown, "unknown"},     {counts.expired, "expired"},
      {counts.cancelled, "cancelled"}, {counts.abandoned, "abandoned"},
      {counts.waiting, "waiting"},
  };
  std::vector<std::string> said;
  for (const auto& [count, name] : parts) {
    if (count != 0) said.push_back(absl::StrCat(count, " ", name));
  }
  return absl::StrCat(counts.state, " ", counts.done(), " of ", counts.planned,
                      said.empty() ? "" : ": ", absl::StrJoin(said, ", "));
}

std::string PaceText(const ProgressCounts& counts, int64_t done,
                     absl::Duration elapsed) {
  if (done <= 0 || counts.waiting <= 0 || elapsed < kShortest) return "";
  const double rate =
      static_cast<double>(done) / absl::ToDoubleSeconds(elapsed);
  return absl::StrFormat(
      " (%.1f/s, %s left)", rate,
      WaitText(absl::Seconds(static_cast<double>(counts.waiting) / rate)));
}

}  // namespace broadcast::cli
