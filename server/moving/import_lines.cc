#include "moving/import_lines.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"
#include "base/limits.h"
#include "content/address.h"
#include "content/fields.h"
#include "feeds/default_feed.h"
#include "moving/csv_lines.h"

namespace broadcast::moving {
namespace {

constexpr int64_t kMaxCount = 1'000'000'000'000;

// One line by the names of its columns. Collects what is wrong with it.
class Fields {
 public:
  Fields(const CsvLine& line, const std::vector<std::string>& columns,
         std::vector<LineProblem>& problems)
      : line_(line), columns_(columns), problems_(problems) {}

  // Empty if the file has no such column.
  absl::string_view Text(absl::string_view column) const {
    const auto found = std::find(columns_.begin(), columns_.end(), column);
    if (found == columns_.end()) return "";
    return line_.fields[found - columns_.begin()];
  }

  void Problem(absl::string_view column, absl::string_view text) {
    problems_.push_back({line_.number, std::string(column), std::string(text)});
  }

  // What one of content's rules says of the field.
  template <typename Rule>
  std::string Checked(absl::string_view column, Rule rule) {
    Violations violations;
    std::string value = rule(Text(column), column, violations);
    for (const FieldViolation& violation : violations.kept()) {
      Problem(column, violation.description);
    }
    return value;
  }

  std::string Chat(absl::string_view column) {
    return Checked(column, [](absl::string_view text, absl::string_view field,
                              Violations& violations) {
      return NormalizeAddress(AddressKind::kTelegram, text, field, violations);
    });
  }

  std::optional<absl::Time> Time(absl::string_view column) {
    const absl::string_view text = Text(column);
    if (text.empty()) return std::nullopt;
    std::string zoned(text);
    if (zoned.size() > 10 && zoned[10] == ' ') zoned[10] = 'T';
    absl::Time time;
    std::string ignored;
    for (const std::string& form : {zoned, absl::StrCat(zoned, "Z")}) {
      if (absl::ParseTime(absl::RFC3339_full, form, &time, &ignored) &&
          time >= absl::UnixEpoch() &&
          time < absl::FromUnixSeconds(253402300800)) {
        return absl::FromUnixMicros(absl::ToUnixMicros(time));
      }
    }
    Problem(column,
            "is no time from 1970 to 9999; write it like 2026-01-31T12:00:00Z, "
            "or leave it empty");
    return std::nullopt;
  }

  std::optional<int64_t> Count(absl::string_view column) {
    const absl::string_view text = Text(column);
    if (text.empty()) return std::nullopt;
    int64_t count = 0;
    if (absl::SimpleAtoi(text, &count) && count >= 0 && count <= kMaxCount) {
      return count;
    }
    Problem(column, "is no count; write a whole number, 0 or more");
    return std::nullopt;
  }

  bool Active(absl::string_view column) {
    const std::string text = absl::AsciiStrToLower(Text(column));
    if (text.empty() || text == "true" || text == "1" || text == "yes") {
      return true;
    }
    if (text != "false" && text != "0" && text != "no") {
      Problem(column, "is no switch; write true or false");
    }
    return false;
  }

  std::optional<absl::Duration> Hours(absl::string_view column) {
    const absl::string_view text = Text(column);
    if (text.empty()) return std::nullopt;
    double hours = 0;
    if (absl::SimpleAtod(text, &hours) && std::isfinite(hours)) {
      const absl::Duration interval = absl::Seconds(std::round(hours * 3600));
      if (interval >= limits::kMinInterval &&
          interval <= limits::kMaxInterval) {
        return interval;
      }
    }
    Problem(column,
            "is no interval; write hours, like 24 or 0.5, from a "
            "minute to 366 days");
    return std::nullopt;
  }

