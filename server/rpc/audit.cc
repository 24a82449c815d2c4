#include "rpc/audit.h"

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error_detail.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/utf8.h"

namespace broadcast::rpc {
namespace {

// The JSON object of ids by the name of what they identify. Ids need no
// escaping; what is none stays out.
class Resources {
 public:
  void Set(absl::string_view name, absl::string_view id) {
    if (IsUuid(id)) members_[std::string(name)] = Quoted(id);
  }

  void Set(absl::string_view name, const std::vector<std::string>& ids) {
    if (ids.empty()) return;
    members_[std::string(name)] =
        absl::StrCat("[",
                     absl::StrJoin(ids, ",",
                                   [](std::string* out, const std::string& id) {
                                     absl::StrAppend(out, Quoted(id));
                                   }),
                     "]");
  }

  std::string ToJson() const {
    return absl::StrCat("{",
                        absl::StrJoin(members_, ",",
                                      [](std::string* out, const auto& member) {
                                        absl::StrAppend(out,
                                                        Quoted(member.first),
                                                        ":", member.second);
                                      }),
                        "}");
  }

 private:
  static std::string Quoted(absl::string_view text) {
    return absl::StrCat("\"", text, "\"");
  }

  std::map<std::string, std::string> members_;
};

// All ids of one kind, each once.
class IdList {
 public:
  void Add(const std::string& id) {
    if (IsUuid(id) && seen_.insert(id).second) ids_.push_back(id);
  }
  const std::vector<std::string>& ids() const { return ids_; }

 private:
  std::set<std::string> seen_;
  std::vector<std::string> ids_;
};

void SetOnePair(absl::Span<const ReportedIds> reported, Resources& resources) {
  for (const ReportedIds& line : reported) {
    resources.Set("channel_pair_id", line.channel_pair_id);
    resources.Set("channel_id", line.channel_id);
    resources.Set("open_channel_id", line.open_channel_id);
    resources.Set("closed_channel_id", line.closed_channel_id);
    resources.Set("entry_id", line.entry_id);
    resources.Set("feed_id", line.feed_id);
    resources.Set("post_id", line.post_id);
    resources.Set("operation_id", line.operation_id);
    resources.Set("delivery_id", line.delivery_id);
  }
}

// Of the posts of one feed.
void SetSeveralPosts(absl::Span<const ReportedIds> reported,
                     const std::vector<std::string>& post_ids,
                     Resources& resources) {
  resources.Set("post_ids", post_ids);
  resources.Set("feed_id", reported.back().feed_id);
  resources.Set("operation_id", reported.back().operation_id);
}

void SetSeveralPairs(absl::Span<const ReportedIds> reported,
                     Resources& resources) {
  IdList entries, pairs;
  for (const ReportedIds& line : reported) {
    entries.Add(line.entry_id);
    if (line.entry_id.empty()) pairs.Add(line.channel_pair_id);
  }
  resources.Set("entry_ids", entries.ids());
  resources.Set("channel_pair_ids", pairs.ids());
}

}  // namespace

storage::AuditEvent WithReported(storage::AuditEvent event,
                                 absl::Span<const ReportedIds> reported) {
  if (reported.empty()) return event;
  IdList clients, pairs, posts;
  for (const ReportedIds& line : reported) {
    clients.Add(line.client_id);
    pairs.Add(line.channel_pair_id);
    posts.Add(line.post_id);
  }
  Resources resources;
  if (pairs.ids().size() > 1) {
    SetSeveralPairs(reported, resources);
  } else if (posts.ids().size() > 1) {
    SetSeveralPosts(reported, posts.ids(), resources);
  } else {
    SetOnePair(reported, resources);
  }
  if (clients.ids().size() > 1) {
    resources.Set("client_ids", clients.ids());
  } else if (!clients.ids().empty() && !event.client_id.has_value()) {
    event.client_id = clients.ids()[0];
  }
  event.resources = resources.ToJson();
  event.row_count = reported.back().rows;
  return event;
}

bool IsRefusal(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kPermissionDenied:
      return !ReasonOf(status).empty();
    case absl::StatusCode::kResourceExhausted: {
      // A quota names its subject; what is only put off says until when.
      const auto detail = DetailOf(status);
      return detail.has_value() && !detail->quota_subject.empty() &&
             !detail->retry_after.has_value();
    }
    default:
      return false;
  }
}

storage::AuditEvent WithRefusal(storage::AuditEvent event,
                                const absl::Status& status,
                                absl::string_view client_id) {
  const ErrorDetail detail = DetailOf(status).value_or(ErrorDetail());
  const auto metadata = [&](const char* key) {
    const auto found = detail.metadata.find(key);
    return found == detail.metadata.end() ? std::string() : found->second;
  };
  Resources resources;
  for (const char* name :
       {"channel_id", "channel_pair_id", "entry_id", "feed_id", "post_id",
        "operation_id", "delivery_id"}) {
    resources.Set(name, metadata(name));
  }
  // Of an etag that has changed.
  for (const char* type : {"channel", "entry", "feed", "post"}) {
    if (detail.resource_type != type) continue;
    resources.Set(absl::StrCat(type, "_id"), detail.resource_name);
  }
  for (const std::string& named :
       {metadata("client_id"), absl::AsciiStrToLower(client_id)}) {
    if (!event.client_id.has_value() && IsUuid(named)) event.client_id = named;
  }
  event.outcome = detail.reason;
  event.resources = resources.ToJson();
  return event;
}

std::string Recordable(absl::string_view text) {
  std::string recordable;
  for (int length = 0; !text.empty() && length < limits::kMaxPrincipalLength;) {
    const Character next = FirstCharacter(text);
    const size_t bytes = next.bytes == 0 ? 1 : next.bytes;
    if (next.bytes != 0 && next.code >= 0x20 && next.code != 0x7f) {
      recordable.append(text.data(), bytes);
      ++length;
    }
    text.remove_prefix(bytes);
  }
  return recordable;
}

}  // namespace broadcast::rpc
