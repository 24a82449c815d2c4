#include "cli/find_channel.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "broadcast/v1/channel_service.grpc.pb.h"
#include "cli/enum_words.h"
#include "cli/return_status.h"

namespace broadcast::cli {
namespace {

constexpr size_t kMostNamed = 5;

std::string Quoted(absl::string_view text) {
  return absl::StrCat(
      "\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

// Public names of Telegram are stored in lower case.
std::string Stored(absl::string_view address) {
  return absl::StartsWith(address, "@") ? absl::AsciiStrToLower(address)
                                        : std::string(address);
}

std::string NameOf(const v1::Channel& channel) {
  return absl::StrCat(channel.channel_id(), " (", WordOf(channel.platform()),
                      ", of client ", channel.client_id(), ")");
}

}  // namespace

absl::StatusOr<v1::Channel> FindChannel(Session& session,
                                        const std::string& address,
                                        const std::string& client_id) {
  v1::ListChannelsRequest request;
  request.set_page_size(1000);
  request.set_filter(absl::StrCat("address = ", Quoted(Stored(address))));
  if (!client_id.empty()) {
    request.set_filter(
        absl::StrCat(request.filter(), " AND client_id = ", Quoted(client_id)));
  }
  std::vector<v1::Channel> found;
  do {
    CLI_ASSIGN_OR_RETURN(
        const v1::ListChannelsResponse page,
        session.Call(&v1::ChannelService::Stub::ListChannels, request));
    found.insert(found.end(), page.channels().begin(), page.channels().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && found.size() < kMostNamed);
  if (found.size() == 1) return found[0];
  if (found.empty()) {
    return absl::NotFoundError(
        absl::StrCat("no channel has the address ", Quoted(address)));
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "several channels have the address ", Quoted(address),
      "; name one by its id, or its client with --client-id: ",
      absl::StrJoin(found, ", ",
                    [](std::string* text, const v1::Channel& channel) {
                      absl::StrAppend(text, NameOf(channel));
                    })));
}

absl::StatusOr<v1::Channel> GetChannel(Session& session,
                                       const std::string& channel_id) {
  v1::GetChannelRequest request;
  request.set_channel_id(channel_id);
  CLI_ASSIGN_OR_RETURN(
      const v1::GetChannelResponse response,
      session.Call(&v1::ChannelService::Stub::GetChannel, request));
  return response.channel();
}

}  // namespace broadcast::cli