 private:
  const CsvLine& line_;
  const std::vector<std::string>& columns_;
  std::vector<LineProblem>& problems_;
};

using EachLine = std::function<void(int64_t number, Fields& fields)>;

bool Contains(absl::Span<const absl::string_view> all, absl::string_view name) {
  return std::find(all.begin(), all.end(), name) != all.end();
}

// The names of the first line: all of `required`, some of `optional`, no
// others and none twice.
void CheckColumns(const CsvLine& header,
                  absl::Span<const absl::string_view> required,
                  absl::Span<const absl::string_view> optional,
                  std::vector<LineProblem>& problems) {
  std::set<absl::string_view> seen;
  for (const std::string& name : header.fields) {
    if (!Contains(required, name) && !Contains(optional, name)) {
      problems.push_back({header.number, name,
                          absl::StrCat("is no column of this file; it has ",
                                       absl::StrJoin(required, ", "), " and ",
                                       absl::StrJoin(optional, ", "))});
    }
    if (!seen.insert(name).second) {
      problems.push_back({header.number, name, "is there twice; remove one"});
    }
  }
  for (const absl::string_view name : required) {
    if (seen.contains(name)) continue;
    problems.push_back({header.number, std::string(name),
                        "is missing; the first line names the columns"});
  }
}

void ReadEach(absl::string_view text,
              absl::Span<const absl::string_view> required,
              absl::Span<const absl::string_view> optional,
              std::vector<LineProblem>& problems, const EachLine& each) {
  const auto lines = ReadCsv(text);
  if (!lines.ok()) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(lines.status().message(), absl::MaxSplits(": ", 1));
    int64_t number = 0;
    (void)absl::SimpleAtoi(parts.first, &number);
    problems.push_back({number, "", std::string(parts.second)});
    return;
  }
  if (lines->empty()) {
    problems.push_back(
        {1, "", "the file is empty; its first line names the columns"});
    return;
  }
  const CsvLine& header = lines->front();
  CheckColumns(header, required, optional, problems);
  if (!problems.empty()) return;
  for (const CsvLine& line : absl::MakeConstSpan(*lines).subspan(1)) {
    if (line.fields.size() != header.fields.size()) {
      problems.push_back(
          {line.number, "",
           absl::StrCat("has ", line.fields.size(), " fields; write ",
                        header.fields.size(), ", as the first line does")});
      continue;
    }
    Fields fields(line, header.fields, problems);
    each(line.number, fields);
  }
}

// Which line said it first.
struct Said {
  int64_t number = 0;
  std::string what;
};

// Whether nobody said it before; that another line says something else of the
// same is a problem.
bool IsNew(std::map<std::string, Said>& all, const std::string& of,
           const std::string& what, absl::string_view column, Fields& fields,
           int64_t number) {
  const auto [said, inserted] = all.try_emplace(of, Said{number, what});
  if (!inserted && said->second.what != what) {
    fields.Problem(column,
                   absl::StrCat("disagrees with line ", said->second.number,
                                "; remove one of the two"));
  }
  return inserted;
}

// How many broadcasts went well, where only all of them were counted.
void ReadCounts(Fields& fields, PairLine& line) {
  const auto all = fields.Count("broadcast_count");
  const auto success = fields.Count("success_count");
  line.partial_count = fields.Count("partial_count").value_or(0);
  line.failure_count = fields.Count("failure_count").value_or(0);
  line.consecutive_failure_count =
      fields.Count("consecutive_failure_count").value_or(0);
  line.manual_trigger_count = fields.Count("manual_trigger_count").value_or(0);
  const int64_t others = line.partial_count + line.failure_count;
  line.success_count = success.value_or(all.value_or(others) - others);
  if (line.success_count < 0 ||
      (all.has_value() && *all != line.success_count + others)) {
    fields.Problem("broadcast_count",
                   "is not the sum of success_count, partial_count and "
                   "failure_count; leave one of them out, or correct it");
  }
}

PairLine ReadPair(int64_t number, Fields& fields) {
  PairLine line{.number = number, .client_id = feeds::kDefaultClientId};
  if (!fields.Text("client_id").empty()) {
    line.client_id = fields.Checked("client_id", Uuid);
  }
  line.open_chat = fields.Chat("open_chat_id");
  line.closed_chat = fields.Chat("closed_chat_id");
  if (!line.open_chat.empty() && line.open_chat == line.closed_chat) {
    fields.Problem("closed_chat_id",
                   "is the open chat; a pair has two different ones");
  }
  line.active = fields.Active("active");
  line.interval = fields.Hours("interval_hours");
  line.next_send_time = fields.Time("next_send_time");
  line.last_send_time = fields.Time("last_send_time");
  line.last_trigger_time = fields.Time("last_trigger_time");
  ReadCounts(fields, line);
  return line;
}

std::string MessageId(absl::string_view text, absl::string_view field,
                      Violations& violations) {
  int64_t id = 0;
  if (absl::SimpleAtoi(text, &id) && id > 0) return absl::StrCat(id);
  violations.Add(field,
                 "must be the id of a Telegram message, a number from 1 on");
  return "";
}

}  // namespace

ReadLines<MessageLine> ReadMessageLines(absl::string_view text) {
  constexpr absl::string_view kRequired[] = {"chat_id", "message_id",
                                             "external_id"};
  constexpr absl::string_view kOptional[] = {"post_time"};
  ReadLines<MessageLine> read;
  std::map<std::string, Said> by_message;
  std::map<std::string, Said> by_post;
  ReadEach(text, kRequired, kOptional, read.problems,
           [&](int64_t number, Fields& fields) {
             const size_t problems = read.problems.size();
             MessageLine line{
                 .number = number,
                 .chat = fields.Chat("chat_id"),
                 .message_id = fields.Checked("message_id", MessageId),
                 .external_id = fields.Checked("external_id", ExternalId),
                 .post_time = fields.Time("post_time")};
             if (read.problems.size() > problems) return;
             const bool is_new = IsNew(
                 by_message, absl::StrCat(line.chat, " ", line.message_id),
                 line.external_id, "external_id", fields, number);
             IsNew(by_post, absl::StrCat(line.chat, " ", line.external_id),
                   line.message_id, "message_id", fields, number);
             if (is_new) {
               read.lines.push_back(std::move(line));
             } else {
               ++read.repeated;
             }
           });
  return read;
}

ReadLines<PairLine> ReadPairLines(absl::string_view text) {
  constexpr absl::string_view kRequired[] = {"open_chat_id", "closed_chat_id"};
  constexpr absl::string_view kOptional[] = {"client_id",
                                             "active",
                                             "interval_hours",
                                             "next_send_time",
                                             "last_send_time",
                                             "last_trigger_time",
                                             "broadcast_count",
                                             "success_count",
                                             "partial_count",
                                             "failure_count",
                                             "consecutive_failure_count",
                                             "manual_trigger_count"};
  ReadLines<PairLine> read;
  std::map<std::string, Said> by_pair;
  ReadEach(text, kRequired, kOptional, read.problems,
           [&](int64_t number, Fields& fields) {
             const size_t problems = read.problems.size();
             PairLine line = ReadPair(number, fields);
             if (read.problems.size() > problems) return;
             std::string rest;
             for (const absl::string_view column : kOptional) {
               absl::StrAppend(&rest, fields.Text(column), "\n");
             }
             if (IsNew(by_pair,
                       absl::StrCat(line.client_id, " ", line.open_chat, " ",
                                    line.closed_chat),
                       rest, "open_chat_id", fields, number)) {
               read.lines.push_back(std::move(line));
             } else {
               ++read.repeated;
             }
           });
  return read;
}

}  // namespace broadcast::moving
