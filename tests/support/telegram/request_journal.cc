#include "telegram/request_journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"

namespace broadcast::telegram {
namespace {

constexpr size_t kMostKept = 1'000'000;

}  // namespace

RequestJournal::~RequestJournal() {
  if (file_ >= 0) ::close(file_);
}

absl::Status RequestJournal::Open(const std::string& path) {
  file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file_ >= 0) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("cannot open ", path));
}

void RequestJournal::Add(JournalEntry entry) {
  entry.number = ++last_;
  stats_.Add(entry);
  if (file_ >= 0) {
    const std::string line = Compact(JsonOf(entry)) + "\n";
    const auto written = ::write(file_, line.data(), line.size());
    if (written != static_cast<ssize_t>(line.size())) {
      // A journal with a hole in it proves nothing.
      std::fprintf(stderr, "fake_telegram: cannot write the journal\n");
      std::abort();
    }
  }
  entries_.push_back(std::move(entry));
  if (entries_.size() > kMostKept) entries_.pop_front();
}

std::string RequestJournal::Lines(int64_t since, int64_t most) const {
  std::string lines;
  auto entry = std::upper_bound(
      entries_.begin(), entries_.end(), since,
      [](int64_t number, const JournalEntry& e) { return number < e.number; });
  for (; entry != entries_.end() && most > 0; ++entry, --most) {
    absl::StrAppend(&lines, Compact(JsonOf(*entry)), "\n");
  }
  return lines;
}

void RequestJournal::Clear() {
  entries_.clear();
  stats_ = {};
}

}  // namespace broadcast::telegram
