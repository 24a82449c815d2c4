#include "storage/location.h"

#include <libpq-fe.h>

#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace broadcast::storage {
namespace {

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

Options ParseUrl(absl::string_view url) {
  char* problem = nullptr;
  Options options(PQconninfoParse(std::string(url).c_str(), &problem),
                  &PQconninfoFree);
  PQfreemem(problem);
  return options;
}

bool IsUrl(absl::string_view text) {
  return absl::StartsWith(text, "postgresql://") ||
         absl::StartsWith(text, "postgres://");
}

void Append(std::string& conninfo, absl::string_view key,
            absl::string_view value) {
  absl::StrAppend(&conninfo, conninfo.empty() ? "" : " ", key, "='",
                  absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"'", "\\'"}}),
                  "'");
}

// What a server of ours needs and a URL usually leaves out: to notice a dead
// peer within seconds.
void AppendDefaults(const PQconninfoOption* options, std::string& conninfo) {
  static constexpr std::pair<absl::string_view, absl::string_view> kDefaults[] =
      {
          {"application_name", "broadcastd"}, {"connect_timeout", "3"},
          {"keepalives_idle", "10"},          {"keepalives_interval", "3"},
          {"keepalives_count", "3"},          {"tcp_user_timeout", "10000"},
          {"client_encoding", "UTF8"},
      };
  for (const auto& [key, value] : kDefaults) {
    bool given = false;
    for (const auto* o = options; o->keyword != nullptr; ++o) {
      given |= key == o->keyword && o->val != nullptr;
    }
    if (!given) Append(conninfo, key, value);
  }
}

}  // namespace

absl::StatusOr<Location> Location::Parse(absl::string_view text,
                                         absl::string_view password) {
  Location location;
  absl::string_view path = text;
  if (absl::ConsumePrefix(&path, "sqlite:")) {
    if (path.empty() || path == ":memory:") {
      return absl::InvalidArgumentError(
          "the database needs a file: sqlite:PATH");
    }
    location.path = std::string(path);
    return location;
  }
  if (!IsUrl(text)) {
    return absl::InvalidArgumentError(
        "the database must be sqlite:PATH or postgresql://USER@HOST/NAME");
  }
  const Options options = ParseUrl(text);
  if (options == nullptr) {
    return absl::InvalidArgumentError(
        "the database's postgresql:// URL cannot be parsed; percent-encode "
        "special characters");
  }
  location.backend = Backend::kPostgres;
  for (const auto* o = options.get(); o->keyword != nullptr; ++o) {
    const bool replaced =
        absl::string_view(o->keyword) == "password" && !password.empty();
    if (o->val != nullptr && !replaced) {
      Append(location.conninfo, o->keyword, o->val);
    }
  }
  if (!password.empty()) Append(location.conninfo, "password", password);
  AppendDefaults(options.get(), location.conninfo);
  return location;
}

bool LocationHasPassword(absl::string_view text) {
  if (!IsUrl(text)) return false;
  const Options options = ParseUrl(text);
  if (options == nullptr) return false;
  for (const auto* o = options.get(); o->keyword != nullptr; ++o) {
    if (absl::string_view(o->keyword) == "password" && o->val != nullptr) {
      return true;
    }
  }
  return false;
}

std::string RedactLocation(absl::string_view text) {
  if (!IsUrl(text)) return std::string(text);
  const Options options = ParseUrl(text);
  if (options == nullptr) return "postgresql://***";
  std::string shown;
  for (const auto* o = options.get(); o->keyword != nullptr; ++o) {
    if (o->val == nullptr) continue;
    const bool secret = absl::StrContains(o->keyword, "password");
    Append(shown, o->keyword, secret ? "***" : o->val);
  }
  return shown;
}

}  // namespace broadcast::storage
