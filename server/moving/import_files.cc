#include "moving/import_files.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "moving/import_lines.h"
#include "moving/import_pairs.h"

namespace broadcast::moving {
namespace {

constexpr size_t kMostProblems = 100;
constexpr char kNothing[] = "nothing was imported";

// What is wrong, in the order in which it was found.
class Problems {
 public:
  void Add(const std::string& file, const std::vector<LineProblem>& problems) {
    for (const LineProblem& problem : problems) {
      if (++count_ > kMostProblems) continue;
      absl::StrAppend(&text_, text_.empty() ? "" : "\n", file, ":",
                      problem.number, ": ", problem.column,
                      problem.column.empty() ? "" : ": ", problem.text);
    }
  }

  // `what` has become of the import.
  absl::Status ToStatus(absl::string_view what) const {
    if (count_ == 0) return absl::OkStatus();
    std::string text = absl::StrCat(what, ":\n", text_);
    if (count_ > kMostProblems) {
      absl::StrAppend(&text, "\n… and ", count_ - kMostProblems, " more");
    }
    return absl::InvalidArgumentError(text);
  }

 private:
  size_t count_ = 0;
  std::string text_;
};

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path,
                     ": cannot be read; name a CSV file that this user "
                     "may read"));
  }
  return text;
}

template <typename Line>
using ImportChunk = absl::StatusOr<ImportedLines> (*)(storage::Transaction&,
                                                      IdSource&,
                                                      const ImportPolicy&,
                                                      absl::Span<const Line>);

// The lines of one file.
template <typename Line>
class File {
 public:
  File(std::string path, ImportChunk<Line> import)
      : path_(std::move(path)), import_(import) {}

  absl::Status Read(ReadLines<Line> (*read)(absl::string_view),
                    Problems& problems) {
    if (path_.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::string text, ReadFile(path_));
    read_ = read(text);
    problems.Add(path_, read_.problems);
    return absl::OkStatus();
  }

  // Imports all lines; with `undo` leaves no trace of it.
  absl::StatusOr<Counted> Import(storage::Database& database, IdSource& ids,
                                 const ImportPolicy& policy, bool undo,
                                 Problems& problems) {
    Counted counted{.unchanged = read_.repeated};
    for (size_t i = 0; i < read_.lines.size(); i += limits::kChunkRows) {
      const auto chunk =
          absl::MakeConstSpan(read_.lines).subspan(i, limits::kChunkRows);
      ImportedLines done;
      // Whatever of it is there already is not written again.
      const absl::Status written = database.Write(
          {.guarded = true, .undo = undo},
          [&](storage::Transaction& write) -> absl::Status {
            ASSIGN_OR_RETURN(done, import_(write, ids, policy, chunk));
            // Somebody has changed what it was tried on.
            return undo || done.problems.empty() ? absl::OkStatus()
                                                 : absl::AbortedError("");
          });
      problems.Add(path_, done.problems);
      if (absl::IsAborted(written) && !done.problems.empty()) {
        return problems.ToStatus(
            "the database has changed meanwhile, and the import ended before "
            "these lines; do it again without them");
      }
      RETURN_IF_ERROR(written);
      counted.imported += done.imported;
      counted.unchanged += done.unchanged;
    }
    return counted;
  }

 private:
  const std::string path_;
  const ImportChunk<Line> import_;
  ReadLines<Line> read_;
};

}  // namespace

absl::StatusOr<Imported> ImportFiles(storage::Database& database, IdSource& ids,
                                     const ImportOptions& options) {
  File<MessageLine> messages(options.messages, &ImportMessages);
  File<PairLine> pairs(options.pairs, &ImportPairs);
  Problems problems;
  RETURN_IF_ERROR(messages.Read(&ReadMessageLines, problems));
  RETURN_IF_ERROR(pairs.Read(&ReadPairLines, problems));
  RETURN_IF_ERROR(problems.ToStatus(kNothing));
  Imported imported{.dry_run = options.dry_run};
  for (const bool undo : {true, false}) {
    if (!undo && options.dry_run) break;
    ASSIGN_OR_RETURN(imported.pairs, pairs.Import(database, ids, options.policy,
                                                  undo, problems));
    ASSIGN_OR_RETURN(
        imported.messages,
        messages.Import(database, ids, options.policy, undo, problems));
    RETURN_IF_ERROR(problems.ToStatus(kNothing));
  }
  return imported;
}

std::string ToText(const Imported& imported) {
  const absl::string_view verb =
      imported.dry_run ? " would be imported, " : " imported, ";
  const auto line = [&](absl::string_view what, const Counted& counted) {
    return absl::StrCat(what, ": ", counted.imported, verb, counted.unchanged,
                        imported.dry_run ? " are" : " were",
                        " there already\n");
  };
  return absl::StrCat(line("messages", imported.messages),
                      line("pairs", imported.pairs));
}

}  // namespace broadcast::moving
